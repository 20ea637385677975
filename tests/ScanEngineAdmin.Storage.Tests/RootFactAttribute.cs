namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A test of what only root can do, and has to leave.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Skip = "It needs root on Linux.";
        }
    }
}
