using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>A host without any tool of a firewall: for tests that are not about this host's own filter.</summary>
internal static class NoTools
{
    public static Task<ToolResult> RunAsync(string tool, IReadOnlyList<string> arguments, CancellationToken token) =>
        Task.FromResult(ToolResult.Missing);
}
