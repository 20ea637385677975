namespace ScanEngineAdmin.Faults.Attack;

/// <summary>An attack that was not met as it should be.</summary>
internal sealed class AttackException(string message) : Exception(message);
