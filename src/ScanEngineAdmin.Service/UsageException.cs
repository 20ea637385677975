namespace ScanEngineAdmin.Service;

/// <summary>The command line is not one this program understands.</summary>
internal sealed class UsageException(string message) : Exception(message);
