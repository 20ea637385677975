using Newtonsoft.Json;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>A fresh number, please: the announcement that follows is made over it.</summary>
internal sealed record CertificateNonceAsk;

/// <summary>Good for one announcement over this channel.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record CertificateNonce
{
    public required byte[] Nonce { get; init; }
}

/// <summary>This is my next key. The channel proves the present one, the signature the next.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record CertificateAnnounce
{
    /// <summary>SubjectPublicKeyInfo in DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>By the announced key; ECDSA with SHA-256, r and s of 32 bytes each.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>The announced key is shown from now on: whoever dialled this channel dials again.</summary>
    public required bool InUse { get; init; }
}

/// <summary>The key of this very channel is my only one from now on.</summary>
internal sealed record CertificateSettle;
