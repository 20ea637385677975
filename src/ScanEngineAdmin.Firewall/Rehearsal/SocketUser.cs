using System.Globalization;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Whose a socket is: some filters let one user's connections out and no other's.</summary>
internal sealed record SocketUser(uint User, uint Group)
{
    /// <summary>The node's process, where it runs: its cgroup may have a filter of its own.</summary>
    public int? Process { get; init; }

    /// <summary>Null where the user is unknown.</summary>
    public static SocketUser? OfThisProcess => Of(Environment.ProcessId);

    /// <summary>
    /// The node's, as far as this process can tell: root asks for a node of whoever owns its data folder.
    /// </summary>
    /// <param name="folder">The node's data folder; null where none is known.</param>
    /// <param name="process">The node's process; null where it does not run, or is not known.</param>
    public static SocketUser? OfNode(string? folder = null, int? process = null)
    {
        if (OfThisProcess is { User: not 0 } own)
        {
            return own with { Process = process };
        }

        try
        {
            return OperatingSystem.IsLinux() && Directory.Exists(folder) && FolderOwner.Of(folder) is var owner
                ? new SocketUser(owner.User, owner.PrimaryGroup) { Process = process }
                : null;
        }
        catch (Exception e) when (e is ScanEngineException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static SocketUser? Of(int processId)
    {
        try
        {
            string[] lines = File.ReadAllLines(FormattableString.Invariant($"/proc/{processId}/status"));
            return new SocketUser(Id("Uid:"), Id("Gid:")) { Process = processId };

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
