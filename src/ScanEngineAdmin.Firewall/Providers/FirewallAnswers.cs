using System.Collections.Concurrent;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// What this host's firewall tools answered, each asked once: for one run over many engines, which all concern the same
/// host. Made for a run and thrown away with it, so nothing is remembered for longer.
/// </summary>
public sealed class FirewallAnswers
{
    private readonly ConcurrentDictionary<string, Lazy<Task<ToolResult>>> _asked = new(StringComparer.Ordinal);
    private readonly Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> _run;

    public FirewallAnswers()
        : this(ToolRunner.RunAsync, OperatingSystem.IsWindows())
    {
    }

    internal FirewallAnswers(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows)
    {
        _run = run;
        Windows = windows;
    }

    internal bool Windows { get; }

    /// <summary>The tool's answer; whoever gives up waiting does not take it from the others.</summary>
    internal Task<ToolResult> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        _asked.GetOrAdd(
            string.Join('\0', arguments.Prepend(tool)),
            // Not the caller's token: it is one engine's, and the answer is for all. The runner has a time of its own.
            _ => new Lazy<Task<ToolResult>>(() => _run(tool, arguments, CancellationToken.None)))
            .Value.WaitAsync(cancellationToken);

    /// <summary>The owner of this host's filter, and whether it denies out by default; null where unknown.</summary>
    internal async Task<(FirewallOwner Owner, bool? DeniesOutbound)> OwnerAsync(CancellationToken cancellationToken)
    {
        FirewallOwner owner = await new FirewallProviderDetector(RunAsync, Windows)
            .DetectAsync(cancellationToken).ConfigureAwait(false);
        return (owner, await new OutboundDefault(RunAsync).LookAsync(owner, cancellationToken).ConfigureAwait(false));
    }
}
