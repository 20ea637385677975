<#
.SYNOPSIS
    Replaces the certificate of this host's console or engine when it is older than it may be, and goes on with a
    replacement that was begun. One that is young enough is left as it is.
.DESCRIPTION
    All phases in one go; running scans go on. Where a peer is away the error CertificatePeersLag names it, nothing is lost,
    and the next run goes on from there: as a nightly task it ends some night. Make a new export of a console afterwards.

    Returns one row: Replaced or Unchanged, with the fingerprint; none with -WhatIf where it would be replaced.
.EXAMPLE
    ./Update-Certificate.ps1 -Role Console -MaxAgeDays 365
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [ValidateSet('Console', 'Engine')]
    [string] $Role,

    # The age in days from which on it is replaced: of the last replacement, or where there was none of the first event.
    [ValidateRange(0, 36500)]
    [int] $MaxAgeDays = 365,

    # How long to wait for peers in all.
    [object] $Timeout = '10m',

    # The data folder; without it the one that the cmdlets use.
    [string] $DataPath
)

$ErrorActionPreference = 'Stop'
$at = $DataPath ? @{ DataPath = $DataPath } : @{}

# An error with a short id, by which who runs this can tell what happened; the exit code of pwsh -File is 1 then.
function Stop-Runbook([string] $Id, [string] $Message, $Target) {
    $fault = [System.InvalidOperationException]::new($Message)
    throw [System.Management.Automation.ErrorRecord]::new($fault, $Id, 'OperationStopped', $Target)
}
$certificate = Get-EngineCertificate -Role $Role @at
if (-not $certificate) {
    Stop-Runbook "${Role}NotFound" "There is no $Role in this data folder. Name the one that there is with -DataPath." $DataPath
}

$events = @(Get-ScanEngineEvent -Role $Role @at -Newest 100000)
$last = $events | Where-Object Event -EQ 'CertificateFinished' | Sort-Object Time | Select-Object -Last 1
$made = ($last ?? ($events | Sort-Object Time | Select-Object -First 1))?.Time
$young = $made -and ([datetime]::Now - $made).TotalDays -lt $MaxAgeDays
if ("$($certificate.State)" -eq 'Settled' -and $young) {
    return [pscustomobject]@{ Role = $Role; Outcome = 'Unchanged'; Fingerprint = $certificate.Fingerprint; Made = $made }
}

if (-not $PSCmdlet.ShouldProcess($Role, 'Replace the certificate')) {
    return
}

$new = Update-EngineCertificate -Role $Role @at -Timeout $Timeout -Confirm:$false
[pscustomobject]@{ Role = $Role; Outcome = 'Replaced'; Fingerprint = $new.Fingerprint; Made = [datetime]::Now }
