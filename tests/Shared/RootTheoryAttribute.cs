namespace ScanEngineAdmin.Tests.Shared;

/// <summary>As <see cref="RootFactAttribute"/>, for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootTheoryAttribute : Xunit.TheoryAttribute
{
    public RootTheoryAttribute()
    {
        Skip = ThisMachine.WhyNotRoot;
    }
}
