<#
.SYNOPSIS
    Pairs a console with many standard engines, unattended, by a file with a row for each. What is paired already is left
    as it is, so a run that broke off is simply run again.
.DESCRIPTION
    The file is a CSV with the columns Name, Address, Port (may be blank) and SecretName. On each engine's host
    New-EnginePairingSecret -Role Engine made the secret, and it was put into a vault under that name.

    Returns a row for each engine: Paired, Unchanged or Failed, with the error. If any failed, an error comes at the end.
.EXAMPLE
    ./Register-Fleet.ps1 -Path fleet.csv -ReportPath fleet-report.csv
.EXAMPLE
    ./Register-Fleet.ps1 -Path fleet.csv -GetSecret { param($Row) Get-AutomationVariable $Row.SecretName }
#>
#Requires -Modules ScanEngineAdmin
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
$known = @{}
Get-ScanEngine @at | ForEach-Object { $known[$_.Name] = $_ }
$report = foreach ($row in Import-Csv -LiteralPath $Path) {
    $outcome, $detail = 'Unchanged', ''
    if (-not $known[$row.Name].Paired) {
        try {
            $pair = @{ Name = $row.Name; Address = $row.Address; PairingSecret = & $GetSecret $row }
            if ($row.Port) { $pair.Port = [int] $row.Port }
            Register-ScanEngine @at @pair -Confirm:$false
            $outcome = 'Paired'
        } catch {
            $outcome, $detail = 'Failed', "$($_.FullyQualifiedErrorId -replace ',.*'): $_"
        }
    }

    [pscustomobject]@{ Name = $row.Name; Outcome = $outcome; Detail = $detail }
}

if ($ReportPath) {
    $report | Export-Csv -LiteralPath $ReportPath
}

$report
$failed = @($report | Where-Object Outcome -EQ 'Failed')
if ($failed.Count -gt 0) {
    throw "$($failed.Count) of $(@($report).Count) engines were not paired: $($failed.Name -join ', '). Mend what their Detail says, and run this again."
}
