namespace ScanEngineAdmin.Tests.Shared;

/// <summary>For scans with the real nmap, as Linux distributions install it.</summary>
internal sealed class NeedsNmapAttribute : NeedsAttribute
{
    protected override string? WhyNot => ThisMachine.WhyNotLinux
        ?? (File.Exists("/usr/bin/nmap") ? null : "needs /usr/bin/nmap");
}
