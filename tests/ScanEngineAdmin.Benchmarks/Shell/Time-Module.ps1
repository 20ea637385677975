# What an admin's session waits for, in a PowerShell of its own. One JSON object on standard output: figure -> times.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [ValidateSet('Import', 'Session')] [string] $Measure,
    [string] $DataPath,
    [string] $Name,
    [string] $ScanId,
    [int] $Piped,
    [int] $Findings,
    [int] $Rounds
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Measure-Time([scriptblock] $Work) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    & $Work > $null
    $watch.Elapsed.TotalMilliseconds
}

if ($Measure -eq 'Import') {
    @{ import = @(Measure-Time { Import-Module $Module }) } | ConvertTo-Json -Compress
    return
}

$env:SCANENGINEADMIN_DATA = $DataPath
Import-Module $Module
$some = @(Get-ScanEngine | Select-Object -First $Piped)
$work = [ordered]@{
    list             = { Get-ScanEngine }
    'by name'        = { Get-ScanEngine -Name $Name }
    piped            = { $some | Get-ScanEngine }
    completion       = { TabExpansion2 -InputScript 'Get-ScanEngine -Name e00' -CursorColumn 24 }
    'own completion' = { TabExpansion2 -InputScript 'Get-Process -Na' -CursorColumn 15 }
    findings         = { Receive-EngineScan -ScanId $ScanId | ForEach-Object { } }
    numbers          = { 1..$Findings | ForEach-Object { } }
}
$times = @{ }
foreach ($figure in $work.Keys) {
    $times[$figure] = [System.Collections.Generic.List[double]]::new()
}

foreach ($round in 0..$Rounds) {
    foreach ($figure in $work.Keys) {
        $took = Measure-Time $work[$figure]
        # The first of each compiles.
        if ($round -gt 0) { $times[$figure].Add($took) }
    }
}

$memory = [System.Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 / 1MB
$times['peak'] = @($memory)
$times | ConvertTo-Json -Compress
