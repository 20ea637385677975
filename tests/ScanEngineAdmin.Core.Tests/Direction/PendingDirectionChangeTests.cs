using System.Net.Sockets;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Firewall;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Direction;

[Trait("Speed", "Slow")]
public sealed class PendingDirectionChangeTests
{
    public static TheoryData<CommunicationDirection> Both { get; } =
        [CommunicationDirection.ConsoleToEngine, CommunicationDirection.EngineToConsole];

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_pending_change_made_while_no_console_runs_is_taken_up_at_the_next_contact(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        CommunicationDirection to = Ways.Other(from);
        await pair.StopConsoleAsync();

        FirewallPlan plan = await pair.Console.Direction
            .RequestOfflineAsync(pair.PairingId, pair.Request(to), CancellationToken.None);

        Assert.Equal((ChangeState.Requested, false, to), (plan.State, plan.DryRun, plan.To));
        CommunicationReport waiting = pair.Report();
        Assert.Equal(
            (CommunicationState.PendingChange, to, from),
            (waiting.State, waiting.DesiredDirection, waiting.Engine.Direction));
        Assert.Empty(pair.Console.Store.ListChanges());

        await pair.StartConsoleAsync();
        await pair.AgreedAsync(to);

        await pair.UntilEventAsync("PendingChangeFulfilled");
        Assert.Null(pair.Console.Store.GetPendingChange(pair.PairingId));
        Assert.Equal((1L, 1), (pair.AtConsole.Epoch, pair.Console.Store.ListChanges().Count));
        Assert.Contains("PendingChangeTaken", pair.Events());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_pending_change_of_an_engine_that_is_down_waits_for_it(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        await pair.StopEngineAsync();
        await pair.LoggedAsync("ChannelClosed");
        await pair.OfflineAsync(pair.Request(Ways.Other(from)));
        Assert.Empty(pair.Console.Store.ListChanges());

        await pair.StartEngineAsync();
        await pair.AgreedAsync(Ways.Other(from));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Naming_the_direction_in_force_withdraws_it(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        await pair.StopEngineAsync();
        await pair.StopConsoleAsync();
        DirectionChangeRequest other = pair.Request(Ways.Other(from));
        foreach (bool offline in new[] { true, false })
        {
            await pair.OfflineAsync(other);
            await pair.OfflineAsync(other);
            await (offline ? pair.OfflineAsync(pair.Request(from)) : pair.ChangeAsync(pair.Request(from)));
            Assert.Empty(pair.Console.Store.ListPendingChanges());
        }

        Assert.Equal(CommunicationState.Settled, pair.Report().State);
        Assert.Equal(2, pair.Events().Count(name => name == "PendingChangeRequested"));
        Assert.Equal(2, pair.Events().Count(name => name == "PendingChangeWithdrawn"));
    }

    [Fact]
    public async Task A_pending_change_that_is_rolled_back_stays_and_is_tried_again_until_it_succeeds()
    {
        await using NodePair pair = await PairAsync(CommunicationDirection.EngineToConsole);
        await pair.LoggedAsync("ListenerClosed");
        using (var taken = new TcpListener(pair.EngineAt))
        {
            taken.Start();
            await pair.OfflineAsync(pair.Request(CommunicationDirection.ConsoleToEngine));
            CommunicationReport tried = await pair.UntilReportAsync(now => now.Pending?.Attempts >= 2);

            Assert.NotNull(tried.Pending!.NotBefore);
            Assert.Contains("PortInUse", tried.Pending.Detail, StringComparison.Ordinal);
            Assert.Equal(CommunicationDirection.EngineToConsole, tried.Engine.Direction);
        }

        await pair.AgreedAsync(CommunicationDirection.ConsoleToEngine);
        await pair.UntilEventAsync("PendingChangeFulfilled");
        Assert.Empty(pair.Console.Store.ListPendingChanges());
    }

    [Fact]
    public async Task A_better_pending_change_takes_the_place_of_one_that_cannot_succeed()
    {
        await using NodePair pair = await PairAsync(CommunicationDirection.ConsoleToEngine);
        DirectionChangeRequest good = pair.Request(CommunicationDirection.EngineToConsole);
        using var unused = new UnusedPort(pair.ConsoleAt.Address);
        await pair.OfflineAsync(good with { ConsolePort = unused.Number, Timeout = TimeSpan.FromSeconds(1) });
        await pair.UntilReportAsync(now => now.Pending?.Attempts >= 1);

        await pair.OfflineAsync(good);
        await pair.AgreedAsync(CommunicationDirection.EngineToConsole);
        await pair.UntilEventAsync("PendingChangeFulfilled");
        Assert.Empty(pair.Console.Store.ListPendingChanges());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_proposal_of_the_engines_admin_and_a_pending_change_become_one_change(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        CommunicationDirection to = Ways.Other(from);
        await pair.StopConsoleAsync();
        await pair.OfflineAsync(pair.Request(to));

        // It would rest for a day, but that the engine's admin wants the same is news.
        pair.Console.Store.UpdatePendingChange(
            pair.PairingId, pending => pending with { Attempts = 5, NotBefore = DateTimeOffset.UtcNow.AddDays(1) });
        pair.Engine.SetConsole(pair.PairingId, null, null, to);
        await pair.StartConsoleAsync();
        if (from == CommunicationDirection.ConsoleToEngine)
        {
            // An idle standard engine is met at the next probe, or by a scan: the console's admin need not wait.
            pair.Console.Scans.Add(pair.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "9" });
        }

        await pair.AgreedAsync(to);

        await pair.UntilEventAsync("PendingChangeFulfilled");
        ChangeRecord change = Assert.Single(pair.Console.Store.ListChanges());
        int port = to == CommunicationDirection.ConsoleToEngine ? pair.EngineAt.Port : pair.ConsoleAt.Port;
        Assert.Equal(port, change.Port ?? change.ConsolePort);
        Assert.Null(pair.AtEngine.ProposedDirection);
        Assert.Empty(pair.Console.Store.ListPendingChanges());
        Assert.Contains(
            pair.Console.Store.ListEvents(100),
            entry => entry.Event == "PendingChangeTaken" && entry.Detail.Contains("proposed", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_admin_who_makes_the_change_himself_fulfils_the_pending_one(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        CommunicationDirection to = Ways.Other(from);
        pair.Console.Store.SetPendingChange(new PendingDirectionChange
        {
            PairingId = pair.PairingId,
            Direction = to,
            Timeout = TimeSpan.FromSeconds(20),
            Requested = DateTimeOffset.UtcNow,
            RequestedBy = "kim@host1",
            NotBefore = DateTimeOffset.UtcNow.AddDays(1),
        });

        await pair.ChangeAsync(pair.Request(to));

        await pair.UntilEventAsync("PendingChangeFulfilled");
        await pair.AgreedAsync(to);
        Assert.Single(pair.Console.Store.ListChanges());
    }

    private static Task<NodePair> PairAsync(CommunicationDirection way) => NodePair.ActiveAsync(
        way,
        console => console with
        {
            PendingRetry = TimeSpan.FromMilliseconds(200),

            // A rest that is longer than this is taken for a clock that was set back: a test lets a pending change rest
            // a day.
            MaxPendingRetry = TimeSpan.FromDays(2),
        },
        direct: true);
}
