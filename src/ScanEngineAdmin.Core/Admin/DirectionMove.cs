using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// A request that names the direction in force, and another endpoint. Where a standard engine is dialled is the
/// console's own affair: it is proved by a round trip and taken down. Where a reverse one dials is the engine's, and a
/// change.
/// </summary>
internal sealed class DirectionMove(IConsoleStore store, NodeClient client, DirectionProbe probe)
{
    private static readonly TimeSpan LongestProof = TimeSpan.FromSeconds(30);

    /// <summary>Whether a standard engine is to be dialled elsewhere.</summary>
    public static bool IsOfEngine(EngineRecord engine, DirectionChangeRequest request) =>
        (engine.Direction, request.Direction)
            == (CommunicationDirection.ConsoleToEngine, CommunicationDirection.ConsoleToEngine)
        && ((request.Address is { } address && !Same(address, engine.Address))
            || (request.Port is { } port && port != engine.Port));

    /// <summary>
    /// Whether a reverse engine has to be told another address of the console. What it was told last is the last such
    /// change; one that was never told any dials what its own admin named, of which only this console's own port is
    /// known here, while it runs.
    /// </summary>
    public bool IsOfConsole(EngineRecord engine, DirectionChangeRequest request)
    {
        if (engine.Direction != CommunicationDirection.EngineToConsole || engine.Direction != request.Direction)
        {
            return false;
        }

        ChangeRecord? reported = store.ListChanges(engine.PairingId)
            .FirstOrDefault(change => change is { State: ChangeState.Committed, ConsoleAddress: not null });
        if (reported is null)
        {
            return request.ConsolePort is { } named
                && store.GetNode()?.ListensAt is { } listener
                && named != listener.Port;
        }

        return (request.ConsolePort is { } port && port != reported.ConsolePort)
            || (request.ConsoleAddress is { } address && !Same(address, reported.ConsoleAddress));
    }

    /// <summary>Dials a standard engine elsewhere from now on, once it has answered there.</summary>
    /// <exception cref="ScanEngineException">ChangeFailed: no round trip there; nothing was changed.</exception>
    public async Task ReaddressAsync(
        EngineRecord engine, DirectionChangeRequest request, DirectionAddresses addresses,
        CancellationToken cancellationToken)
    {
        if (!IsOfEngine(engine, request))
        {
            return;
        }

        FirewallTestResult reach = await probe
            .TryAsync(engine, request, addresses, LongestProof, cancellationToken).ConfigureAwait(false);
        if (!reach.Succeeded)
        {
            FirewallTestStage? failed = reach.Stages.FirstOrDefault(
                stage => stage.Result == FirewallTestOutcome.Failed);
            string seen = failed is null ? reach.VerdictDetail : $"{failed.Stage}: {failed.Evidence}";
            string present = new DialTarget(engine.Address ?? engine.Name, engine.Port, []).EndPoint;
            throw new ScanEngineException(
                FaultCode.ChangeFailed,
                $"Engine '{engine.Name}' is dialled at {present} as before. Prove: no round trip at {reach.EndPoint}. "
                    + $"Observed: {seen.TrimEnd('.')}.",
                $"Test-EngineFirewall -ComputerName {addresses.Engine} -Port {addresses.EnginePort} shows the stage "
                    + $"that fails. Set-ScanEngineCommunication -Name '{engine.Name}' -Direction Standard -Address "
                    + $"{addresses.Engine} -Port {addresses.EnginePort} -Offline takes it down unproved.",
                engine.Name);
        }

        Readdress(engine, request);
    }

    /// <summary>Dials a standard engine elsewhere from now on, whoever answers there.</summary>
    public void Readdress(EngineRecord engine, DirectionChangeRequest request)
    {
        if (IsOfEngine(engine, request))
        {
            string? address = request.Address ?? engine.Address;
            int port = request.Port ?? engine.Port;

            // What was proved is this endpoint of this engine; somebody else may have moved it meanwhile.
            store.UpdateEngine(engine.PairingId, current =>
                (current.Direction, current.Address, current.Port) == (engine.Direction, engine.Address, engine.Port)
                    ? current with { Address = address, Port = port }
                    : throw Overtaken(current));
            client.Done(Events.EngineSet, engine.PairingId, engine.Name, $"{address}, port {port}");
        }
    }

    private static ScanEngineException Overtaken(EngineRecord engine) => new(
        FaultCode.ChangeFailed,
        $"Engine '{engine.Name}' was set otherwise meanwhile: {engine.Direction}, "
            + $"{engine.Address ?? "no address"}, port {engine.Port}. That was left as it is.",
        $"Get-ScanEngineCommunication -Name '{engine.Name}' shows what is in force; then try again.",
        engine.Name);

    private static bool Same(string named, string? known) =>
        string.Equals(named, known, StringComparison.OrdinalIgnoreCase);
}
