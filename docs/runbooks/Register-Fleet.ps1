<#
.SYNOPSIS
    Pairs a console with many standard engines, unattended, by a file with a row for each. What is paired already is left
    as it is, so a run that broke off is simply run again.
.DESCRIPTION
    The file is a CSV with the columns Name, Address, SecretName and, where it is another than 40814, Port. On each engine's host
    New-EnginePairingSecret -Role Engine made the secret, and it was put into a vault under that name.

    Returns a row for each engine: Paired, Unchanged, Failed, with the error, or NotTried (-WhatIf). If any failed, an error comes at the end.
.EXAMPLE
    ./Register-Fleet.ps1 -Path fleet.csv -ReportPath fleet-report.csv
.EXAMPLE
    ./Register-Fleet.ps1 -Path fleet.csv -GetSecret { param($Row) Get-AutomationVariable $Row.SecretName }
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    # The console's data folder; without it the one that the cmdlets use.
    [string] $DataPath,

    # How the secret of a row is got: its text, or a SecureString.
    [scriptblock] $GetSecret = { param($Row) Get-Secret -Name $Row.SecretName },

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

$paired = @(Get-ScanEngine @at | Where-Object Paired | ForEach-Object { $_.Name })
$report = foreach ($row in Import-Table $Path 'Name', 'Address', 'SecretName') {
    $outcome, $detail = 'Unchanged', ''
    if ($row.Name -notin $paired) {
        $outcome = 'NotTried'
        try {
            $pair = @{ Name = $row.Name; Address = $row.Address; Port = $row.PSObject.Properties['Port']?.Value }
            if ($PSCmdlet.ShouldProcess("$($row.Name) at $($row.Address)", 'Pair with engine')) {
                Register-ScanEngine @at @pair -PairingSecret (& $GetSecret $row) -Confirm:$false
                $outcome = 'Paired'
            }
        } catch {
            $outcome, $detail = 'Failed', "$($_.FullyQualifiedErrorId -replace ',.*'): $_ $($_.ErrorDetails?.RecommendedAction)".Trim()
        }
    }

    [pscustomobject]@{ Name = $row.Name; Outcome = $outcome; Detail = $detail }
}

if ($ReportPath) {
    $report | Export-Csv -LiteralPath $ReportPath -WhatIf:$false
}

$report
$failed = @($report | Where-Object Outcome -EQ 'Failed')
if ($failed.Count -gt 0) {
    $why = $failed | ForEach-Object { "$($_.Name) ($(($_.Detail -split ':')[0]))" }
    $what = "$($failed.Count) of $(@($report).Count) engines were not paired: $($why -join ', ')."
    Stop-Runbook EnginesNotPaired "$what Mend what their Detail says, and run this again." $failed.Name
}
