using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>The tools of a host that is a network namespace, as the product runs them.</summary>
internal static class NamespaceTools
{
    public static async Task<ToolResult> ToolAsync(
        this NetworkNamespace host, string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string[] enter = NetworkNamespace.Enter(host.Name);
        ToolResult said = await ToolRunner.RunAsync(
            new ToolCall(enter[0], [.. enter[1..], tool, .. arguments]), cancellationToken);

        // The shell's word for a tool that is not installed.
        return said.ExitCode == 127 ? ToolResult.Missing : said;
    }
}
