using System.Net;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A packet that the namespace sent out through its device.</summary>
/// <param name="From">Its sender.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Flags">TCP's flags; 0 for an error message.</param>
/// <param name="Sequence">TCP's sequence number.</param>
/// <param name="Refusal">The name of an ICMP error; empty for TCP.</param>
internal sealed record SeenPacket(IPEndPoint From, IPEndPoint To, byte Flags, uint Sequence, string Refusal)
{
    /// <summary>TCP's number of acknowledgement.</summary>
    public uint Acknowledged { get; init; }

    /// <summary>What makes the other end throw it away, for people; null if nothing does.</summary>
    public string? Fault { get; init; }

    /// <summary>The address that it says this host's interface has; null for what is no advertisement.</summary>
    public IPAddress? Advertises { get; init; }

    /// <summary>The interface's address that a rule has it sent to; null where none does.</summary>
    public byte[]? LedTo { get; init; }
}
