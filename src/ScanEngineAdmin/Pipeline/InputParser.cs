using System.Globalization;
using System.Net;
using System.Security;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Turns what was typed into Core's terms, or says what is wrong with it before anything is touched.</summary>
internal static class InputParser
{
    public static Fingerprint ReadFingerprint(string text) => Fingerprint.TryParse(text, out Fingerprint fingerprint)
        ? fingerprint
        : throw new ScanEngineException(
            FaultCode.FingerprintInvalid,
            $"'{text}' is no fingerprint: 64 hex digits, with or without colons, hyphens or blanks.",
            "Copy it from the other side: (Get-EngineListener).Fingerprint, (Get-EnginePoller).Fingerprint or "
            + "(Get-SecurityConsole).Fingerprint.",
            text);

    public static PairingSecret ReadSecret(SecureString secure)
    {
        string text = new NetworkCredential(string.Empty, secure).Password;
        return PairingSecret.TryParse(text, out PairingSecret? secret) ? secret : throw new ScanEngineException(
            FaultCode.SecretMalformed,
            "The pairing secret is not complete: it is 8 groups of 4 hex digits, an @ and the maker's fingerprint.",
            "Copy the whole text that New-EnginePairingSecret printed, or make a new one: New-EnginePairingSecret.");
    }

    public static IPAddress ReadListenAddress(string text) => ListenAddress.Read(text);

    public static DateTime? Local(DateTimeOffset? time) => time?.LocalDateTime;

    public static string EndPoint(string? address, int port) => (address ?? "?").Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"{address ?? "?"}:{port}");
}
