using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Scripts;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

public sealed class FirewallScriptTests
{
    [Theory]
    [InlineData(FirewallProvider.NetSecurity)]
    [InlineData(FirewallProvider.Netsh)]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Firewalld)]
    [InlineData(FirewallProvider.Ufw)]
    [InlineData(FirewallProvider.Iptables)]
    public void Scripts_are_as_in_the_golden_files(FirewallProvider provider)
    {
        FirewallPlan plan = Plan();
        string name = "script-" + provider.ToString().ToLowerInvariant();
        GoldenFile.AssertIs(name + ".txt", FirewallScript.Write(plan, provider, undo: false));
        GoldenFile.AssertIs(name + "-undo-console.txt", FirewallScript.Write(plan, provider, undo: true, NodeRole.Console));
    }

    [Fact]
    public void Dsc_documents_are_as_in_the_golden_files()
    {
        FirewallPlan plan = Plan();
        GoldenFile.AssertIs("dsc-console.txt", FirewallDscDocument.Write(plan, NodeRole.Console));
        GoldenFile.AssertIs("dsc-engine-close.txt", FirewallDscDocument.Write(plan, NodeRole.Engine, close: true));
        GoldenFile.AssertIs("dsc-console-undo.txt", FirewallDscDocument.Write(plan, NodeRole.Console, undo: true, close: true));
    }

    [Fact]
    public void Free_text_cannot_leave_its_comment()
    {
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7") with
        {
            Reason = "first\nreboot\r\nshutdown \u2028 caf\u00e9",
            Host = "host\n}; reboot",
        };
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, rule) with { EngineName = "lab\nreboot" };
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            string comment = provider == FirewallProvider.Netsh ? "rem " : "# ";
            string[] lines = FirewallScript.Write(plan, provider, undo: false).Split(["\r\n", "\n"], 0);

            Assert.All(
                lines.Where(static l => l.Contains("reboot", StringComparison.Ordinal)
                    && !l.Contains("New-NetFirewallRule", StringComparison.Ordinal)),
                l => Assert.StartsWith(comment, l.TrimStart(), StringComparison.Ordinal));
            Assert.DoesNotContain(lines, static l => l.Any(static c => c is < ' ' or > '~'));
        }
    }

    [Theory]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Ufw)]
    public void A_script_closes_nothing_unless_it_is_told_to(FirewallProvider provider)
    {
        string script = FirewallScript.Write(Plan(), provider, undo: false, NodeRole.Engine);
        int from = script.IndexOf("engine_open()", StringComparison.Ordinal);
        string open = script[from..script.IndexOf("engine_close()", StringComparison.Ordinal)];

        Assert.DoesNotContain("delete", open, StringComparison.Ordinal);
        Assert.Contains("delete", script, StringComparison.Ordinal);
        Assert.Contains("case \"${1:-open} engine\" in", script, StringComparison.Ordinal);
    }

    [Fact, NeedsFilter(FilterKind.Nftables), Trait("Speed", "Slow")]
    public Task The_nftables_script_runs() => Runs(FilterKind.Nftables);

    [Fact, NeedsFilter(FilterKind.Iptables), Trait("Speed", "Slow")]
    public Task The_iptables_script_runs() => Runs(FilterKind.Iptables);

    [Fact, NeedsFilter(FilterKind.Ufw), Trait("Speed", "Slow")]
    public Task The_ufw_script_runs() => Runs(FilterKind.Ufw);

    [Fact, NeedsFilter(FilterKind.Firewalld), Trait("Speed", "Slow")]
    public Task The_firewalld_script_runs() => Runs(FilterKind.Firewalld);

    private static async Task Runs(FilterKind kind)
    {
        using var host = new FilterHost(kind);
        FirewallPlan plan = Plan();
        string forward = Path.Combine(host.Folder, "forward.sh");
        string back = Path.Combine(host.Folder, "back.sh");
        File.WriteAllText(forward, FirewallScript.Write(plan, host.Provider, undo: false));
        File.WriteAllText(back, FirewallScript.Write(plan, host.Provider, undo: true, NodeRole.Console));
        // The old way is open, as it is on every host that a plan is made for.
        await host.ShellAsync($"sh {back} open");
        string before = await host.DumpAsync();

        await host.ShellAsync($"sh {forward} open console");
        string opened = await host.DumpAsync();
        await host.ShellAsync($"sh {forward} open console");
        Assert.NotEqual(before, opened);
        Assert.Equal(opened, await host.DumpAsync());
        await host.ShellAsync($"sh {back}");
        Assert.Equal(opened, await host.DumpAsync());
        await host.ShellAsync($"sh {back} close");
        Assert.Equal(before, await host.DumpAsync());
        await host.ShellAsync($"sh {back} close");
        Assert.Equal(before, await host.DumpAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.ShellAsync($"sh {forward} close nobody"));
    }

    private static FirewallPlan Plan()
    {
        FirewallPlanRequest request = Sample.ToReverse() with
        {
            DryRun = false,
            ChangeId = Wanted.Change,
            Console = Sample.ToReverse().Console with
            {
                Resolved = [],
                Name = "console.example.net",
                DeniesOutbound = true,
            },
        };
        return FirewallPlanner.Plan(request with
        {
            Engine = request.Engine with
            {
                Resolved = [
                    System.Net.IPAddress.Parse("203.0.113.7"), System.Net.IPAddress.Parse("203.0.113.8"),
                    System.Net.IPAddress.Parse("2001:db8::7")],
                DeniesOutbound = true,
            },
        });
    }
}
