namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>One rule or policy that a packet met, as the kernel's trace of nftables tells it.</summary>
/// <param name="Family">The table's family.</param>
/// <param name="Table">The table.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Handle">The rule's handle; 0 for a policy.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Port">The packet's destination port, where the trace says it; 0 where it does not.</param>
internal sealed record TraceStep(
    string Family, string Table, string Chain, long Handle, TraceVerdict Verdict, int Port)
{
    public bool IsPolicy => Handle == 0;

    /// <summary>The packet: a refusal that a rule sends goes its own way before the rule's verdict is told.</summary>
    public uint Packet { get; init; }
}
