namespace ScanEngineAdmin.Tests.Shared;

/// <summary>As <see cref="UnixFactAttribute"/>, for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : Xunit.TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        Skip = ThisMachine.WhyNotLinux;
    }
}
