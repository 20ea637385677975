using System.Net;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// The only way from a running node to its host's log: what any peer can cause goes through here, because everything
/// does. Of one kind about one pairing only so many lines are written in a while, of a stranger by
/// <see cref="StrangerNotes"/>, and in all so many; what is left out is counted, and the next line says how many.
/// </summary>
internal sealed class BoundedLog(NodeLog sink, TimeProvider time)
{
    /// <summary>Lines of one kind about one pairing, or about none, within <see cref="Window"/>.</summary>
    public const int LinesPerKind = 60;

    /// <summary>Lines about all pairings within <see cref="Window"/>: a fleet that returns is well below.</summary>
    public const int LinesInAll = 30_000;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    // Pairings are an admin's and kinds are few: reached by nothing that a peer does.
    private const int Kept = 262_144;

    private readonly AttemptCounter<(string, string)> _lines = new(Window, Kept, time);
    private readonly AttemptCounter<bool> _all = new(Window, 1, time);
    private readonly Dictionary<(string, string), long> _leftOut = [];

    /// <summary>What strangers may make this node write down.</summary>
    public StrangerNotes Strangers { get; } = new(time);

    public void Write(LogEntry entry)
    {
        string subject = entry.Fields.GetValueOrDefault("pairing") ?? string.Empty;
        if (MayLog((subject, $"{entry.Event} {entry.Level}"), out string note))
        {
            sink(note.Length == 0 ? entry : entry with { Message = entry.Message + note });
        }
    }

    /// <summary>About somebody who is not paired.</summary>
    /// <param name="address">Where he is.</param>
    /// <param name="kind">One of few, which no stranger makes up.</param>
    /// <param name="entry">The line.</param>
    public void WriteStranger(IPAddress address, string kind, LogEntry entry)
    {
        if (Strangers.MayLog(address, $"{entry.Event} {kind}", out long leftOut))
        {
            sink(leftOut == 0 ? entry : entry with
            {
                Message = $"{entry.Message} ({leftOut} more lines about strangers were left out.)",
            });
        }
    }

    private bool MayLog((string Subject, string Kind) key, out string note)
    {
        int lines = _lines.Add(key);

        // What is about no pairing is this node's own, and has its bound above.
        bool crowded = key.Subject.Length > 0 && _all.Add(true) > LinesInAll;
        note = string.Empty;
        lock (_leftOut)
        {
            if (lines > LinesPerKind || crowded)
            {
                _leftOut[key] = _leftOut.GetValueOrDefault(key) + 1;
                return false;
            }

            string about = key.Subject.Length > 0 ? " about this pairing" : string.Empty;
            if (_leftOut.Remove(key, out long leftOut))
            {
                note = $" ({leftOut} more lines like this{about} were left out.)";
            }

            if (lines == LinesPerKind)
            {
                note += $" (Within {Window.TotalMinutes:0} minutes no more lines like this{about} are written.)";
            }
        }

        return true;
    }
}
