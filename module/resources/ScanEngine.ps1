# What the resource ScanEngine does: read by the root module when one is used.

function Get-DscState($Resource) {
    $now = [ScanEngine]@{
        DataPath = $Resource.DataPath; Name = $Resource.Name; Ensure = 'Absent'; SecretName = $Resource.SecretName
        SecretVault = $Resource.SecretVault; WhenAway = $Resource.WhenAway; TimeoutSeconds = $Resource.TimeoutSeconds
    }
    $engine = Find-DscEngine $Resource
    if ($engine) {
        Copy-State $now $engine
        Copy-DscSpelling $Resource $now Address, Fingerprint
    }

    $now.Reasons = @(Compare-DscState $Resource)
    return $now
}

function Set-DscState($Resource) {
    if (Test-DscState $Resource) {
        return
    }

    $at = Get-DscFolder $Resource
    $engine = Find-DscEngine $Resource
    if ($Resource.Ensure -eq 'Absent') {
        $null = Invoke-DscStep { Unregister-ScanEngine @at -Name ([wildcardpattern]::Escape($Resource.Name)) -Confirm:$false }
        return
    }

    $other = $engine -and $Resource.Fingerprint -and -not (Test-Fingerprint $Resource $engine)
    if (-not $engine -or -not $engine.Paired -or $other) {
        Connect-Engine $Resource $engine $other
        $engine = Find-DscEngine $Resource
    }

    $set = @{}
    if ($engine -and [string] $engine.Direction -eq 'ConsoleToEngine') {
        if ($Resource.Address -and -not (Test-DscSame Address $Resource.Address $engine.Address)) { $set.Address = $Resource.Address }
        if ($null -ne $Resource.Port -and $Resource.Port -ne $engine.Port) { $set.Port = $Resource.Port }
    }

    if ($null -ne $Resource.Quota -and -not (Test-Quota $Resource $engine)) { $set.Quota = $Resource.Quota }
    if ($set.Count -gt 0) {
        $null = Invoke-DscStep { Set-ScanEngine @at -Name $engine.Name @set -Confirm:$false }
    }
}

function Export-DscState($Filter) {
    $at = Get-DscFolder $Filter
    return @(foreach ($engine in Invoke-DscStep { Get-ScanEngine @at }) {
            if (-not $Filter.Name -or $engine.Name -like $Filter.Name) {
                $one = [ScanEngine]@{ DataPath = $Filter.DataPath; Name = $engine.Name }
                Copy-State $one $engine
                $one
            }
        })
}

function Copy-State($Resource, $Engine) {
    $Resource.Ensure = 'Present'
    $Resource.Paired = $Engine.Paired
    $Resource.Direction = [string] $Engine.Direction
    $Resource.Status = [string] $Engine.Status
    $Resource.Version = $Engine.Version
    $Resource.Fingerprint = $Engine.Fingerprint
    $Resource.Quota = $Engine.Quota
    if ($Resource.Direction -eq 'ConsoleToEngine') {
        $Resource.Address = $Engine.Address
        $Resource.Port = $Engine.Port
    }
}

function Test-Fingerprint($Resource, $Engine) {
    return Test-DscSame Fingerprint $Resource.Fingerprint $Engine.Fingerprint
}

# 0 is the default, whatever that is here.
function Test-Quota($Resource, $Engine) {
    return $Resource.Quota -eq $Engine.Quota -or ($Resource.Quota -eq 0 -and $Engine.Quota -eq 4GB)
}

function Compare-DscState($Resource) {
    $engine = Find-DscEngine $Resource
    Assert-DscValue $Resource Address, Fingerprint
    if ($Resource.Ensure -eq 'Absent') {
        return $(if ($engine) { New-DscReason $Resource 'Ensure' "Engine '$($Resource.Name)' is registered here, and should not be." })
    }

    if (-not $engine) {
        return New-DscReason $Resource 'Ensure' "Engine '$($Resource.Name)' is not registered at this console."
    }

    $found = @()
    if (-not $engine.Paired) {
        $found += New-DscReason $Resource 'Paired' "Engine '$($Resource.Name)' is not paired: $($engine.StatusDetail)"
    } elseif ($Resource.Fingerprint -and -not (Test-Fingerprint $Resource $engine)) {
        $found += New-DscReason $Resource 'Fingerprint' "The engine's identity is $($engine.Fingerprint), not $($Resource.Fingerprint)."
    }

    if ([string] $engine.Direction -eq 'ConsoleToEngine') {
        if ($Resource.Address -and -not (Test-DscSame Address $Resource.Address $engine.Address)) {
            $found += New-DscReason $Resource 'Address' "The console dials '$($engine.Address)', not '$($Resource.Address)'."
        }

        if ($null -ne $Resource.Port -and $Resource.Port -ne $engine.Port) {
            $found += New-DscReason $Resource 'Port' "The console dials port $($engine.Port), not $($Resource.Port)."
        }
    }

    if ($null -ne $Resource.Quota -and -not (Test-Quota $Resource $engine)) {
        $found += New-DscReason $Resource 'Quota' "The quota is $($engine.Quota) bytes, not $($Resource.Quota)."
    }

    return $found
}

function Connect-Engine($Resource, $Engine, $IsOther) {
    $at = Get-DscFolder $Resource
    $secret = Get-DscSecret $Resource
    if ($IsOther -and -not $secret) {
        throw (New-DscFault 'FingerprintMismatch' ("Engine '$($Resource.Name)' has the identity $($Engine.Fingerprint), not " +
                "$($Resource.Fingerprint). If it was rebuilt, make a secret on it (New-EnginePairingSecret -Role Engine) and give that.") $Resource.Name)
    }

    $to = $Resource.Address ? $Resource.Address : $Engine.Address
    if ($to -and ($secret -or -not $Engine)) {
        $register = @{ Name = $Resource.Name; Address = $to }
        $portOf = $Resource.Port ?? $Engine.Port
        if ($null -ne $portOf) { $register.Port = $portOf }
        if ($secret) { $register.PairingSecret = $secret }
        if ($Resource.Fingerprint) { $register.Fingerprint = $Resource.Fingerprint }
        if ($IsOther) { $register.Replace = $true }
        Register-Engine $Resource $register
    }

    # Without a secret it takes both admins, and a reverse engine comes by itself.
    $isPaired = { (Find-DscEngine $Resource).Paired }
    if (-not (& $isPaired) -and -not ($Resource.WhenAway -eq 'Wait' -and (Wait-DscCondition $isPaired $Resource.TimeoutSeconds))) {
        throw (New-DscFault 'NotPaired' ("Engine '$($Resource.Name)' is not paired. A standard one: give its Address and the " +
                'PairingSecret that New-EnginePairingSecret -Role Engine made on its host, or have Approve-EngineConsole run there. ' +
                'A reverse one pairs by itself: Start-EnginePoller on its host.') $Resource.Name)
    }
}

# Registers; with WhenAway = Wait again and again until the engine can be reached, or the time is over.
function Register-Engine($Resource, $Register) {
    $at = Get-DscFolder $Resource
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        try {
            $null = Invoke-DscStep { Register-ScanEngine @at @Register -Confirm:$false }
            return
        } catch {
            $away = [string] $_.CategoryInfo.Category -in 'ConnectionError', 'OperationTimeout', 'ResourceUnavailable'
            if (-not $away -or $Resource.WhenAway -ne 'Wait' -or $clock.Elapsed.TotalSeconds -ge $Resource.TimeoutSeconds) {
                throw
            }
        }

        Start-Sleep -Seconds 1
    }
}
