using ScanEngineAdmin.Firewall.Planning;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class FirewallPlanTextTests
{
    [Fact]
    public void A_plan_reads_as_one_block_with_both_hosts_the_why_the_command_and_the_undo()
    {
        string text = FirewallPlanText.Render(FirewallPlanner.Plan(Sample.ToReverse()));
        string[] lines = text.Split('\n');

        Assert.Equal(
            "Firewall plan for lab-2: standard (console to engine) -> reverse (engine to console) "
            + "(dry run, nothing was touched)", lines[0]);
        Assert.Equal("Console host console.example.net:", lines[1]);
        Assert.StartsWith("  + TCP 40815 in  from 203.0.113.7 (IPv4)  sea-", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("      why:  ", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("      do:   nft ", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("      undo: nft ", lines[5], StringComparison.Ordinal);
        Assert.Equal("Engine host lab-2.example.net:", lines[6]);
        Assert.StartsWith("  - TCP 40814 in  from 198.51.100.1 (IPv4)  sea-", lines[7], StringComparison.Ordinal);
        Assert.StartsWith("      do:   Get-NetFirewallRule ", lines[9], StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_stays_has_its_reason_and_no_command_and_a_host_without_rules_says_so()
    {
        FirewallPlanRequest same = Sample.ToReverse() with { From = Sample.ToReverse().To };

        string text = FirewallPlanText.Render(FirewallPlanner.Plan(same));

        Assert.Contains("  = TCP 40815 in  from 203.0.113.7", text, StringComparison.Ordinal);
        Assert.DoesNotContain("do: ", text, StringComparison.Ordinal);
        Assert.Contains("    nothing to do", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_for_Windows_says_for_which_networks_a_rule_opens()
    {
        string text = FirewallPlanText.Render(FirewallPlanner.Plan(Sample.ToStandard()));

        Assert.Contains(
            "For the profiles Domain and Private; Invoke-EngineFirewallPlan adds those of the networks", text,
            StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), static line => line.Contains("profiles", StringComparison.Ordinal));
    }
}
