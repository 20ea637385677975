namespace ScanEngineAdmin.Domain.Text;

/// <summary>What is wrong with a text that was typed, and what was probably meant.</summary>
internal sealed record TextFlaw(string Why, string? Meant = null);
