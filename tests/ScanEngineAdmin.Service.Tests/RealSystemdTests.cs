using System.Diagnostics;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>The units under a real systemd, from installation to removal: tests/Systemd/run.sh says what it needs.</summary>
public sealed class RealSystemdTests
{
    private static readonly string? Root = Environment.GetEnvironmentVariable("SCANENGINEADMIN_SYSTEMD_ROOT");

    [Fact, NeedsRoot]
    [Trait("Speed", "Slow")]
    public async Task The_services_are_installed_used_and_removed()
    {
        Assert.SkipUnless(Directory.Exists(Root), "SCANENGINEADMIN_SYSTEMD_ROOT names no root that debootstrap made");
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ScanEngineAdmin.psd1")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var start = new ProcessStartInfo("bash", [Path.Combine(folder, "tests", "Systemd", "run.sh"), Root!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
        string said = await process.StandardError.ReadToEndAsync(bound.Token) + await output;
        await process.WaitForExitAsync(bound.Token);

        Assert.True(process.ExitCode == 0, said);
        Assert.Contains("ok  the data stays", said, StringComparison.Ordinal);
    }
}
