using System.Globalization;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Whether this process may make a network namespace and read a filter.</summary>
internal static class RehearsalRights
{
    private const int NetAdmin = 12;
    private const int SysAdmin = 21;

    /// <summary>Null when it may; else why not, for people.</summary>
    public static string? WhyNot { get; } = Look();

    private static string? Look()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Only a Linux kernel can be asked what its filter does.";
        }

        try
        {
            string? line = File.ReadLines("/proc/self/status")
                .FirstOrDefault(static l => l.StartsWith("CapEff:", StringComparison.Ordinal));
            ulong rights = ulong.Parse(
                line?["CapEff:".Length..].Trim() ?? "0", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return (rights >> NetAdmin & 1) == 1 && (rights >> SysAdmin & 1) == 1
                ? null
                : "This user may not ask the kernel what the filter does (it takes CAP_NET_ADMIN and CAP_SYS_ADMIN).";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return $"This process' rights cannot be read: {e.Message}";
        }
    }
}
