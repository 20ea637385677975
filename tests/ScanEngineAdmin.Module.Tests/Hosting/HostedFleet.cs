using System.Management.Automation;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>
/// A console and an engine that a hosted PowerShell runs in this process, paired; on folders that go with them.
/// </summary>
internal sealed class HostedFleet : IDisposable
{
    private readonly HostedPowerShell _shell;
    private readonly TemporaryData _consoleData = new();
    private readonly TemporaryData _engineData = new();

    public HostedFleet(HostedPowerShell shell, string direction, string name = "lab1")
    {
        _shell = shell;
        EnginePort = Ports.Free();
        ConsolePort = Ports.Free();
        try
        {
            shell.Run(
                """
                param($Console, $Engine, $Direction, $Name, $ConsolePort, $EnginePort)
                $quiet = @{ WarningAction = 'Ignore' }
                $null = Start-SecurityConsole -DataPath $Console -Address 127.0.0.1 -Port $ConsolePort `
                    -AdvertisedAddress 127.0.0.1 @quiet
                if ($Direction -eq 'EngineToConsole') {
                    $secret = New-EnginePairingSecret -DataPath $Console
                    $null = Start-EnginePoller -DataPath $Engine -ConsoleAddress 127.0.0.1 -ConsolePort $ConsolePort `
                        -PairingSecret $secret -EngineName $Name -Interval 1s @quiet
                } else {
                    $secret = New-EnginePairingSecret -Role Engine -DataPath $Engine
                    $null = Start-EngineListener -DataPath $Engine -Address 127.0.0.1 -Port $EnginePort @quiet
                    Register-ScanEngine -DataPath $Console -Name $Name -Address 127.0.0.1 -Port $EnginePort `
                        -PairingSecret $secret
                }

                $null = Wait-ScanEngine $Name -DataPath $Console -Timeout 2m
                """,
                new { Console, Engine, Direction = direction, Name = name, ConsolePort, EnginePort });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Console => _consoleData.Path;

    public string Engine => _engineData.Path;

    public int ConsolePort { get; }

    public int EnginePort { get; }

    /// <summary>
    /// Scans a port that is open, changes the direction, scans again and returns what an admin then reads.
    /// </summary>
    public HostedStory Live(string from)
    {
        string to = from == "ConsoleToEngine" ? "EngineToConsole" : "ConsoleToEngine";
        using var open = new TcpListener(IPAddress.Loopback, 0);
        open.Start();
        return new HostedStory(to, _shell.Run(
            """
            param($Console, $Engine, $To, $Open, $EnginePort)
            $at = @{ DataPath = $Console }
            $first = Start-EngineScan lab1 -Target 127.0.0.1 -Port $Open -Wait @at
            $change = Set-ScanEngineCommunication lab1 $To -Address 127.0.0.1 -Port $EnginePort `
                -ConsoleAddress 127.0.0.1 @at
            $second = Start-EngineScan lab1 -Target 127.0.0.1 -Port $Open -Wait @at
            $findings = @($first, $second | Receive-EngineScan @at)
            $engine = Get-ScanEngine lab1 @at
            $events = @(Get-ScanEngineEvent @at)
            $plan = Set-ScanEngineCommunication lab1 $To -Port $EnginePort -Address 127.0.0.2 -WhatIf @at
            @{
                States     = "$($first.State) $($change.State) $($second.State)"
                Findings   = "$($findings.State)"
                Direction  = "$($engine.Direction)"
                Status     = "$($engine.Status)"
                Times      = @($events.Time) + $engine.LastContact
                Text       = @($plan | ConvertTo-EngineFirewallScript Nftables) + $engine.Fingerprint
                Shown      = $engine, $change, $events[0], $findings[0], $first | Format-Table | Out-String -Width 200
            }
            """,
            new { Console, Engine, To = to, Open = ((IPEndPoint)open.LocalEndpoint).Port, EnginePort })
            .Single().BaseObject);
    }

    public void Dispose()
    {
        // What a test has stopped already is no error here.
        using PowerShell stop = _shell.Make(
            """
            param($Console, $Engine)
            Stop-EngineListener -DataPath $Engine
            Stop-SecurityConsole -DataPath $Console
            """,
            new { Console, Engine });
        stop.Invoke();
        _consoleData.Dispose();
        _engineData.Dispose();
    }
}
