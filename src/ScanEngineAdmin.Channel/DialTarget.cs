namespace ScanEngineAdmin.Channel;

/// <summary>Whom to dial and whom to accept there.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Pins">
/// The identities accepted; empty only to learn an identity while pairing by approval, and then for
/// <see cref="ChannelPurpose.Pairing"/> alone.
/// </param>
public sealed record DialTarget(string Host, int Port, IReadOnlyCollection<Fingerprint> Pins)
{
    /// <summary>host:port, an IPv6 address in brackets.</summary>
    public string EndPoint => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
