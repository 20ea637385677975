using System.Collections.Immutable;

namespace ScanEngineAdmin.Core.Tests.Direction;

/// <summary>
/// The change of direction as docs/protocol.md section 9 has it, small enough to look at every interleaving: one engine,
/// any number of callers up to a budget, messages that are lost, delayed or doubled, either side killed at any point,
/// and either side put back to what it was at any earlier point (a restored backup).
/// </summary>
internal static class AgreementModel
{
    internal enum Way
    {
        Standard,
        Reverse,
    }

    internal enum Row
    {
        None,
        Requested,
        Preparing,
        Proving,
        Committed,
        RolledBack,
    }

    internal enum Kind
    {
        Prepare,
        Prepared,
        NotOpened,
        Outcome,
        Done,
        Stale,
    }

    internal sealed record Message(Kind Kind, int Change, int Epoch, Way Way);

    /// <summary>What of a side is durable, put aside for later.</summary>
    internal sealed record ConsoleCopy(Way Way, int Epoch, Row Change, int ChangeId, int ChangeEpoch, Way ChangeTo);

    internal sealed record EngineCopy(Way Way, int Epoch, int Doubt, Way DoubtTo);

    /// <summary>
    /// All that is durable or under way. Numbers of changes are never used twice (<see cref="Issued"/>), epochs may be,
    /// after a restore. <see cref="Told"/> is volatile: whether the running console waits for the answer to Prepare.
    /// </summary>
    internal sealed record State(
        Way ConsoleWay,
        int ConsoleEpoch,
        Row Change,
        int ChangeId,
        int ChangeEpoch,
        Way ChangeTo,
        bool Told,
        Way EngineWay,
        int EngineEpoch,
        int Doubt,
        Way DoubtTo,
        int Callers,
        int Kills,
        int Restores,
        int Issued,
        ConsoleCopy? OldConsole,
        EngineCopy? OldEngine,
        ImmutableSortedSet<string> Wire)
    {
        public bool IsOpen => Change != Row.None;

        public bool IsDecided => Change is Row.Committed or Row.RolledBack;

        private bool Tries => IsOpen && Change != Row.Requested;

        private bool EngineDials => EngineWay == Way.Reverse || (Doubt > 0 && DoubtTo == Way.Reverse);

        private bool EngineListens => EngineWay == Way.Standard || (Doubt > 0 && DoubtTo == Way.Standard);

        /// <summary>
        /// Whether a channel can come up that way, if packets pass. The engine dials when it may; one that is certain
        /// of it is let in. The console dials when it may, and looks for a reverse engine that does not come. That an
        /// engine may listen for another console besides, and that its admin may propose a way, is left out: it only
        /// makes more ways.
        /// </summary>
        public bool Passable(Way way) => way == Way.Reverse
            ? EngineDials
                && (ConsoleWay == way || Tries || (!IsOpen && Doubt > 0) || (Doubt == 0 && EngineWay == way))
            : (ConsoleWay == Way.Standard || Tries || !Passable(Way.Reverse)) && EngineListens;

        public bool AnyWay => Passable(Way.Standard) || Passable(Way.Reverse);

        /// <summary>A change that the engine never heard of leaves the console's epoch ahead: the next is later still.</summary>
        public bool IsAgreed => !IsOpen && Doubt == 0 && ConsoleWay == EngineWay && EngineEpoch <= ConsoleEpoch;

        public bool Equals(State? other) => other is not null && Key() == other.Key();

        public override int GetHashCode() => Key().GetHashCode(StringComparison.Ordinal);

        public string Key() => string.Join(
            ',', ConsoleWay, ConsoleEpoch, Change, ChangeId, ChangeEpoch, ChangeTo, Told, EngineWay, EngineEpoch, Doubt,
            DoubtTo, Callers, Kills, Restores, Issued, OldConsole, OldEngine, string.Join('+', Wire));
    }

    /// <summary>Both on the same way, nothing under way.</summary>
    public static State Start(Way way, int callers, int kills, int restores = 0) => new(
        way, 0, Row.None, 0, 0, way, false, way, 0, 0, way, callers, kills, restores, 0, null, null,
        ImmutableSortedSet<string>.Empty);

    /// <summary>What the product does by itself.</summary>
    public static IEnumerable<(string Step, State Next)> Progress(State s)
    {
        if (s.Change == Row.Requested)
        {
            // The row is Preparing before the message goes.
            State preparing = s with { Change = Row.Preparing, Told = true };
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
            yield return s.IsOpen
                ? ("caller refused", s with { Callers = s.Callers - 1 })
                : ("caller", s with
                {
                    Callers = s.Callers - 1,
                    Issued = s.Issued + 1,
                    Change = Row.Requested,
                    ChangeId = s.Issued + 1,
                    ChangeEpoch = s.ConsoleEpoch + 1,
                    ChangeTo = Other(s.ConsoleWay),
                });
        }

        foreach (string text in s.Wire)
        {
            yield return ($"lose {text}", s with { Wire = s.Wire.Remove(text) });

            // A channel delivers once; the others are said again over the next channel. So is Prepare, but whoever asked
            // twice tells the outcome whatever it hears: that is one Prepare here, whose answer was lost.
            foreach ((string step, State next) in !doubled || Read(text).Kind == Kind.Prepare ? [] : Receive(s, Read(text)))
            {
                yield return ($"{step} {text} (doubled)", next);
            }
        }

        if (s.Kills > 0)
        {
            State killed = s with { Kills = s.Kills - 1 };
            yield return ("kill console", killed.Change is Row.Preparing or Row.Proving
                ? Decide(killed, Row.RolledBack) with { Told = false }
                : killed with { Told = false });

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
                yield return ("copy engine", s with { OldEngine = new(s.EngineWay, s.EngineEpoch, s.Doubt, s.DoubtTo) });
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
            Told = false,
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
            case Kind.Prepared when s is { Change: Row.Preparing, Told: true } && s.ChangeId == message.Change:
                yield return ("prepared", s with { Change = Row.Proving, Told = false });
                break;
            case Kind.NotOpened or Kind.Stale when s is { Change: Row.Preparing, Told: true } && s.ChangeId == message.Change:
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

        State certain = s with { EngineWay = outcome.Way, EngineEpoch = outcome.Epoch, Doubt = 0, DoubtTo = outcome.Way };
        return ("concluded", Send(certain, Kind.Done, outcome.Change, outcome.Epoch, outcome.Way));
    }

    private static State Decide(State s, Row outcome) => s with
    {
        Change = outcome,
        ConsoleEpoch = Math.Max(s.ConsoleEpoch, s.ChangeEpoch),
        ConsoleWay = outcome == Row.Committed ? s.ChangeTo : s.ConsoleWay,
        Told = false,
    };

    private static State Closed(State s) => s with
    {
        Change = Row.None,
        ChangeId = 0,
        ChangeEpoch = 0,
        ChangeTo = s.ConsoleWay,
        Told = false,
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
