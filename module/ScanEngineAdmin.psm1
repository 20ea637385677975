# The load rule of the module: the cmdlets are in bin/, which a build fills. They bring the libraries beside them; the
# database library is loaded by them, privately, from bin/storage.

# A function is compiled when it is called, and what stands outside of one at every import.
function Stop-Import($Fault) {
    if ($Fault.FullyQualifiedErrorId -notlike 'Modules_ModuleNotFound,*') {
        throw $Fault
    }

    $advice = 'Run ./build.ps1 -Task Build, or dotnet build, in the checkout; or install the package.'
    throw "ScanEngineAdmin is not built: '$PSScriptRoot/bin/ScanEngineAdmin.dll' is missing. $advice"
}

# No command of PowerShell's own modules: the first one of a module loads all of it. No methods: a constrained language
# has none. One call for both, the columns after the library, whose code they are: each call costs an import some time.
try {
    Import-Module -Name "$PSScriptRoot/bin/ScanEngineAdmin.dll", "$PSScriptRoot/ScanEngineAdmin.Columns.psd1" -ErrorAction Stop
} catch {
    Stop-Import $_
}

# The manifest says which.
Export-ModuleMember -Cmdlet *

# ---- Desired State Configuration ----------------------------------------------------------------------------------
# The resources are in this file, as DSC's adapter reads them from the root module alone, and name no type of the
# library: a type that is not loaded yet would break the discovery of every module. What they do is the cmdlets' doing.

# What a resource does is in files of resources/, read when one is used: their text would cost every import of the module
# more than all else in this file.
function Invoke-DscMethod($Resource, [string] $Method) {
    # As in a method of a class, an error ends it.
    $ErrorActionPreference = 'Stop'
    . "$PSScriptRoot/resources/Common.ps1"
    . "$PSScriptRoot/resources/$($Resource.GetType().Name).ps1"
    & $Method $Resource
}

# Why a resource is not in the desired state: what Azure machine configuration shows, and whoever reads what Get returns.
class ScanEngineReason {
    [DscProperty()]
    [string] $Code

    [DscProperty()]
    [string] $Phrase
}

# What the resources share: the data folder, and the reasons.
class ScanEngineResource {
    [DscProperty()]
    [string] $DataPath

    [DscProperty(NotConfigurable)]
    [ScanEngineReason[]] $Reasons = @()
}

<#
.SYNOPSIS
    Which side of a paired Scan Engine dials, and where: on the console's host.
.PARAMETER DataPath
    The data folder of the console; without it the one that the cmdlets use.
.PARAMETER Reasons
    Why it is not as asked for; empty when it is.
.PARAMETER Name
    The engine's name at the console. The engine has to be paired.
.PARAMETER Direction
    ConsoleToEngine (Standard) or EngineToConsole (Reverse).
.PARAMETER Address
    For ConsoleToEngine: where the console dials the engine. Ignored for the other direction.
.PARAMETER Port
    For ConsoleToEngine: the engine's TCP port. Ignored for the other direction.
.PARAMETER ConsoleAddress
    For EngineToConsole: where the engine dials the console; not compared while the console never told the engine one. Ignored for the other direction.
.PARAMETER ConsolePort
    For EngineToConsole: the console's TCP port. Ignored for the other direction.
.PARAMETER WhenAway
    What Set does while the engine cannot be reached: Report (an error at once, nothing is changed), Wait (as long as
    TimeoutSeconds), or Request (records the change for the engine's next contact).
.PARAMETER TimeoutSeconds
    How long Set waits for an engine that is away, and how long a change may take until it is rolled back.
.PARAMETER ApplyFirewall
    Has the firewall appliers of both hosts open and close the ports.
.PARAMETER Status
    The engine's communication status.
.PARAMETER State
    How the direction stands: Settled, Changing, InDoubt, PendingChange, or Unknown where the engine has not said its own.
.PARAMETER PendingDirection
    A direction that is asked for and not in force yet.
#>
[DscResource()]
class ScanEngineCommunication : ScanEngineResource {
    [DscProperty(Key)]
    [string] $Name

    [DscProperty(Mandatory)]
    [ValidateSet('ConsoleToEngine', 'EngineToConsole', 'Standard', 'Reverse')]
    [string] $Direction

    [DscProperty()]
    [string] $Address

    [DscProperty()]
    [ValidateRange(1, 65535)]
    [Nullable[int]] $Port

    [DscProperty()]
    [string] $ConsoleAddress

    [DscProperty()]
    [ValidateRange(1, 65535)]
    [Nullable[int]] $ConsolePort

    [DscProperty()]
    [ValidateSet('Report', 'Wait', 'Request')]
    [string] $WhenAway = 'Report'

    [DscProperty()]
    [ValidateRange(1, 3600)]
    [int] $TimeoutSeconds = 60

    [DscProperty()]
    [bool] $ApplyFirewall

    [DscProperty(NotConfigurable)]
    [string] $Status

    [DscProperty(NotConfigurable)]
    [string] $State

    [DscProperty(NotConfigurable)]
    [string] $PendingDirection

    [ScanEngineCommunication] Get() {
        return Invoke-DscMethod $this Get-DscState
    }

    [bool] Test() {
        return Invoke-DscMethod $this Test-DscState
    }

    [void] Set() {
        Invoke-DscMethod $this Set-DscState
    }

    [ScanEngineCommunication] WhatIf() {
        return Invoke-DscMethod $this Get-DscWhatIf
    }

    static [ScanEngineCommunication[]] Export() {
        return [ScanEngineCommunication]::Export([ScanEngineCommunication]::new())
    }

    static [ScanEngineCommunication[]] Export([ScanEngineCommunication] $Filter) {
        return @(Invoke-DscMethod $Filter Export-DscState)
    }
}

<#
.SYNOPSIS
    A Scan Engine that a console knows and is paired with: on the console's host.
.PARAMETER DataPath
    The data folder of the console; without it the one that the cmdlets use.
.PARAMETER Reasons
    Why it is not as asked for; empty when it is.
.PARAMETER Name
    The engine's name at the console.
.PARAMETER Ensure
    Present: registered and paired. Absent: the pairing is ended, and the engine's scans go with it.
.PARAMETER Address
    Where the console dials the engine. Needed to register a standard engine; a reverse one registers itself. Compared while the engine is standard.
.PARAMETER Port
    The engine's TCP port. Compared while the engine is standard.
.PARAMETER PairingSecret
    The secret that New-EnginePairingSecret -Role Engine made on the engine's host, as the password of a credential of any name.
.PARAMETER SecretName
    The name of that secret in a vault of SecretManagement, instead of PairingSecret.
.PARAMETER SecretVault
    The vault; without it the default one.
.PARAMETER Fingerprint
    The identity that the engine has to have. Another one is replaced where a secret proves it, and is an error else.
.PARAMETER Quota
    Bytes that the findings of the engine's scans may take at the console; 0 for the default.
.PARAMETER WhenAway
    What Set does while the engine cannot be reached: Report (an error at once) or Wait (as long as TimeoutSeconds).
.PARAMETER TimeoutSeconds
    How long Set waits.
.PARAMETER Paired
    Whether both identities are confirmed.
.PARAMETER Direction
    The direction in force.
.PARAMETER Status
    The engine's communication status.
.PARAMETER Version
    The engine's product version.
#>
[DscResource()]
class ScanEngine : ScanEngineResource {
    [DscProperty(Key)]
    [string] $Name

    [DscProperty()]
    [ValidateSet('Present', 'Absent')]
    [string] $Ensure = 'Present'

    [DscProperty()]
    [string] $Address

    [DscProperty()]
    [ValidateRange(1, 65535)]
    [Nullable[int]] $Port

    [DscProperty()]
    [pscredential] $PairingSecret

    [DscProperty()]
    [string] $SecretName

    [DscProperty()]
    [string] $SecretVault

    [DscProperty()]
    [string] $Fingerprint

    [DscProperty()]
    [ValidateRange(0, 9223372036854775807)]
    [Nullable[long]] $Quota

    [DscProperty()]
    [ValidateSet('Report', 'Wait')]
    [string] $WhenAway = 'Report'

    [DscProperty()]
    [ValidateRange(1, 3600)]
    [int] $TimeoutSeconds = 60

    [DscProperty(NotConfigurable)]
    [bool] $Paired

    [DscProperty(NotConfigurable)]
    [string] $Direction

    [DscProperty(NotConfigurable)]
    [string] $Status

    [DscProperty(NotConfigurable)]
    [string] $Version

    [ScanEngine] Get() {
        return Invoke-DscMethod $this Get-DscState
    }

    [bool] Test() {
        return Invoke-DscMethod $this Test-DscState
    }

    [void] Set() {
        Invoke-DscMethod $this Set-DscState
    }

    [ScanEngine] WhatIf() {
        return Invoke-DscMethod $this Get-DscWhatIf
    }

    static [ScanEngine[]] Export() {
        return [ScanEngine]::Export([ScanEngine]::new())
    }

    static [ScanEngine[]] Export([ScanEngine] $Filter) {
        return @(Invoke-DscMethod $Filter Export-DscState)
    }
}

<#
.SYNOPSIS
    A Security Console that this host's Scan Engine is paired with: on the engine's host.
.PARAMETER DataPath
    The data folder of the engine; without it the one that the cmdlets use.
.PARAMETER Reasons
    Why it is not as asked for; empty when it is.
.PARAMETER ConsoleAddress
    The host name or address at which this engine reaches the console.
.PARAMETER ConsolePort
    The console's TCP port for reverse engines; 40815 without it.
.PARAMETER EngineName
    The name that this engine asks to go by; this host's name without it.
.PARAMETER PairingSecret
    The secret that New-EnginePairingSecret made on the console's host, as the password of a credential of any name.
.PARAMETER SecretName
    The name of that secret in a vault of SecretManagement, instead of PairingSecret.
.PARAMETER SecretVault
    The vault; without it the default one.
.PARAMETER Direction
    The direction in force. The console decides on it (ScanEngineCommunication on the console's host).
.PARAMETER State
    How the pairing stands: Pending, Approved, Paired or Denied.
.PARAMETER Fingerprint
    The console's identity.
#>
[DscResource()]
class ScanEngineConsole : ScanEngineResource {
    [DscProperty(Key)]
    [string] $ConsoleAddress

    [DscProperty()]
    [ValidateRange(1, 65535)]
    [Nullable[int]] $ConsolePort

    [DscProperty()]
    [string] $EngineName

    [DscProperty()]
    [pscredential] $PairingSecret

    [DscProperty()]
    [string] $SecretName

    [DscProperty()]
    [string] $SecretVault

    [DscProperty(NotConfigurable)]
    [string] $Direction

    [DscProperty(NotConfigurable)]
    [string] $State

    [DscProperty(NotConfigurable)]
    [string] $Fingerprint

    [ScanEngineConsole] Get() {
        return Invoke-DscMethod $this Get-DscState
    }

    [bool] Test() {
        return Invoke-DscMethod $this Test-DscState
    }

    [void] Set() {
        Invoke-DscMethod $this Set-DscState
    }

    [ScanEngineConsole] WhatIf() {
        return Invoke-DscMethod $this Get-DscWhatIf
    }

    static [ScanEngineConsole[]] Export() {
        return [ScanEngineConsole]::Export([ScanEngineConsole]::new())
    }

    static [ScanEngineConsole[]] Export([ScanEngineConsole] $Filter) {
        return @(Invoke-DscMethod $Filter Export-DscState)
    }
}

<#
.SYNOPSIS
    This host's firewall has what its pairings need, and nothing else of this product.
.PARAMETER DataPath
    The data folder of the console or the engine; without it the one that the cmdlets use.
.PARAMETER Reasons
    Why it is not as asked for; empty when it is.
.PARAMETER IsSingleInstance
    Yes: a host has one firewall.
.PARAMETER Provider
    The manager to use; without it the one that owns this host's filter.
.PARAMETER KeepUnneeded
    Closes nothing: for a host with several data folders.
.PARAMETER Missing
    The rules that are needed and not there.
.PARAMETER Unneeded
    The rules of this product that no pairing of the data folder needs.
#>
[DscResource()]
class ScanEngineFirewall : ScanEngineResource {
    [DscProperty(Key)]
    [ValidateSet('Yes')]
    [string] $IsSingleInstance = 'Yes'

    [DscProperty()]
    [ValidateSet('NetSecurity', 'Netsh', 'Nftables', 'Firewalld', 'Ufw', 'Iptables')]
    [string] $Provider

    [DscProperty()]
    [bool] $KeepUnneeded

    [DscProperty(NotConfigurable)]
    [string[]] $Missing = @()

    [DscProperty(NotConfigurable)]
    [string[]] $Unneeded = @()

    [ScanEngineFirewall] Get() {
        return Invoke-DscMethod $this Get-DscState
    }

    [bool] Test() {
        return Invoke-DscMethod $this Test-DscState
    }

    [void] Set() {
        Invoke-DscMethod $this Set-DscState
    }

    [ScanEngineFirewall] WhatIf() {
        return Invoke-DscMethod $this Get-DscWhatIf
    }

    static [ScanEngineFirewall[]] Export() {
        return [ScanEngineFirewall]::Export([ScanEngineFirewall]::new())
    }

    static [ScanEngineFirewall[]] Export([ScanEngineFirewall] $Filter) {
        return @(Invoke-DscMethod $Filter Export-DscState)
    }
}

<#
.SYNOPSIS
    What may be scanned from this host's Scan Engine, whatever a console says.
.PARAMETER DataPath
    The data folder of the engine; without it the one that the cmdlets use.
.PARAMETER Reasons
    Why it is not as asked for; empty when it is.
.PARAMETER IsSingleInstance
    Yes: an engine has one policy.
.PARAMETER Allow
    Addresses, ranges and CIDR blocks that may be scanned; an empty list allows all that is not denied. Without it not compared.
.PARAMETER Deny
    Addresses, ranges and CIDR blocks that may not be scanned; wins over Allow. Without it not compared.
.PARAMETER MaxRate
    Connection attempts per second in all; 0 for no limit.
.PARAMETER MaxParallelism
    Connection attempts under way at once, per scan.
.PARAMETER AllowNmap
    Whether consoles may scan with the nmap of this host.
.PARAMETER OnDenied
    What becomes of a scan that names what may not be scanned: Refuse or Skip.
#>
[DscResource()]
class ScanEnginePolicy : ScanEngineResource {
    [DscProperty(Key)]
    [ValidateSet('Yes')]
    [string] $IsSingleInstance = 'Yes'

    [DscProperty()]
    [string[]] $Allow

    [DscProperty()]
    [string[]] $Deny

    [DscProperty()]
    [ValidateRange(0, 2147483647)]
    [Nullable[int]] $MaxRate

    [DscProperty()]
    [ValidateRange(1, 65535)]
    [Nullable[int]] $MaxParallelism

    [DscProperty()]
    [Nullable[bool]] $AllowNmap

    [DscProperty()]
    [ValidateSet('Refuse', 'Skip')]
    [string] $OnDenied

    [ScanEnginePolicy] Get() {
        return Invoke-DscMethod $this Get-DscState
    }

    [bool] Test() {
        return Invoke-DscMethod $this Test-DscState
    }

    [void] Set() {
        Invoke-DscMethod $this Set-DscState
    }

    [ScanEnginePolicy] WhatIf() {
        return Invoke-DscMethod $this Get-DscWhatIf
    }

    static [ScanEnginePolicy[]] Export() {
        return [ScanEnginePolicy]::Export([ScanEnginePolicy]::new())
    }

    static [ScanEnginePolicy[]] Export([ScanEnginePolicy] $Filter) {
        return @(Invoke-DscMethod $Filter Export-DscState)
    }
}

<#
.SYNOPSIS
    A console, an engine or a firewall applier runs as a service of this host, or does not. Run as root or administrator.
.PARAMETER DataPath
    The data folder of the service; without it the one that services use.
.PARAMETER Reasons
    Why it is not as asked for; empty when it is.
.PARAMETER Service
    Console, Engine, or the privileged firewall applier of one of them: ConsoleApplier, EngineApplier.
.PARAMETER Ensure
    Present (installed, running, and started at boot) or Absent. Data, user and program stay in any case.
.PARAMETER Program
    The program of the service host; without it where its package puts it.
.PARAMETER Address
    Of a node: the address of this host to listen at.
.PARAMETER Port
    Of a node: the TCP port to listen at. Of an applier: the ports that it may open beside 40814 and 40815.
.PARAMETER AdvertisedAddress
    Of a console: the name or address that reverse engines are told to dial.
.PARAMETER AllowFrom
    Of an applier: addresses and blocks that a rule may be for, or any.
.PARAMETER Provider
    Of an applier: the firewall manager to use.
.PARAMETER State
    Stopped, Starting, Running or Failed; nothing where it is not installed.
.PARAMETER User
    The account whose rights it has.
#>
[DscResource()]
class ScanEngineService : ScanEngineResource {
    [DscProperty(Key)]
    [ValidateSet('Console', 'Engine', 'ConsoleApplier', 'EngineApplier')]
    [string] $Service

    [DscProperty()]
    [ValidateSet('Present', 'Absent')]
    [string] $Ensure = 'Present'

    [DscProperty()]
    [string] $Program

    [DscProperty()]
    [string] $Address

    [DscProperty()]
    [ValidateRange(1, 65535)]
    [int[]] $Port

    [DscProperty()]
    [string] $AdvertisedAddress

    [DscProperty()]
    [string[]] $AllowFrom

    [DscProperty()]
    [ValidateSet('NetSecurity', 'Netsh', 'Nftables', 'Firewalld', 'Ufw', 'Iptables')]
    [string] $Provider

    [DscProperty(NotConfigurable)]
    [string] $State

    [DscProperty(NotConfigurable)]
    [string] $User

    [ScanEngineService] Get() {
        return Invoke-DscMethod $this Get-DscState
    }

    [bool] Test() {
        return Invoke-DscMethod $this Test-DscState
    }

    [void] Set() {
        Invoke-DscMethod $this Set-DscState
    }

    [ScanEngineService] WhatIf() {
        return Invoke-DscMethod $this Get-DscWhatIf
    }

    static [ScanEngineService[]] Export() {
        return [ScanEngineService]::Export([ScanEngineService]::new())
    }

    static [ScanEngineService[]] Export([ScanEngineService] $Filter) {
        return @(Invoke-DscMethod $Filter Export-DscState)
    }
}
