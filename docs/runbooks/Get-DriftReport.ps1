<#
.SYNOPSIS
    Tells what is not as it should be at a console, for a nightly task. It changes nothing.
.DESCRIPTION
    A row for each finding: an engine whose own view of its direction differs, one that is not in the direction that a
    file asks for, one that does not respond, a change that waits for its engine, and, where this account may read the
    host's packet filter, what the firewall lacks or has too much.

    No row means that all is well. The exit code of a task is made of that: see the example.
.EXAMPLE
    ./Get-DriftReport.ps1 -ExpectedPath fleet.csv -ReportPath drift.csv

    With the columns Name and Direction in fleet.csv.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -Command "exit [int] (@(./Get-DriftReport.ps1 -ReportPath drift.csv).Count -gt 0)"
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding()]
param(
    # A CSV file with the columns Name and Direction: what should be in force; either, where the cell is blank.
    [string] $ExpectedPath,

    # Leaves this host's firewall out, as an account without the right to read it has to.
    [switch] $SkipFirewall,

    # The console's data folder; without it the one that the cmdlets use.
    [string] $DataPath,

    # Where the rows are written as CSV as well; a file without a row if there is none.
    [string] $ReportPath
)

$ErrorActionPreference = 'Stop'
$at = $DataPath ? @{ DataPath = $DataPath } : @{}

function Import-Table([string] $File, [string[]] $Columns) {
    $rows = @(Import-Csv -LiteralPath $File)
    if ($rows.Count -eq 0) {
        # More likely an export that failed than a fleet of none.
        throw "'$File' has no row. It needs the columns $($Columns -join ', '), and a row for each. Nothing was done."
    }

    $lacks = @($Columns | Where-Object { $_ -notin $rows[0].PSObject.Properties.Name })
    if ($lacks.Count -gt 0) {
        throw "'$File' has no column $($lacks -join ', '). It needs $($Columns -join ', '), with commas between them. Nothing was done."
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
