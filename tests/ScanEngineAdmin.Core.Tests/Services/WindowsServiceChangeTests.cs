using System.Runtime.Versioning;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Services;

/// <summary>
/// A service of Windows that runs gets its new arguments: over a stand-in for sc.exe that keeps, as Windows does, what a
/// service was started with apart from what it is configured with.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class WindowsServiceChangeTests : IDisposable
{
    private const string Name = "scanengineadmin-engine";
    private const string Old = "scanengineadmin.exe engine --data C:\\Old";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly List<string> _run = [];
    private readonly string _program;
    private string _failing = "none";
    private string _configured = Old;
    private string? _startedWith = Old;
    private int _state = 4;
    private int _looksUntilStopped = 3;

    public WindowsServiceChangeTests()
    {
        _program = Path.Combine(Directory.CreateDirectory(_folder.Below("program")).FullName, "scanengineadmin");
        File.WriteAllText(_program, "#!/bin/sh\n");
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(_program, (UnixFileMode)0x1ED);
            File.SetUnixFileMode(Path.GetDirectoryName(_program)!, (UnixFileMode)0x1ED);
        }
    }

    private ServiceDefinition Engine => new(NodeRole.Engine, false) { Program = _program, DataPath = "C:\\New" };

    public void Dispose() => _folder.Dispose();

    [Fact, NeedsLinux]
    public async Task It_is_stopped_changed_and_started_in_that_order_and_left_alone_a_second_time()
    {
        Assert.True(await InstallAsync());

        Assert.Equal(WindowsServiceCommands.CommandLine(Engine), _startedWith);
        Assert.Equal(["stop", "config", "start"], _run.Where(static step => step is "stop" or "config" or "start"));
        _run.Clear();
        Assert.False(await InstallAsync());
        Assert.Empty(_run);
    }

    [Fact, NeedsLinux]
    public async Task One_that_is_not_to_be_started_is_not_stopped_either()
    {
        Assert.True(await Manager().InstallAsync(Engine, start: false, CancellationToken.None));

        Assert.DoesNotContain("stop", _run);
        Assert.Equal(Old, _startedWith);
        Assert.Equal(WindowsServiceCommands.CommandLine(Engine), _configured);
    }

    [Theory, NeedsLinux]
    [InlineData("stop", "Running", Old)]
    [InlineData("config", "Stopped", Old)]
    [InlineData("failure", "Stopped", "C:\\New")]
    [InlineData("start", "Stopped", "C:\\New")]
    public async Task A_step_that_fails_says_how_the_service_stands_now(string step, string state, string line)
    {
        _failing = step;

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(InstallAsync);

        Assert.Equal(FaultCode.ServiceFailed, fault.Code);
        Assert.Contains($"'sc {step} {Name}' ended with 5", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"It is {state} now", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(line, fault.Message, StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    public async Task One_that_does_not_stop_is_given_up_in_its_time_and_not_changed()
    {
        _looksUntilStopped = int.MaxValue;

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(InstallAsync);

        Assert.Contains("it did not stop within 90 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal(Old, _configured);
    }

    [Fact, NeedsLinux]
    public async Task It_is_removed_when_it_has_stopped()
    {
        WindowsServiceManager manager = Manager();
        ServiceStatus status = (await manager.LookAsync(NodeRole.Engine, false, CancellationToken.None))!;

        Task removed = manager.RemoveAsync(status, CancellationToken.None);
        await _time.PassUntilAsync(removed, TimeSpan.FromMilliseconds(250));

        Assert.Equal(["stop", "delete"], _run);
    }

    private async Task<bool> InstallAsync()
    {
        Task<bool> installed = Manager().InstallAsync(Engine, start: true, CancellationToken.None);
        await _time.PassUntilAsync(installed, TimeSpan.FromSeconds(1));
        return await installed;
    }

    private WindowsServiceManager Manager() => new(
        (call, _) => Task.FromResult(call.Tool == "sc" ? Run(call.Arguments) : new ToolResult(true, 0, string.Empty)),
        _time);

    private ToolResult Run(IReadOnlyList<string> arguments)
    {
        string step = arguments[0];
        if (step is "queryex" or "qc")
        {
            _state = step == "queryex" && _state == 3 && --_looksUntilStopped <= 0 ? 1 : _state;
            return new ToolResult(true, 0, step == "qc" ? Configuration() : State());
        }

        _run.Add(step);
        if (step == _failing)
        {
            return new ToolResult(true, 5, "FAILED 5: Access is denied.");
        }

        switch (step)
        {
            case "stop":
                _state = 3;
                break;
            case "config":
                _configured = arguments[3];
                break;
            case "start":
                (_state, _startedWith) = (4, _configured);
                break;
            case "delete":
                Assert.Equal(1, _state);
                break;
        }

        return new ToolResult(true, 0, string.Empty);
    }

    private string State() => $"SERVICE_NAME: {Name}\r\n  TYPE : 10 WIN32\r\n  STATE : {_state} X\r\n  E : 0\r\n  S : 0\r\n"
        + "  C : 0x0\r\n  W : 0x0\r\n  PID : 42\r\n";

    private string Configuration() => $"SERVICE_NAME: {Name}\r\n  TYPE : 10\r\n  START_TYPE : 2 AUTO\r\n  ERROR : 1\r\n"
        + $"  BINARY_PATH_NAME : {_configured}\r\n  GROUP :\r\n  TAG : 0\r\n  NAME : x\r\n  DEPENDENCIES :\r\n  START_NAME : LocalSystem\r\n";
}
