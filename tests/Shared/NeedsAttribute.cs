using System.Reflection;
using Xunit.v3;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>What a test needs of its machine: where that is missing the test is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal abstract class NeedsAttribute : BeforeAfterTestAttribute
{
    protected abstract string? WhyNot { get; }

    public sealed override void Before(MethodInfo methodUnderTest, IXunitTest test) => SkipFor(WhyNot);

    /// <summary>For a class whose constructor needs it already, as that comes before the attributes.</summary>
    public static void SkipFor(string? whyNot) => Assert.SkipUnless(whyNot is null, whyNot ?? string.Empty);
}
