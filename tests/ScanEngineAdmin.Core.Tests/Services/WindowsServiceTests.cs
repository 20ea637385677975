using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Services;

/// <summary>The commands for Windows, compared as text: they are not run on Windows here.</summary>
public sealed class WindowsServiceTests
{
    private static readonly ServiceDefinition Console = new(NodeRole.Console, false)
    {
        Program = @"C:\Program Files\ScanEngineAdmin\scanengineadmin.exe",
        DataPath = @"C:\ProgramData\ScanEngineAdmin",
        Listen = new IPEndPoint(IPAddress.IPv6Any, 41000),
    };

    [Fact]
    public void A_service_of_windows_restarts_and_has_no_privileges()
    {
        string[] lines = [.. WindowsServiceCommands.Install(Console, exists: false).Select(static call => call.ToString())];

        Assert.Equal(
            "sc create scanengineadmin-console binPath= '\"C:\\Program Files\\ScanEngineAdmin\\scanengineadmin.exe\" "
            + "console --data C:\\ProgramData\\ScanEngineAdmin --listen [::]:41000' start= delayed-auto obj= LocalSystem "
            + "DisplayName= 'ScanEngineAdmin Security Console'",
            lines[0]);
        Assert.Contains("sc failure scanengineadmin-console reset= 86400 actions= restart/5000/restart/5000/restart/60000", lines);
        Assert.Contains("sc privs scanengineadmin-console SeChangeNotifyPrivilege", lines);
        Assert.StartsWith("sc config ", WindowsServiceCommands.Install(Console, exists: true)[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "old", true, "create|start")]
    [InlineData(EngineServiceState.Running, "old", true, "stop|config|start")]
    [InlineData(EngineServiceState.Starting, "old", true, "stop|config|start")]
    [InlineData(EngineServiceState.Stopped, "old", true, "config|start")]
    [InlineData(EngineServiceState.Running, "old", false, "config")]
    [InlineData(EngineServiceState.Running, null, true, "config")]
    public void What_is_shown_before_is_the_stop_of_a_service_that_runs_too(
        EngineServiceState? state, string? line, bool start, string steps)
    {
        var manager = new WindowsServiceManager((_, _) => throw new InvalidOperationException(), TimeProvider.System);
        ServiceStatus? installed = state is { } now
            ? new(NodeRole.Console, false, null, line ?? WindowsServiceCommands.CommandLine(Console), now, true, "LocalSystem", 1)
            : null;

        IEnumerable<string> shown = manager.Describe(Console, installed, start).Split(Environment.NewLine)
            .Select(static call => call.Split(' ')[1]);

        Assert.Equal(steps.Split('|'), shown.Where(static step => step is "create" or "config" or "stop" or "start"));
    }

    [Fact]
    public async Task What_sc_says_is_read_in_any_language()
    {
        // A German Windows: the numbers and the order are the same.
        var manager = new WindowsServiceManager((call, _) => Task.FromResult(new ToolResult(true, 0, call.Arguments[0] == "qc"
            ? "[SC] QueryServiceConfig ERFOLG\r\n\r\nSERVICE_NAME: scanengineadmin-console\r\n"
                + "        TYP                : 10  WIN32_OWN_PROCESS \r\n"
                + "        STARTTYP           : 2   AUTO_START  (DELAYED)\r\n        FEHLERSTEUERUNG    : 1   NORMAL\r\n"
                + "        BINÄRPFADNAME      : scanengineadmin.exe console --data C:\\Data\r\n"
                + "        LADEORDNUNGSGRUPPE :   \r\n        TAG                : 0\r\n        ANZEIGENAME        : x\r\n"
                + "        ABHÄNGIGKEITEN     :   \r\n        SERVICE_START_NAME : LocalSystem\r\n"
            : "\r\nSERVICE_NAME: scanengineadmin-console\r\n        TYP                : 10  WIN32_OWN_PROCESS  \r\n"
                + "        STATUS             : 4  RUNNING \r\n                                (STOPPABLE, ...)\r\n"
                + "        WIN32_BEENDIGUNGSCODE : 0  (0x0)\r\n        DIENST_BEENDIGUNGSCODE : 0  (0x0)\r\n"
                + "        PRÜFPUNKT          : 0x0\r\n        WARTEHINWEIS       : 0x0\r\n        PID                : 4321\r\n"
                + "        FLAGS              : \r\n")), TimeProvider.System);

        ServiceStatus? status = await manager.LookAsync(NodeRole.Console, false, CancellationToken.None);

        Assert.NotNull(status);
        Assert.Equal(EngineServiceState.Running, status.State);
        Assert.True(status.StartsAtBoot);
        Assert.Equal("LocalSystem", status.User);
        Assert.Equal("scanengineadmin.exe console --data C:\\Data", status.Text);
        Assert.Equal(4321, status.ProcessId);
    }
}
