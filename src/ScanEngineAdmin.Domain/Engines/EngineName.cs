using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Engines;

/// <summary>
/// What an engine may be called: what survives a wildcard pattern, a file name (not "..") and a table, and what nobody
/// takes for another engine's name.
/// </summary>
internal static class EngineName
{
    internal const int MaxLength = 64;

    /// <summary>Why that is no name for an engine; null if it is one.</summary>
    internal static string? Flaw(string? name)
    {
        if (name is not { Length: > 0 and <= MaxLength })
        {
            return $"it does not have 1 to {MaxLength} characters";
        }

        if (name[0] == ' ' || name[^1] == ' ' || name.Contains("  ", StringComparison.Ordinal))
        {
            return "it has blanks at its ends or two in a row, which nobody sees";
        }

        string? script = null;
        foreach (char c in name)
        {
            if (char.IsAsciiDigit(c) || c is '.' or '_' or '-' or ' ')
            {
                continue;
            }

            if (NameScript.Of(c) is not { } own)
            {
                return Unusable(c);
            }

            if (script is not null && script != own)
            {
                return $"it mixes {script} and {own} letters, which may look alike";
            }

            script = own;
        }

        return name.Any(char.IsLetterOrDigit) ? null : "it has neither a letter nor a digit";
    }

    /// <exception cref="ScanEngineException">EngineNameInvalid.</exception>
    internal static string Validate(string? name) => Flaw(name) is not { } flaw
        ? name!
        : throw new ScanEngineException(
            FaultCode.EngineNameInvalid,
            $"'{name}' is not a name for an engine: {flaw}.",
            $"Use 1 to {MaxLength} letters of one script, digits, '.', '_', '-' and blanks inside.",
            name);

    /// <summary>Whether nobody would tell them apart: by more than case, they are alike to the eye.</summary>
    internal static bool LooksLike(string name, string other) =>
        !string.Equals(name, other, StringComparison.OrdinalIgnoreCase)
        && string.Equals(NameScript.Look(name), NameScript.Look(other), StringComparison.Ordinal);

    /// <summary>EngineNameInUse: names compare without case.</summary>
    public static ScanEngineException InUse(string taken, string wanted) => new(
        FaultCode.EngineNameInUse,
        $"There is an engine named '{taken}' already.",
        "Choose another name, or remove that engine with Unregister-ScanEngine first.",
        wanted);

    /// <summary>EngineNameInUse: to the eye it is another engine's.</summary>
    internal static ScanEngineException Alike(string taken, string wanted) => new(
        FaultCode.EngineNameInUse,
        $"'{wanted}' looks like '{taken}', which is another engine's name.",
        "Choose a name that cannot be taken for that one: 0 and O, 1, l and I, rn and m look alike, and so do many "
            + "letters of different scripts.",
        wanted);

    private static string Unusable(char c)
    {
        string code = $"U+{(int)c:X4}";
        return char.IsLetter(c) && c is (>= '\u0590' and <= '\u08FF') or (>= '\uFB1D' and <= '\uFEFC')
            ? $"it has letters that are written from right to left ({code}), which reorder the line it stands in"
            : $"it has a character that is invisible, a sign, or in no alphabet that names are written with ({code})";
    }
}
