<#
.SYNOPSIS
    Puts a rebuilt engine in the place of a dead one: the same name, its scans stay, and the old key is refused.
.DESCRIPTION
    For an engine that the console dials: make a secret on the rebuilt host (New-EnginePairingSecret -Role Engine), and give
    it with its address. For an engine that polls give no secret: this makes one, bound to the engine's name, and returns
    it for Start-EnginePoller on the rebuilt host.

    An engine that has the fingerprint already is left as it is: give the fingerprint of the rebuilt one
    ((Get-EngineListener).Fingerprint or (Get-EnginePoller).Fingerprint there), and a second run changes nothing.
.EXAMPLE
    ./Restore-Engine.ps1 -Name lab-1 -Fingerprint $fingerprint -PairingSecret $secret -Address lab-1b.example.org
.EXAMPLE
    ./Restore-Engine.ps1 -Name lab-2

    On the rebuilt host then: Start-EnginePoller <console> -EngineName lab-2 -PairingSecret <its Secret>
#>
#Requires -Modules ScanEngineAdmin
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Name,

    # The identity of the rebuilt engine.
    [string] $Fingerprint,

    # What New-EnginePairingSecret -Role Engine made on its host: the text or a SecureString.
    [object] $PairingSecret,

    # Where the console dials it from now on; where it dialled the dead one without it.
    [string] $Address,

    [int] $Port,

    # The console's data folder; without it the one that the cmdlets use.
    [string] $DataPath
)

$ErrorActionPreference = 'Stop'
$at = $DataPath ? @{ DataPath = $DataPath } : @{}
$engine = Get-ScanEngine ([wildcardpattern]::Escape($Name)) @at
$plain = { "$($args[0])" -replace '[^0-9A-Fa-f]' }
if ($Fingerprint -and $engine.Paired -and (& $plain $Fingerprint) -eq (& $plain $engine.Fingerprint)) {
    return [pscustomobject]@{ Name = $Name; Outcome = 'Unchanged'; Fingerprint = $engine.Fingerprint; Secret = $null }
}

if (-not $PSCmdlet.ShouldProcess($Name, $PairingSecret ? 'Put the rebuilt engine in its place' : 'Make the secret for its rebuilt engine')) {
    return
}

if ($PairingSecret) {
    $register = @{
        Name = $engine.Name; Address = $Address ? $Address : $engine.Address; Port = $Port ? $Port : $engine.Port
        PairingSecret = $PairingSecret; Replace = $true
    }
    $new = Register-ScanEngine @at @register -PassThru -Confirm:$false
    [pscustomobject]@{ Name = $Name; Outcome = 'Replaced'; Fingerprint = $new.Fingerprint; Secret = $null }
} else {
    $secret = New-EnginePairingSecret @at -EngineName $engine.Name -SingleUse -Confirm:$false
    [pscustomobject]@{ Name = $Name; Outcome = 'SecretMade'; Fingerprint = $engine.Fingerprint; Secret = $secret.Secret }
}
