using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>A filter, generated or of a file: what loads it, one tool after the other.</summary>
internal sealed record Ruleset(string Name, IReadOnlyList<ToolCall> Loads)
{
    public override string ToString() => string.Join(
        '\n', Loads.Select(static l => $"{l.Tool} {string.Join(' ', l.Arguments)} <<X\n{l.Input}X"));
}
