namespace ScanEngineAdmin.Tests.Shared;

/// <summary>As <see cref="NamespaceFactAttribute"/>, for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NamespaceTheoryAttribute : Xunit.TheoryAttribute
{
    public NamespaceTheoryAttribute(params string[] tools)
    {
        Skip = NetworkNamespace.WhyNot([.. tools, "nft"]);
    }
}
