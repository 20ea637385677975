<#
.SYNOPSIS
    Tells what is not as it should be at a console, for a nightly task. It changes nothing.
.DESCRIPTION
    A row for each finding: an engine whose own view of its direction differs, one that is not in the direction that a
    file asks for, one that does not respond, a change that waits for its engine, and, where this account may read the
    host's packet filter, what the firewall lacks or has too much.

    No row means that all is well. With -FailOnFinding a row is an error at the end too, for a task that is judged by its exit code.
.EXAMPLE
    ./Get-DriftReport.ps1 -ExpectedPath fleet.csv -ReportPath drift.csv

    With the columns Name and Direction in fleet.csv.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File ./Get-DriftReport.ps1 -FailOnFinding -ReportPath drift.csv
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding()]
param(
    # A CSV file with the columns Name and Direction: what should be in force; either, where the cell is blank.
    [string] $ExpectedPath,

    # Leaves this host's firewall out, as an account without the right to read it has to.
    [switch] $SkipFirewall,

    # Ends with the error DriftFound if there is any row.
    [switch] $FailOnFinding,

    # The console's data folder; without it the one that the cmdlets use.
    [string] $DataPath,

    # Where the rows are written as CSV as well; a file without a row if there is none.
    [string] $ReportPath
)

$ErrorActionPreference = 'Stop'
$at = $DataPath ? @{ DataPath = $DataPath } : @{}

# An error with a short id, by which who runs this can tell what happened; the exit code of pwsh -File is 1 then.
function Stop-Runbook([string] $Id, [string] $Message, $Target) {
    $fault = [System.InvalidOperationException]::new($Message)
    throw [System.Management.Automation.ErrorRecord]::new($fault, $Id, 'OperationStopped', $Target)
}

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

function New-Finding([string] $Name, [string] $Kind, [string] $Detail) {
    [pscustomobject]@{ Name = $Name; Kind = $Kind; Detail = $Detail }
}

$engines = @(Get-ScanEngine @at)
$report = @(
    foreach ($one in Get-ScanEngineCommunication @at) {
        if ($one.Drift) { New-Finding $one.EngineName 'Drift' $one.DriftDetail }
        if ($one.DesiredDirection -ne $one.Direction) { New-Finding $one.EngineName 'Pending' $one.Detail }
    }

    foreach ($engine in $engines | Where-Object { "$($_.Status)" -ne 'Active' }) {
        New-Finding $engine.Name "$($engine.Status)" $engine.StatusDetail
    }

    if ($ExpectedPath) {
        $word = @{ Standard = 'ConsoleToEngine'; Reverse = 'EngineToConsole' }
        foreach ($row in Import-Table $ExpectedPath 'Name', 'Direction') {
            $engine = $engines | Where-Object Name -EQ $row.Name
            $cell = "$($row.Direction)".Trim()
            $wanted = $word[$cell] ?? $cell
            if (-not $engine) {
                New-Finding $row.Name 'Missing' 'It is in the file and not at this console.'
            } elseif ($cell -and "$($engine.Direction)" -ne $wanted) {
                New-Finding $row.Name 'Direction' "$($engine.Direction) is in force, and the file says $wanted."
            }
        }
    }

    if (-not $SkipFirewall) {
        foreach ($row in Compare-EngineFirewall @at -WarningAction Ignore) {
            New-Finding "$($row.EngineName)" 'Firewall' "$($row.SideIndicator) TCP $($row.LocalPort): $($row.Detail)"
        }
    }
)
if ($ReportPath) {
    $report.Count -gt 0 ? ($report | Export-Csv -LiteralPath $ReportPath) : (Set-Content -LiteralPath $ReportPath -Value '"Name","Kind","Detail"')
}

$report
if ($FailOnFinding -and $report.Count -gt 0) {
    $kinds = ($report | Group-Object Kind -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" }) -join ', '
    Stop-Runbook DriftFound "Not all is as it should be: $kinds. The rows say what." @($report.Name | Select-Object -Unique)
}
