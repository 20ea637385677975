using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>What an admin does to an engine, from any process on its host: writes into its store and rings.</summary>
internal sealed class EngineAdmin : NodeAdmin
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromDays(1);

    private EngineAdmin(DataFolder folder, IEngineStore store, TimeProvider time, FirewallAnswers? answers)
        : base(NodeRole.Engine, folder, folder.Engine, store, time, answers, () => EngineCertificates.Peers(store)) =>
        Store = store;

    public IEngineStore Store { get; }

    /// <summary>The parameters are those of <see cref="ConsoleAdmin.Open"/>.</summary>
    public static EngineAdmin Open(
        DataFolder folder, IStoreProvider stores, TimeProvider? time = null, FirewallAnswers? answers = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        return new EngineAdmin(folder, stores.OpenEngine(folder.LookEngine()), time ?? TimeProvider.System, answers);
    }

    /// <summary>Dials a console and pairs by the secret made there; the pairing's direction is reverse.</summary>
    public async Task<ConsoleRecord> PairAsync(
        string consoleAddress,
        int port,
        PairingSecret secret,
        string engineName,
        TimeSpan pollInterval,
        CancellationToken cancellationToken,
        HttpProxy? proxy = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        consoleAddress = Validate(consoleAddress, port, engineName, pollInterval);
        (Guid engineId, NodeIdentity identity) = Client.Identity();
        using (identity)
        {
            var self = new PairingSelf(
                NodeRole.Engine, engineId, Environment.MachineName, ProductVersion.Text, identity.Fingerprint);
            PairedPeer peer = await SecretDial.PairAsync(
                self,
                identity,
                new EngineLedger(Store, Client.Time, pollInterval),
                secret,
                engineName,
                (consoleAddress, port),
                Client.Time,
                proxy,
                cancellationToken).ConfigureAwait(false);
            Client.Done(Events.Paired, peer.PairingId, peer.PeerName, $"by secret, as {engineName}");
            return Get(peer.PairingId);
        }
    }

    /// <summary>Names a console to poll, for approval on both sides.</summary>
    public ConsoleRecord RegisterConsole(string consoleAddress, int port, string engineName, TimeSpan pollInterval)
    {
        consoleAddress = Validate(consoleAddress, port, engineName, pollInterval);
        ConsoleRecord? known = Store.ListConsoles().FirstOrDefault(console => console.Port == port
            && string.Equals(console.Address, consoleAddress, StringComparison.OrdinalIgnoreCase));
        if (known is not null)
        {
            // A script that runs again must not make a second pairing of it.
            return Change(
                known.PairingId,
                Events.ConsoleRegistered,
                console => console with { EngineName = engineName, PollInterval = pollInterval });
        }

        var added = new ConsoleRecord
        {
            PairingId = Guid.NewGuid(),
            EngineName = engineName,
            State = ConsoleState.Pending,
            Direction = CommunicationDirection.EngineToConsole,
            Address = consoleAddress,
            Port = port,
            PollInterval = pollInterval,
            FirstSeen = Client.Time.GetUtcNow(),
        };
        Store.AddConsole(added);
        Client.Done(Events.ConsoleRegistered, added.PairingId, consoleAddress, $"as {engineName}");
        return added;
    }

    /// <summary>
    /// Approves a pending console after its fingerprint was compared. Throws FingerprintMismatch, ConsoleNotFound.
    /// </summary>
    public ConsoleRecord ApproveConsole(Guid pairingId, Fingerprint compared) => Change(
        pairingId,
        Events.ConsoleApproved,
        console =>
        {
            // Nothing to compare with yet: then the admin says beforehand whom to expect there.
            if (console.Pins.Count > 0 && !console.Pins.Contains(compared))
            {
                throw new ScanEngineException(
                    FaultCode.FingerprintMismatch,
                    $"Console '{console.Name}' at {console.ObservedAddress ?? console.Address} shows another "
                        + $"fingerprint: {string.Join(", ", console.Pins)}.",
                    "Compare it with Get-SecurityConsole on the console's host. "
                        + "If they differ, somebody is in between.",
                    console.Name);
            }

            return console.State == ConsoleState.Paired
                ? console
                : console with { State = ConsoleState.Approved, Pins = [compared] };
        });

    public ConsoleRecord DenyConsole(Guid pairingId)
    {
        ConsoleRecord console = Get(pairingId);
        IReadOnlyList<Guid> ended = Store.ExpelKeys(console.ConsoleId, console.Pins, Client.Time.GetUtcNow());
        ConsoleRecord denied = Change(
            pairingId,
            Events.ConsoleDenied,
            current => current with { State = ConsoleState.Denied },
            NodeClient.Ended(ended));
        Client.CleanUp();
        return denied;
    }

    /// <summary>Changes the address at which the console is dialled, or proposes a direction to it.</summary>
    public ConsoleRecord SetConsole(
        Guid pairingId, string? address, int? port, CommunicationDirection? proposal)
    {
        address = address is null ? null : DialAddress.Validate(address);
        _ = port is null ? 0 : DialAddress.ValidatePort(port.Value);
        return Change(pairingId, Events.ConsoleSet, console => console with
        {
            Address = address ?? console.Address,
            Port = port ?? console.Port,
            ProposedDirection = proposal is null ? console.ProposedDirection
                : proposal == console.Direction ? null
                : proposal,
        });
    }

    /// <summary>What may be scanned from here; the engine's admin has the last word.</summary>
    public TargetPolicy GetPolicy() => EnginePolicy.Read(Store);

    /// <summary>What <see cref="SetPolicy"/> would refuse. Throws TargetInvalid, OptionInvalid.</summary>
    public static void CheckPolicy(TargetPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _ = new TargetPolicyGuard(policy);
        if (policy.MaxRate < 0 || policy.MaxParallelism < 1)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                "A target policy's limits are not negative, and leave room for one connection at least.",
                "Use a rate of 0 for no limit, and a parallelism of 1 or more.");
        }
    }

    public void SetPolicy(TargetPolicy policy)
    {
        CheckPolicy(policy);
        EnginePolicy.Save(Store, policy);
        Client.Done(Events.PolicySet, null, string.Empty, EnginePolicy.Write(policy));
    }

    /// <summary>The address as it is dialled.</summary>
    private static string Validate(string consoleAddress, int port, string engineName, TimeSpan pollInterval)
    {
        EngineName.Validate(engineName);
        string address = DialAddress.Validate(consoleAddress);
        DialAddress.ValidatePort(port);
        if (pollInterval < ShortestPoll || pollInterval > LongestPoll)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"{pollInterval} is no interval to poll at.",
                "Use -Interval with 1s to 1d; 30s is the default.",
                $"{pollInterval}");
        }

        return address;
    }

    private ConsoleRecord Change(
        Guid pairingId, string name, Func<ConsoleRecord, ConsoleRecord> change, string detail = "")
    {
        ConsoleRecord changed = Store.UpdateConsole(pairingId, change) ?? throw NotFound(pairingId);
        Client.Done(name, pairingId, changed.Name.Length > 0 ? changed.Name : changed.Address ?? string.Empty, detail);
        return changed;
    }

    private ConsoleRecord Get(Guid pairingId) => Store.GetConsole(pairingId) ?? throw NotFound(pairingId);

    private static ScanEngineException NotFound(Guid pairingId) => new(
        FaultCode.ConsoleNotFound,
        "There is no such console here.",
        "Get-EngineConsole lists those that there are.",
        $"{pairingId:D}");
}
