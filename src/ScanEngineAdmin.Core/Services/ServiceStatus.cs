using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Services;

/// <summary>How a service of this product stands on this host.</summary>
/// <param name="Role">Whose it is.</param>
/// <param name="IsApplier">Whether it is that node's firewall applier.</param>
/// <param name="Path">The unit's file; null on Windows.</param>
/// <param name="Text">The unit's text, or the command line on Windows.</param>
/// <param name="State">Whether it runs.</param>
/// <param name="StartsAtBoot">Whether the system starts it.</param>
/// <param name="User">Whose rights it has.</param>
/// <param name="ProcessId">Its process, while it runs.</param>
internal sealed record ServiceStatus(
    NodeRole Role,
    bool IsApplier,
    string? Path,
    string Text,
    EngineServiceState State,
    bool StartsAtBoot,
    string User,
    int? ProcessId)
{
    /// <summary>The program and its arguments.</summary>
    public string CommandLine => Path is null ? Text : Text.Split('\n')
        .FirstOrDefault(static line => line.StartsWith("ExecStart=", StringComparison.Ordinal))?[10..] ?? string.Empty;

    /// <summary>The same, apart, as the program sees them.</summary>
    public IReadOnlyList<string> Words =>
        Path is null ? WindowsServiceCommands.ReadLine(Text) : UnitValue.ReadLine(CommandLine);

    public string Name => ServiceDefinition.NameOf(Role, IsApplier);
}
