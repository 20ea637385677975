using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>A console's host and an engine's with the router between them, paired and in contact.</summary>
internal sealed class TwoHosts : IAsyncDisposable
{
    public const string EngineName = "lab-1";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly SqliteStoreProvider _stores = new();

    private TwoHosts(CommunicationDirection direction)
    {
        Direction = direction;
        Console = ConsoleAdmin.Open(DataFolder.Resolve(ConsoleHost.Folder), _stores);
        Engine = EngineAdmin.Open(DataFolder.Resolve(EngineHost.Folder), _stores);
    }

    public CommunicationDirection Direction { get; }

    public LabHost ConsoleHost { get; } = new(NodeRole.Console);

    public LabHost EngineHost { get; } = new(NodeRole.Engine);

    /// <summary>The store on the console's host, as an admin there sees it.</summary>
    public ConsoleAdmin Console { get; }

    public EngineAdmin Engine { get; }

    public EngineRecord Registered => Console.Store.ListEngines()[0];

    public ConsoleRecord Paired => Engine.Store.ListConsoles()[0];

    public LabHost Dialler => Direction == CommunicationDirection.ConsoleToEngine ? ConsoleHost : EngineHost;

    public LabHost Listener => Direction == CommunicationDirection.ConsoleToEngine ? EngineHost : ConsoleHost;

    public int Port =>
        Direction == CommunicationDirection.ConsoleToEngine ? WellKnownPorts.Engine : WellKnownPorts.Console;

    public static async Task<TwoHosts> StartAsync(CommunicationDirection direction)
    {
        var lab = new TwoHosts(direction);
        try
        {
            lab.Heal();
            await lab.ConsoleHost.AskAsync(new AgentAsk { What = AgentAsk.Start });
            await lab.EngineHost.AskAsync(new AgentAsk { What = AgentAsk.Start });
            TimeSpan valid = TimeSpan.FromMinutes(5);
            PairingSecret secret = direction == CommunicationDirection.ConsoleToEngine
                ? lab.Engine.CreateSecret(valid, EngineName, singleUse: true).Secret
                : lab.Console.CreateSecret(valid, EngineName, singleUse: true).Secret;
            await lab.Dialler.AskAsync(new AgentAsk
            {
                What = AgentAsk.Pair,
                Address = lab.Listener.Address.ToString(),
                Port = lab.Port,
                Secret = secret.Reveal(),
                EngineName = EngineName,
            });
            await lab.Console.WaitEngineAsync(
                lab.Registered.PairingId, engine => engine.Status == CommunicationStatus.Active, Bound, null,
                CancellationToken.None);
            return lab;
        }
        catch (Exception e)
        {
            string logs = $"console host:\n{lab.ConsoleHost.Log}\nengine host:\n{lab.EngineHost.Log}";
            await lab.DisposeAsync();
            throw new InvalidOperationException(logs, e);
        }
    }

    /// <summary>Nothing is denied anywhere.</summary>
    public void Heal()
    {
        Router.Filter();
        ConsoleHost.Filter();
        EngineHost.Filter();
    }

    /// <summary>Until the engine's node says that it listens, or that it does not.</summary>
    public void UntilEngineListens(bool listens)
    {
        Task ringing = Doorbell.RingAsync(Engine.Folder.Engine, CancellationToken.None);
        if (!ringing.Wait(Bound) || !Eventually
            .TrueAsync(() => Engine.Store.GetNode()?.EndPoint is not null == listens, Bound).Result)
        {
            throw new TimeoutException(listens ? "The engine does not listen." : "The engine listens on.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Console.Dispose();
        Engine.Dispose();
        await ConsoleHost.DisposeAsync();
        await EngineHost.DisposeAsync();
    }
}
