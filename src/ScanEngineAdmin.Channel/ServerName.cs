namespace ScanEngineAdmin.Channel;

/// <summary>The name that a dialler gives in TLS: which identity it expects, whatever address the peer has.</summary>
internal static class ServerName
{
    public const string Unknown = "unknown.scanengine.invalid";

    /// <summary>Two labels, as one may have 63 characters at most.</summary>
    public static string Of(Fingerprint expected) =>
        $"{expected.Hex[..32]}.{expected.Hex[32..]}.scanengine.invalid";

    /// <summary>The identity announced last is the one that the peer wants to be known by.</summary>
    public static string Of(IReadOnlyCollection<Fingerprint> pins) => pins.Count == 0 ? Unknown : Of(pins.Last());
}
