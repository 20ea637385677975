using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Services;

/// <summary>What systemd is reached by: the folder of the host's own units, and its tools.</summary>
internal sealed record SystemdHost
{
    public string UnitFolder { get; init; } = "/etc/systemd/system";

    /// <summary>Where a package has put its units.</summary>
    public string VendorFolder { get; init; } = "/usr/lib/systemd/system";

    public Func<ToolCall, CancellationToken, Task<ToolResult>> RunAsync { get; init; } = ToolRunner.RunAsync;

    /// <summary>systemd's own test of whether it runs this system.</summary>
    public Func<bool> IsRunning { get; init; } = static () => Directory.Exists("/run/systemd/system");

    public Func<bool> IsRoot { get; init; } = static () => FolderOwner.Me == 0;
}
