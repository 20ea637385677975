using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class FirewallRequestTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_request_is_asked_answered_and_asked_again_in_one_row(bool engine)
    {
        using INodeStore store = engine ? _folder.Engine() : _folder.Console();
        FirewallRequest asked = store.AskFirewall(Open());
        Assert.Equal((1, FirewallRequestState.Asked), (asked.Number, asked.State));
        Assert.Equal([asked.ChangeId], store.ListAskedFirewall(9).Select(row => row.ChangeId));
        FirewallRequest answer = asked with
        {
            State = FirewallRequestState.Failed,
            Answered = Make.Now,
            Fault = FaultCode.FirewallBusy,
            Detail = "another session",
            Recommendation = "wait",
            RollbackAt = Make.Now.AddMinutes(3),
            Rules =
            [
                new FirewallRequestRule
                {
                    RuleId = "sea-0123456789ab",
                    Change = RuleChange.Add,
                    Outcome = FirewallApplyOutcome.Applied,
                    Evidence = "odd \"text\"",
                },
            ],
        };

        Assert.True(store.AnswerFirewall(answer));

        FirewallRequest read = store.GetFirewallRequest(asked.ChangeId)!;
        Assert.Equal(answer.Rules, read.Rules);
        Assert.Equal(answer with { Rules = read.Rules }, read);
        Assert.Single(store.ListAskedFirewall(9));
        FirewallRequest again = store.AskFirewall(Open() with { ChangeId = asked.ChangeId });
        Assert.Equal((2, FirewallRequestState.Asked, null), (again.Number, again.State, again.Fault));
        Assert.Equal(answer.Rules, again.Rules);
        Assert.False(store.AnswerFirewall(answer));
        Assert.True(store.AnswerFirewall(again with { State = FirewallRequestState.Done }));
        Assert.Empty(store.ListAskedFirewall(9));
        Assert.Single(store.ListOpenFirewall());
    }

    [Fact]
    public void What_is_not_done_is_due_after_what_was_not_answered_and_no_open_follows_a_close()
    {
        using INodeStore store = _folder.Console();
        FirewallRequest open = store.AskFirewall(Open());
        FirewallRequest later = store.AskFirewall(Open());
        FirewallRequest close = store.AskFirewall(open with { Action = FirewallAction.Close });
        Assert.Equal([later.ChangeId], store.ListOpenFirewall().Select(row => row.ChangeId));
        store.AnswerFirewall(close with { State = FirewallRequestState.Failed });
        Assert.Equal([later.ChangeId, open.ChangeId], store.ListAskedFirewall(9).Select(row => row.ChangeId));
        Assert.Single(store.ListAskedFirewall(1));

        Assert.Equal(FirewallAction.Close, store.AskFirewall(open).Action);
        store.AnswerFirewall(close with { State = FirewallRequestState.Done });

        Assert.Equal([later.ChangeId], store.ListAskedFirewall(9).Select(row => row.ChangeId));
        Assert.False(store.AnswerFirewall(Open() with { ChangeId = Guid.NewGuid() }));
    }

    [Fact]
    public void What_a_change_a_pending_one_and_an_engine_say_of_firewalls_comes_back()
    {
        EngineRecord engine = Make.Engine() with { ReportedApplier = true };
        ChangeRecord change = Make.Change(engine.PairingId) with
        {
            ApplyFirewall = true,
            EngineFirewall = new FirewallReport { State = FirewallRequestState.Done, Detail = "there" },
        };
        using IConsoleStore store = _folder.Console();
        store.AddEngine(engine);
        store.AddChange(change);
        store.SetPendingChange(new PendingDirectionChange
        {
            PairingId = engine.PairingId,
            Direction = change.To,
            Timeout = change.Timeout,
            Requested = Make.Now,
            RequestedBy = "kim@host1",
            ApplyFirewall = true,
        });

        ChangeRecord read = store.GetChange(change.ChangeId)!;

        Assert.True(read.ApplyFirewall && store.GetPendingChange(engine.PairingId)!.ApplyFirewall);
        Assert.Equal((FirewallRequestState.Done, "there"), (read.EngineFirewall!.State, read.EngineFirewall.Detail));
        Assert.True(store.GetEngine(engine.PairingId)!.ReportedApplier);
    }

    [Fact]
    public void Stores_of_the_version_before_are_brought_up_with_their_rows()
    {
        using var other = new TestFolder();
        Database.Open(_folder.Path, Before(ConsoleSchema.Schema), new StoreOptions()).Dispose();
        using (Database old = Database.Open(other.Path, Before(EngineSchema.Schema), new StoreOptions()))
        {
            old.Write(session => session.Execute("INSERT INTO settings (key, value) VALUES ('a', 'b')"));
        }

        using IConsoleStore console = _folder.Console();
        using IEngineStore engine = other.Engine();

        Assert.Equal("b", engine.GetSetting("a"));
        Assert.Equal(1, console.AskFirewall(Open()).Number);
        Assert.Equal(1, engine.AskFirewall(Open()).Number);
    }

    [Fact]
    public void Attaching_takes_a_store_as_it_is_and_makes_nothing()
    {
        TestFolder.Fails(FaultCode.DataFolderInvalid, () => TestFolder.Provider().AttachConsole(_folder.Path));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Database.Open(_folder.Path, Before(ConsoleSchema.Schema), new StoreOptions()).Dispose();
        TestFolder.Fails(FaultCode.StoreOlder, () => TestFolder.Provider().AttachConsole(_folder.Path));
        Assert.Equal([_folder.File], Directory.GetFiles(_folder.Path));
        _folder.Console().Dispose();
        TestFolder.Fails(FaultCode.StoreDamaged, () => TestFolder.Provider().AttachEngine(_folder.Path));

        using IConsoleStore attached = TestFolder.Provider().AttachConsole(_folder.Path);

        Assert.Empty(attached.ListAskedFirewall(9));
    }

    [Fact, NeedsLinux]
    public void Attaching_follows_no_link()
    {
        _folder.Console().Dispose();
        using var other = new TestFolder();
        File.CreateSymbolicLink(other.File, _folder.File);
        string linked = Path.Combine(other.Path, "folder");
        Directory.CreateSymbolicLink(linked, _folder.Path);

        TestFolder.Fails(FaultCode.DataFolderInvalid, () => TestFolder.Provider().AttachConsole(other.Path));
        TestFolder.Fails(FaultCode.DataFolderInvalid, () => TestFolder.Provider().AttachConsole(linked));
    }

    private static Schema Before(Schema schema) => schema with
    {
        Steps = [.. schema.Steps.TakeWhile(step => !step.Contains("firewall_requests", StringComparison.Ordinal))],
    };

    private static FirewallRequest Open() => new()
    {
        ChangeId = Guid.NewGuid(),
        PairingId = Guid.NewGuid(),
        Action = FirewallAction.Open,
        Lifetime = TimeSpan.FromMinutes(3),
        Asked = Make.Now,
    };
}
