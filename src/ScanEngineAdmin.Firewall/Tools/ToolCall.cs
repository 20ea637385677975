namespace ScanEngineAdmin.Firewall.Tools;

/// <summary>One run of a tool of the operating system, as arguments and never as a line for a shell.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">Its arguments, each as the tool shall see it.</param>
/// <param name="Input">What it reads; null for nothing.</param>
internal sealed record ToolCall(string Tool, IReadOnlyList<string> Arguments, string? Input = null)
{
    /// <summary>For how long it may run where the runner's usual time is too short; null for that.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The same as a line that can be pasted into a shell.</summary>
    public override string ToString() => ShellText.Line(this);
}
