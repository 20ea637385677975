# What the resource ScanEngineService does: read by the root module when one is used.

function Get-DscState($Resource) {
    $found = Find-Service $Resource
    $now = [ScanEngineService]@{ Service = $Resource.Service; DataPath = $Resource.DataPath; Ensure = 'Absent' }
    if ($found) {
        $now.Ensure = 'Present'
        $now.DataPath = $found.DataPath
        $now.State = [string] $found.State
        $now.User = $found.User
    }

    $now.Reasons = @(Compare-DscState $Resource)
    return $now
}

function Set-DscState($Resource) {
    if (Test-DscState $Resource) {
        return
    }

    $which = Get-Role $Resource
    if ($Resource.Ensure -eq 'Absent') {
        Invoke-DscStep { Uninstall-EngineService @which -ErrorAction Stop -Confirm:$false }
        return
    }

    $install = Get-Asked $Resource
    $null = Invoke-DscStep { Install-EngineService @install -Confirm:$false }
}

function Export-DscState($Filter) {
    $all = foreach ($name in 'Console', 'Engine', 'ConsoleApplier', 'EngineApplier') {
        if (-not $Filter.Service -or $Filter.Service -eq $name) { ([ScanEngineService]@{ Service = $name }).Get() }
    }

    return @($all | Where-Object Ensure -EQ 'Present')
}

function Get-Role($Resource) {
    return @{ Role = $Resource.Service -replace 'Applier$'; Applier = $Resource.Service -like '*Applier' }
}

function Find-Service($Resource) {
    Assert-DscKey $Resource 'Service' 'OptionInvalid' 'Console, Engine, ConsoleApplier or EngineApplier'
    $which = Get-Role $Resource
    return Invoke-DscStep { Get-EngineService -ErrorAction Stop } |
        Where-Object { $_.Role -eq $which.Role -and $_.Applier -eq $which.Applier }
}

function Compare-DscState($Resource) {
    $found = Find-Service $Resource
    if ($Resource.Ensure -eq 'Absent') {
        return @(if ($found) { New-DscReason $Resource 'Ensure' "The service $($found.Name) is installed." })
    }

    $asked = Get-Asked $Resource
    try {
        $differences = @(Invoke-DscStep { Compare-EngineService @asked })
    } catch {
        # What is wrong with what is asked for comes first. Its program may be what an earlier resource has yet to install.
        if ($found -or $_.FullyQualifiedErrorId -notin 'ServiceNotFound', 'ServiceProgramNotUsable') {
            throw
        }

        return New-DscReason $Resource 'Ensure' "The service $($Resource.Service) is not installed."
    }

    return @($differences | ForEach-Object {
            $text = switch ($_.Property) {
                'State' { "$($_.Name) is $($_.Actual), not $($_.Wanted)." }
                'StartsAtBoot' { "$($_.Name) is not started at boot." }
                default { "$($_.Name) has $($_.Property) $($_.Actual), not $($_.Wanted)." }
            }

            New-DscReason $Resource ($_.Property -eq 'StartsAtBoot' ? 'Ensure' : $_.Property) $text
        })
}

# What is asked for, as parameters of Install-EngineService and Compare-EngineService.
function Get-Asked($Resource) {
    $asked = (Get-DscFolder $Resource) + (Get-Role $Resource)
    foreach ($name in 'Program', 'Address', 'Port', 'AdvertisedAddress', 'AllowFrom', 'Provider') {
        if ($Resource.$name) { $asked.$name = $Resource.$name }
    }

    return $asked
}
