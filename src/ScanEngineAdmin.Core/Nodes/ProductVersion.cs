using System.Reflection;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>The product's version; its one home is the module's manifest.</summary>
internal static class ProductVersion
{
    public static string Text { get; } = typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
