using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>
/// A small scan shared by engines that scan, are cut off, are withdrawn from, refuse, fail and come back late: in every
/// order of these events each unit has one finding at the end, and no unit is ever with two engines.
/// </summary>
public sealed class PartLedgerModelTests
{
    private const int Ports = 2;
    private const int Targets = 3;
    private const long Units = Ports * Targets;
    private static readonly Guid[] Engines = [Id(1), Id(2)];
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly PartTerms Terms =
        new(TimeSpan.FromMinutes(15), new ScanRetry(TimeSpan.Zero, TimeSpan.Zero), 0, Now);

    /// <summary>Two engines, of which the second may not scan the middle target, with so many losses in all.</summary>
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, false)]
    [InlineData(2, 0, false)]
    [InlineData(0, 2, false)]
    [InlineData(1, 1, true)]
    public void Every_unit_is_found_once_whatever_happens_when(int losses, int failures, bool refuses)
    {
        var seen = new HashSet<string>();
        var open = new Stack<Model>([new Model([], [], losses, failures, refuses)]);
        int ends = 0;
        while (open.TryPop(out Model? model))
        {
            if (!seen.Add(model.Key))
            {
                continue;
            }

            Assert.True(seen.Count < 200_000, "The model does not end.");
            model.Check();
            Model[] next = [.. model.Next()];
            if (next.Length == 0)
            {
                model.CheckEnd();
                ends++;
            }

            foreach (Model one in next)
            {
                open.Push(one);
            }
        }

        Assert.True(ends > 0);
    }

    [Fact]
    public void What_no_engine_may_scan_is_left_alone_and_all_around_it_is_done()
    {
        List<ScanPart> parts = [];
        for (int i = 0; i < 100; i++)
        {
            PartLedger ledger = Ledger(parts, targets: 64);
            if (Engines.Select(engine => (Engine: engine, Range: ledger.Next(engine, Engines)))
                .FirstOrDefault(one => one.Range is not null) is not { Range: { } range } one)
            {
                Assert.True(ledger.IsStuck(Engines));
                Assert.Equal([new PartRange(20 * Ports, 21 * Ports)], ledger.Open);
                return;
            }

            bool forbidden = range.Overlaps(new PartRange(20 * Ports, 21 * Ports));
            parts.Add(Part(parts.Count, one.Engine, range) with
            {
                State = forbidden ? ScanState.Failed : ScanState.Completed,
                Cause = forbidden ? ScanCause.Refused : ScanCause.None,
            });
        }

        Assert.Fail("It does not end.");
    }

    [Fact]
    public void What_fails_at_one_engine_as_often_as_it_may_is_scanned_by_another()
    {
        var first = new PartRange(0, Ports);
        ScanPart[] hostile = [.. Enumerable.Range(0, 3).Select(i => Failed(i, Engines[0], first))];
        PartLedger ledger = Ledger(hostile);

        Assert.Equal(new PartRange(Ports, Units), ledger.Next(Engines[0], Engines));
        Assert.Equal(new PartRange(0, Units), ledger.Next(Engines[1], Engines));
        Assert.False(ledger.IsStuck(Engines));
        ScanPart rest = Part(9, Engines[1], new PartRange(Ports, Units)) with { State = ScanState.Completed };
        Assert.False(Ledger([.. hostile, rest]).IsStuck(Engines));
        Assert.True(Ledger([.. hostile, rest, .. Enumerable.Range(3, 3).Select(i => Failed(i, Engines[1], first))])
            .IsStuck(Engines));

        static ScanPart Failed(int number, Guid engine, PartRange range) => Part(number, engine, range) with
        {
            State = ScanState.Failed,
            Cause = ScanCause.EngineFailed,
        };
    }

    private static PartLedger Ledger(IReadOnlyList<ScanPart> parts, long targets = Targets) =>
        new(targets * Ports, Ports, round: 1, maxFailures: 3, parts);

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static ScanPart Part(int number, Guid engine, PartRange range) => new()
    {
        ScanId = Id(100 + number),
        PairingId = engine,
        EngineName = engine.ToString(),
        First = range.First,
        Units = range.Units,
        State = ScanState.Running,
        Round = 1,
        Given = Now,
    };

    /// <summary>
    /// The console's store, and what the engines have scanned and not delivered: one unit at a time, in order. A part
    /// that is withdrawn is fenced; its engine may still send what it has.
    /// </summary>
    private sealed record Model(
        IReadOnlyList<ScanPart> Parts, IReadOnlyList<long> Found, int Losses, int Failures, bool Refuses)
    {
        public string Key => string.Join(' ', Parts.Select(part =>
                $"{part.PairingId.ToString()[7]}{part.First}+{part.Units}@{part.Cursor}{(int)part.State}{(int)part.Cause}")
                .Order(StringComparer.Ordinal))
            + $"|{string.Join(',', Found.Order())}|{Losses}|{Failures}";

        public void Check()
        {
            Assert.Equal(Found.Count, Found.Distinct().Count());
            for (long unit = 0; unit < Units; unit++)
            {
                Assert.True(Parts.Count(part => part.IsOpen && part.First + part.Cursor <= unit && unit < part.End) <= 1);
            }

            Assert.All(
                Parts.SelectMany(part => Enumerable.Range((int)part.First, (int)Math.Min(part.Cursor, part.Units))),
                unit => Assert.Contains(unit, Found));
        }

        public void CheckEnd()
        {
            PartLedger ledger = Ledger(Parts);
            Assert.True(ledger.IsDone, Key);
            Assert.Equal(Enumerable.Range(0, (int)Units).Select(unit => (long)unit), Found.Order());
        }

        public IEnumerable<Model> Next()
        {
            PartLedger ledger = Ledger(Parts);
            foreach (Guid engine in Engines)
            {
                if (PartPlanner.Offer(ledger, Ports, engine, Engines, Terms) is { } offer)
                {
                    ScanPart part = Part(Parts.Count, engine, offer.Targets) with
                    {
                        Cursor = offer.From - offer.Targets.First,
                        From = offer.From - offer.Targets.First,
                    };
                    bool forbidden = Refuses && engine == Engines[1]
                        && offer.Targets.Overlaps(new PartRange(Ports, 2 * Ports));
                    yield return this with
                    {
                        Parts = [.. Parts, forbidden
                            ? part with { State = ScanState.Failed, Cause = ScanCause.Refused, Finished = Now }
                            : part],
                    };
                }
            }

            foreach (ScanPart part in Parts.Where(part => part.IsOpen))
            {
                // The next unit is delivered; the last one with the end.
                long unit = part.First + part.Cursor;
                yield return With(part with
                {
                    Cursor = part.Cursor + 1,
                    State = part.Cursor + 1 == part.Units ? ScanState.Completed : ScanState.Running,
                    Finished = Now,
                }) with
                { Found = Found.Contains(unit) ? Found : [.. Found, unit] };

                // A later unit is delivered before an earlier one: the cursor does not move.
                if (part.Cursor + 1 < part.Units && !Found.Contains(unit + 1))
                {
                    yield return this with { Found = [.. Found, unit + 1] };
                }

                if (Losses > 0)
                {
                    // Its time is over: what it has not delivered is fenced, which is to say it changes nothing.
                    yield return With(part with { State = ScanState.Stopped, Finished = Now }) with { Losses = Losses - 1 };
                }

                if (Failures > 0)
                {
                    yield return With(part with
                    {
                        State = ScanState.Failed,
                        Cause = ScanCause.EngineFailed,
                        Finished = Now,
                    }) with
                    { Failures = Failures - 1 };
                }
            }
        }

        private Model With(ScanPart changed) =>
            this with { Parts = [.. Parts.Select(part => part.ScanId == changed.ScanId ? changed : part)] };
    }
}
