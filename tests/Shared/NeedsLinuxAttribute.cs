namespace ScanEngineAdmin.Tests.Shared;

/// <summary>For signals, file modes or /proc.</summary>
internal sealed class NeedsLinuxAttribute : NeedsAttribute
{
    protected override string? WhyNot => ThisMachine.WhyNotLinux;
}
