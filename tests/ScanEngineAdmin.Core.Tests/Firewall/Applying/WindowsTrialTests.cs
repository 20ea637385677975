using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Firewall.Trials;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>
/// Rules of Windows that are undone after a time, with NetSecurity commands that are a table in memory and a scheduler
/// that is a list. What the scheduled script does is in tests/Pester/FirewallWindows.Tests.ps1.
/// </summary>
public sealed class WindowsTrialTests : IDisposable
{
    private static readonly FirewallApplyOptions Trial = Wanted.Committed with { RollbackAfter = TimeSpan.FromMinutes(5) };

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, JObject> _rules = [];
    private readonly Dictionary<string, JObject> _tasks = [];
    private readonly List<string> _done = [];
    private readonly FirewallPlanApplier _applier;
    private bool _refusesTasks;

    public WindowsTrialTests() => _applier = new FirewallPlanApplier(new HostTools(
        (call, _) => Task.FromResult(Run(call)), Windows: true, _folder.Path, TimeProvider.System)
    { IsThisKernel = false });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_task_that_undoes_is_there_before_the_rule_and_gone_with_the_confirmation()
    {
        FirewallApplication done = await ApplyAsync(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7"));

        Assert.Equal(FirewallApplyOutcome.Applied, done.Results.Single().Outcome);
        Assert.Equal(["task", "open"], _done);
        JObject task = Assert.Single(_tasks).Value;
        Assert.Equal($"Undo {done.Id}", task.Value<string>("Task"));
        Assert.Equal(done.RollbackAt!.Value.UtcTicks.ToString(), task.Value<string>("At"));
        Assert.Equal(done.Id, Assert.Single(await _applier.PendingAsync(CancellationToken.None)).Id);

        await _applier.ConfirmAsync(done.Id, CancellationToken.None);

        Assert.Empty(_tasks);
        Assert.Single(_rules);
        Assert.Empty(await _applier.PendingAsync(CancellationToken.None));
        Assert.Equal(["lock"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_was_opened_is_closed_and_what_was_closed_is_opened_again()
    {
        FirewallRule old = Wanted.Rule(40814, peers: "203.0.113.7");
        FirewallRule fresh = Wanted.Rule(40815, peers: "203.0.113.7");
        await _applier.ApplyAsync(
            Wanted.Plan(RuleChange.Add, old), NodeRole.Console, Wanted.Committed, CancellationToken.None);
        string before = Text();
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, fresh);
        FirewallApplication done = await _applier.ApplyAsync(
            plan with { Rules = [.. plan.Rules, old with { Change = RuleChange.Remove }] }, NodeRole.Console, Trial,
            CancellationToken.None);
        Assert.NotEqual(before, Text());

        await _applier.UndoAsync(done.Id, CancellationToken.None);

        Assert.Equal(before, Text());
    }

    [Fact]
    public async Task A_rule_that_was_changed_where_it_is_gets_its_old_addresses_back()
    {
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        await _applier.ApplyAsync(
            Wanted.Plan(RuleChange.Add, rule), NodeRole.Console, Wanted.Committed, CancellationToken.None);
        string before = Text();
        FirewallApplication done = await ApplyAsync(RuleChange.Add, rule with { RemoteAddress = ["203.0.113.8"] });
        Assert.Contains("203.0.113.8", Text(), StringComparison.Ordinal);

        await _applier.UndoAsync(done.Id, CancellationToken.None);

        Assert.Equal(before, Text());
    }

    [Fact]
    public async Task Without_a_task_nothing_is_opened()
    {
        _refusesTasks = true;

        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(
            () => ApplyAsync(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7")));

        Assert.Contains("Register-ScheduledTask", error.Recommendation, StringComparison.Ordinal);
        Assert.Empty(_rules);
        Assert.Empty(await _applier.PendingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_confirmation_runs_nothing_that_a_file_says()
    {
        FirewallApplication done = await ApplyAsync(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7"));
        string facts = _folder.Below(done.Id + ".json");
        JObject said = JObject.Parse(await File.ReadAllTextAsync(facts));
        said["keep"] = new JArray { new JArray("cmd", "/c", "calc") };
        await File.WriteAllTextAsync(facts, said.ToString());

        await _applier.ConfirmAsync(done.Id, CancellationToken.None);

        Assert.Equal(["task", "open", "untask"], _done);
    }

    private Task<FirewallApplication> ApplyAsync(RuleChange change, FirewallRule rule) => _applier.ApplyAsync(
        Wanted.Plan(change, rule), NodeRole.Console, Trial, CancellationToken.None);

    private string Text() => string.Join('\n', _rules.OrderBy(static r => r.Key, StringComparer.Ordinal)
        .Select(static r => $"{r.Key} {r.Value["LocalPort"]} {r.Value["RemoteAddress"]}"));

    private ToolResult Run(ToolCall call)
    {
        Assert.Equal("powershell", call.Tool);
        JObject? given = call.Input is { } input ? JObject.Parse(input) : null;
        switch (call.Arguments[^1])
        {
            case WindowsRuleReader.Script:
                return new ToolResult(true, 0, new JObject { ["Rules"] = new JArray(_rules.Values) }.ToString());
            case ScheduledUndo.RegisterScript when _refusesTasks:
                return new ToolResult(true, 1, "The service is not available.");
            case ScheduledUndo.RegisterScript:
                _done.Add("task");
                _tasks[given!.Value<string>("Task")!] = given;
                break;
            case ScheduledUndo.RemoveScript:
                _done.Add("untask");
                _tasks.Remove(given!.Value<string>("Task")!);
                break;
            case ScheduledUndo.UndoNowScript:
                Undo(given!.Value<string>("Steps")!);
                break;
            default:
                Write(NetSecurityWriter.Opens(call), given!);
                break;
        }

        return new ToolResult(true, 0, string.Empty);
    }

    private void Undo(string file)
    {
        foreach (JToken step in JObject.Parse(File.ReadAllText(file))["Steps"]!)
        {
            Write(step.Value<bool>("Open"), (JObject)step["Rule"]!);
        }

        File.Delete(file);
    }

    private void Write(bool open, JObject rule)
    {
        _done.Add(open ? "open" : "close");
        string name = rule.Value<string>("Name")!;
        if (!open)
        {
            _rules.Remove(name);
        }
        else if (_rules.TryGetValue(name, out JObject? there))
        {
            there["RemoteAddress"] = rule["RemoteAddress"];
        }
        else
        {
            rule["Profile"] = string.Join(", ", rule["Profile"]!);
            _rules[name] = rule;
        }
    }
}
