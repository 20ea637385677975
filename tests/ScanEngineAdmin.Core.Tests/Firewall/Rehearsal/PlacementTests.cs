using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>
/// Rules go where they have effect, nowhere else, and away again without a trace; what would have none is not written.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class PlacementTests : IDisposable
{
    private static readonly Question In4 = new(RuleFlow.In, RulesetHost.Peers[0], 40814);
    private static readonly Question In6 = new(RuleFlow.In, RulesetHost.Peers[2], 40814);
    private readonly string _folder = Directory.CreateTempSubdirectory("sea-placement-").FullName;
    private readonly RulesetHost _host;
    private Func<ToolCall, ToolResult?> _first = static _ => null;

    public PlacementTests()
    {
        NeedsAttribute.SkipFor(NetworkNamespace.WhyNot("nft"));
        _host = new RulesetHost { Patience = SharedRulesetHost.Patience };
    }

    public void Dispose()
    {
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, NeedsNamespace("iptables", "nsenter", "timeout")]
    [InlineData("21 a table in capitals that is not iptables'",
        "nft 'add table ip filter; add chain ip filter INPUT { type filter hook input priority 0; policy drop; }; "
        + "add rule ip filter INPUT ct state established accept'", 1)]
    [InlineData("22 a table of one family",
        "nft 'add table ip fw; add chain ip fw input { type filter hook input priority 0; policy drop; }; "
        + "add rule ip fw input ct state established accept'", 1)]
    [InlineData("a native table of iptables' name",
        "nft 'add table ip filter; add chain ip filter input { type filter hook input priority 0; policy drop; }; "
        + "add rule ip filter input ct state established accept'", 1)]
    [InlineData("23 two tables that drop",
        "nft 'add table inet a; add chain inet a input { type filter hook input priority 0; policy drop; }; "
        + "add table inet b; add chain inet b input { type filter hook input priority 5; policy drop; }'", 4)]
    [InlineData("23 a table that rejects others stands first",
        "nft 'add table inet f2b; add set inet f2b bad { type ipv4_addr; }; add chain inet f2b f2b-chain { type "
            + "filter hook "
        + "input priority -1; }; add rule inet f2b f2b-chain ip saddr @bad reject; "
        + "add table inet filter; add chain inet filter input { type filter hook input priority 0; policy drop; }'", 2)]
    [InlineData("23 a drop in mangle before the filter",
        "nft 'add table ip mangle; add chain ip mangle input { type filter hook input priority mangle; }; "
        + "add rule ip mangle input tcp dport 1 drop; "
        + "add table inet filter; add chain inet filter input { type filter hook input priority 0; policy drop; }'", 2)]
    [InlineData("24 a table of arp beside it",
        "nft 'add table arp guard; add chain arp guard input { type filter hook input priority 0; policy accept; }; "
        + "add table inet filter; add chain inet filter input { type filter hook input priority 0; policy drop; }'", 2)]
    [InlineData("26 a rule of ours below the drop",
        "nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
        + "add rule inet filter input tcp dport 40814 drop'", 2)]
    [InlineData("27 a drop before routing",
        "nft 'add table inet filter; add chain inet filter pre { type filter hook prerouting priority raw; }; "
        + "add rule inet filter pre tcp dport 40814 drop'", 2)]
    [InlineData("a quota that the questions use",
        "nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; policy drop; }; "
        + "add rule inet filter input quota over 100 mbytes drop'", 2)]
    [InlineData("a rate at which some connections pass, in a chain of its own name",
        "nft 'add table inet fw; add chain inet fw entry { type filter hook input priority 0; policy drop; }; "
        + "add rule inet fw entry ct state established accept; "
        + "add rule inet fw entry tcp dport 40814 limit rate 1/hour burst 1 packets accept'", 2)]
    [InlineData("29 a name with a dot",
        "nft 'add table inet lan.fw; add chain inet lan.fw input.lan { type filter hook input priority 0; policy "
            + "drop; }'", 2)]
    public async Task A_rule_goes_into_each_chain_that_denies(string name, string load, int rules)
    {
        await LoadAsync(load);
        string before = await _host.DumpAsync();
        Assert.Contains(false, await _host.TryAsync([In4, In6]));

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.All(done.Results, r => Assert.True(
            r.Outcome is FirewallApplyOutcome.Applied or FirewallApplyOutcome.AlreadyPresent, $"{name}: {r.Evidence}"));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        string once = await _host.DumpAsync();
        Assert.Equal(rules, once.Split('\n').Count(static l => l.Contains("scanengine:", StringComparison.Ordinal)));
        await ApplyAsync(RuleChange.Add);
        Assert.Equal(once, await _host.DumpAsync());
        await ApplyAsync(RuleChange.Remove);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("iptables", "ip6tables", "nsenter", "timeout")]
    public async Task What_only_one_family_filters_leaves_no_table_of_the_other()
    {
        // Case 30 of those that were once wrong: the other family got an empty table, which stayed.
        await LoadAsync("iptables -P INPUT DROP; iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT");
        string before = await RawAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.Equal(
            [FirewallApplyOutcome.Applied, FirewallApplyOutcome.AlreadyPresent], done.Results.Select(r => r.Outcome));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        await ApplyAsync(RuleChange.Remove);
        Assert.Equal(before, await RawAsync());

        async Task<string> RawAsync() =>
            (await _host.RunAsync("nft", ["-s", "list", "ruleset"], CancellationToken.None)).Output;
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Where_nothing_filters_there_is_nothing_to_take_away()
    {
        FirewallApplication done = await ApplyAsync(RuleChange.Remove);

        Assert.Null(done.Provider);
        Assert.Equal(2, done.Results.Count);
        Assert.All(done.Results, static r =>
        {
            Assert.Equal(FirewallApplyOutcome.AlreadyAbsent, r.Outcome);
            Assert.Contains("No rule of this product", r.Evidence, StringComparison.Ordinal);
            Assert.Contains("filters nothing", r.Evidence, StringComparison.Ordinal);
        });
        ScanEngineException refused = await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(RuleChange.Add));
        Assert.Equal(FaultCode.ProviderUnavailable, refused.Code);
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Where_the_way_is_open_nothing_is_written()
    {
        // Case 25 of those that were once wrong: a filter with an output chain only.
        await LoadAsync("nft 'add table inet filter; add chain inet filter output { type filter hook output "
            + "priority 0; "
            + "policy drop; }; add rule inet filter output ct state established accept'");
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.All(done.Results, static r =>
        {
            Assert.Equal(FirewallApplyOutcome.AlreadyPresent, r.Outcome);
            Assert.Contains("No rule is needed", r.Evidence, StringComparison.Ordinal);
        });
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_rule_of_ours_that_has_no_effect_is_not_called_present()
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority "
            + "0; policy "
            + "drop; }; add rule inet filter input ct state established accept'");
        await ApplyAsync(RuleChange.Add);
        await LoadAsync("nft insert rule inet filter input tcp dport 40814 drop");
        Assert.Equal<bool[]>([false, false], await _host.TryAsync([In4, In6]));

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.All(done.Results, static r => Assert.Equal(FirewallApplyOutcome.Applied, r.Outcome));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        Assert.Equal(2, (await _host.DumpAsync()).Split('\n').Count(
            static l => l.Contains("scanengine:", StringComparison.Ordinal)));
    }

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout")]
    [InlineData("iptables-nft -t raw -A PREROUTING -p tcp --dport 40814 -j DROP; iptables-nft -P INPUT DROP", "-t raw")]
    [InlineData("iptables-legacy -t mangle -A INPUT -p tcp --dport 40814 -j DROP", "iptables-legacy -t mangle")]
    [InlineData("iptables-legacy -t nat -A PREROUTING -p tcp --dport 40814 -j REDIRECT --to-ports 22; iptables-legacy "
        + "-P INPUT DROP", "-j REDIRECT --to-ports 22")]
    public async Task What_would_have_no_effect_is_not_written_and_what_still_denies_is_named(
        string load, string denies)
    {
        await LoadAsync(load);
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        FirewallApplyResult failed = done.Results.First(static r => r.Outcome == FirewallApplyOutcome.Failed);
        Assert.Contains("Not written", failed.Evidence, StringComparison.Ordinal);
        Assert.Contains(denies, failed.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout")]
    [InlineData("for t in iptables-legacy ip6tables-legacy; do $t -P INPUT DROP; $t -A INPUT -m state --state "
        + "ESTABLISHED -j ACCEPT; done", 1)]
    [InlineData("for t in iptables-nft ip6tables-nft; do $t -P INPUT DROP; $t -A INPUT -m state --state "
        + "ESTABLISHED -j ACCEPT; done; iptables-legacy -N DOCKER; iptables-legacy -P FORWARD DROP", 1)]
    [InlineData("for t in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do $t -P INPUT DROP; $t -A "
        + "INPUT -m state --state ESTABLISHED -j ACCEPT; done", 2)]
    public async Task A_rule_goes_into_each_backend_of_iptables_that_denies(string load, int backends)
    {
        await LoadAsync(load);
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        string once = await _host.DumpAsync();
        Assert.Equal(_folder + "\n", await File.ReadAllTextAsync(Path.Combine(_folder, "data.folders")));
        Assert.Equal(2 * backends, await SavedAsync());
        await ApplyAsync(RuleChange.Add);
        Assert.Equal(once, await _host.DumpAsync());
        await ApplyAsync(RuleChange.Remove);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("iptables", "nsenter", "timeout")]
    public async Task A_rule_is_taken_away_from_the_manager_that_has_it_whoever_owns_the_filter()
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }; add rule inet filter input ct state established accept; add rule inet filter input tcp "
            + "dport 40814 accept'; for t in iptables ip6tables; do $t -P INPUT DROP; $t -A INPUT -m state --state "
            + "ESTABLISHED -j ACCEPT; done");
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.Equal(FirewallProvider.Iptables, done.Provider);
        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        Assert.All(
            (await ApplyAsync(RuleChange.Remove)).Results,
            r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("iptables", "nsenter", "timeout")]
    public async Task What_iptables_cannot_read_it_is_not_given_to_write()
    {
        await LoadAsync("nft 'add table ip filter; add chain ip filter INPUT { type filter hook input priority 0; "
            + "policy drop; "
            + "}; add rule ip filter INPUT ct state established accept'");
        string before = await _host.DumpAsync();

        ScanEngineException e = await Assert.ThrowsAsync<ScanEngineException>(
            () => ApplyAsync(RuleChange.Add, FirewallProvider.Iptables));

        Assert.Equal(FaultCode.ProviderUnavailable, e.Code);
        Assert.Equal(before, await _host.DumpAsync());
    }

    private async Task LoadAsync(string load)
    {
        ToolResult loaded = await _host.RunAsync("sh", ["-ec", load], CancellationToken.None);
        Assert.True(loaded.Succeeded, loaded.Output);
    }

    // How many rules of this product both backends have.
    private async Task<int> SavedAsync() => (await _host.RunAsync(
        "sh", ["-c", "for b in nft legacy; do iptables-$b-save; ip6tables-$b-save; done"], CancellationToken.None))
        .Output.Split("scanengine:").Length - 1;

    private HostTools Tools => new(
        (call, token) => _first(call) is { } said ? Task.FromResult(said) : _host.RunAsync(call, token), false, _folder,
        TimeProvider.System)
    {
        DataFolder = _folder,
    };

    private Task<FirewallApplication> ApplyAsync(
        RuleChange change, FirewallProvider? provider = null, bool trial = false) => ApplyAsync(
            change,
            [Wanted.Rule(40814, peers: In4.Peer.ToString()),
                Wanted.Rule(40814, family: RuleFamily.IPv6, peers: In6.Peer.ToString())], provider, trial);

    private Task<FirewallApplication> ApplyAsync(
        RuleChange change, FirewallRule[] rules, FirewallProvider? provider = null, bool trial = false) =>
        new FirewallPlanApplier(Tools).ApplyAsync(
            Wanted.Plan(change, rules),
            ScanEngineAdmin.Channel.NodeRole.Console, Wanted.Committed with
            {
                Provider = provider,
                RollbackAfter = trial ? TimeSpan.FromHours(1) : null,
            },
            CancellationToken.None);
}
