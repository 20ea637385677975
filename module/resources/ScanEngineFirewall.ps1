# What the resource ScanEngineFirewall does: read by the root module when one is used.

function Get-DscState($Resource) {
    $now = [ScanEngineFirewall]@{ DataPath = $Resource.DataPath; KeepUnneeded = $Resource.KeepUnneeded }
    if ($Resource.Provider) { $now.Provider = $Resource.Provider }
    $drift = @(Get-Drift $Resource)
    $now.Missing = @($drift | Where-Object SideIndicator -EQ '<=' | ForEach-Object { Format-Drift $Resource $_ })
    $now.Unneeded = @($drift | Where-Object SideIndicator -EQ '=>' | ForEach-Object { Format-Drift $Resource $_ })
    $now.Reasons = @(Get-DriftReason $Resource $drift)
    return $now
}

function Set-DscState($Resource) {
    $repair = Get-Asked $Resource
    if ($Resource.KeepUnneeded) { $repair.KeepUnneeded = $true }
    $null = Invoke-DscStep { Repair-EngineFirewall @repair -Confirm:$false -WarningAction Ignore }
}

function Export-DscState($Filter) {
    return Get-DscState $Filter
}

function Get-Asked($Resource) {
    $with = Get-DscFolder $Resource
    if ($Resource.Provider) { $with.Provider = $Resource.Provider }
    return $with
}

function Get-Drift($Resource) {
    $compare = Get-Asked $Resource
    return @(Invoke-DscStep { Compare-EngineFirewall @compare -WarningAction Ignore })
}

function Format-Drift($Resource, $Row) {
    return "$($Row.RuleId): TCP $($Row.LocalPort)$($Row.EngineName ? ", $($Row.EngineName)" : ''). $($Row.Detail)"
}

function Get-DriftReason($Resource, $Drift) {
    $code = @{ '<=' = 'Missing'; '=>' = 'Unneeded'; '!=' = 'InTheWay' }
    return @($Drift | Where-Object { -not $Resource.KeepUnneeded -or $_.SideIndicator -ne '=>' } |
            ForEach-Object { New-DscReason $Resource $code[$_.SideIndicator] (Format-Drift $Resource $_) })
}

function Compare-DscState($Resource) {
    return Get-DriftReason $Resource @(Get-Drift $Resource)
}
