using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

[Trait("Speed", "Slow")]
public sealed class FirewallProviderDetectorTests
{
    private const string Native =
        "table inet edge {\n\tchain in_all {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n";

    private const string FromIptables =
        "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n"
        + "# Warning: table ip filter is managed by iptables-nft, do not touch!\n";

    private const string Saved = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j side\nCOMMIT\n";

    [Fact]
    public async Task Firewalld_wins_over_the_tables_it_makes()
    {
        FirewallOwner owner = await DetectAsync(("firewall-cmd", 0, "running\n"), ("nft", 0, Native));

        Assert.Equal(FirewallProvider.Firewalld, owner.Provider);
        Assert.Contains("running", owner.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ufw_wins_when_it_is_active_and_not_when_it_is_only_installed()
    {
        FirewallOwner active = await DetectAsync(("ufw", 0, "Status: active\n"), ("nft", 0, FromIptables));
        FirewallOwner inactive = await DetectAsync(
            ("ufw", 0, "Status: inactive\n"), ("nft", 0, FromIptables), ("iptables-nft-save", 0, Saved));

        Assert.Equal(FirewallProvider.Ufw, active.Provider);
        Assert.Equal(FirewallProvider.Iptables, inactive.Provider);
    }

    [Fact]
    public async Task A_native_ruleset_is_nftables_and_its_chains_are_named()
    {
        FirewallOwner owner = await DetectAsync(("nft", 0, Native));

        Assert.Equal(FirewallProvider.Nftables, owner.Provider);
        Assert.Equal(new NftablesPlacement("inet", "edge", "in_all", "output"), owner.Nftables);
    }

    [Fact]
    public async Task Where_iptables_tables_only_stand_beside_a_native_filter_that_denies_nftables_owns_the_host()
    {
        FirewallOwner owner = await DetectAsync(
            ("nft", 0, Native + FromIptables), ("iptables-nft-save", 0, Saved));

        Assert.Equal(FirewallProvider.Nftables, owner.Provider);
    }

    [Fact]
    public async Task A_native_table_in_capitals_is_not_iptables_and_a_word_in_a_comment_denies_nothing()
    {
        FirewallOwner owner = await DetectAsync(
            ("nft", 0, "table inet first {\n\tchain early {\n\t\ttype filter hook input priority -10; policy accept;\n"
                + "\t\tcounter comment \"drop nothing\"\n\t}\n}\n"
                + "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy "
                + "drop;\n\t}\n}\n"),
            ("iptables-nft-save", 0, "# Table `filter' is incompatible, use 'nft' tool.\n"));

        Assert.Equal(FirewallProvider.Nftables, owner.Provider);
        Assert.Equal(new NftablesPlacement("ip", "filter", "INPUT", "output"), owner.Nftables);
    }

    [Fact]
    public async Task An_empty_ruleset_is_no_filter_and_that_is_known()
    {
        FirewallOwner owner = await DetectAsync(("nft", 0, string.Empty));

        Assert.Null(owner.Provider);
        Assert.True(owner.Known);
    }

    [Fact]
    public async Task Without_the_rights_to_look_it_is_unknown_and_says_how_to_find_out()
    {
        FirewallOwner owner = await DetectAsync(
            ("ufw", 1, "ERROR: You need to be root to run this script"),
            ("nft", 1, "Operation not permitted (you must be root)"), ("iptables", 4, "Permission denied"));

        Assert.Null(owner.Provider);
        Assert.False(owner.Known);
        Assert.Contains("sudo nft list ruleset", owner.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_tool_that_would_tell_no_other_user_is_asked_for()
    {
        FirewallOwner owner = await DetectAsync();

        ScanEngineException error = FirewallFaults.NoOwner(owner);
        Assert.Equal((null, false, FaultCode.ProviderUnavailable), (owner.Provider, owner.Known, error.Code));
        Assert.Contains("Install nftables", error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Windows_is_NetSecurity_without_running_anything()
    {
        var detector = new FirewallProviderDetector(
            static (tool, _, _) => throw new InvalidOperationException(tool), windows: true);

        Assert.Equal(FirewallProvider.NetSecurity, (await detector.DetectAsync(CancellationToken.None)).Provider);
    }

    [Theory]
    [InlineData("ufw", false, FirewallProvider.Ufw)]
    [InlineData("99", false, FirewallProvider.Nftables)]
    [InlineData("pf; reboot", false, FirewallProvider.Nftables)]
    [InlineData(null, true, FirewallProvider.NetSecurity)]
    public void A_remote_host_is_taken_at_its_word_else_by_its_platform(
        string? said, bool windows, FirewallProvider expected) =>
        Assert.Equal(expected, FirewallProviderDetector.Guess(said, windows));

    [Fact, NeedsNamespace("iptables")]
    public async Task Real_filters_in_a_namespace_are_recognised()
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        Assert.Null((await InsideAsync(host)).Provider);
        host.Run("iptables", "-P", "INPUT", "DROP");
        Assert.Equal(FirewallProvider.Iptables, (await InsideAsync(host)).Provider);
        host.Run("nft", "flush", "ruleset");
        host.Shell("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }'");
        FirewallOwner native = await InsideAsync(host);
        Assert.Equal(FirewallProvider.Nftables, native.Provider);
        Assert.Equal(NftablesPlacement.Default, native.Nftables);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_is_not_found() =>
        Assert.False((await ToolRunner.RunAsync("no-such-tool-of-ours", [], CancellationToken.None)).Found);

    [Fact, NeedsLinux]
    public async Task A_tool_that_is_there_needs_no_shell()
    {
        ToolResult echo = await ToolRunner.RunAsync("echo", ["$(id); `id` | id"], CancellationToken.None);

        Assert.Equal("$(id); `id` | id", echo.Output.Trim());
    }

    private static Task<FirewallOwner> InsideAsync(NetworkNamespace host) => new FirewallProviderDetector(
        (tool, arguments, token) => tool is "ufw" or "firewall-cmd"
            ? Task.FromResult(ToolResult.Missing)
            : host.ToolAsync(tool, arguments, token),
        windows: false).DetectAsync(CancellationToken.None);

    private static Task<FirewallOwner> DetectAsync(params (string Tool, int Exit, string Output)[] tools) =>
        new FirewallProviderDetector(
            (tool, _, _) => Task.FromResult(tools.FirstOrDefault(t => t.Tool == tool) is { Tool: not null } found
                ? new ToolResult(true, found.Exit, found.Output)
                : ToolResult.Missing),
            windows: false).DetectAsync(CancellationToken.None);
}
