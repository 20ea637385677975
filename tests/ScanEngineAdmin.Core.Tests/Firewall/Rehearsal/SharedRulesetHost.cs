using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>One host for all tests of a class, made for the first of them that is not skipped.</summary>
public sealed class SharedRulesetHost : IDisposable
{
    /// <summary>Of one that is to be denied: what is to be open is waited for patiently.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lazy<RulesetHost> _host = new(static () => new RulesetHost { Patience = Patience });

    public void Dispose()
    {
        if (_host.IsValueCreated)
        {
            _host.Value.Dispose();
        }
    }

    /// <summary>The host with the filter that a line of shell makes, and nothing else.</summary>
    internal async Task<RulesetHost> LoadAsync(string line)
    {
        RulesetHost host = _host.Value;
        await host.Filter.ClearAsync();
        ToolResult loaded = await host.RunAsync("sh", ["-ec", line], CancellationToken.None);
        Assert.True(loaded.Succeeded, loaded.Output);
        return host;
    }
}
