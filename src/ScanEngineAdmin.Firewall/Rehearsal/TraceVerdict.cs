namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What came of one step, by the kernel's numbers.</summary>
internal enum TraceVerdict
{
    Drop = 0,
    Accept = 1,
    Stolen = 2,
    Queue = 3,
    Continue = -1,
    Jump = -3,
    Goto = -4,
    Return = -5,
}
