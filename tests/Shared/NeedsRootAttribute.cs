namespace ScanEngineAdmin.Tests.Shared;

/// <summary>For what only root can do, or has to leave.</summary>
internal sealed class NeedsRootAttribute : NeedsAttribute
{
    protected override string? WhyNot => ThisMachine.WhyNotRoot;
}
