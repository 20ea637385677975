using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>The tools of a host that is a network namespace, as the product runs them.</summary>
internal static class NamespaceTools
{
    public static Task<ToolResult> ToolAsync(
        this NetworkNamespace host, string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string[] enter = NetworkNamespace.Enter(host.Name);
        return ToolRunner.RunAsync(
            new ToolCall(enter[0], [.. enter[1..], tool, .. arguments]), cancellationToken);
    }
}
