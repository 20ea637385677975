<#
.SYNOPSIS
    Brings the schedules of a console to what a CSV file says, for a fleet whose schedules are kept in a repository.
.DESCRIPTION
    A row for each schedule: Schedule, EngineName, Target, Port and Cron, and where wanted Exclude, TimeZone, MaxDuration, BlackOut,
    Missed and Overlap; several values of one cell have a semicolon between them. What is missing is made, what differs is
    changed, an empty cell leaves it as it is; a second run changes nothing. With -Prune schedules that are not in the file are removed.
.EXAMPLE
    ./Set-Schedule.ps1 -Path schedules.csv -WhatIf

    What would be done, with the next ten times of each.
.EXAMPLE
    ./Set-Schedule.ps1 -Path schedules.csv -Prune | Where-Object Outcome -NE Unchanged
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding(SupportsShouldProcess)]
param(
    # The CSV file.
    [Parameter(Mandatory)]
    [string] $Path,

    # Removes schedules that the file does not have.
    [switch] $Prune,

    # The console's data folder; without it the one that the cmdlets use.
    [string] $DataPath
)

$ErrorActionPreference = 'Stop'
$at = $DataPath ? @{ DataPath = $DataPath } : @{}

# An error with a short id, by which who runs this can tell what happened; the exit code of pwsh -File is 1 then.
function Stop-Runbook([string] $Id, [string] $Message, $Target) {
    $fault = [System.InvalidOperationException]::new($Message)
    throw [System.Management.Automation.ErrorRecord]::new($fault, $Id, 'OperationStopped', $Target)
}
$many = 'Target', 'Port', 'Exclude', 'Cron', 'BlackOut'
$one = 'TimeZone', 'MaxDuration', 'Missed', 'Overlap'
$there = @{}
Get-EngineScanSchedule @at | ForEach-Object { $there[$_.Schedule] = $_ }

function Import-Table([string] $File, [string[]] $Columns) {
    $rows = @(Import-Csv -LiteralPath $File)
    if ($rows.Count -eq 0) {
        # More likely an export that failed than a fleet of none.
        Stop-Runbook TableInvalid "'$File' has no row. It needs the columns $($Columns -join ', '), and a row for each. Nothing was done." $File
    }

    $lacks = @($Columns | Where-Object { $_ -notin $rows[0].PSObject.Properties.Name })
    if ($lacks.Count -gt 0) {
        Stop-Runbook TableInvalid "'$File' has no column $($lacks -join ', '). It needs $($Columns -join ', '), with commas between them. Nothing was done." $File
    }

    $rows
}

function Test-Same($Before, $After) {
    $properties = 'Targets', 'Exclude', 'Ports', 'Cron', 'TimeZone', 'MaxDuration', 'BlackOut', 'Missed', 'Overlap'
    -not ($properties | Where-Object { "$($Before.$_)" -ne "$($After.$_)" })
}

$rows = @(Import-Table $Path 'Schedule', 'EngineName', 'Target', 'Cron')
foreach ($row in $rows) {
    $terms = @{}
    foreach ($name in $many + $one) {
        $cell = "$($row.PSObject.Properties[$name]?.Value)"
        if ($cell) {
            $terms[$name] = $name -in $many ? @($cell -split ';' | ForEach-Object { $_.Trim() }) : $cell
        }
    }

    $is = $there[$row.Schedule]
    $outcome = 'Unchanged'
    if (-not $is) {
        $null = New-EngineScanSchedule $row.Schedule $row.EngineName @terms @at
        $outcome = 'Created'
    } elseif ($is.EngineName -ne $row.EngineName) {
        # The engine of a schedule stays.
        Remove-EngineScanSchedule $row.Schedule @at
        $null = New-EngineScanSchedule $row.Schedule $row.EngineName @terms @at
        $outcome = 'Created'
    } else {
        # Nothing is written where nothing differs. With -WhatIf it returns what would be.
        $now = Set-EngineScanSchedule $row.Schedule @terms @at -PassThru
        $outcome = (Test-Same $is $now) ? 'Unchanged' : 'Changed'
    }

    [pscustomobject]@{ Schedule = $row.Schedule; EngineName = $row.EngineName; Outcome = $outcome }
}

if ($Prune) {
    foreach ($name in $there.Keys | Where-Object { $_ -notin $rows.Schedule } | Sort-Object) {
        Remove-EngineScanSchedule $name @at
        [pscustomobject]@{ Schedule = $name; EngineName = $there[$name].EngineName; Outcome = 'Removed' }
    }
}
