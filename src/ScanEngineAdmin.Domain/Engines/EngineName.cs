using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Engines;

/// <summary>
/// What an engine may be called: what survives a wildcard pattern, a file name (not "..") and a table.
/// </summary>
public static class EngineName
{
    internal const int MaxLength = 64;

    internal static bool IsValid(string? name) => name is { Length: > 0 and <= MaxLength }
        && name[0] != ' ' && name[^1] != ' '
        && name.Any(char.IsLetterOrDigit)
        && name.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or ' ');

    /// <exception cref="ScanEngineException">EngineNameInvalid.</exception>
    internal static string Validate(string? name) => IsValid(name)
        ? name!
        : throw new ScanEngineException(
            FaultCode.EngineNameInvalid,
            $"'{name}' is not a name for an engine.",
            $"Use 1 to {MaxLength} letters, digits, '.', '_', '-' and blanks inside.",
            name);

    /// <summary>EngineNameInUse: names compare without case.</summary>
    public static ScanEngineException InUse(string taken, string wanted) => new(
        FaultCode.EngineNameInUse,
        $"There is an engine named '{taken}' already.",
        "Choose another name, or remove that engine with Unregister-ScanEngine first.",
        wanted);
}
