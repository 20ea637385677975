using System.Net;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What was seen of one connection inside, before anybody judges.</summary>
/// <param name="Verdict">What came back.</param>
/// <param name="Refusal">How it was refused, if it was.</param>
/// <param name="Steps">The rules and policies it met, in order.</param>
internal sealed record RehearsalObservation(
    RehearsalVerdict Verdict, string Refusal, IReadOnlyList<TraceStep> Steps)
{
    /// <summary>Whether the first packet came to the host's sockets, or out of its device.</summary>
    public bool Arrived { get; init; }

    public bool OnlyAnswerDenied { get; init; }

    /// <summary>The step with which the answer's own way begins.</summary>
    public int AnswerFrom { get; init; }

    /// <summary>As whose it leaves, where that is not whom the first packet was for: the other end throws it
    /// away.</summary>
    public IPEndPoint? AnsweredAs { get; init; }

    /// <summary>The port of this host that it was led to instead.</summary>
    public int? Redirected { get; init; }

    /// <summary>Where a rule sends it instead.</summary>
    public IPEndPoint? SentTo { get; init; }

    /// <summary>As whose a connection out leaves: its answer goes there.</summary>
    public IPAddress? SentAs { get; init; }

    /// <summary>What makes the other end throw away what leaves this host, or nobody get it, for people; null if
    /// nothing does.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the first packet came in from elsewhere.</summary>
    public bool IsInward =>
        Steps.FirstOrDefault(static s => s.Table == RehearsalTables.Name)?.Chain != RehearsalTables.FirstOut;

    /// <summary>Whether the kernel remembers the connection, though not all of its packets pass.</summary>
    public bool IsRemembered { get; init; }

    /// <summary>Whether a connection out was led to this host itself.</summary>
    public bool ComesBack { get; init; }
}
