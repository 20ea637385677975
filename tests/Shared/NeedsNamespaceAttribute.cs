namespace ScanEngineAdmin.Tests.Shared;

/// <summary>For hosts made of network namespaces, with nft and these tools.</summary>
internal sealed class NeedsNamespaceAttribute(params string[] tools) : NeedsAttribute
{
    protected override string? WhyNot => NetworkNamespace.WhyNot([.. tools, "nft"]);
}
