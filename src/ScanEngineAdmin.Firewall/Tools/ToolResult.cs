namespace ScanEngineAdmin.Firewall.Tools;

/// <summary>How a tool of the operating system ended.</summary>
/// <param name="Found">Whether it is installed and could be started.</param>
/// <param name="ExitCode">Its exit code; -1 when there is none.</param>
/// <param name="Output">Standard output, then standard error.</param>
internal sealed record ToolResult(bool Found, int ExitCode, string Output)
{
    public static ToolResult Missing { get; } = new(false, -1, string.Empty);

    public bool Succeeded => Found && ExitCode == 0;
}
