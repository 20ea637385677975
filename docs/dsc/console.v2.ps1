<#
.SYNOPSIS
    As console.dsc.yaml, for PSDesiredStateConfiguration 2: one engine, paired and reverse, and this host's firewall.
.EXAMPLE
    ./console.v2.ps1 -EngineAddress lab-1.example.org -ConsoleAddress console.example.org -PairingSecret (Get-Secret lab-1)
#>
#Requires -Modules ScanEngineAdmin
param(
    [string] $DataPath = '/var/lib/scanengineadmin',

    [string] $EngineName = 'lab-1',

    [Parameter(Mandatory)]
    [string] $EngineAddress,

    [int] $EnginePort = 40814,

    [Parameter(Mandatory)]
    [string] $ConsoleAddress,

    [int] $ConsolePort = 40815,

    # Its password is what New-EnginePairingSecret -Role Engine showed on the engine's host.
    [Parameter(Mandatory)]
    [pscredential] $PairingSecret
)

$ErrorActionPreference = 'Stop'
$resources = @(
    @{
        Name     = 'ScanEngine'
        Property = @{
            DataPath = $DataPath; Name = $EngineName; Address = $EngineAddress; Port = $EnginePort; PairingSecret = $PairingSecret
            WhenAway = 'Wait'; TimeoutSeconds = 120
        }
    }
    @{
        Name     = 'ScanEngineCommunication'
        Property = @{
            DataPath = $DataPath; Name = $EngineName; Direction = 'EngineToConsole'; ConsoleAddress = $ConsoleAddress
            ConsolePort = $ConsolePort; WhenAway = 'Wait'; TimeoutSeconds = 120
        }
    }
    @{
        Name     = 'ScanEngineFirewall'
        Property = @{ DataPath = $DataPath; IsSingleInstance = 'Yes' }
    }
)
foreach ($resource in $resources) {
    $state = Invoke-DscResource -ModuleName ScanEngineAdmin -Method Test @resource
    if (-not $state.InDesiredState) {
        $null = Invoke-DscResource -ModuleName ScanEngineAdmin -Method Set @resource
    }

    [pscustomobject]@{ Resource = $resource.Name; Changed = -not $state.InDesiredState }
}
