namespace ScanEngineAdmin.Tests.Shared;

/// <summary>Needs signals, file modes or /proc; elsewhere it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : Xunit.FactAttribute
{
    public UnixFactAttribute()
    {
        Skip = ThisMachine.WhyNotLinux;
    }
}
