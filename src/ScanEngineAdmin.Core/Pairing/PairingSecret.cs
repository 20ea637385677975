using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// 128 random bits with the maker's fingerprint, as one copyable text:
/// <c>2942-F7FB-…(8 groups of 4 hex)@64 hex of the fingerprint</c>. The bits never cross the wire.
/// </summary>
public sealed class PairingSecret
{
    public Guid SecretId => throw new NotImplementedException();

    public Fingerprint Maker => throw new NotImplementedException();

    public static PairingSecret Create(Fingerprint maker) => throw new NotImplementedException(maker.Hex);

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PairingSecret? secret) => throw new NotImplementedException(text);

    /// <summary>The copyable text. Not called ToString, so that no log line or debugger shows it by accident.</summary>
    public string Reveal() => throw new NotImplementedException();
}
