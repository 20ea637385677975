using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>What an engine's own admin lets be scanned from there, whatever the console says.</summary>
internal sealed record TargetPolicy
{
    /// <summary>Addresses, ranges and CIDR blocks; empty allows all that is not denied.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Addresses, ranges and CIDR blocks; wins over <see cref="Allow"/>.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>
    /// What becomes of a scan that names an address which may not be scanned: it is refused whole, or that address is
    /// passed over and counted.
    /// </summary>
    public DeniedTargets OnDenied { get; init; }

    /// <summary>Connection attempts per second in all; 0 for no limit.</summary>
    public int MaxRate { get; init; }

    /// <summary>Connection attempts under way at once, per scan.</summary>
    public int MaxParallelism { get; init; } = 1024;

    /// <summary>
    /// Whether a console may have this host's nmap started. Not without the admin's word: it asks services more than a
    /// connect does.
    /// </summary>
    public bool AllowNmap { get; init; }

    /// <summary>A rule's addresses as they were typed, one or a list in a text, one a text.</summary>
    /// <exception cref="ScanEngineException">TargetInvalid.</exception>
    public static IReadOnlyList<string> Typed(IReadOnlyList<string> texts, string option)
    {
        string[] read = [.. TargetReader.Read(texts).Select(static one => one.Text)];

        // A list that was to hold something and does not would allow or deny another thing than was meant.
        return read.Length > 0 || texts.Count == 0 ? read : throw new ScanEngineException(
            FaultCode.TargetInvalid,
            $"{option} holds a text and no address in it.",
            $"Give addresses, ranges or blocks, or clear the list: {option} @().",
            option);
    }
}
