namespace ScanEngineAdmin.Core.Firewall.Applying;

/// <summary>What the applier has of its host: its tools, its clock, and where it keeps what it did.</summary>
internal sealed record HostTools(
    Func<ToolCall, CancellationToken, Task<ToolResult>> Run, bool Windows, string Folder, TimeProvider Time)
{
    // Not the nodes' data folder: the account that faces the network owns that one, and this says what root will run.
    public static string SystemFolder => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData),
            "ScanEngineAdmin-Firewall")
        : "/var/lib/scanengineadmin-firewall";

    public static HostTools OfThisHost(string? folder) =>
        new(ToolRunner.RunAsync, OperatingSystem.IsWindows(), folder ?? SystemFolder, TimeProvider.System);

    public Task<FirewallOwner> OwnerAsync(CancellationToken cancellationToken) =>
        new FirewallProviderDetector((tool, arguments, token) => Run(new ToolCall(tool, arguments), token), Windows)
            .DetectAsync(cancellationToken);
}
