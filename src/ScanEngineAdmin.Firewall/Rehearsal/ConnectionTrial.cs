using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Makes connections in a copy of a host's filter, and says what was seen of each. Native calls alone: nothing here
/// waits for longer than the kernel takes.
/// </summary>
/// <param name="space">The copy.</param>
/// <param name="user">Whose the node's sockets are; null where that is not known.</param>
internal sealed class ConnectionTrial(RehearsalSpace space, SocketUser? user)
{
    // Of those that a system gives to who begins a connection, above what a rule for a service is likely to name.
    private const int OwnPorts = 52000;

    // Where the numbers of an answer to the host begin, and of what a peer begins.
    private const uint Answered = 5000;
    private const uint Begun = 1000;

    private readonly Dictionary<int, (int Socket, bool Both)> _listening = [];
    private int _asked;

    /// <summary>Whether to wait seconds, as a busy machine may take them, for what takes a millisecond.</summary>
    public bool IsPatient { get; set; }

    private TimeSpan Short => TimeSpan.FromMilliseconds(IsPatient ? 1000 : 20);

    private TimeSpan Long => TimeSpan.FromMilliseconds(IsPatient ? 2000 : 60);

    private int StateWait => IsPatient ? 2000 : 100;

    /// <summary>Of which ports the dialling end has its own.</summary>
    public (int First, int Last) From { get; set; } = DiallingPorts.All;

    /// <summary>What packets the other end sends.</summary>
    public PacketSort Sort { get; set; }

    /// <summary>A connection that a peer begins to a port that listens here.</summary>
    public RehearsalObservation In(PeerRoute route, IPAddress from, int port)
    {
        (RehearsalObservation seen, int? redirected) = Knock(route, from, port);
        if (redirected is { } there && Listens(there, from.AddressFamily == AddressFamily.InterNetwork))
        {
            (seen, _) = Knock(route, from, port);
            seen = seen with { Redirected = there };
        }

        return seen;
    }

    /// <summary>A connection that the host's node begins.</summary>
    public RehearsalObservation Out(PeerRoute route, IPAddress to, int port)
    {
        RehearsalDevice device = space.Device(route.Link!);
        int socket = space.Socket(to.AddressFamily == AddressFamily.InterNetwork, user);
        try
        {
            Forget(device);
            int fault = InnerSocket.Connect(socket, new IPEndPoint(to, port), NextPort());
            SeenPacket? syn = null;
            TimeSpan patience = fault == 0 ? Long : TimeSpan.Zero;
            var steps = new List<TraceStep>(space.Traces());
            if (steps.Any(static s => s.Verdict == TraceVerdict.Drop))
            {
                patience = TimeSpan.Zero;
            }

            syn = device.Next(patience, static next => (next.Flags & PacketFrame.SynAck) == PacketFrame.Syn);
            bool passes = syn is not null;
            int denials = steps.Count;
            if (syn is not null)
            {
                device.Send(
                    PacketFrame.Segment(syn.To, syn.From, PacketFrame.SynAck, Sort, Answered, syn.Sequence + 1),
                    route.PeerMac);
            }

            int? state = fault != 0 ? fault : InnerSocket.State(socket, passes ? StateWait : 0);
            steps.AddRange(space.Traces());
            SeenPacket? last = passes && state == 0 ? Last(device, syn!) : null;
            bool open = last is not null;
            steps.AddRange(space.Traces());
            bool isNextDropped = !open && steps.Skip(denials).Any(HasArrived);
            return new RehearsalObservation(
                open ? RehearsalVerdict.Open
                    : state is 111 or 113 or 101 && !passes ? RehearsalVerdict.Rejected : RehearsalVerdict.Dropped,
                state == 111 ? "tcp reset or port-unreachable" : "icmp unreachable", steps)
            {
                OnlyAnswerDenied = passes && !open && !isNextDropped,
                AnswerFrom = denials,
                Arrived = passes,
                SentTo = syn is not null && !syn.To.Equals(new IPEndPoint(to, port)) ? syn.To : null,
                SentAs = syn?.From.Address,
                Fault = Fault(syn, route, 0) ?? Fault(last, route, Answered + 1, syn?.Sequence + 1),
                IsRemembered = passes || steps.Any(
                    static s => s.Verdict == TraceVerdict.Drop && s.Family == RehearsalTables.Device),
                ComesBack = steps.Take(denials).Any(HasArrived)
                    && !steps.Any(static s => s.Verdict is TraceVerdict.Drop or TraceVerdict.Stolen),
            };
        }
        finally
        {
            space.Close(socket);
        }
    }

    /// <summary>A connection within the host itself.</summary>
    public RehearsalObservation Within(IPEndPoint to)
    {
        int socket = space.Socket(to.AddressFamily == AddressFamily.InterNetwork, user);
        try
        {
            _ = space.Traces();
            int fault = InnerSocket.Connect(socket, to, NextPort());
            int? state = fault != 0 ? fault : InnerSocket.State(socket, StateWait);
            bool open = state == 0 && IsTaken(to.Port);
            IReadOnlyList<TraceStep> steps = space.Traces();
            return new RehearsalObservation(
                state switch
                {
                    0 when open => RehearsalVerdict.Open,
                    111 or 113 or 101 => RehearsalVerdict.Rejected,
                    _ => RehearsalVerdict.Dropped,
                },
                state == 111 ? "tcp reset or port-unreachable" : "icmp unreachable", steps)
            {
                Arrived = open,
                IsRemembered = steps.Any(
                    static s => s.Table == RehearsalTables.Name && s.Chain == RehearsalTables.FirstIn),
            };
        }
        finally
        {
            space.Close(socket);
            TakeAll();
        }
    }

    /// <summary>Whether a socket of the node listens at that port, or could be made to.</summary>
    public bool Listens(int port, bool v4)
    {
        if (_listening.TryGetValue(port, out (int Socket, bool Both) listening))
        {
            return listening.Both || v4;
        }

        foreach (bool four in (bool[])[false, true])
        {
            int socket = space.Socket(four, user);
            if (InnerSocket.Listen(socket, four, port))
            {
                _listening[port] = (socket, !four);
                return !four || v4;
            }

            space.Close(socket);
        }

        return false;
    }

    private (RehearsalObservation Seen, int? Redirected) Knock(PeerRoute route, IPAddress from, int port)
    {
        RehearsalDevice device = space.Device(route.Link!);
        Forget(device);
        var source = new IPEndPoint(from, NextPort());
        var target = new IPEndPoint(route.Own, port);
        device.Send(PacketFrame.Segment(source, target, PacketFrame.Syn, Sort, Begun), route.PeerMac);
        var steps = new List<TraceStep>(space.Traces());
        bool dropped = steps.Any(static s => s.Verdict == TraceVerdict.Drop);

        // The kernel has judged before the writing returned: what is to come is there, but for a busy machine. What was
        // seen on its way and came to no socket has hardly an answer: iptables-legacy leaves no trace of its drops.
        IPEndPoint? strange = null;
        SeenPacket? answer = Answer(
            dropped ? TimeSpan.Zero : steps.Count > 0 && !steps.Exists(HasArrived) ? Short : Long);
        steps.AddRange(space.Traces());
        if (answer is null && !dropped && steps.Exists(HasArrived))
        {
            answer = Answer(Long);
            steps.AddRange(space.Traces());
        }

        int arrived = steps.FindIndex(HasArrived);
        bool isNextDropped = false;
        string? fault = Fault(answer, route, Begun + 1);
        if (answer is not null && (answer.Flags & PacketFrame.SynAck) == PacketFrame.SynAck)
        {
            // A filter may let the first packet in and refuse or drop the next: no data would ever follow.
            device.Send(
                PacketFrame.Segment(source, target, PacketFrame.Ack, Sort, Begun + 1, answer.Sequence + 1), route.PeerMac);
            var next = new List<TraceStep>(space.Traces());
            SeenPacket? refused = Answer(next.Exists(HasArrived) ? TimeSpan.Zero : Short);
            next.AddRange(space.Traces());
            steps.AddRange(next);
            if (refused is not null && (refused.Refusal.Length > 0 || (refused.Flags & PacketFrame.Reset) != 0))
            {
                answer = refused;
            }
            else if (arrived >= 0 && !next.Exists(HasArrived))
            {
                answer = null;
                isNextDropped = true;
            }

            // Nobody goes on with it: it must not be sent again into a later question.
            device.Send(
                PacketFrame.Segment(source, target, PacketFrame.Reset, Sort, Begun + 1), route.PeerMac);
            TakeAll();
        }

        RehearsalVerdict verdict = answer is null ? RehearsalVerdict.Dropped
            : answer.Refusal.Length == 0 && (answer.Flags & PacketFrame.SynAck) == PacketFrame.SynAck
                ? RehearsalVerdict.Open : RehearsalVerdict.Rejected;
        int? elsewhere = arrived >= 0 && steps[arrived].Port is var there && there != 0 && there != port ? there : null;
        return (
            new RehearsalObservation(
                verdict, answer is null ? string.Empty : answer.Refusal.Length > 0 ? answer.Refusal : "tcp "
                    + "reset", steps)
            {
                Arrived = arrived >= 0,
                OnlyAnswerDenied = arrived >= 0 && verdict == RehearsalVerdict.Dropped && !isNextDropped,
                AnswerFrom = arrived + 1,
                AnsweredAs = strange,
                Fault = fault,
                IsRemembered = arrived >= 0,
            },
            elsewhere);

        // What is for who asked: an answer of another sender is none.
        SeenPacket? Answer(TimeSpan patience) => device.Next(patience, next => next.To.Address.Equals(from)
            && (next.Refusal.Length > 0 || (next.To.Port == source.Port && IsOfTarget(next))));

        bool IsOfTarget(SeenPacket next)
        {
            bool same = next.From.Port == port
                && next.From.Address.GetAddressBytes().AsSpan().SequenceEqual(target.Address.GetAddressBytes());
            strange = same ? strange : next.From;
            return same;
        }
    }

    /// <summary>Whether a connection within the host came to its listening end as well.</summary>
    private bool IsTaken(int port) =>
        TakeAll() || (InnerSocket.IsReady(_listening[port].Socket, LinuxCalls.ReadyToRead, StateWait) && TakeAll());

    /// <summary>
    /// Lets go what came to the listening sockets, whose queues are short: a full one answers nobody.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    private bool TakeAll()
    {
        bool any = false;
        foreach ((int socket, _) in _listening.Values)
        {
            any |= InnerSocket.TakeAll(socket);
        }

        return any;
    }

    private int NextPort()
    {
        int first = From.First <= OwnPorts && OwnPorts <= From.Last ? OwnPorts : From.First;
        return first + (_asked++ % Math.Min(8000, From.Last - first + 1));
    }

    private static bool HasArrived(TraceStep step) =>
        step.Table == RehearsalTables.Name && step.Chain == RehearsalTables.Arrived;

    // Which interface the peer's packets go to is known to the host only, and not always.
    private static string? Fault(SeenPacket? packet, PeerRoute route, uint acknowledged, uint? sequence = null) =>
        packet?.LedTo is { } mac && route.PeerMac?.SequenceEqual(mac) != true
            ? $"the address {string.Join(':', mac.Select(static b => b.ToString("x2", CultureInfo.InvariantCulture)))} of "
                + "another interface"
            : packet is not { Refusal.Length: 0 } ? packet?.Fault
            : packet.Fault ?? ((packet.Flags & (PacketFrame.Fin | PacketFrame.Reset)) != 0 ? "other flags of TCP"
                : packet.Acknowledged != acknowledged || (sequence is { } number && packet.Sequence != number)
                    ? "other numbers of TCP" : null);

    /// <summary>The packet that makes a connection whole, if it comes out as well as the first.</summary>
    private SeenPacket? Last(RehearsalDevice device, SeenPacket syn) => device.Next(
        Long, next => next.From.Equals(syn.From) && next.To.Equals(syn.To)
            && (next.Flags & (PacketFrame.SynAck | PacketFrame.Reset)) == PacketFrame.Ack);

    private void Forget(RehearsalDevice device)
    {
        device.Drain();
        _ = space.Traces();
    }
}
