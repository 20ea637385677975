using System.Net.Sockets;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>What goes wrong in a cell: before the change, or at a phase of it.</summary>
/// <param name="Name">As the matrix prints it.</param>
/// <param name="Expected">What both ends must agree on once it has healed.</param>
internal sealed record DirectionFault(string Name, CellOutcome Expected)
{
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(8);

    /// <summary>The phase at which it happens; null when it is there from the beginning.</summary>
    public Phase? At { get; init; }

    /// <summary>The process that dies at the phase.</summary>
    public Func<DirectionLab, MatrixHost>? Killed { get; init; }

    /// <summary>The link is cut at the phase, until both sides have noticed.</summary>
    public bool Cuts { get; init; }

    /// <summary>Makes the fault before the change is asked for; what it returns undoes it.</summary>
    public Func<DirectionLab, CommunicationDirection, Task<Func<Task>>>? Before { get; init; }

    /// <summary>The change is asked for with another node's address, or nobody's.</summary>
    public bool Elsewhere { get; init; }

    /// <summary>How long the change may take: briefly where only the end of that time can end it.</summary>
    public TimeSpan Timeout { get; init; } = Brief;

    public static IReadOnlyList<DirectionFault> For(CommunicationDirection to) =>
    [
        new("none", CellOutcome.New) { Timeout = Patient },
        new("drop-at-console", CellOutcome.Old) { Before = Walled(lab => lab.ConsoleHost) },
        new("drop-at-engine", CellOutcome.Old) { Before = Walled(lab => lab.EngineHost) },
        new("reject", CellOutcome.Old)
        {
            Before = (lab, way) =>
            {
                (MatrixHost host, int port) = lab.Listener(way);
                host.Filter.RejectIn(port);
                return Healing(lab);
            },
        },
        to == CommunicationDirection.ConsoleToEngine
            ? new("listener-missing", CellOutcome.Old) { Before = OccupyAsync, Timeout = Patient }
            : new("listener-missing", CellOutcome.Old) { Elsewhere = true },
        new("wrong-peer", CellOutcome.Old)
        {
            Elsewhere = true,
            Before = async (lab, way) =>
            {
                MatrixHost stranger = await lab.StartStrangerAsync(way);
                return () => stranger.DisposeAsync().AsTask();
            },
        },
        .. Enum.GetValues<Phase>().SelectMany(AtPhase),
    ];

    /// <summary>Until the decision is written a broken change goes back; from then on it holds.</summary>
    private static IEnumerable<DirectionFault> AtPhase(Phase phase)
    {
        CellOutcome broken = phase < Phase.Proved ? CellOutcome.Old : CellOutcome.New;
        yield return new($"cut@{phase}", broken)
        {
            At = phase,
            Cuts = true,
            Timeout = phase < Phase.Proved ? Brief : Patient,
        };
        yield return new($"kill-console@{phase}", phase <= Phase.Proved ? CellOutcome.Old : CellOutcome.New)
        {
            At = phase,
            Killed = lab => lab.ConsoleHost,
            Timeout = Patient,
        };

        // It is asked again when it is back, and once it has promised the new way it comes back with both.
        yield return new($"kill-engine@{phase}", CellOutcome.New)
        {
            At = phase,
            Killed = lab => lab.EngineHost,
            Timeout = Patient,
        };
    }

    private static Func<DirectionLab, CommunicationDirection, Task<Func<Task>>> Walled(
        Func<DirectionLab, MatrixHost> where) =>
        (lab, way) =>
        {
            (MatrixHost listening, int port) = lab.Listener(way);
            MatrixHost host = where(lab);
            if (host == listening)
            {
                host.Filter.DropIn(port);
            }
            else
            {
                host.Filter.DropOut(port);
            }

            return Healing(lab);
        };

    private static Task<Func<Task>> Healing(DirectionLab lab) => Task.FromResult(() =>
    {
        lab.Heal();
        return Task.CompletedTask;
    });

    private static Task<Func<Task>> OccupyAsync(DirectionLab lab, CommunicationDirection way)
    {
        TcpListener other = lab.Occupy();
        return Task.FromResult(() =>
        {
            other.Dispose();
            return Task.CompletedTask;
        });
    }
}
