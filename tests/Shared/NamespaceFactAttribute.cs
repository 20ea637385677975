namespace ScanEngineAdmin.Tests.Shared;

/// <summary>Runs where hosts can be made of network namespaces; elsewhere it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NamespaceFactAttribute : Xunit.FactAttribute
{
    public NamespaceFactAttribute(params string[] tools)
    {
        Skip = NetworkNamespace.WhyNot([.. tools, "nft"]);
    }
}
