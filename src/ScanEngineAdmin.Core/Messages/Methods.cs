namespace ScanEngineAdmin.Core.Messages;

/// <summary>Request methods and stream kinds on the wire (docs/protocol.md). Never reuse a number.</summary>
internal static class Methods
{
    /// <summary>Engine to console: is there work?</summary>
    public const ushort Poll = 1;

    /// <summary>Console to engine: take a scan on.</summary>
    public const ushort ScanStart = 10;

    /// <summary>Console to engine: what I believe you have; tell me what you really have, and send the rest.</summary>
    public const ushort ScanSync = 11;

    /// <summary>Console to engine: stop a scan; what was found so far is sent.</summary>
    public const ushort ScanStop = 12;

    /// <summary>Engine to console: a scan waits for room in the spool, or no longer.</summary>
    public const ushort ScanHeld = 13;

    /// <summary>Console to engine: the time that you count leases by. Only to one that knows ScanLease.</summary>
    public const ushort LeaseClock = 14;

    /// <summary>Console to engine: open the new way beside the old one.</summary>
    public const ushort DirectionPrepare = 20;

    /// <summary>Console to engine: how a change ended. Answered only after it is durable there.</summary>
    public const ushort DirectionOutcome = 21;

    /// <summary>Console to engine: what do you see of the way between us, from your end?</summary>
    public const ushort EngineReachability = 40;

    /// <summary>Engine to console: the same question.</summary>
    public const ushort ConsoleReachability = 41;

    /// <summary>Either way: dial me once, change nothing, and tell what you saw.</summary>
    public const ushort ProbeYou = 42;

    /// <summary>Console to engine: what is your host's filter? One that is older answers that it has no such
    /// method.</summary>
    public const ushort EngineFirewall = 43;

    /// <summary>Either way: a fresh number for an announcement.</summary>
    public const ushort CertificateNonce = 50;

    /// <summary>Either way: this is my next key; know me by it beside the present one.</summary>
    public const ushort CertificateAnnounce = 51;

    /// <summary>Either way: the key of this very channel is my only one from now on.</summary>
    public const ushort CertificateSettle = 52;

    /// <summary>Stream, engine to console: batches of scan data; acknowledgements come back on it.</summary>
    public const ushort ScanDataStream = 1;

    /// <summary>Stream, either way: a request that does not fit a frame.</summary>
    public const ushort LargeRequestStream = 2;
}
