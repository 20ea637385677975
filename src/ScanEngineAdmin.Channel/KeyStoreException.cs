namespace ScanEngineAdmin.Channel;

/// <summary>The system's key store does not take a key that is sound; only Windows has one in between.</summary>
public sealed class KeyStoreException(string message, Exception cause) : Exception(message, cause);
