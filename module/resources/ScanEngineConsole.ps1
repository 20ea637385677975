# What the resource ScanEngineConsole does: read by the root module when one is used.

function Get-DscState($Resource) {
    $now = [ScanEngineConsole]@{
        DataPath = $Resource.DataPath; ConsoleAddress = $Resource.ConsoleAddress; SecretName = $Resource.SecretName; SecretVault = $Resource.SecretVault
    }
    $console = Find-Console $Resource
    if ($console) {
        Copy-State $now $console
        $now.ConsoleAddress = $Resource.ConsoleAddress
    }

    $now.Reasons = @(Compare-DscState $Resource)
    return $now
}

function Set-DscState($Resource) {
    if (Test-DscState $Resource) {
        return
    }

    $at = Get-DscFolder $Resource
    $secret = Get-DscSecret $Resource
    if (-not $secret) {
        throw (New-DscFault 'NotPaired' ("This engine is not paired with the console at $($Resource.ConsoleAddress). Give the PairingSecret " +
                'that New-EnginePairingSecret made on the console''s host, or the SecretName of it.') $Resource.ConsoleAddress)
    }

    $pair = @{ ConsoleAddress = $Resource.ConsoleAddress; PairingSecret = $secret; Once = $true }
    if ($null -ne $Resource.ConsolePort) { $pair.ConsolePort = $Resource.ConsolePort }
    if ($Resource.EngineName) { $pair.EngineName = $Resource.EngineName }
    # It pairs, asks once and ends; an engine that runs in another process goes on polling.
    $null = Invoke-DscStep { Start-EnginePoller @at @pair -Confirm:$false }
}

function Export-DscState($Filter) {
    return @(foreach ($console in Get-Console $Filter) {
            $one = [ScanEngineConsole]@{ DataPath = $Filter.DataPath }
            Copy-State $one $console
            if (-not $Filter.ConsoleAddress -or $one.ConsoleAddress -like $Filter.ConsoleAddress) { $one }
        })
}

function Copy-State($Resource, $Console) {
    $Resource.ConsoleAddress = $Console.ConsoleAddress ?? $Console.ObservedAddress
    $Resource.EngineName = $Console.EngineName
    $Resource.Direction = [string] $Console.Direction
    $Resource.State = [string] $Console.State
    $Resource.Fingerprint = $Console.Fingerprint
    if ($Resource.Direction -eq 'EngineToConsole') {
        $Resource.ConsolePort = $Console.ConsolePort
    }
}

function Get-Console($Resource) {
    $at = Get-DscFolder $Resource
    return @(Invoke-DscStep { Get-EngineConsole @at })
}

# By the address that this engine dials; a console that dials in is known by where it was seen.
function Find-Console($Resource) {
    Assert-DscKey $Resource 'ConsoleAddress' 'AddressInvalid' 'the host name or address of the console'
    Assert-DscValue $Resource ConsoleAddress
    return Get-Console $Resource |
        Where-Object { Test-DscSame Address $Resource.ConsoleAddress ($_.ConsoleAddress ?? $_.ObservedAddress) } |
        Sort-Object { [string] $_.State -ne 'Paired' } | Select-Object -First 1
}

function Compare-DscState($Resource) {
    $console = Find-Console $Resource
    if (-not $console) {
        return New-DscReason $Resource 'ConsoleAddress' "This engine knows no console at $($Resource.ConsoleAddress)."
    }

    if ([string] $console.State -ne 'Paired') {
        return New-DscReason $Resource 'State' "The console at $($Resource.ConsoleAddress) is $($console.State), not paired."
    }

    if ([string] $console.Direction -eq 'EngineToConsole' -and $null -ne $Resource.ConsolePort -and $Resource.ConsolePort -ne $console.ConsolePort) {
        return New-DscReason $Resource 'ConsolePort' "This engine dials port $($console.ConsolePort), not $($Resource.ConsolePort)."
    }
}
