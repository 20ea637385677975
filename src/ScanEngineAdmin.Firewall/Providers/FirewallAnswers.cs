using System.Collections.Concurrent;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// What this host's firewall tools answered, each asked once: for one run over many engines, which all concern the same
/// host. Made for a run and thrown away with it, so nothing is remembered for longer.
/// </summary>
internal sealed class FirewallAnswers
{
    private readonly ConcurrentDictionary<string, Lazy<Task<ToolResult>>> _asked = new(StringComparer.Ordinal);
    private readonly Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> _run;

    // One copy of the filter for all engines; as with a tool's answer, nobody's token.
    private readonly Lazy<Task<(FirewallOwner Owner, bool? DeniesOutbound)>> _owner;

    public FirewallAnswers()
        : this(ToolRunner.RunAsync, OperatingSystem.IsWindows())
    {
    }

    internal FirewallAnswers(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows)
    {
        _run = run;
        _owner = new Lazy<Task<(FirewallOwner, bool?)>>(FindOwnerAsync);
        Windows = windows;
    }

    internal bool Windows { get; }

    /// <summary>Whose the node's sockets are; null where that is not known.</summary>
    internal SocketUser? NodeUser { get; set; } = SocketUser.OfNode();

    /// <summary>The tool's answer; whoever gives up waiting does not take it from the others.</summary>
    internal Task<ToolResult> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        _asked.GetOrAdd(
            string.Join('\0', arguments.Prepend(tool)),
            // Not the caller's token: it is one engine's, and the answer is for all. The runner has a time of its own.
            _ => new Lazy<Task<ToolResult>>(() => _run(tool, arguments, CancellationToken.None)))
            .Value.WaitAsync(cancellationToken);

    /// <summary>The owner of this host's filter, and whether it denies out by default; null where unknown.</summary>
    internal Task<(FirewallOwner Owner, bool? DeniesOutbound)> OwnerAsync(CancellationToken cancellationToken) =>
        _owner.Value.WaitAsync(cancellationToken);

    private async Task<(FirewallOwner Owner, bool? DeniesOutbound)> FindOwnerAsync()
    {
        FirewallOwner owner = await new FirewallProviderDetector(RunAsync, Windows)
            .DetectAsync(CancellationToken.None).ConfigureAwait(false);
        return (owner, await new OutboundDefault(RunAsync, NodeUser).LookAsync(owner, CancellationToken.None)
            .ConfigureAwait(false));
    }
}
