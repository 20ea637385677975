using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>
/// <c>host console|engine FOLDER ENDPOINT</c>: one node of the matrix as a process. Its parent tells it on
/// standard input to pair, to wait at a phase and to go on, and hears on standard output what it does. It ends with its
/// input.
/// </summary>
internal sealed class HostCommand : IFaultCommand
{
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    // Short enough that a fault is noticed in seconds, long enough that a busy machine is not taken for one.
    private static readonly ChannelOptions Quick = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        HandshakeTimeout = TimeSpan.FromSeconds(30),
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        PeerTimeout = TimeSpan.FromSeconds(5),
        SendTimeout = TimeSpan.FromSeconds(5),
        RequestTimeout = TimeSpan.FromSeconds(8),
        CloseTimeout = TimeSpan.FromSeconds(1),
    };

    public string Name => "host";

    public string Purpose => string.Empty;

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        DataFolder folder = DataFolder.Resolve(args[1]);
        IPEndPoint listen = IPEndPoint.Parse(args[2]);
        using TextWriter output = TextWriter.Synchronized(Console.Out);
        using var point = new PausePoint(output);
        var stores = new PausingStores(new SqliteStoreProvider(), point);
        NodeLog log = entry => output.WriteLine($"{entry.Time:HH:mm:ss.fff} {entry.Event}: {entry.Message}");
        bool console = args[0] == "console";
        await using IAsyncDisposable node = console
            ? await ConsoleNode.StartAsync(folder, stores, ForConsole(listen), log, CancellationToken.None)
            : await EngineNode.StartAsync(folder, stores, ForEngine(listen), log, CancellationToken.None);
        output.WriteLine("READY");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "arm":
                    point.Arm(Enum.Parse<Phase>(words[1]));
                    output.WriteLine($"ARMED {words[1]}");
                    break;
                case "go":
                    point.Go();
                    break;
                case "pair":
                    output.WriteLine(await PairAsync(console, folder, IPEndPoint.Parse(words[1]), words[2], words[3]));
                    break;
            }
        }

        return 0;
    }

    private static ConsoleNodeOptions ForConsole(IPEndPoint listen) => new()
    {
        Listen = listen,
        Channel = Quick,
        MinRetry = Retry,
        MaxRetry = MaxRetry,
        ProbeInterval = TimeSpan.FromSeconds(1),
        StoreCheck = Retry,
    };

    private static EngineNodeOptions ForEngine(IPEndPoint listen) => new()
    {
        Listen = listen,
        Channel = Quick,
        MinRetry = Retry,
        MaxRetry = MaxRetry,
        RefusedRetry = MaxRetry,
        StoreCheck = Retry,
    };

    private static async Task<string> PairAsync(
        bool console, DataFolder folder, IPEndPoint peer, string engineName, string secretText)
    {
        if (!PairingSecret.TryParse(secretText, out PairingSecret? secret))
        {
            return "NOT PAIRED: no secret";
        }

        // Many processes start at once and the first handshake of each is slow: once more may do.
        using var bound = new CancellationTokenSource(Bound);
        while (true)
        {
            try
            {
                await PairAsync(console, folder, peer, engineName, secret, bound.Token);
                return "PAIRED";
            }
            catch (ScanEngineException exception) when (!bound.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync($"Not paired yet: {exception.Message}");
            }
        }
    }

    private static async Task PairAsync(
        bool console,
        DataFolder folder,
        IPEndPoint peer,
        string engineName,
        PairingSecret secret,
        CancellationToken bound)
    {
        string address = peer.Address.ToString();
        if (console)
        {
            using ConsoleAdmin admin = ConsoleAdmin.Open(folder, new SqliteStoreProvider());
            await admin.RegisterEngineAsync(engineName, address, peer.Port, secret, bound);
        }
        else
        {
            using EngineAdmin admin = EngineAdmin.Open(folder, new SqliteStoreProvider());
            await admin.PairAsync(address, peer.Port, secret, engineName, PollInterval, bound);
        }
    }
}
