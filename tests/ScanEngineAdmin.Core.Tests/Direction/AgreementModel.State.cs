using System.Collections.Immutable;

namespace ScanEngineAdmin.Core.Tests.Direction;

/// <content>What the model is made of.</content>
internal static partial class AgreementModel
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
    /// after a restore. <see cref="Reported"/> is volatile: whether the running console waits for the answer to
    /// Prepare.
    /// </summary>
    internal sealed record State(
        Way ConsoleWay,
        int ConsoleEpoch,
        Row Change,
        int ChangeId,
        int ChangeEpoch,
        Way ChangeTo,
        bool Reported,
        Way EngineWay,
        int EngineEpoch,
        int Doubt,
        Way DoubtTo,
        int Callers,
        int Kills,
        int Restores,
        int Issued,
        int Proposals,
        Way? Proposal,
        ConsoleCopy? OldConsole,
        EngineCopy? OldEngine,
        ImmutableSortedSet<string> Wire)
    {
        public bool IsOpen => Change != Row.None;

        public bool IsDecided => Change is Row.Committed or Row.RolledBack;

        private bool Tries => IsOpen && Change != Row.Requested;

        private bool EngineDials => Opens(Way.Reverse);

        private bool EngineListens => Opens(Way.Standard);

        /// <summary>
        /// Whether a channel can come up that way, if packets pass. The engine dials when it may; one that is certain
        /// of it is let in, and so is one whose admin proposes it. The console dials when it may, and looks for a
        /// reverse engine that does not come. That an engine may listen for another console besides is left out: it
        /// only makes more ways.
        /// </summary>
        public bool Passable(Way way) => way == Way.Reverse
            ? EngineDials
                && (ConsoleWay == way || Tries || (!IsOpen && Doubt > 0) || (Doubt == 0 && EngineWay == way)
                    || Proposal == way)
            : (ConsoleWay == Way.Standard || Tries || !Passable(Way.Reverse)) && EngineListens;

        public bool AnyWay => Passable(Way.Standard) || Passable(Way.Reverse);

        /// <summary>
        /// A change that the engine never heard of leaves the console's epoch ahead: the next is later still.
        /// </summary>
        public bool IsAgreed => !IsOpen && Doubt == 0 && ConsoleWay == EngineWay && EngineEpoch <= ConsoleEpoch;

        private bool Opens(Way way) => EngineWay == way || (Doubt > 0 && DoubtTo == way) || Proposal == way;

        public bool Equals(State? other) => other is not null && Key() == other.Key();

        public override int GetHashCode() => Key().GetHashCode(StringComparison.Ordinal);

        public string Key() => string.Join(
            ',', ConsoleWay, ConsoleEpoch, Change, ChangeId, ChangeEpoch, ChangeTo, Reported, EngineWay, EngineEpoch,
            Doubt,
            DoubtTo, Callers, Kills, Restores, Issued, Proposals, Proposal, OldConsole, OldEngine,
            string.Join('+', Wire));
    }
}
