<#
.SYNOPSIS
    As engine.dsc.yaml, for PSDesiredStateConfiguration 2: paired with its console, what may be scanned, and the firewall.
.EXAMPLE
    ./engine.v2.ps1 -EngineName lab-2 -ConsoleAddress console.example.org -PairingSecret (Get-Secret scanengine-console)
#>
#Requires -Modules ScanEngineAdmin
param(
    [string] $DataPath = '/var/lib/scanengineadmin',

    [string] $EngineName = 'lab-2',

    [Parameter(Mandatory)]
    [string] $ConsoleAddress,

    [int] $ConsolePort = 40815,

    # Its password is what New-EnginePairingSecret showed on the console's host.
    [Parameter(Mandatory)]
    [pscredential] $PairingSecret
)

$ErrorActionPreference = 'Stop'
$resources = @(
    @{
        Name     = 'ScanEngineConsole'
        Property = @{
            DataPath = $DataPath; ConsoleAddress = $ConsoleAddress; ConsolePort = $ConsolePort; EngineName = $EngineName
            PairingSecret = $PairingSecret
        }
    }
    @{
        Name     = 'ScanEnginePolicy'
        Property = @{
            DataPath = $DataPath; IsSingleInstance = 'Yes'; Allow = '10.0.0.0/8', '192.168.0.0/16'; Deny = @('10.9.0.0/16')
            MaxRate = 500; OnDenied = 'Skip'
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
