using System.Runtime.Versioning;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Services;

/// <summary>What installing a unit writes and runs, on a host whose systemd only keeps count.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SystemdServiceManagerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _run = [];
    private readonly List<TimeSpan?> _limits = [];
    private readonly SystemdServiceManager _manager;
    private readonly string _units;
    private string _state = "ActiveState=active\nUnitFileState=enabled\nMainPID=42\n";

    public SystemdServiceManagerTests()
    {
        _units = Directory.CreateDirectory(_folder.Below("units")).FullName;
        Directory.CreateDirectory(_folder.Below("program"));
        File.WriteAllText(Program, "#!/bin/sh\n");
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(Program, (UnixFileMode)0x1ED);
            File.SetUnixFileMode(_folder.Below("program"), (UnixFileMode)0x1ED);
        }

        _manager = new SystemdServiceManager(new SystemdHost
        {
            UnitFolder = _units,
            VendorFolder = _folder.Below("vendor"),
            IsRunning = static () => true,
            IsRoot = static () => true,
            RunAsync = (call, _) =>
            {
                _run.Add(call.ToString());
                _limits.Add(call.Limit);
                return Task.FromResult(new ToolResult(true, 0, call.Arguments[0] == "show" ? _state : string.Empty));
            },
        });
    }

    private string Program => Path.Combine(_folder.Path, "program", "scanengineadmin");

    private string Unit => Path.Combine(_units, "scanengineadmin-console.service");

    private ServiceDefinition Console =>
        SystemdUnitTests.Definition(NodeRole.Console, isApplier: false) with { Program = Program };

    public void Dispose() => _folder.Dispose();

    [Fact, NeedsLinux]
    public async Task It_writes_the_unit_starts_it_and_does_nothing_a_second_time()
    {
        Assert.True(await InstallAsync(Console));
        Assert.Equal(SystemdUnit.Write(Console), await File.ReadAllTextAsync(Unit));
        Assert.Equal((UnixFileMode)0x1A4, File.GetUnixFileMode(Unit));
        Assert.Equal(
            [
                "systemd-sysusers --inline 'u scanengineadmin - \"ScanEngineAdmin\" /var/lib/scanengineadmin'",
                "systemctl daemon-reload", "systemctl enable scanengineadmin-console",
                "systemctl start scanengineadmin-console",
            ],
            _run);
        _run.Clear();

        Assert.False(await InstallAsync(Console));
        Assert.Equal("systemctl show scanengineadmin-console --property=ActiveState,UnitFileState,MainPID", Assert.Single(_run));

        Assert.True(await InstallAsync(Console with { AdvertisedAddress = "console.example.org" }));
        Assert.Contains("--advertise console.example.org", await File.ReadAllTextAsync(Unit), StringComparison.Ordinal);
        Assert.Equal("systemctl restart scanengineadmin-console", _run[^1]);
        Assert.EndsWith(_run[^1], _manager.Describe(Console, await LookAsync(), start: true), StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_units));
    }

    [Fact, NeedsLinux]
    public async Task A_start_may_take_as_long_as_the_unit_gives_it()
    {
        await InstallAsync(Console);
        await InstallAsync(Console with { AdvertisedAddress = "console.example.org" });
        await _manager.RemoveAsync((await LookAsync())!, CancellationToken.None);

        string[] waiting = ["systemctl start", "systemctl restart", "systemctl disable --now"];
        TimeSpan?[] limits = [.. _run.Zip(_limits).Where(run => waiting.Any(run.First.StartsWith)).Select(static run => run.Second)];
        Assert.Equal(3, limits.Length);
        Assert.All(limits, static limit => Assert.True(limit > SystemdUnit.StartLimit + SystemdUnit.StopLimit));
    }

    [Fact, NeedsLinux]
    public async Task It_says_how_a_service_stands()
    {
        Assert.Null(await LookAsync());
        await InstallAsync(Console);
        Assert.Equal(
            (EngineServiceState.Running, true, "scanengineadmin", 42),
            await LookAsync() is { } one ? (one.State, one.StartsAtBoot, one.User, one.ProcessId ?? 0) : default);

        _state = "ActiveState=failed\nUnitFileState=disabled\nMainPID=0\n";
        Assert.Equal(
            (EngineServiceState.Failed, false, null),
            await LookAsync() is { } other ? (other.State, other.StartsAtBoot, other.ProcessId) : default);
    }

    [Fact, NeedsLinux]
    public async Task Removed_it_is_stopped_and_its_unit_is_gone()
    {
        await InstallAsync(Console);
        _run.Clear();

        await _manager.RemoveAsync((await LookAsync())!, CancellationToken.None);

        Assert.Equal(["systemctl disable --now scanengineadmin-console", "systemctl daemon-reload"], _run[^2..]);
        Assert.Empty(Directory.GetFileSystemEntries(_units));
    }

    [Fact, NeedsLinux]
    public async Task A_unit_of_a_package_is_a_service_once_it_is_enabled_and_its_file_is_the_packages()
    {
        string vendor = Path.Combine(Directory.CreateDirectory(_folder.Below("vendor")).FullName, Path.GetFileName(Unit));
        await File.WriteAllTextAsync(vendor, SystemdUnit.Write(Console));
        _state = "ActiveState=inactive\nUnitFileState=disabled\nMainPID=0\n";
        Assert.Null(await LookAsync());

        _state = "ActiveState=active\nUnitFileState=enabled\nMainPID=42\n";
        ServiceStatus? status = await LookAsync();
        Assert.Equal(vendor, status?.Path);
        await _manager.RemoveAsync(status!, CancellationToken.None);
        Assert.True(File.Exists(vendor));
    }

    [Theory, NeedsLinux]
    [InlineData("link")]
    [InlineData("folder")]
    [InlineData("text")]
    public async Task What_is_not_its_own_is_left_as_it_is(string what)
    {
        string victim = _folder.Below("victim");
        await File.WriteAllTextAsync(victim, SystemdUnit.Mark);
        _ = what switch
        {
            "link" => File.CreateSymbolicLink(Unit, victim),
            "folder" => Directory.CreateDirectory(Unit),
            _ => (object)Write(Unit, "[Service]\n"),
        };

        Assert.Equal(FaultCode.ServiceNotOurs, (await FaultAsync(Console)).Code);
        Assert.Equal(SystemdUnit.Mark, await File.ReadAllTextAsync(victim));
        Assert.DoesNotContain(_run, static run => run.Contains("start", StringComparison.Ordinal));
    }

    [Theory, NeedsLinux]
    [InlineData("program")]
    [InlineData("program/scanengineadmin")]
    public async Task A_program_that_others_may_change_is_no_service(string open)
    {
        string path = Path.Combine(_folder.Path, open);
        File.SetUnixFileMode(path, (UnixFileMode)0x1FF);

        Assert.Equal(FaultCode.ServiceProgramNotUsable, (await FaultAsync(Console)).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_units));
    }

    [Fact, NeedsLinux]
    public async Task A_program_that_is_not_there_or_has_a_line_break_in_its_path_is_no_service()
    {
        Assert.Equal(
            FaultCode.ServiceProgramNotUsable, (await FaultAsync(Console with { Program = Program + "x" })).Code);
        string odd = Path.Combine(_folder.Path, "program", "x\nUser=root");
        File.Copy(Program, odd);
        Assert.Equal(FaultCode.ServiceProgramNotUsable, (await FaultAsync(Console with { Program = odd })).Code);
    }

    [Fact, NeedsLinux]
    public async Task A_folder_of_units_that_others_may_write_is_not_written()
    {
        File.SetUnixFileMode(_units, (UnixFileMode)0x1FF);

        Assert.Equal(FaultCode.ServiceNotOurs, (await FaultAsync(Console)).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_units));
    }

    private static string Write(string path, string text)
    {
        File.WriteAllText(path, text);
        return path;
    }

    private Task<bool> InstallAsync(ServiceDefinition service) =>
        _manager.InstallAsync(service, start: true, CancellationToken.None);

    private Task<ServiceStatus?> LookAsync() => _manager.LookAsync(NodeRole.Console, false, CancellationToken.None);

    private Task<ScanEngineException> FaultAsync(ServiceDefinition service) =>
        Assert.ThrowsAsync<ScanEngineException>(() => InstallAsync(service));
}
