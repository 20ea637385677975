namespace ScanEngineAdmin.Service.Arguments;

/// <summary>Reads the value of an option; returns why it cannot be read, or null.</summary>
internal delegate string? OptionReader<T>(string text, out T? value);
