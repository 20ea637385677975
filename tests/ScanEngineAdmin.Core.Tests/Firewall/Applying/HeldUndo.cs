using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>
/// The processes that undo what nobody confirms, held back until a test lets them go: then their time is over, however
/// slow the machine was before.
/// </summary>
internal sealed class HeldUndo(FilterHost host)
{
    private const int Seconds = 5;
    private readonly List<ToolCall> _held = [];

    /// <summary>All that was run but those processes.</summary>
    public List<ToolCall> Calls { get; } = [];

    public HostTools HostTools => host.HostTools with { Run = RunAsync };

    public Task<FirewallApplication> ApplyAsync(FirewallPlan plan, FirewallApplyOptions? options = null) =>
        new FirewallPlanApplier(HostTools).ApplyAsync(
            plan, Channel.NodeRole.Console,
            options ?? new FirewallApplyOptions { Provider = host.Provider, RollbackAfter = TimeSpan.FromMinutes(5) },
            CancellationToken.None);

    public async Task LetGoAsync()
    {
        foreach (ToolCall call in _held)
        {
            string[] arguments = [.. call.Arguments];
            arguments[Seconds] = "0";
            ToolResult started = await host.RunAsync(
                call with { Arguments = arguments }, CancellationToken.None);
            Assert.True(started.Succeeded, started.Output);
        }

        _held.Clear();
    }

    /// <summary>Until all that was let go has done what it had to.</summary>
    public async Task OverAsync()
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (Directory.EnumerateFiles(host.Folder, "*.undo*").Any())
        {
            Assert.True(await timer.WaitForNextTickAsync(bound.Token));
        }
    }

    private Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        if (call.Tool == "setsid")
        {
            _held.Add(call);
            return Task.FromResult(new ToolResult(true, 0, string.Empty));
        }

        lock (Calls)
        {
            Calls.Add(call);
        }

        return host.RunAsync(call, cancellationToken);
    }
}
