using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Services;

/// <summary>systemd takes the units that the product writes, and finds them well shut.</summary>
public sealed class SystemdUnitTests
{
    private const string Analyze = "/usr/bin/systemd-analyze";

    [Theory]
    [InlineData(NodeRole.Console, false, null, 20)]
    [InlineData(NodeRole.Engine, false, null, 20)]
    [InlineData(NodeRole.Console, true, null, 65)]
    [InlineData(NodeRole.Engine, true, FirewallProvider.Ufw, 70)]
    public async Task Systemd_takes_a_unit_and_its_exposure_is_low(
        NodeRole role, bool isApplier, FirewallProvider? provider, int exposure)
    {
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed");
        using var folder = new TemporaryFolder();
        string file = folder.Below("sea-unit.service");
        await File.WriteAllTextAsync(
            file, SystemdUnit.Write(Definition(role, isApplier) with { Program = "/bin/true", Provider = provider }));

        (int code, string said) = await RunAsync("verify", "--man=no", file);
        Assert.DoesNotContain("sea-unit", said, StringComparison.Ordinal);
        Assert.Equal(0, code);

        // In tenths: what systemd itself calls OK is below 5.0; an applier has to have its rights.
        (code, said) = await RunAsync("security", "--offline=true", $"--threshold={exposure}", file);
        Assert.True(code == 0, said);
    }

    [Fact]
    public void A_node_has_a_user_of_its_own_and_no_capability()
    {
        string[] unit = SystemdUnit.Write(Definition(NodeRole.Engine, isApplier: false)).Split('\n');

        foreach (string line in new[]
        {
            "Type=notify", "WatchdogSec=60", "User=scanengineadmin", "StateDirectory=scanengineadmin",
            "StateDirectoryMode=0700", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict",
            "ExecStart=/usr/lib/scanengineadmin/scanengineadmin engine --data /var/lib/scanengineadmin",
        })
        {
            Assert.Contains(line, unit);
        }
    }

    [Fact]
    public void A_folder_of_a_users_own_makes_the_node_his()
    {
        string[] unit = SystemdUnit.Write(
            Definition(NodeRole.Console, isApplier: false) with { DataPath = "/srv/sea", User = "scan" }).Split('\n');

        Assert.Contains("User=scan", unit);
        Assert.Contains("ReadWritePaths=/srv/sea", unit);
        Assert.DoesNotContain(unit, static line => line.StartsWith("StateDirectory", StringComparison.Ordinal));
    }

    [Fact]
    public void An_applier_may_make_a_network_namespace_and_reach_the_tunnel_device()
    {
        string unit = SystemdUnit.Write(Definition(NodeRole.Console, isApplier: true) with { Ports = [443, 41000] });

        Assert.Matches("(?m)^CapabilityBoundingSet=.*CAP_NET_ADMIN CAP_SYS_ADMIN", unit);
        Assert.Matches("(?m)^RestrictNamespaces=net$", unit);
        Assert.Matches("(?m)^SystemCallFilter=~@mount$", unit);
        Assert.Matches("(?m)^ReadWritePaths=-/run/xtables.lock$", unit);
        Assert.Matches("(?m)^ExecStart=.* firewall-applier --role console --data /var/lib/scanengineadmin --ports 443,41000$", unit);
        Assert.DoesNotMatch("(?m)^(PrivateDevices|ProtectClock|UMask|User)=", unit);
    }

    [Fact]
    public async Task What_systemd_would_expand_or_split_arrives_as_it_is()
    {
        ServiceDefinition service = Definition(NodeRole.Engine, isApplier: false) with
        {
            Program = "/bin/true",
            Listen = IPEndPoint.Parse("[fe80::1%3]:40814"),
            DataPath = "/srv/50%h $HOME \"x\" \\ ;",
            User = "a%u",
        };
        string unit = SystemdUnit.Write(service);

        Assert.Contains(" --listen [fe80::1%%3]:40814", unit, StringComparison.Ordinal);
        Assert.Contains("--data \"/srv/50%%h $$HOME \\\"x\\\" \\\\ ;\"", unit, StringComparison.Ordinal);
        Assert.Contains("\nReadWritePaths=\"/srv/50%%h $HOME ", unit, StringComparison.Ordinal);
        Assert.Contains("\nUser=a%%u\n", unit, StringComparison.Ordinal);
        string line = unit.Split('\n').Single(static one => one.StartsWith("ExecStart=", StringComparison.Ordinal))[10..];
        Assert.Equal([service.Program, .. service.Arguments], UnitValue.ReadLine(line));

        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed");
        using var folder = new TemporaryFolder();
        string file = folder.Below("sea-unit.service");
        await File.WriteAllTextAsync(file, SystemdUnit.Write(service with { User = null }));
        (_, string said) = await RunAsync("verify", "--man=no", file);
        Assert.DoesNotContain("sea-unit", said, StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public async Task Systemd_finds_a_program_whose_path_looks_like_a_variable()
    {
        using var folder = new TemporaryFolder();
        string program = folder.Below("a$b $$ %h");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n");
        File.SetUnixFileMode(program, (UnixFileMode)0x1ED);

        string unit = SystemdUnit.Write(
            Definition(NodeRole.Engine, isApplier: false) with { Program = program, DataPath = "/srv/$x" });

        Assert.Contains($"\nExecStart=\"{folder.Path}/a$b $$ %%h\" engine --data /srv/$$x\n", unit, StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed");
        string file = folder.Below("sea-unit.service");
        await File.WriteAllTextAsync(file, unit);
        (_, string said) = await RunAsync("verify", "--man=no", file);
        Assert.DoesNotContain("sea-unit", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a 'b c' \"d \\\"e\" f%%g $$h", "a|b c|d \"e|f%g|$h")]
    [InlineData("'/a$$b %%' $$c", "/a$$b %|$c")]
    [InlineData("/p  --x \"\" \\u0041b%h $HOME", "/p|--x||Ab%h|$HOME")]
    public void A_line_that_somebody_else_wrote_is_read_as_systemd_splits_it(string line, string words) =>
        Assert.Equal(words.Split('|'), UnitValue.ReadLine(line));

    [Fact]
    public void The_manual_shows_the_unit_of_an_applier_as_it_is()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ScanEngineAdmin.psd1")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        Assert.Contains(
            $"```ini\n{SystemdUnit.Write(Definition(NodeRole.Console, isApplier: true))}```",
            File.ReadAllText(Path.Combine(folder, "docs", "operations.md")),
            StringComparison.Ordinal);
    }

    internal static ServiceDefinition Definition(NodeRole role, bool isApplier) => new(role, isApplier)
    {
        Program = "/usr/lib/scanengineadmin/scanengineadmin",
        DataPath = SystemdUnit.DataPath,
    };

    private static async Task<(int Code, string Said)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Analyze, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string said = await process.StandardError.ReadToEndAsync() + await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
