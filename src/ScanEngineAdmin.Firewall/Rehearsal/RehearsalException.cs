namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Why a rehearsal can give no answer: its message is for people.</summary>
internal sealed class RehearsalException(string message) : Exception(message);
