using System.Collections.Immutable;

namespace ScanEngineAdmin.Core.Tests.Direction;

/// <summary>
/// The change of direction as docs/protocol.md section 9 has it, small enough to look at every interleaving: one
/// engine, any number of callers up to a budget, messages that are lost, delayed or doubled, either side killed at any
/// point, and either side put back to what it was at any earlier point (a restored backup).
/// </summary>
internal static partial class AgreementModel
{
    /// <summary>Both on the same way, nothing under way.</summary>
    public static State Start(Way way, int callers, int kills, int restores = 0, int proposals = 0) => new(
        way, 0, Row.None, 0, 0, way, false, way, 0, 0, way, callers, kills, restores, 0, proposals, null, null, null,
        ImmutableSortedSet<string>.Empty);

    /// <summary>What the product does by itself.</summary>
    public static IEnumerable<(string Step, State Next)> Progress(State s)
    {
        if (s.Change == Row.Requested)
        {
            // The row is Preparing before the message goes.
            State preparing = s with { Change = Row.Preparing, Reported = true };
            yield return ("prepare", Send(preparing, Kind.Prepare, s.ChangeId, s.ChangeEpoch, s.ChangeTo));
            yield return ("no channel in time", Closed(Decide(s, Row.RolledBack)));
        }

        if (s.Change is Row.Preparing or Row.Proving)
        {
            yield return ("out of time", Decide(s, Row.RolledBack));
        }

        // A round trip over the new way, by an engine that names the change: only one in doubt about it does.
        if (s.Change == Row.Proving && s.Doubt == s.ChangeId && s.Passable(s.ChangeTo))
        {
            yield return ("proved", Decide(s, Row.Committed));
        }

        if (s.IsDecided && s.AnyWay)
        {
            Way outcome = s.Change == Row.Committed ? s.ChangeTo : Other(s.ChangeTo);
            yield return ("tell", Send(s, Kind.Outcome, s.ChangeId, s.ChangeEpoch, outcome));
        }

        foreach ((string Step, State Next) met in s.AnyWay ? Met(s) : [])
        {
            yield return met;
        }

        foreach (string text in s.Wire)
        {
            Message message = Read(text);
            foreach ((string step, State next) in Receive(s, message))
            {
                yield return ($"{step} {text}", next with { Wire = next.Wire.Remove(text) });
            }
        }
    }

    /// <summary>A channel came up, and each has heard what the other believes.</summary>
    private static IEnumerable<(string Step, State Next)> Met(State s)
    {
        if (s.EngineEpoch > s.ConsoleEpoch)
        {
            yield return ("adopt the later epoch", s with { ConsoleWay = s.EngineWay, ConsoleEpoch = s.EngineEpoch });
        }
        else if (!s.IsOpen && s.Doubt > 0)
        {
            yield return ("end doubt", Send(s, Kind.Outcome, s.Doubt, s.ConsoleEpoch, s.ConsoleWay));
        }
        else if (!s.IsOpen && s.EngineWay != s.ConsoleWay)
        {
            // A change to bring a restored engine back is like any other caller's: the budget has it.
            yield return ("adopt the engine's", s with { ConsoleWay = s.EngineWay });
        }
    }

    /// <summary>What may happen to it: callers, losses, doubled messages, kills.</summary>
    /// <param name="s">What it happens to.</param>
    /// <param name="doubled">Whether messages are doubled: with restores as well there would be too many states, and
    /// what is told is told again in any case.</param>
    public static IEnumerable<(string Step, State Next)> Trouble(State s, bool doubled)
    {
        if (s.Callers > 0)
        {
            // The store refuses a second change in the transaction that would add it.
            State called = s with { Callers = s.Callers - 1 };
            yield return s.IsOpen ? ("caller refused", called) : ("caller", Request(called, Other(s.ConsoleWay)));
        }

        foreach ((string Step, State Next) proposed in Propose(s))
        {
            yield return proposed;
        }

        foreach (string text in s.Wire)
        {
            yield return ($"lose {text}", s with { Wire = s.Wire.Remove(text) });

            // A channel delivers once; the others are said again over the next channel. So is Prepare, but whoever
            // asked twice tells the outcome whatever it hears: that is one Prepare here, whose answer was lost.
            Message again = Read(text);
            foreach ((string step, State next) in !doubled || again.Kind == Kind.Prepare ? [] : Receive(s, again))
            {
                yield return ($"{step} {text} (doubled)", next);
            }
        }

        if (s.Kills > 0)
        {
            State killed = s with { Kills = s.Kills - 1 };
            yield return ("kill console", killed.Change is Row.Preparing or Row.Proving
                ? Decide(killed, Row.RolledBack) with { Reported = false }
                : killed with { Reported = false });

            // All it has is durable; what was sent to it may still lie in a buffer of the network.
            yield return ("kill engine", killed);
        }

        if (s.Restores > 0)
        {
            if (s.OldConsole is null)
            {
                yield return ("copy console", s with
                {
                    OldConsole = new(s.ConsoleWay, s.ConsoleEpoch, s.Change, s.ChangeId, s.ChangeEpoch, s.ChangeTo),
                });
            }

            if (s.OldEngine is null)
            {
                EngineCopy copied = new(s.EngineWay, s.EngineEpoch, s.Doubt, s.DoubtTo);
                yield return ("copy engine", s with { OldEngine = copied });
            }

            if (s.OldConsole is { } console)
            {
                yield return ("restore console", Restore(s, console));
            }

            if (s.OldEngine is { } engine)
            {
                yield return ("restore engine", s with
                {
                    Restores = s.Restores - 1,
                    EngineWay = engine.Way,
                    EngineEpoch = engine.Epoch,
                    Doubt = engine.Doubt,
                    DoubtTo = engine.DoubtTo,
                });
            }
        }
    }

    /// <summary>
    /// The engine's admin, at any moment and whatever is open. His budget has every taking too: an engine that has not
    /// heard that its proposal was taken says it again, and the console makes another change of it.
    /// </summary>
    private static IEnumerable<(string Step, State Next)> Propose(State s)
    {
        State spent = s with { Proposals = s.Proposals - 1 };
        if (s.Proposals > 0 && s.Proposal is null)
        {
            yield return ("propose", spent with { Proposal = Other(s.EngineWay) });
        }

        if (s.Proposal is not { } wanted)
        {
            yield break;
        }

        yield return ("take the proposal back", s with { Proposal = null });
        if (s.AnyWay && wanted == s.ConsoleWay)
        {
            yield return ("proposed what is in force", s with { Proposal = null });
        }
        else if (s.AnyWay && s.Proposals > 0 && !s.IsOpen)
        {
            yield return ("proposal taken", Request(spent, wanted) with { Proposal = null });
            yield return ("proposal taken, unheard", Request(spent, wanted));
        }
    }

    private static State Request(State s, Way to) => s with
    {
        Issued = s.Issued + 1,
        Change = Row.Requested,
        ChangeId = s.Issued + 1,
        ChangeEpoch = s.ConsoleEpoch + 1,
        ChangeTo = to,
    };

    private static State Restore(State s, ConsoleCopy copy)
    {
        State restored = s with
        {
            Restores = s.Restores - 1,
            ConsoleWay = copy.Way,
            ConsoleEpoch = copy.Epoch,
            Change = copy.Change,
            ChangeId = copy.ChangeId,
            ChangeEpoch = copy.ChangeEpoch,
            ChangeTo = copy.ChangeTo,
            Reported = false,
        };
        return restored.Change is Row.Preparing or Row.Proving ? Decide(restored, Row.RolledBack) : restored;
    }

    private static IEnumerable<(string Step, State Next)> Receive(State s, Message message)
    {
        switch (message.Kind)
        {
            case Kind.Prepare when message.Epoch <= s.EngineEpoch:
                yield return ("stale", Send(s, Kind.Stale, message.Change, message.Epoch, message.Way));
                break;
            case Kind.Prepare:
                State doubt = s with { Doubt = message.Change, DoubtTo = message.Way };
                yield return ("doubt", Send(doubt, Kind.Prepared, message.Change, message.Epoch, message.Way));
                if (s.Doubt == 0)
                {
                    yield return ("not opened", Send(s, Kind.NotOpened, message.Change, message.Epoch, message.Way));
                }

                break;
            case Kind.Prepared when s is { Change: Row.Preparing, Reported: true } && s.ChangeId == message.Change:
                yield return ("prepared", s with { Change = Row.Proving, Reported = false });
                break;
            case Kind.NotOpened or Kind.Stale when s is { Change: Row.Preparing, Reported: true }
                && s.ChangeId == message.Change:
                yield return ("refused", Closed(Decide(s, Row.RolledBack)));
                break;
            case Kind.Outcome:
                yield return Conclude(s, message);
                break;
            case Kind.Done or Kind.Stale when s.IsDecided && s.ChangeId == message.Change:
                yield return ("acknowledged", Closed(s));
                break;
            default:
                yield return ("ignored", s);
                break;
        }
    }

    private static (string Step, State Next) Conclude(State s, Message outcome)
    {
        if (s.Doubt != outcome.Change && outcome.Epoch <= s.EngineEpoch)
        {
            bool same = outcome.Epoch == s.EngineEpoch && outcome.Way == s.EngineWay;
            return same
                ? ("known", Send(s, Kind.Done, outcome.Change, outcome.Epoch, outcome.Way))
                : ("stale outcome", Send(s, Kind.Stale, outcome.Change, outcome.Epoch, outcome.Way));
        }

        (Way way, int epoch) = (outcome.Way, outcome.Epoch);
        State certain = s with
        {
            EngineWay = way,
            EngineEpoch = epoch,
            Doubt = 0,
            DoubtTo = way,
            Proposal = null,
        };
        return ("concluded", Send(certain, Kind.Done, outcome.Change, epoch, way));
    }

    private static State Decide(State s, Row outcome) => s with
    {
        Change = outcome,
        ConsoleEpoch = Math.Max(s.ConsoleEpoch, s.ChangeEpoch),
        ConsoleWay = outcome == Row.Committed ? s.ChangeTo : s.ConsoleWay,
        Reported = false,
    };

    private static State Closed(State s) => s with
    {
        Change = Row.None,
        ChangeId = 0,
        ChangeEpoch = 0,
        ChangeTo = s.ConsoleWay,
        Reported = false,
    };

    private static State Send(State s, Kind kind, int change, int epoch, Way way) =>
        s with { Wire = s.Wire.Add($"{kind} {change} {epoch} {way}") };

    private static Message Read(string text)
    {
        string[] parts = text.Split(' ');
        return new Message(
            Enum.Parse<Kind>(parts[0]), Number(parts[1]), Number(parts[2]), Enum.Parse<Way>(parts[3]));

        static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Way Other(Way way) => way == Way.Standard ? Way.Reverse : Way.Standard;
}
