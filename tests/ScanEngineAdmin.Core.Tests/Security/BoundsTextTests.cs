using System.Globalization;
using System.Reflection;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// The numbers of docs/security.md and docs/operations.md are those in force: each sentence is made here of what the
/// code has. What the bounds do is tested where they are kept, mostly with smaller ones.
/// </summary>
public sealed class BoundsTextTests
{
    private static readonly ChannelOptions Channels = ChannelOptions.Default;
    private static readonly ConsoleNodeOptions Console = new();
    private static readonly EngineNodeOptions Engine = new();

    public static TheoryData<string> OfSecurity { get; } =
    [
        $"that fail there, end unasked or too soon | {PartLedger.MaxRefusals} / one, then a rest of "
            + $"{Console.ScanRetry.TotalSeconds} s, doubling to {Console.MaxScanRetry.TotalMinutes} min |",
        $"have TLS read {TlsBounds.Handshake / 1024} KiB, at an acceptor "
            + $"{Text(TlsBounds.AfterFirstRecord / 1024.0)} KiB of them",
        $"From there to the verdict {TlsBounds.UntilVerdict / 1024} KiB.",
        $"{Channels.MaxHandshakesPerAddress} undecided connections of one address",
        $"{Grouped(Channels.MaxHandshakeQueue)} waiting",
        $"{Channels.MaxHandshakesInTls / Channels.MaxHandshakes} times as many within TLS",
        $"one that holds 1/{HandshakePlaces.Share} of the places",
        $"opened or ended within {RecentPeers.Remembered.TotalHours} h (the last {Grouped((int)Of<RecentPeers>("Kept"))}) go first",
        $"longer than {HandshakePlaces.PeerTime.TotalSeconds} s in all",
        $"would wait longer than {BusyAnswer.LongestWait.TotalSeconds} s is closed",
        $"{Channels.HandshakeTimeout.TotalSeconds} s from connection to verdict, "
            + $"{ChannelProtocol.MaxHandshakePayload / 1024} KiB a frame",
        $"keep a connection longer than {Channels.HandshakeTimeout.TotalSeconds} s",
        $"within an hour | {SecretAttempts.FreePerAddress} free | `Busy` with a wait: 1 s, doubling to "
            + $"{SecretAttempts.LongestForAddress.TotalMinutes} min |",
        $"from anywhere | {SecretAttempts.FreePerSecret} free | `Busy` with a wait: 1 s, doubling to "
            + $"{SecretAttempts.LongestForSecret.TotalSeconds} s |",
        $"remembered for that | {Of<SecretAttempts>("Kept")} each |",
        $"Pending engines, pending consoles | {Of<ConsoleLedger>("PendingPerAddress")} an address, "
            + $"{Of<ConsoleLedger>("PendingInAll")} in all |",
        $"Pending engines, pending consoles | {Of<EngineLedger>("PendingPerAddress")} an address, "
            + $"{Of<EngineLedger>("PendingInAll")} in all |",
        $"Log lines about one stranger / all | {StrangerNotes.LinesPerAddress} / {StrangerNotes.LinesInAll} a minute",
        $"| {BoundedLog.LinesPerKind} in {BoundedLog.Window.TotalMinutes} min a pairing, and {BoundedLog.LinesPerKind} "
            + $"about none; {Grouped(BoundedLog.LinesInAll)} in {BoundedLog.Window.TotalMinutes} min about all "
            + "pairings |",
        $"about one stranger / all | {StrangerNotes.EventsPerAddress} / {StrangerNotes.EventsInAll} an hour |",
        $"about one stranger / all | {StrangerNotes.EventsPerAddress} / {Stored("StrangerEventsPerHour")} an hour |",
        $"one each way, the newest; {ChannelSlots.PerPairing} more that are probes",
        $"Life of a probe channel | {Span<ChannelSlots>("ProbeLimit").TotalSeconds} s;",
        $"Requests in flight from a peer | {Channels.MaxRequestsIn}, {ChannelProtocol.MaxPayload / 1024} KiB each |",
        $"Streams open from a peer | {Channels.MaxStreams}, {Channels.InitialWindow / 1024} KiB unread each; larger "
            + $"windows from {Channels.CreditBudget >> 20} MiB for the whole node |",
        $"whose handlers still run | {Channels.MaxStreams} more |",
        $"Control frames that a peer does not read | {Channels.ControlQueue >> 20} MiB |",
        $"a batch at most {ScanDataReader.MaxBatch >> 20} MiB and {ScanLimits.MaxFindingsPerBatch} findings |",
        $"without a finding that is new | {ScanDataReceiver.EmptyBatchesPerSecond} a second of an engine,",
        $"Rings at a doorbell, which at an applier's everybody on the host may | {Of<Doorbell>("CallersInARow")} at once, then "
            + $"{TimeSpan.FromSeconds(1) / Span<Doorbell>("CallerSpacing")} a second; an applier looks "
            + $"{Of<AsyncSignal>("WokenInARow")} times at once, then "
            + $"{TimeSpan.FromSeconds(1) / Span<FirewallApplierService>("RungSpacing")} times a second |",
        $"before the tunnel is open | {(int)Constant(typeof(ProxyTunnel), "MostHead") / 1024} KiB, within the "
            + $"{Channels.HandshakeTimeout.TotalSeconds} s of a handshake |",
        $"Large requests being read on one channel | {Of<LargeRequest>("MaxAtOnce")}, of "
            + $"{Number<LargeRequest>("MaxBody") >> 20} MiB |",
        $"one look at the store every {Span<ConsolePeerHandler>("PollSpacing").TotalMilliseconds} ms a channel |",
        $"held by a full spool | {Of<ConsolePeerHandler>("NoticesPerSecond")} a second a channel |",
        $"for the time of the change) | {Of<PendingChangeScheduler>("MostProposals")} an hour |",
        $"Audit events that a paired peer causes | {Stored("PeerEventsPerHour")} an hour a pairing, "
            + $"{Stored("KeptEventsPerPeer")} of it kept |",
        $"Audit events kept | {Grouped((int)Stored("KeptEvents"))} of each class",
        $"| {Text(HandshakeShares.AddressBudget)} s / {Text(HandshakeShares.NetworkBudget)} s, running off by "
            + $"{Text((double)Constant(typeof(HandshakeShares), "RunsOff"))} s a second |",
        $"`-MaxAttempts` ({ScanTerms.DefaultAttempts}), {Console.ScanRetry.TotalSeconds} s to "
            + $"{Console.MaxScanRetry.TotalMinutes} min apart |",
        $"targets x ports ({ScanLimits.MaxUnits / 1_000_000} million at most), each once; a banner of an open port "
            + $"only, {ScanLimits.MaxBannerBytes / 1024} KiB |",
        $"its quota, {EngineUsage.DefaultQuota >> 30} GiB if none is set |",
        $"no transaction above {(int)Stored("BytesPerWrite") / 1024} KiB of findings",
        $"and probes dialled for a peer | one for each pairing, {Of<ReachabilityHandler>("MostAtOnce")} in all |",
        $"Changes of its key by one peer | {NodeCertificate.ChangesPerPeer} an hour |",
        $"beside the pairing's own, {WellKnownPorts.Engine} and {WellKnownPorts.Console} that a peer has dialled at its "
            + "own address, which may be a gateway's, or has looked at on this host | "
            + $"{Of<ReachabilityHandler>("OtherPortsAnHour")} an hour a pairing |",
        $"Scans of one console at an engine | {Engine.MaxScansPerConsole}, running or undelivered |",
        $"Scans in one synchronisation | {Of<EngineScans>("MaxSynced")}, each once |",
        $"Spool of an engine | {Engine.MaxSpool >> 30} GiB, half of it for one console |",
        $"1 if it is bound to an engine, else {SecretRecord.DefaultMaxUses}, or `-MaxUses`",
        $"a refusal of trust ({Engine.RefusedRetry.TotalMinutes} min, jittered), a console until its next probe "
            + $"({Console.ProbeInterval.TotalMinutes} min)",
        $"If the ring is lost the node looks every {Console.StoreCheck.TotalSeconds} s.",
        $"within a second ({Engine.StoreCheck.TotalSeconds} s if the ring is lost)",
        $"PBKDF2-SHA256, {Grouped(Number<ExportHeader>("Iterations")).Replace(' ', ',')} rounds, from a "
            + $"passphrase of {ConsoleTransfer.LeastPassphrase} characters or more",
        $"({Constant(typeof(FirewallLimits), "MostAddresses")} a pairing)",
        $"A node may have {Constant(typeof(FirewallLimits), "MostTrials")} changes with rules on trial at once",
        $"without waiting, up to {OwnFile.Longest >> 20} MiB:",
        $"open TCP {WellKnownPorts.Engine} and {WellKnownPorts.Console}, and",
    ];

    public static TheoryData<string> OfOperations { get; } =
    [
        $"for `-AwayAfter` ({EnginePool.DefaultAwayAfter.TotalMinutes} minutes)",
        $"An engine that refused {PartLedger.MaxRefusals} parts is given no more",
        $"found by heartbeats within {Channels.PeerTimeout.TotalSeconds} s at both ends",
        $"the peer misses it within {Channels.PeerTimeout.TotalSeconds} s;",
        $"waits {((TimeSpan)Stored("BusyTimeout")).TotalSeconds} s, then `StoreLocked`",
        $"Below **three times the floor** it says `DiskLow`|{StoreRoom.LowFactor}",
        $"{EngineUsage.DefaultQuota >> 30} GiB if nobody sets it",
        $"`-MaxAttempts` ({ScanTerms.DefaultAttempts})",
        $"An engine runs {(Console.MaxScansPerEngine == 4 ? "four" : "?")} scans of a console at once",
        $"Finished scans {(ScanRetention.DefaultKeep.TotalDays == 365 ? "a year" : "?")} long",
    ];

    [Theory, MemberData(nameof(OfSecurity))]
    public void What_the_security_page_says_is_what_the_code_has(string sentence) => Says("security.md", sentence);

    [Theory, MemberData(nameof(OfOperations))]
    public void What_the_operations_page_says_is_what_the_code_has(string sentence)
    {
        // A number that the page has as a word stands behind the sentence.
        string[] parts = sentence.Split('|');
        Says("operations.md", parts[0]);
        Assert.True(parts.Length == 1 || parts[1] == "3");
    }

    [Fact]
    public void Handshakes_that_use_the_CPU_are_four_for_each_processor() =>
        Assert.Equal(Math.Max(8, 4 * Environment.ProcessorCount), Channels.MaxHandshakes);

    private static void Says(string page, string sentence)
    {
        string text = File.ReadAllText(Path.Combine(CheckoutFolder.Root, "docs", page));
        Assert.Contains(
            sentence, string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    private static string Grouped(long number) =>
        number.ToString("N0", CultureInfo.InvariantCulture).Replace(',', ' ');

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static object Of<T>(string name) => Constant(typeof(T), name);

    private static long Number<T>(string name) =>
        Convert.ToInt64(Constant(typeof(T), name), CultureInfo.InvariantCulture);

    private static TimeSpan Span<T>(string name) => (TimeSpan)Constant(typeof(T), name);

    private static object Constant(Type type, string name) =>
        type.GetField(name, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)?.GetValue(null)
        ?? throw new InvalidOperationException($"{type.Name} has no {name} any more: say here what bounds it now.");

    private static object Stored(string name)
    {
        Type options = typeof(SqliteStoreProvider).Assembly
            .GetType("ScanEngineAdmin.Storage.Sqlite.StoreOptions", throwOnError: true)!;
        return options.GetProperty(name)!.GetValue(Activator.CreateInstance(options))!;
    }
}
