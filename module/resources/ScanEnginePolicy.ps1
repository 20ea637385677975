# What the resource ScanEnginePolicy does: read by the root module when one is used.

function Get-DscState($Resource) {
    $now = [ScanEnginePolicy]@{ DataPath = $Resource.DataPath }
    $policy = Find-Policy $Resource
    if ($policy) {
        $now.Allow = @($policy.Allow)
        $now.Deny = @($policy.Deny)
        Copy-DscSpelling $Resource $now Allow, Deny
        $now.MaxRate = $policy.MaxRate
        $now.MaxParallelism = $policy.MaxParallelism
        $now.AllowNmap = $policy.AllowNmap
        $now.OnDenied = [string] $policy.OnDenied
    }

    $now.Reasons = @(Compare-DscState $Resource)
    return $now
}

function Set-DscState($Resource) {
    if (Test-DscState $Resource) {
        return
    }

    $set = Get-DscFolder $Resource
    foreach ($name in 'Allow', 'Deny', 'MaxRate', 'MaxParallelism', 'AllowNmap') {
        if ($null -ne $Resource.$name) { $set.$name = $Resource.$name }
    }

    if ($Resource.OnDenied) { $set.OnDenied = $Resource.OnDenied }
    $null = Invoke-DscStep { Set-EngineScanPolicy @set -Confirm:$false }
}

function Export-DscState($Filter) {
    return @(if (Find-Policy $Filter) { Get-DscState $Filter })
}

# None where there is no engine yet.
function Find-Policy($Resource) {
    $at = Get-DscFolder $Resource
    try {
        return Get-EngineScanPolicy @at
    } catch {
        if ($_.FullyQualifiedErrorId -like 'EngineNotFound*') {
            return $null
        }

        throw
    }
}

function Compare-DscState($Resource) {
    $policy = Find-Policy $Resource
    $found = @()
    foreach ($name in 'Allow', 'Deny') {
        # A list is the addresses that it stands for, however and in whatever order they are written.
        if ($null -ne $Resource.$name -and -not (Test-DscSame $name $Resource.$name $policy.$name)) {
            $found += New-DscReason $Resource $name "$name is '$(@($policy.$name) -join ', ')', not '$(@($Resource.$name) -join ', ')'."
        }
    }

    foreach ($name in 'MaxRate', 'MaxParallelism', 'AllowNmap') {
        if ($null -ne $Resource.$name -and $Resource.$name -ne $policy.$name) {
            $found += New-DscReason $Resource $name "$name is $($policy.$name), not $($Resource.$name)."
        }
    }

    if ($Resource.OnDenied -and $Resource.OnDenied -ne [string] $policy.OnDenied) {
        $found += New-DscReason $Resource 'OnDenied' "OnDenied is $($policy.OnDenied), not $($Resource.OnDenied)."
    }

    return $found
}
