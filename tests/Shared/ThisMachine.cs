namespace ScanEngineAdmin.Tests.Shared;

/// <summary>Why a test cannot run on this machine, as a reason to skip it; null where it can.</summary>
internal static class ThisMachine
{
    public static string? WhyNotLinux => OperatingSystem.IsLinux() ? null : "needs Linux";

    public static string? WhyNotRoot =>
        OperatingSystem.IsLinux() && Environment.UserName == "root" ? null : "needs root on Linux";
}
