using System.Collections.Immutable;

namespace ScanEngineAdmin.Core.Tests.Direction;

/// <summary>
/// The change of direction as docs/protocol.md section 9 has it, small enough to look at every interleaving: one engine,
/// any number of callers up to a budget, messages that are lost, delayed or doubled, and either side killed at any point.
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

    internal sealed record Message(Kind Kind, int Change, Way Way);

    /// <summary>
    /// All that is durable or under way. A change's number is its epoch. <see cref="Told"/> is volatile: whether the
    /// running console waits for the answer to Prepare.
    /// </summary>
    internal sealed record State(
        Way ConsoleWay,
        int ConsoleEpoch,
        Row Change,
        int ChangeEpoch,
        Way ChangeTo,
        bool Told,
        Way EngineWay,
        int EngineEpoch,
        int Doubt,
        Way DoubtTo,
        int Callers,
        int Kills,
        ImmutableSortedSet<string> Wire)
    {
        public bool IsOpen => Change != Row.None;

        public bool IsDecided => Change is Row.Committed or Row.RolledBack;

        public bool ConsoleServes(Way way) => way == ConsoleWay || (IsOpen && Change != Row.Requested);

        public bool EngineServes(Way way) => way == EngineWay || (Doubt > 0 && way == DoubtTo);

        public bool Passable(Way way) => ConsoleServes(way) && EngineServes(way);

        public bool AnyWay => Passable(Way.Standard) || Passable(Way.Reverse);

        /// <summary>A change that the engine never heard of leaves the console's epoch ahead: the next is later still.</summary>
        public bool IsAgreed => !IsOpen && Doubt == 0 && ConsoleWay == EngineWay && EngineEpoch <= ConsoleEpoch;

        public bool Equals(State? other) => other is not null && Key() == other.Key();

        public override int GetHashCode() => Key().GetHashCode(StringComparison.Ordinal);

        public string Key() => string.Join(
            ',', ConsoleWay, ConsoleEpoch, Change, ChangeEpoch, ChangeTo, Told, EngineWay, EngineEpoch, Doubt, DoubtTo,
            Callers, Kills, string.Join('+', Wire));
    }

    /// <summary>Both on the same way, nothing under way.</summary>
    public static State Start(Way way, int callers, int kills) => new(
        way, 0, Row.None, 0, way, false, way, 0, 0, way, callers, kills, ImmutableSortedSet<string>.Empty);

    /// <summary>What the product does by itself.</summary>
    public static IEnumerable<(string Step, State Next)> Progress(State s)
    {
        if (s.Change == Row.Requested)
        {
            // The row is Preparing before the message goes.
            yield return ("prepare", Send(s with { Change = Row.Preparing, Told = true }, Kind.Prepare, s.ChangeEpoch, s.ChangeTo));
            yield return ("no channel in time", Closed(s with { ConsoleEpoch = s.ChangeEpoch }));
        }

        if (s.Change is Row.Preparing or Row.Proving)
        {
            yield return ("out of time", Decide(s, Row.RolledBack));
        }

        // A round trip over the new way, by an engine that names the change: only one in doubt about it does.
        if (s.Change == Row.Proving && s.Doubt == s.ChangeEpoch && s.Passable(s.ChangeTo))
        {
            yield return ("proved", Decide(s, Row.Committed));
        }

        if (s.IsDecided && s.AnyWay)
        {
            yield return ("tell", Send(s, Kind.Outcome, s.ChangeEpoch, s.ConsoleWay));
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

    /// <summary>What may happen to it: callers, losses, doubled messages, kills.</summary>
    public static IEnumerable<(string Step, State Next)> Trouble(State s)
    {
        if (s.Callers > 0)
        {
            // The store refuses a second change in the transaction that would add it.
            yield return s.IsOpen
                ? ("caller refused", s with { Callers = s.Callers - 1 })
                : ("caller", s with
                {
                    Callers = s.Callers - 1,
                    Change = Row.Requested,
                    ChangeEpoch = s.ConsoleEpoch + 1,
                    ChangeTo = Other(s.ConsoleWay),
                });
        }

        foreach (string text in s.Wire)
        {
            yield return ($"lose {text}", s with { Wire = s.Wire.Remove(text) });

            // Prepare is sent once, and a channel delivers once; the others are said again over the next channel.
            foreach ((string step, State next) in Read(text).Kind == Kind.Prepare ? [] : Receive(s, Read(text)))
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
    }

    private static IEnumerable<(string Step, State Next)> Receive(State s, Message message)
    {
        switch (message.Kind)
        {
            case Kind.Prepare when message.Change <= s.EngineEpoch:
                yield return ("stale", Send(s, Kind.Stale, message.Change, message.Way));
                break;
            case Kind.Prepare:
                yield return ("doubt", Send(s with { Doubt = message.Change, DoubtTo = message.Way }, Kind.Prepared, message.Change, message.Way));
                if (s.Doubt == 0)
                {
                    yield return ("not opened", Send(s, Kind.NotOpened, message.Change, message.Way));
                }

                break;
            case Kind.Prepared when s is { Change: Row.Preparing, Told: true } && s.ChangeEpoch == message.Change:
                yield return ("prepared", s with { Change = Row.Proving, Told = false });
                break;
            case Kind.NotOpened or Kind.Stale when s is { Change: Row.Preparing, Told: true } && s.ChangeEpoch == message.Change:
                yield return ("refused", Closed(Decide(s, Row.RolledBack)));
                break;
            case Kind.Outcome:
                yield return Conclude(s, message);
                break;
            case Kind.Done when s.IsDecided && s.ChangeEpoch == message.Change:
                yield return ("acknowledged", Closed(s));
                break;
            default:
                yield return ("ignored", s);
                break;
        }
    }

    private static (string Step, State Next) Conclude(State s, Message outcome)
    {
        if (s.Doubt != outcome.Change && outcome.Change <= s.EngineEpoch)
        {
            bool same = outcome.Change == s.EngineEpoch && outcome.Way == s.EngineWay;
            return same
                ? ("known", Send(s, Kind.Done, outcome.Change, outcome.Way))
                : ("stale outcome", Send(s, Kind.Stale, outcome.Change, outcome.Way));
        }

        State certain = s with { EngineWay = outcome.Way, EngineEpoch = outcome.Change, Doubt = 0, DoubtTo = outcome.Way };
        return ("concluded", Send(certain, Kind.Done, outcome.Change, outcome.Way));
    }

    private static State Decide(State s, Row outcome) => s with
    {
        Change = outcome,
        ConsoleEpoch = s.ChangeEpoch,
        ConsoleWay = outcome == Row.Committed ? s.ChangeTo : s.ConsoleWay,
        Told = false,
    };

    private static State Closed(State s) => s with { Change = Row.None, ChangeEpoch = 0, ChangeTo = s.ConsoleWay, Told = false };

    private static State Send(State s, Kind kind, int change, Way way) => s with { Wire = s.Wire.Add($"{kind} {change} {way}") };

    private static Message Read(string text)
    {
        string[] parts = text.Split(' ');
        return new Message(
            Enum.Parse<Kind>(parts[0]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), Enum.Parse<Way>(parts[2]));
    }

    private static Way Other(Way way) => way == Way.Standard ? Way.Reverse : Way.Standard;
}
