namespace ScanEngineAdmin.Topology;

/// <summary>One difference between what is needed of a filter and what is there.</summary>
/// <param name="Engine">The index of the engine that it is about; null for a rule of a pairing that is gone.</param>
/// <param name="Kind">missing, leftOver or blocked.</param>
/// <param name="RuleId">The rule.</param>
/// <param name="Port">The local port, where the rule has one.</param>
/// <param name="Detail">What is wrong.</param>
internal sealed record TopologyDrift(int? Engine, string Kind, string RuleId, int? Port, string Detail)
{
    /// <summary>The kind by the side indicator of Compare-EngineFirewall.</summary>
    public static string KindOf(string sideIndicator) => sideIndicator switch
    {
        "<=" => "missing",
        "=>" => "leftOver",
        _ => "blocked",
    };

    /// <summary>The kind as people read it.</summary>
    public string Words => Kind == "leftOver" ? "left over" : Kind;
}
