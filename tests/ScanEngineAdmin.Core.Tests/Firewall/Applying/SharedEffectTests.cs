using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>
/// ufw has one rule for all who need the same: while a data folder or a pairing needs it, no plan of another takes it
/// away. With a ufw that is a list in memory.
/// </summary>
public sealed class SharedEffectTests : IDisposable
{
    private const string Old = "203.0.113.7";
    private const string New = "203.0.113.8";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-shared-");
    private readonly List<(string Peer, string Comment)> _rules = [];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_address_that_one_data_folder_leaves_stays_open_for_the_other_that_needs_it()
    {
        (string one, string two) = (Folder("one"), Folder("two, with a blank"));
        FirewallRule first = Rule("sea-000000000001");
        FirewallRule second = Rule("sea-000000000002");
        await ApplyAsync(one, RuleChange.Add, first);
        Assert.Equal(
            FirewallApplyOutcome.AlreadyPresent, (await ApplyAsync(two, RuleChange.Add, second)).Outcome);

        FirewallApplyResult moved = await ApplyAsync(
            one, RuleChange.Add, first with { RemoteAddress = [New] });

        Assert.Equal(FirewallApplyOutcome.Applied, moved.Outcome);
        Assert.Contains($"needed by the data folder {two}", moved.Evidence, StringComparison.Ordinal);
        Assert.Equal([New, Old], _rules.Select(static r => r.Peer));

        Assert.Equal(FirewallApplyOutcome.Applied, (await ApplyAsync(two, RuleChange.Remove, second)).Outcome);
        Assert.Equal([New], _rules.Select(static r => r.Peer));
    }

    [Fact]
    public async Task What_one_data_folder_gives_up_stays_while_the_other_needs_it()
    {
        (string one, string two) = (Folder("one"), Folder("two"));
        FirewallRule first = Rule("sea-000000000001");
        FirewallRule second = Rule("sea-000000000002");
        await ApplyAsync(one, RuleChange.Add, first);
        await ApplyAsync(two, RuleChange.Add, second);

        FirewallApplyResult kept = await ApplyAsync(one, RuleChange.Remove, first);

        Assert.Equal(FirewallApplyOutcome.AlreadyAbsent, kept.Outcome);
        Assert.Contains(two, kept.Evidence, StringComparison.Ordinal);
        Assert.Equal([Old], _rules.Select(static r => r.Peer));

        // A data folder that is gone needs nothing.
        Directory.Delete(two, recursive: true);
        Assert.Equal(FirewallApplyOutcome.Applied, (await ApplyAsync(one, RuleChange.Remove, first)).Outcome);
        Assert.Empty(_rules);
    }

    [Fact]
    public async Task An_address_that_one_pairing_leaves_stays_open_for_another_of_the_same_data_folder()
    {
        string one = Folder("one");
        FirewallRule first = Rule("sea-000000000001");
        await ApplyAsync(one, RuleChange.Add, first);

        await ApplyAsync(
            one, RuleChange.Add, first with { RemoteAddress = [New] }, first with { Change = RuleChange.Keep });

        Assert.Equal([New, Old], _rules.Select(static r => r.Peer));
        await ApplyAsync(one, RuleChange.Add, first with { RemoteAddress = [New] });
        Assert.Equal([New], _rules.Select(static r => r.Peer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trial_keeps_a_rule_for_its_data_folder_until_it_is_undone(bool undone)
    {
        (string one, string two) = (Folder("one"), Folder("two"));
        FirewallRule second = Rule("sea-000000000002");
        await ApplyAsync(one, RuleChange.Add, Rule("sea-000000000001"), trial: TimeSpan.FromHours(1));
        if (undone)
        {
            // As the process does it whose time has come: it knows of no notes.
            _rules.Clear();
            File.Delete(Assert.Single(Directory.GetFiles(_folder.FullName, "*.undo", SearchOption.AllDirectories)));
        }

        await ApplyAsync(two, RuleChange.Add, second);
        FirewallApplyResult removed = await ApplyAsync(two, RuleChange.Remove, second);

        Assert.Equal(undone, removed.Outcome == FirewallApplyOutcome.Applied);
        Assert.Equal(undone ? [] : [Old], _rules.Select(static r => r.Peer));
    }

    private static FirewallRule Rule(string id) => Wanted.Rule(40815, peers: Old) with { RuleId = id };

    private string Folder(string name) => Directory.CreateDirectory(
        Path.Combine(_folder.FullName, name, "console")).Parent!.FullName;

    private async Task<FirewallApplyResult> ApplyAsync(
        string dataFolder, RuleChange change, FirewallRule rule, FirewallRule? keep = null, TimeSpan? trial = null)
    {
        string state = Directory.CreateDirectory(Path.Combine(_folder.FullName, "state")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        FirewallPlan plan = Wanted.Plan(change, rule);
        FirewallApplication done = await new FirewallPlanApplier(
            new HostTools((call, _) => Task.FromResult(Run(call)), false, state, TimeProvider.System)
            {
                IsThisKernel = false,
                DataFolder = dataFolder,
            }).ApplyAsync(
            keep is null ? plan : plan with { Rules = [.. plan.Rules, keep] }, NodeRole.Console,
            Wanted.Committed with { Provider = FirewallProvider.Ufw, RollbackAfter = trial }, CancellationToken.None);
        return done.Results[0];
    }

    private ToolResult Run(ToolCall call)
    {
        string[] words = [.. call.Arguments];
        switch (words)
        {
            case ["status", ..]:
                return Said("Status: active\nDefault: deny (incoming), allow (outgoing), disabled (routed)\n"
                    + string.Concat(_rules.Select(
                        static r => $"40815/tcp    ALLOW IN    {r.Peer}    # {r.Comment}\n")));
            case ["prepend", "allow", "from", var peer, .., "comment", var comment]:
                _rules.Insert(0, (peer, comment));
                return Said(string.Empty);
            case ["delete", "allow", "from", var peer, ..]:
                _rules.RemoveAll(r => r.Peer == peer);
                return Said(string.Empty);
            default:
                return call.Tool is "ufw" or "setsid" ? Said(string.Empty) : ToolResult.Missing;
        }

        static ToolResult Said(string text) => new(true, 0, text);
    }
}
