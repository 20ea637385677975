namespace ScanEngineAdmin.Faults.Attack;

/// <summary>One attack; it returns what it was refused with, and throws when it was not.</summary>
internal sealed record AttackCase(string Name, Func<AttackStage, Task<string>> Run);
