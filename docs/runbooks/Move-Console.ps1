<#
.SYNOPSIS
    Moves a console to another host: on the old host its export, on the new one its import. Nothing is paired again.
.DESCRIPTION
    Export stops the console on this host and seals it into a file. It is stopped first, so nothing is lost; a second run
    finds the file and leaves it as it is.

    Import puts it into this host's data folder; start it then, as a service or with Start-SecurityConsole. A folder that
    has this console already, by its fingerprint, is left as it is.

    Standard engines need nothing. For reverse engines move the name that they dial, or on each engine's host:
    Get-EngineConsole | Set-EngineConsole -Address <new host>.
.EXAMPLE
    ./Move-Console.ps1 -Step Export -Path console.export -Passphrase (Get-Secret move)
.EXAMPLE
    ./Move-Console.ps1 -Step Import -Path console.export -Passphrase (Get-Secret move) -Fingerprint $fingerprint
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [ValidateSet('Export', 'Import')]
    [string] $Step,

    # The file.
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [securestring] $Passphrase,

    # For Import: the console's fingerprint, as Export returned it.
    [string] $Fingerprint,

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
$here = Get-SecurityConsole @at
if ($Step -eq 'Export') {
    if (-not $here) {
        Stop-Runbook ConsoleNotFound 'There is no console in this data folder. Name its folder with -DataPath.' $DataPath
    }

    if (Test-Path -LiteralPath $Path) {
        return [pscustomobject]@{ Step = $Step; Outcome = 'Unchanged'; Path = $Path; Fingerprint = $here.Fingerprint }
    }

    if (-not $PSCmdlet.ShouldProcess($here.DataPath, "Stop the console and export it to '$Path'")) {
        return
    }

    Stop-SecurityConsole @at -Confirm:$false
    $null = Export-SecurityConsole -Path $Path -Passphrase $Passphrase @at -Confirm:$false
    return [pscustomobject]@{ Step = $Step; Outcome = 'Exported'; Path = $Path; Fingerprint = $here.Fingerprint }
}

if ($here -and $Fingerprint -and $here.Fingerprint -eq $Fingerprint) {
    return [pscustomobject]@{ Step = $Step; Outcome = 'Unchanged'; Path = $Path; Fingerprint = $here.Fingerprint }
}

if (-not $PSCmdlet.ShouldProcess($Path, 'Import the console')) {
    return
}

$null = Import-SecurityConsole -Path $Path -Passphrase $Passphrase @at -Confirm:$false
[pscustomobject]@{ Step = $Step; Outcome = 'Imported'; Path = $Path; Fingerprint = (Get-SecurityConsole @at).Fingerprint }
