<#
.SYNOPSIS
    Changes the direction of a site's engines in batches, and stops behind the first batch in which one failed.
.DESCRIPTION
    A change that fails is rolled back by itself, so the engine goes on as it was. Engines of later batches are not tried.
    An engine that has the direction already is left as it is: run it again when what failed is mended.

    Returns a row for each engine: Moved, Unchanged, Failed or NotTried. If any failed, an error comes at the end.
.EXAMPLE
    ./Move-Site.ps1 -Name 'berlin-*' -Direction Reverse -ConsoleAddress console.example.org -BatchSize 10 -ReportPath berlin.csv
.EXAMPLE
    ./Move-Site.ps1 -Name 'berlin-*' -Direction Reverse -WhatIf
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding(SupportsShouldProcess)]
param(
    # The engines' names; wildcards are accepted. A text may hold several, with commas, as pwsh -File hands them over.
    [Parameter(Mandatory)]
    [string[]] $Name,

    [Parameter(Mandatory)]
    [ValidateSet('ConsoleToEngine', 'EngineToConsole', 'Standard', 'Reverse')]
    [string] $Direction,

    # For Reverse: where the engines reach the console, if they do not know it yet.
    [string] $ConsoleAddress,

    [ValidateRange(1, 256)]
    [int] $BatchSize = 5,

    # Has the firewall appliers of the hosts follow.
    [switch] $ApplyFirewall,

    # How long the change of each engine may take until it is rolled back.
    [object] $Timeout = '1m',

    # The console's data folder; without it the one that the cmdlets use.
    [string] $DataPath,

    # Where the rows are written as CSV as well.
    [string] $ReportPath
)

$ErrorActionPreference = 'Stop'
$at = $DataPath ? @{ DataPath = $DataPath } : @{}

# An error with a short id, by which who runs this can tell what happened; the exit code of pwsh -File is 1 then.
function Stop-Runbook([string] $Id, [string] $Message, $Target) {
    $fault = [System.InvalidOperationException]::new($Message)
    throw [System.Management.Automation.ErrorRecord]::new($fault, $Id, 'OperationStopped', $Target)
}
$wanted = @{ Standard = 'ConsoleToEngine'; Reverse = 'EngineToConsole' }[$Direction] ?? $Direction
$change = @{ Direction = $wanted; Timeout = $Timeout; ThrottleLimit = $BatchSize }
if ($ConsoleAddress -and $wanted -eq 'EngineToConsole') { $change.ConsoleAddress = $ConsoleAddress }
if ($ApplyFirewall) { $change.ApplyFirewall = $true }

# A comma within brackets is part of a wildcard.
$Name = @($Name -split ',(?![^\[]*\])' | ForEach-Object { $_.Trim() })
$engines = @(Get-ScanEngine $Name @at)
if ($engines.Count -eq 0) {
    Stop-Runbook EngineNotFound "No engine's name matches $($Name -join ', '). Get-ScanEngine lists those that there are." $Name
}

$rows = [ordered]@{}
foreach ($engine in $engines) {
    $rows[$engine.Name] = [pscustomobject]@{
        Name = $engine.Name; From = "$($engine.Direction)"; Outcome = "$($engine.Direction)" -eq $wanted ? 'Unchanged' : 'NotTried'; Detail = ''
    }
}

$left = @($engines | Where-Object { "$($_.Direction)" -ne $wanted })
$failed = @()
for ($first = 0; $first -lt $left.Count -and $failed.Count -eq 0; $first += $BatchSize) {
    $batch = $left[$first..([math]::Min($first + $BatchSize, $left.Count) - 1)]
    if (-not $PSCmdlet.ShouldProcess($batch.Name -join ', ', "Change direction to $wanted")) {
        continue
    }

    # One that fails is an error of its own, and the others of its batch are changed all the same.
    $null = $batch | Set-ScanEngineCommunication @change -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable faults
    $now = @(Get-ScanEngineCommunication @($batch.Name) @at)
    foreach ($one in $now) {
        $row = $rows[$one.EngineName]
        $row.Outcome = "$($one.Direction)" -eq $wanted ? 'Moved' : 'Failed'
        if ($row.Outcome -eq 'Failed') {
            $row.Detail = "$(@($faults | Where-Object { "$($_.TargetObject)" -eq $one.EngineName }) + $one.Detail | Select-Object -First 1)"
            $failed += $one.EngineName
        }
    }
}

if ($ReportPath) {
    $rows.Values | Export-Csv -LiteralPath $ReportPath -WhatIf:$false
}

$rows.Values
if ($failed.Count -gt 0) {
    $untried = @($rows.Values | Where-Object Outcome -EQ 'NotTried').Count
    $what = "Stopped: $($failed -join ', ') could not be changed and is as before; $untried engines were not tried."
    Stop-Runbook EnginesNotMoved "$what Test-EngineFirewall $($failed[0]) says what is in the way." $failed
}
