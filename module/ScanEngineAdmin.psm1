# The load rule of the module: the cmdlets are in bin/, which a build fills. They bring the libraries beside them; the
# database library is loaded by them, privately, from bin/storage.

# No command of PowerShell's own modules: the first one of a module loads all of it. No methods: a constrained language
# has none.
$library = "$PSScriptRoot/bin/ScanEngineAdmin.dll"
try {
    $cmdlets = Import-Module -Name $library -PassThru -ErrorAction Stop
} catch {
    if ($_.FullyQualifiedErrorId -notlike 'Modules_ModuleNotFound,*') {
        throw
    }

    $advice = 'Run ./build.ps1 -Task Build, or dotnet build, in the checkout; or install the package.'
    throw "ScanEngineAdmin is not built: '$library' is missing. $advice"
}

# After the library, whose code they are.
Import-Module -Name "$PSScriptRoot/ScanEngineAdmin.Columns.psd1"
Export-ModuleMember -Cmdlet @($cmdlets.ExportedCmdlets.Keys)

# ---- Desired State Configuration ----------------------------------------------------------------------------------
# The resources are in this file, as DSC's adapter reads them from the root module alone, and name no type of the
# library: a type that is not loaded yet would break the discovery of every module. What they do is the cmdlets' doing.

# Runs a cmdlet for a resource. DSC shows an error's message alone, so that has the next step in it; the error keeps its id.
function Invoke-DscStep([scriptblock] $Step) {
    try {
        & $Step
    } catch {
        $advice = "$($_.ErrorDetails.RecommendedAction)"
        $text = $advice -and -not $_.Exception.Message.Contains($advice) ? "$($_.Exception.Message) $advice" : $_.Exception.Message
        $id = ($_.FullyQualifiedErrorId -split ',')[0]
        throw [System.Management.Automation.ErrorRecord]::new(
            [System.InvalidOperationException]::new($text, $_.Exception), $id, $_.CategoryInfo.Category, $_.TargetObject)
    }
}

function New-DscFault([string] $Id, [string] $Message, $Target) {
    [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($Message), $Id, 'ResourceUnavailable', $Target)
}

# Looks until a condition holds or the time is over; says which.
function Wait-DscCondition([scriptblock] $Condition, [int] $Seconds) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -ge $Seconds) {
            return $false
        }

        Start-Sleep -Milliseconds 250
    }

    $true
}

# The text of a secret, from where a configuration says that it is: in the document, or in a vault. None if neither.
function Get-DscSecret($Resource) {
    if ($Resource.PairingSecret) {
        return $Resource.PairingSecret.Password
    }

    if (-not $Resource.SecretName) {
        return $null
    }

    if (-not (Get-Command -Name Get-Secret -ErrorAction Ignore)) {
        throw (New-DscFault 'SecretNotFound' ("SecretName is '$($Resource.SecretName)', but there is no Get-Secret on this host. " +
                'Install Microsoft.PowerShell.SecretManagement and a vault for the account that runs DSC, or give PairingSecret.'
            ) $Resource.SecretName)
    }

    $from = @{ Name = $Resource.SecretName }
    if ($Resource.SecretVault) {
        $from.Vault = $Resource.SecretVault
    }

    $found = Invoke-DscStep { Get-Secret @from -ErrorAction Stop }
    $found -is [pscredential] ? $found.Password : $found
}

# What every document has to say: a key that is empty names nothing, and everything that is not there would be as asked for.
function Assert-DscKey($Resource, [string] $Key, [string] $Id, [string] $What) {
    if ([string]::IsNullOrWhiteSpace($Resource.$Key)) {
        throw (New-DscFault $Id "The resource $($Resource.GetType().Name) has no ${Key}: give $What." $null)
    }
}

# The engine of a resource's name; nothing where there is none.
function Find-DscEngine($Resource) {
    Assert-DscKey $Resource 'Name' 'EngineNameInvalid' 'the engine''s name at the console'
    $at = $Resource.At()
    $name = [wildcardpattern]::Escape($Resource.Name)
    try {
        Invoke-DscStep { Get-ScanEngine @at -Name $name }
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'EngineNotFound*') {
            throw
        }

        Assert-DscValue $Resource Name
    }
}

# What the resources compare is read as the cmdlets read it that store it: what these refuse is an error, and not a difference
# that no Set can mend.
function Assert-DscValue($Resource, [string[]] $Property) {
    foreach ($name in $Property | Where-Object { $null -ne $Resource.$_ -and '' -ne $Resource.$_ }) {
        $null = Invoke-DscStep { ConvertTo-ScanEngineValue ($name -replace '^Console') @($Resource.$name) }
    }
}

# Whether two spellings mean the same.
function Test-DscSame([string] $Kind, $Wanted, $Known) {
    $asked = Invoke-DscStep { ConvertTo-ScanEngineValue $Kind @($Wanted) }
    try {
        $asked -eq (ConvertTo-ScanEngineValue $Kind @($Known | Where-Object { $null -ne $_ }))
    } catch {
        $false
    }
}

# What means the same is told as it was asked for: DSC compares texts.
function Copy-DscSpelling($Asked, $Now, [string[]] $Property) {
    foreach ($name in $Property | Where-Object { $Asked.$_ -and $Now.$_ }) {
        if (Test-DscSame ($name -replace '^Console') $Asked.$name $Now.$name) { $Now.$name = $Asked.$name }
    }
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

    hidden [hashtable] At() {
        $at = @{ ErrorAction = 'Stop' }
        if ($this.DataPath) {
            $at.DataPath = $this.DataPath
        }

        return $at
    }

    hidden [ScanEngineReason] Because([string] $Property, [string] $Phrase) {
        $name = $this.GetType().Name
        return [ScanEngineReason]@{ Code = "${name}:${name}:$Property"; Phrase = $Phrase }
    }

    # What differs between what is asked for and what is there; nothing where it is as asked.
    hidden [ScanEngineReason[]] Differences() {
        throw [System.InvalidOperationException]::new("The resource $($this.GetType().Name) does not say what differs: it needs a method Differences().")
    }

    hidden [bool] IsAsAsked() {
        return @($this.Differences()).Count -eq 0
    }

    # A resource as it was asked for, with the reasons why Set would do something.
    hidden [void] FillWhatIf([object] $Copy) {
        foreach ($property in $this.PSObject.Properties | Where-Object Name -NE 'Reasons') {
            if ($null -ne $property.Value -and $property.Value -isnot [pscredential]) {
                $Copy.($property.Name) = $property.Value
            }
        }

        $Copy.Reasons = @($this.Differences())
    }
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
        $now = [ScanEngineCommunication]@{
            DataPath = $this.DataPath; Name = $this.Name; WhenAway = $this.WhenAway; TimeoutSeconds = $this.TimeoutSeconds
            ApplyFirewall = $this.ApplyFirewall
        }
        $engine = $this.FindEngine()
        $communication = $engine ? $this.FindCommunication() : $null
        if ($engine) {
            $now.Fill($engine, $communication)
            Copy-DscSpelling $this $now Address, ConsoleAddress
            if ($this.Wanted() -eq $now.Direction) { $now.Direction = $this.Direction }
        }

        $now.Reasons = $this.Compare($engine, $communication)
        return $now
    }

    [bool] Test() {
        return $this.IsAsAsked()
    }

    [void] Set() {
        if ($this.IsAsAsked()) {
            return
        }

        $this.Reach()
        if ($this.IsAsAsked()) {
            # The two settled it between them when they met.
            return
        }

        $go = $this.At()
        $go.Name = $this.Name
        $go.Direction = $this.Direction
        $go.Timeout = [timespan]::FromSeconds($this.TimeoutSeconds)
        if ($this.Wanted() -eq 'ConsoleToEngine') {
            if ($this.Address) { $go.Address = $this.Address }
            if ($null -ne $this.Port) { $go.Port = $this.Port }
        } else {
            if ($this.ConsoleAddress) { $go.ConsoleAddress = $this.ConsoleAddress }
            if ($null -ne $this.ConsolePort) { $go.ConsolePort = $this.ConsolePort }
        }

        if ($this.ApplyFirewall) { $go.ApplyFirewall = $true }
        if ($this.WhenAway -eq 'Request' -and [string] $this.FindEngine().Status -in 'NotResponding', 'Unknown') {
            $go.Offline = $true
        }

        $null = Invoke-DscStep { Set-ScanEngineCommunication @go -Confirm:$false }
    }

    [ScanEngineCommunication] WhatIf() {
        $then = [ScanEngineCommunication]::new()
        $this.FillWhatIf($then)
        return $then
    }

    static [ScanEngineCommunication[]] Export() {
        return [ScanEngineCommunication]::Export([ScanEngineCommunication]::new())
    }

    static [ScanEngineCommunication[]] Export([ScanEngineCommunication] $Filter) {
        $at = $Filter.At()
        $all = @(Invoke-DscStep { Get-ScanEngine @at } | Where-Object { -not $Filter.Name -or $_.Name -like $Filter.Name })
        $known = @(Invoke-DscStep { Get-ScanEngineCommunication @at }) | Group-Object EngineName -AsHashTable
        return @(foreach ($engine in $all) {
                $one = [ScanEngineCommunication]@{ DataPath = $Filter.DataPath; Name = $engine.Name }
                $one.Fill($engine, $known[$engine.Name][0])
                if (-not $Filter.Direction -or $Filter.Wanted() -eq $one.Direction) { $one }
            })
    }

    hidden [void] Fill([object] $Engine, [object] $Communication) {
        $this.Direction = [string] $Communication.Direction
        $this.Status = [string] $Engine.Status
        $this.State = [string] $Communication.State
        if ([string] $Communication.DesiredDirection -ne $this.Direction) {
            $this.PendingDirection = [string] $Communication.DesiredDirection
        }

        # What does not apply to a direction is not told either.
        if ($this.Direction -eq 'ConsoleToEngine') {
            $this.Address = $Engine.Address
            $this.Port = $Engine.Port
        } else {
            $this.ConsoleAddress = $Communication.ConsoleAddress
            $known = $Communication.ConsolePort ?? $Engine.ConsolePort
            if ($null -ne $known) { $this.ConsolePort = $known }
        }
    }

    hidden [string] Wanted() {
        return @{ Standard = 'ConsoleToEngine'; Reverse = 'EngineToConsole' }[$this.Direction] ?? $this.Direction
    }

    hidden [object] FindEngine() {
        Assert-DscKey $this 'Direction' 'OptionInvalid' 'ConsoleToEngine (Standard) or EngineToConsole (Reverse)'
        return Find-DscEngine $this
    }

    hidden [object] FindCommunication() {
        $at = $this.At()
        $pattern = [wildcardpattern]::Escape($this.Name)
        return Invoke-DscStep { Get-ScanEngineCommunication @at -Name $pattern } | Select-Object -First 1
    }

    hidden [ScanEngineReason[]] Differences() {
        $engine = $this.FindEngine()
        return $this.Compare($engine, $(if ($engine) { $this.FindCommunication() }))
    }

    hidden [ScanEngineReason[]] Compare([object] $Engine, [object] $Now) {
        if (-not $Engine) {
            return @($this.Because('Name', "There is no engine '$($this.Name)' at this console. It has to be paired first: " +
                    'resource ScanEngine, or Start-EnginePoller on the engine''s host.'))
        }

        $wanted = $this.Wanted()
        $found = @()
        Assert-DscValue $this ($wanted -eq 'ConsoleToEngine' ? 'Address' : 'ConsoleAddress')
        if ([string] $now.Direction -ne $wanted) {
            $pending = [string] $now.DesiredDirection -eq $wanted ? " It is asked for and waits: $($now.Detail)" : ''
            $found += $this.Because('Direction', "The direction in force is $($now.Direction), not $wanted.$pending")
            return $found
        }

        if ([string] $now.DesiredDirection -ne $wanted) {
            $found += $this.Because('PendingDirection', "$($now.DesiredDirection) is asked for: $($now.Detail)")
        }

        if ($now.Drift) {
            $found += $this.Because('Drift', $now.DriftDetail)
        }

        if ($wanted -eq 'ConsoleToEngine') {
            if ($this.Address -and -not (Test-DscSame Address $this.Address $engine.Address)) {
                $found += $this.Because('Address', "The console dials '$($engine.Address)', not '$($this.Address)'.")
            }

            if ($null -ne $this.Port -and $this.Port -ne $engine.Port) {
                $found += $this.Because('Port', "The console dials port $($engine.Port), not $($this.Port).")
            }
        } else {
            if ($this.ConsoleAddress -and $now.ConsoleAddress -and -not (Test-DscSame Address $this.ConsoleAddress $now.ConsoleAddress)) {
                $found += $this.Because('ConsoleAddress', "The engine dials '$($now.ConsoleAddress)', not '$($this.ConsoleAddress)'.")
            }

            $known = $now.ConsolePort ?? $engine.ConsolePort
            if ($null -ne $this.ConsolePort -and $null -ne $known -and $this.ConsolePort -ne $known) {
                $found += $this.Because('ConsolePort', "The engine dials port $known, not $($this.ConsolePort).")
            }
        }

        return $found
    }

    # Sees to it that a change can be made now, or says why not.
    hidden [void] Reach() {
        $engine = $this.FindEngine()
        if (-not $engine) {
            throw (New-DscFault 'EngineNotFound' $this.Differences()[0].Phrase $this.Name)
        }

        if ([string] $engine.Status -eq 'Unknown') {
            # Paired a moment ago: a running console is about to meet it.
            $null = Wait-DscCondition { [string] $this.FindEngine().Status -ne 'Unknown' } ([math]::Min(15, $this.TimeoutSeconds))
            $engine = $this.FindEngine()
        }

        if ($this.WhenAway -eq 'Request') {
            return
        }

        if ($this.WhenAway -eq 'Wait') {
            $at = $this.At()
            $until = [timespan]::FromSeconds($this.TimeoutSeconds)
            $null = Invoke-DscStep { Wait-ScanEngine @at -Name $engine.Name -Timeout $until }
            if ($this.FindCommunication().Drift) {
                $null = Wait-DscCondition { -not $this.FindCommunication().Drift } $this.TimeoutSeconds
            }
        } elseif ([string] $engine.Status -eq 'NotResponding') {
            throw (New-DscFault 'EngineNotReachable' ("Engine '$($this.Name)' is away: $($engine.StatusDetail) Nothing was changed. " +
                    'WhenAway = Wait waits for it; WhenAway = Request records the change for its next contact.') $this.Name)
        }

        $now = $this.FindCommunication()
        if ($now.Drift) {
            throw (New-DscFault 'ChangeInProgress' ("Console and engine '$($this.Name)' see their direction otherwise, which " +
                    "settles when they meet. $($now.DriftDetail)") $this.Name)
        }
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
        $now = [ScanEngine]@{
            DataPath = $this.DataPath; Name = $this.Name; Ensure = 'Absent'; SecretName = $this.SecretName
            SecretVault = $this.SecretVault; WhenAway = $this.WhenAway; TimeoutSeconds = $this.TimeoutSeconds
        }
        $engine = $this.FindEngine()
        if ($engine) {
            $now.Fill($engine)
            Copy-DscSpelling $this $now Address, Fingerprint
        }

        $now.Reasons = @($this.Differences())
        return $now
    }

    [bool] Test() {
        return $this.IsAsAsked()
    }

    [void] Set() {
        if ($this.IsAsAsked()) {
            return
        }

        $at = $this.At()
        $engine = $this.FindEngine()
        if ($this.Ensure -eq 'Absent') {
            $null = Invoke-DscStep { Unregister-ScanEngine @at -Name ([wildcardpattern]::Escape($this.Name)) -Confirm:$false }
            return
        }

        $other = $engine -and $this.Fingerprint -and -not $this.HasFingerprint($engine)
        if (-not $engine -or -not $engine.Paired -or $other) {
            $this.Pair($engine, $other)
            $engine = $this.FindEngine()
        }

        $set = @{}
        if ($engine -and [string] $engine.Direction -eq 'ConsoleToEngine') {
            if ($this.Address -and -not (Test-DscSame Address $this.Address $engine.Address)) { $set.Address = $this.Address }
            if ($null -ne $this.Port -and $this.Port -ne $engine.Port) { $set.Port = $this.Port }
        }

        if ($null -ne $this.Quota -and -not $this.HasQuota($engine)) { $set.Quota = $this.Quota }
        if ($set.Count -gt 0) {
            $null = Invoke-DscStep { Set-ScanEngine @at -Name $engine.Name @set -Confirm:$false }
        }
    }

    [ScanEngine] WhatIf() {
        $then = [ScanEngine]::new()
        $this.FillWhatIf($then)
        return $then
    }

    static [ScanEngine[]] Export() {
        return [ScanEngine]::Export([ScanEngine]::new())
    }

    static [ScanEngine[]] Export([ScanEngine] $Filter) {
        $at = $Filter.At()
        return @(foreach ($engine in Invoke-DscStep { Get-ScanEngine @at }) {
                if (-not $Filter.Name -or $engine.Name -like $Filter.Name) {
                    $one = [ScanEngine]@{ DataPath = $Filter.DataPath; Name = $engine.Name }
                    $one.Fill($engine)
                    $one
                }
            })
    }

    hidden [void] Fill([object] $Engine) {
        $this.Ensure = 'Present'
        $this.Paired = $Engine.Paired
        $this.Direction = [string] $Engine.Direction
        $this.Status = [string] $Engine.Status
        $this.Version = $Engine.Version
        $this.Fingerprint = $Engine.Fingerprint
        $this.Quota = $Engine.Quota
        if ($this.Direction -eq 'ConsoleToEngine') {
            $this.Address = $Engine.Address
            $this.Port = $Engine.Port
        }
    }

    hidden [object] FindEngine() {
        return Find-DscEngine $this
    }

    hidden [bool] HasFingerprint([object] $Engine) {
        return Test-DscSame Fingerprint $this.Fingerprint $Engine.Fingerprint
    }

    # 0 is the default, whatever that is here.
    hidden [bool] HasQuota([object] $Engine) {
        return $this.Quota -eq $Engine.Quota -or ($this.Quota -eq 0 -and $Engine.Quota -eq 4GB)
    }

    hidden [ScanEngineReason[]] Differences() {
        $engine = $this.FindEngine()
        Assert-DscValue $this Address, Fingerprint
        if ($this.Ensure -eq 'Absent') {
            return $engine ? @($this.Because('Ensure', "Engine '$($this.Name)' is registered here, and should not be.")) : @()
        }

        if (-not $engine) {
            return @($this.Because('Ensure', "Engine '$($this.Name)' is not registered at this console."))
        }

        $found = @()
        if (-not $engine.Paired) {
            $found += $this.Because('Paired', "Engine '$($this.Name)' is not paired: $($engine.StatusDetail)")
        } elseif ($this.Fingerprint -and -not $this.HasFingerprint($engine)) {
            $found += $this.Because('Fingerprint', "The engine's identity is $($engine.Fingerprint), not $($this.Fingerprint).")
        }

        if ([string] $engine.Direction -eq 'ConsoleToEngine') {
            if ($this.Address -and -not (Test-DscSame Address $this.Address $engine.Address)) {
                $found += $this.Because('Address', "The console dials '$($engine.Address)', not '$($this.Address)'.")
            }

            if ($null -ne $this.Port -and $this.Port -ne $engine.Port) {
                $found += $this.Because('Port', "The console dials port $($engine.Port), not $($this.Port).")
            }
        }

        if ($null -ne $this.Quota -and -not $this.HasQuota($engine)) {
            $found += $this.Because('Quota', "The quota is $($engine.Quota) bytes, not $($this.Quota).")
        }

        return $found
    }

    hidden [void] Pair([object] $Engine, [bool] $IsOther) {
        $at = $this.At()
        $secret = Get-DscSecret $this
        if ($IsOther -and -not $secret) {
            throw (New-DscFault 'FingerprintMismatch' ("Engine '$($this.Name)' has the identity $($Engine.Fingerprint), not " +
                    "$($this.Fingerprint). If it was rebuilt, make a secret on it (New-EnginePairingSecret -Role Engine) and give that.") $this.Name)
        }

        $to = $this.Address ? $this.Address : $Engine.Address
        if ($to -and ($secret -or -not $Engine)) {
            $register = @{ Name = $this.Name; Address = $to }
            $portOf = $this.Port ?? $Engine.Port
            if ($null -ne $portOf) { $register.Port = $portOf }
            if ($secret) { $register.PairingSecret = $secret }
            if ($this.Fingerprint) { $register.Fingerprint = $this.Fingerprint }
            if ($IsOther) { $register.Replace = $true }
            $this.Register($register)
        }

        # Without a secret it takes both admins, and a reverse engine comes by itself.
        $isPaired = { $this.FindEngine().Paired }
        if (-not (& $isPaired) -and -not ($this.WhenAway -eq 'Wait' -and (Wait-DscCondition $isPaired $this.TimeoutSeconds))) {
            throw (New-DscFault 'NotPaired' ("Engine '$($this.Name)' is not paired. A standard one: give its Address and the " +
                    'PairingSecret that New-EnginePairingSecret -Role Engine made on its host, or have Approve-EngineConsole run there. ' +
                    'A reverse one pairs by itself: Start-EnginePoller on its host.') $this.Name)
        }
    }

    # Registers; with WhenAway = Wait again and again until the engine can be reached, or the time is over.
    hidden [void] Register([hashtable] $Register) {
        $at = $this.At()
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        while ($true) {
            try {
                $null = Invoke-DscStep { Register-ScanEngine @at @Register -Confirm:$false }
                return
            } catch {
                $away = [string] $_.CategoryInfo.Category -in 'ConnectionError', 'OperationTimeout', 'ResourceUnavailable'
                if (-not $away -or $this.WhenAway -ne 'Wait' -or $clock.Elapsed.TotalSeconds -ge $this.TimeoutSeconds) {
                    throw
                }
            }

            Start-Sleep -Seconds 1
        }
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
        $now = [ScanEngineConsole]@{
            DataPath = $this.DataPath; ConsoleAddress = $this.ConsoleAddress; SecretName = $this.SecretName; SecretVault = $this.SecretVault
        }
        $console = $this.FindConsole()
        if ($console) {
            $now.Fill($console)
            $now.ConsoleAddress = $this.ConsoleAddress
        }

        $now.Reasons = @($this.Differences())
        return $now
    }

    [bool] Test() {
        return $this.IsAsAsked()
    }

    [void] Set() {
        if ($this.IsAsAsked()) {
            return
        }

        $at = $this.At()
        $secret = Get-DscSecret $this
        if (-not $secret) {
            throw (New-DscFault 'NotPaired' ("This engine is not paired with the console at $($this.ConsoleAddress). Give the PairingSecret " +
                    'that New-EnginePairingSecret made on the console''s host, or the SecretName of it.') $this.ConsoleAddress)
        }

        $pair = @{ ConsoleAddress = $this.ConsoleAddress; PairingSecret = $secret; Once = $true }
        if ($null -ne $this.ConsolePort) { $pair.ConsolePort = $this.ConsolePort }
        if ($this.EngineName) { $pair.EngineName = $this.EngineName }
        # It pairs, asks once and ends; an engine that runs in another process goes on polling.
        $null = Invoke-DscStep { Start-EnginePoller @at @pair -Confirm:$false }
    }

    [ScanEngineConsole] WhatIf() {
        $then = [ScanEngineConsole]::new()
        $this.FillWhatIf($then)
        return $then
    }

    static [ScanEngineConsole[]] Export() {
        return [ScanEngineConsole]::Export([ScanEngineConsole]::new())
    }

    static [ScanEngineConsole[]] Export([ScanEngineConsole] $Filter) {
        return @(foreach ($console in $Filter.Consoles()) {
                $one = [ScanEngineConsole]@{ DataPath = $Filter.DataPath }
                $one.Fill($console)
                if (-not $Filter.ConsoleAddress -or $one.ConsoleAddress -like $Filter.ConsoleAddress) { $one }
            })
    }

    hidden [void] Fill([object] $Console) {
        $this.ConsoleAddress = $Console.ConsoleAddress ?? $Console.ObservedAddress
        $this.EngineName = $Console.EngineName
        $this.Direction = [string] $Console.Direction
        $this.State = [string] $Console.State
        $this.Fingerprint = $Console.Fingerprint
        if ($this.Direction -eq 'EngineToConsole') {
            $this.ConsolePort = $Console.ConsolePort
        }
    }

    hidden [object[]] Consoles() {
        $at = $this.At()
        return @(Invoke-DscStep { Get-EngineConsole @at })
    }

    # By the address that this engine dials; a console that dials in is known by where it was seen.
    hidden [object] FindConsole() {
        Assert-DscKey $this 'ConsoleAddress' 'AddressInvalid' 'the host name or address of the console'
        Assert-DscValue $this ConsoleAddress
        return $this.Consoles() |
            Where-Object { Test-DscSame Address $this.ConsoleAddress ($_.ConsoleAddress ?? $_.ObservedAddress) } |
            Sort-Object { [string] $_.State -ne 'Paired' } | Select-Object -First 1
    }

    hidden [ScanEngineReason[]] Differences() {
        $console = $this.FindConsole()
        if (-not $console) {
            return @($this.Because('ConsoleAddress', "This engine knows no console at $($this.ConsoleAddress)."))
        }

        if ([string] $console.State -ne 'Paired') {
            return @($this.Because('State', "The console at $($this.ConsoleAddress) is $($console.State), not paired."))
        }

        if ([string] $console.Direction -eq 'EngineToConsole' -and $null -ne $this.ConsolePort -and $this.ConsolePort -ne $console.ConsolePort) {
            return @($this.Because('ConsolePort', "This engine dials port $($console.ConsolePort), not $($this.ConsolePort)."))
        }

        return @()
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
        $now = [ScanEngineFirewall]@{ DataPath = $this.DataPath; KeepUnneeded = $this.KeepUnneeded }
        if ($this.Provider) { $now.Provider = $this.Provider }
        $drift = $this.Drift()
        $now.Missing = @($drift | Where-Object SideIndicator -EQ '<=' | ForEach-Object { $this.Words($_) })
        $now.Unneeded = @($drift | Where-Object SideIndicator -EQ '=>' | ForEach-Object { $this.Words($_) })
        $now.Reasons = $this.ReasonsOf($drift)
        return $now
    }

    [bool] Test() {
        return $this.IsAsAsked()
    }

    [void] Set() {
        $repair = $this.With()
        if ($this.KeepUnneeded) { $repair.KeepUnneeded = $true }
        $null = Invoke-DscStep { Repair-EngineFirewall @repair -Confirm:$false -WarningAction Ignore }
    }

    [ScanEngineFirewall] WhatIf() {
        $then = [ScanEngineFirewall]::new()
        $this.FillWhatIf($then)
        return $then
    }

    static [ScanEngineFirewall[]] Export() {
        return [ScanEngineFirewall]::Export([ScanEngineFirewall]::new())
    }

    static [ScanEngineFirewall[]] Export([ScanEngineFirewall] $Filter) {
        return @($Filter.Get())
    }

    hidden [hashtable] With() {
        $with = $this.At()
        if ($this.Provider) { $with.Provider = $this.Provider }
        return $with
    }

    hidden [object[]] Drift() {
        $compare = $this.With()
        return @(Invoke-DscStep { Compare-EngineFirewall @compare -WarningAction Ignore })
    }

    hidden [string] Words([object] $Row) {
        return "$($Row.RuleId): TCP $($Row.LocalPort)$($Row.EngineName ? ", $($Row.EngineName)" : ''). $($Row.Detail)"
    }

    hidden [ScanEngineReason[]] ReasonsOf([object[]] $Drift) {
        $code = @{ '<=' = 'Missing'; '=>' = 'Unneeded'; '!=' = 'InTheWay' }
        return @($Drift | Where-Object { -not $this.KeepUnneeded -or $_.SideIndicator -ne '=>' } |
                ForEach-Object { $this.Because($code[$_.SideIndicator], $this.Words($_)) })
    }

    hidden [ScanEngineReason[]] Differences() {
        return $this.ReasonsOf($this.Drift())
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
        $now = [ScanEnginePolicy]@{ DataPath = $this.DataPath }
        $policy = $this.FindPolicy()
        if ($policy) {
            $now.Allow = @($policy.Allow)
            $now.Deny = @($policy.Deny)
            Copy-DscSpelling $this $now Allow, Deny
            $now.MaxRate = $policy.MaxRate
            $now.MaxParallelism = $policy.MaxParallelism
            $now.AllowNmap = $policy.AllowNmap
            $now.OnDenied = [string] $policy.OnDenied
        }

        $now.Reasons = @($this.Differences())
        return $now
    }

    [bool] Test() {
        return $this.IsAsAsked()
    }

    [void] Set() {
        if ($this.IsAsAsked()) {
            return
        }

        $set = $this.At()
        foreach ($name in 'Allow', 'Deny', 'MaxRate', 'MaxParallelism', 'AllowNmap') {
            if ($null -ne $this.$name) { $set.$name = $this.$name }
        }

        if ($this.OnDenied) { $set.OnDenied = $this.OnDenied }
        $null = Invoke-DscStep { Set-EngineScanPolicy @set -Confirm:$false }
    }

    [ScanEnginePolicy] WhatIf() {
        $then = [ScanEnginePolicy]::new()
        $this.FillWhatIf($then)
        return $then
    }

    static [ScanEnginePolicy[]] Export() {
        return [ScanEnginePolicy]::Export([ScanEnginePolicy]::new())
    }

    static [ScanEnginePolicy[]] Export([ScanEnginePolicy] $Filter) {
        return @(if ($Filter.FindPolicy()) { $Filter.Get() })
    }

    # None where there is no engine yet.
    hidden [object] FindPolicy() {
        $at = $this.At()
        try {
            return Get-EngineScanPolicy @at
        } catch {
            if ($_.FullyQualifiedErrorId -like 'EngineNotFound*') {
                return $null
            }

            throw
        }
    }

    hidden [ScanEngineReason[]] Differences() {
        $policy = $this.FindPolicy()
        $found = @()
        foreach ($name in 'Allow', 'Deny') {
            # A list is the addresses that it stands for, however and in whatever order they are written.
            if ($null -ne $this.$name -and -not (Test-DscSame $name $this.$name $policy.$name)) {
                $found += $this.Because($name, "$name is '$(@($policy.$name) -join ', ')', not '$(@($this.$name) -join ', ')'.")
            }
        }

        foreach ($name in 'MaxRate', 'MaxParallelism', 'AllowNmap') {
            if ($null -ne $this.$name -and $this.$name -ne $policy.$name) {
                $found += $this.Because($name, "$name is $($policy.$name), not $($this.$name).")
            }
        }

        if ($this.OnDenied -and $this.OnDenied -ne [string] $policy.OnDenied) {
            $found += $this.Because('OnDenied', "OnDenied is $($policy.OnDenied), not $($this.OnDenied).")
        }

        return $found
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
        $found = $this.FindService()
        $now = [ScanEngineService]@{ Service = $this.Service; DataPath = $this.DataPath; Ensure = 'Absent' }
        if ($found) {
            $now.Ensure = 'Present'
            $now.DataPath = $found.DataPath
            $now.State = [string] $found.State
            $now.User = $found.User
        }

        $now.Reasons = @($this.Differences())
        return $now
    }

    [bool] Test() {
        return $this.IsAsAsked()
    }

    [void] Set() {
        if ($this.IsAsAsked()) {
            return
        }

        $which = $this.Which()
        if ($this.Ensure -eq 'Absent') {
            Invoke-DscStep { Uninstall-EngineService @which -ErrorAction Stop -Confirm:$false }
            return
        }

        $install = $this.Asked()
        $null = Invoke-DscStep { Install-EngineService @install -Confirm:$false }
    }

    [ScanEngineService] WhatIf() {
        $then = [ScanEngineService]::new()
        $this.FillWhatIf($then)
        return $then
    }

    static [ScanEngineService[]] Export() {
        return [ScanEngineService]::Export([ScanEngineService]::new())
    }

    static [ScanEngineService[]] Export([ScanEngineService] $Filter) {
        $all = foreach ($name in 'Console', 'Engine', 'ConsoleApplier', 'EngineApplier') {
            if (-not $Filter.Service -or $Filter.Service -eq $name) { ([ScanEngineService]@{ Service = $name }).Get() }
        }

        return @($all | Where-Object Ensure -EQ 'Present')
    }

    hidden [hashtable] Which() {
        return @{ Role = $this.Service -replace 'Applier$'; Applier = $this.Service -like '*Applier' }
    }

    hidden [object] FindService() {
        Assert-DscKey $this 'Service' 'OptionInvalid' 'Console, Engine, ConsoleApplier or EngineApplier'
        $which = $this.Which()
        return Invoke-DscStep { Get-EngineService -ErrorAction Stop } |
            Where-Object { $_.Role -eq $which.Role -and $_.Applier -eq $which.Applier }
    }

    hidden [ScanEngineReason[]] Differences() {
        $found = $this.FindService()
        if ($this.Ensure -eq 'Absent') {
            return @(if ($found) { $this.Because('Ensure', "The service $($found.Name) is installed.") })
        }

        $asked = $this.Asked()
        try {
            $differences = @(Invoke-DscStep { Compare-EngineService @asked })
        } catch {
            # What is wrong with what is asked for comes first. Its program may be what an earlier resource has yet to install.
            if ($found -or $_.FullyQualifiedErrorId -notin 'ServiceNotFound', 'ServiceProgramNotUsable') {
                throw
            }

            return @($this.Because('Ensure', "The service $($this.Service) is not installed."))
        }

        return @($differences | ForEach-Object {
                $text = switch ($_.Property) {
                    'State' { "$($_.Name) is $($_.Actual), not $($_.Wanted)." }
                    'StartsAtBoot' { "$($_.Name) is not started at boot." }
                    default { "$($_.Name) has $($_.Property) $($_.Actual), not $($_.Wanted)." }
                }

                $this.Because(($_.Property -eq 'StartsAtBoot' ? 'Ensure' : $_.Property), $text)
            })
    }

    # What is asked for, as parameters of Install-EngineService and Compare-EngineService.
    hidden [hashtable] Asked() {
        $asked = $this.At() + $this.Which()
        foreach ($name in 'Program', 'Address', 'Port', 'AdvertisedAddress', 'AllowFrom', 'Provider') {
            if ($this.$name) { $asked.$name = $this.$name }
        }

        return $asked
    }
}
