<#
.SYNOPSIS
    As fleet.dsc.yaml, for PSDesiredStateConfiguration 2: a console's fleet, by the data of a file.
.EXAMPLE
    ./fleet.v2.ps1 -Data (Import-PowerShellDataFile fleet.psd1) | Where-Object Changed
#>
#Requires -Modules ScanEngineAdmin
param(
    # DataPath, ConsoleAddress, and Engines: rows of Name, Address, Port, Direction and SecretName.
    [Parameter(Mandatory)]
    [hashtable] $Data
)

$ErrorActionPreference = 'Stop'
foreach ($engine in $Data.Engines) {
    $resources = @(
        @{
            Name     = 'ScanEngine'
            Property = @{
                DataPath = $Data.DataPath; Name = $engine.Name; Address = $engine.Address; Port = $engine.Port
                SecretName = $engine.SecretName
            }
        }
        @{
            Name     = 'ScanEngineCommunication'
            Property = @{
                DataPath = $Data.DataPath; Name = $engine.Name; Direction = $engine.Direction
                ConsoleAddress = $Data.ConsoleAddress; WhenAway = 'Request'
            }
        }
    )
    foreach ($resource in $resources) {
        $state = Invoke-DscResource -ModuleName ScanEngineAdmin -Method Test @resource
        if (-not $state.InDesiredState) {
            $null = Invoke-DscResource -ModuleName ScanEngineAdmin -Method Set @resource
        }

        [pscustomobject]@{ Engine = $engine.Name; Resource = $resource.Name; Changed = -not $state.InDesiredState }
    }
}
