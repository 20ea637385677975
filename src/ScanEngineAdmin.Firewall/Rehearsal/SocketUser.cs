using System.Globalization;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Whose a socket is: some filters let one user's connections out and no other's.</summary>
internal sealed record SocketUser(uint User, uint Group)
{
    /// <summary>Null where the user is unknown.</summary>
    public static SocketUser? OfThisProcess => Of(Environment.ProcessId);

    /// <summary>
    /// The node's, as far as this process can tell: whoever asks as root asks for a node that may be another user's.
    /// </summary>
    public static SocketUser? OfNode => OfThisProcess is { User: not 0 } own ? own : null;

    private static SocketUser? Of(int processId)
    {
        try
        {
            string[] lines = File.ReadAllLines(FormattableString.Invariant($"/proc/{processId}/status"));
            return new SocketUser(Id("Uid:"), Id("Gid:"));

            uint Id(string name) => uint.Parse(
                lines.First(l => l.StartsWith(name, StringComparison.Ordinal)).Split('\t')[2],
                CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException
            or InvalidOperationException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
