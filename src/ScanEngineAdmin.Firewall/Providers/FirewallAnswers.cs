using System.Collections.Concurrent;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// What this host's firewall tools answered, each asked once: for one run over many engines, which all concern the same
/// host. Made for a run and thrown away with it, so nothing is remembered for longer.
/// </summary>
internal sealed class FirewallAnswers : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<ToolResult>>> _asked = new(StringComparer.Ordinal);
    private readonly Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> _run;

    // As with a tool's answer, nobody's token.
    private readonly Lazy<Task<FirewallOwner>> _owner;

    /// <param name="shared">Whether one copy of the filter serves all questions: then it has to be disposed
    /// of.</param>
    public FirewallAnswers(bool shared = false)
        : this(ToolRunner.RunAsync, OperatingSystem.IsWindows(), shared)
    {
    }

    internal FirewallAnswers(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows,
        bool shared = false)
    {
        _run = run;
        _owner = new Lazy<Task<FirewallOwner>>(
            () => new FirewallProviderDetector(RunAsync, Windows).DetectAsync(CancellationToken.None));
        Rehearsals = shared ? new SharedRehearsals(RunAsync) : new Rehearsals(RunAsync);
        Windows = windows;
    }

    internal bool Windows { get; }

    /// <summary>The copies of the filter: one for all engines, or one for each question.</summary>
    internal Rehearsals Rehearsals { get; }

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

    /// <summary>
    /// The owner of this host's filter, and whether it denies what goes there, or to any where that is not known; null
    /// where it cannot be found out.
    /// </summary>
    internal async Task<(FirewallOwner Owner, bool? DeniesOutbound)> OwnerAsync(
        CancellationToken cancellationToken, IReadOnlyList<OutboundWay>? ways = null)
    {
        FirewallOwner owner = await _owner.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        return (owner, await new OutboundDefault(RunAsync, NodeUser, Rehearsals)
            .LookAsync(owner, cancellationToken, ways).ConfigureAwait(false));
    }

    /// <summary>Lets go of the copy of the filter, once the question that is under way has its answer.</summary>
    public ValueTask DisposeAsync() => Rehearsals is SharedRehearsals shared ? shared.DisposeAsync() : default;
}
