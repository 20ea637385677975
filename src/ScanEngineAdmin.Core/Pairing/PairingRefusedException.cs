using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>Ends an exchange on the acceptor's side; becomes the refusal that the peer reads.</summary>
internal sealed class PairingRefusedException(RefusalCode code, string message, TimeSpan? retryAfter = null)
    : Exception(message)
{
    public RefusalCode Code { get; } = code;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
