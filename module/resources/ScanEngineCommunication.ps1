# What the resource ScanEngineCommunication does: read by the root module when one is used.

function Get-DscState($Resource) {
    $now = [ScanEngineCommunication]@{
        DataPath = $Resource.DataPath; Name = $Resource.Name; WhenAway = $Resource.WhenAway; TimeoutSeconds = $Resource.TimeoutSeconds
        ApplyFirewall = $Resource.ApplyFirewall
    }
    $engine = Find-Engine $Resource
    $communication = $engine ? (Find-Communication $Resource) : $null
    if ($engine) {
        Copy-State $now $engine $communication
        Copy-DscSpelling $Resource $now Address, ConsoleAddress
        if ((Get-WantedDirection $Resource) -eq $now.Direction) { $now.Direction = $Resource.Direction }
    }

    $now.Reasons = @(Compare-Found $Resource $engine $communication)
    return $now
}

function Set-DscState($Resource) {
    if (Test-DscState $Resource) {
        return
    }

    Wait-Engine $Resource
    if (Test-DscState $Resource) {
        # The two settled it between them when they met.
        return
    }

    $go = Get-DscFolder $Resource
    $go.Name = $Resource.Name
    $go.Direction = $Resource.Direction
    $go.Timeout = [timespan]::FromSeconds($Resource.TimeoutSeconds)
    if ((Get-WantedDirection $Resource) -eq 'ConsoleToEngine') {
        if ($Resource.Address) { $go.Address = $Resource.Address }
        if ($null -ne $Resource.Port) { $go.Port = $Resource.Port }
    } else {
        if ($Resource.ConsoleAddress) { $go.ConsoleAddress = $Resource.ConsoleAddress }
        if ($null -ne $Resource.ConsolePort) { $go.ConsolePort = $Resource.ConsolePort }
    }

    if ($Resource.ApplyFirewall) { $go.ApplyFirewall = $true }
    if ($Resource.WhenAway -eq 'Request' -and [string] (Find-Engine $Resource).Status -in 'NotResponding', 'Unknown') {
        $go.Offline = $true
    }

    $null = Invoke-DscStep { Set-ScanEngineCommunication @go -Confirm:$false }
}

function Export-DscState($Filter) {
    $at = Get-DscFolder $Filter
    $all = @(Invoke-DscStep { Get-ScanEngine @at } | Where-Object { -not $Filter.Name -or $_.Name -like $Filter.Name })
    $known = @(Invoke-DscStep { Get-ScanEngineCommunication @at }) | Group-Object EngineName -AsHashTable
    return @(foreach ($engine in $all) {
            $one = [ScanEngineCommunication]@{ DataPath = $Filter.DataPath; Name = $engine.Name }
            Copy-State $one $engine $known[$engine.Name][0]
            if (-not $Filter.Direction -or (Get-WantedDirection $Filter) -eq $one.Direction) { $one }
        })
}

function Copy-State($Resource, $Engine, $Communication) {
    $Resource.Direction = [string] $Communication.Direction
    $Resource.Status = [string] $Engine.Status
    $Resource.State = [string] $Communication.State
    if ([string] $Communication.DesiredDirection -ne $Resource.Direction) {
        $Resource.PendingDirection = [string] $Communication.DesiredDirection
    }

    # What does not apply to a direction is not told either.
    if ($Resource.Direction -eq 'ConsoleToEngine') {
        $Resource.Address = $Engine.Address
        $Resource.Port = $Engine.Port
    } else {
        $Resource.ConsoleAddress = $Communication.ConsoleAddress
        $known = $Communication.ConsolePort ?? $Engine.ConsolePort
        if ($null -ne $known) { $Resource.ConsolePort = $known }
    }
}

function Get-WantedDirection($Resource) {
    return @{ Standard = 'ConsoleToEngine'; Reverse = 'EngineToConsole' }[$Resource.Direction] ?? $Resource.Direction
}

function Find-Engine($Resource) {
    Assert-DscKey $Resource 'Direction' 'OptionInvalid' 'ConsoleToEngine (Standard) or EngineToConsole (Reverse)'
    return Find-DscEngine $Resource
}

function Find-Communication($Resource) {
    $at = Get-DscFolder $Resource
    $pattern = [wildcardpattern]::Escape($Resource.Name)
    return Invoke-DscStep { Get-ScanEngineCommunication @at -Name $pattern } | Select-Object -First 1
}

function Compare-DscState($Resource) {
    $engine = Find-Engine $Resource
    return Compare-Found $Resource $engine $(if ($engine) { Find-Communication $Resource })
}

function Compare-Found($Resource, $Engine, $Now) {
    if (-not $Engine) {
        $advice = 'It has to be paired first: resource ScanEngine, or Start-EnginePoller on the engine''s host.'
        return New-DscReason $Resource 'Name' "There is no engine '$($Resource.Name)' at this console. $advice"
    }

    $wanted = Get-WantedDirection $Resource
    $found = @()
    Assert-DscValue $Resource ($wanted -eq 'ConsoleToEngine' ? 'Address' : 'ConsoleAddress')
    if ([string] $now.Direction -ne $wanted) {
        $pending = [string] $now.DesiredDirection -eq $wanted ? " It is asked for and waits: $($now.Detail)" : ''
        $found += New-DscReason $Resource 'Direction' "The direction in force is $($now.Direction), not $wanted.$pending"
        return $found
    }

    if ([string] $now.DesiredDirection -ne $wanted) {
        $found += New-DscReason $Resource 'PendingDirection' "$($now.DesiredDirection) is asked for: $($now.Detail)"
    }

    if ($now.Drift) {
        $found += New-DscReason $Resource 'Drift' $now.DriftDetail
    }

    if ($wanted -eq 'ConsoleToEngine') {
        if ($Resource.Address -and -not (Test-DscSame Address $Resource.Address $engine.Address)) {
            $found += New-DscReason $Resource 'Address' "The console dials '$($engine.Address)', not '$($Resource.Address)'."
        }

        if ($null -ne $Resource.Port -and $Resource.Port -ne $engine.Port) {
            $found += New-DscReason $Resource 'Port' "The console dials port $($engine.Port), not $($Resource.Port)."
        }
    } else {
        if ($Resource.ConsoleAddress -and $now.ConsoleAddress -and -not (Test-DscSame Address $Resource.ConsoleAddress $now.ConsoleAddress)) {
            $found += New-DscReason $Resource 'ConsoleAddress' "The engine dials '$($now.ConsoleAddress)', not '$($Resource.ConsoleAddress)'."
        }

        $known = $now.ConsolePort ?? $engine.ConsolePort
        if ($null -ne $Resource.ConsolePort -and $null -ne $known -and $Resource.ConsolePort -ne $known) {
            $found += New-DscReason $Resource 'ConsolePort' "The engine dials port $known, not $($Resource.ConsolePort)."
        }
    }

    return $found
}

# Sees to it that a change can be made now, or says why not.
function Wait-Engine($Resource) {
    $engine = Find-Engine $Resource
    if (-not $engine) {
        throw (New-DscFault 'EngineNotFound' @(Compare-DscState $Resource)[0].Phrase $Resource.Name)
    }

    if ([string] $engine.Status -eq 'Unknown') {
        # Paired a moment ago: a running console is about to meet it.
        $null = Wait-DscCondition { [string] (Find-Engine $Resource).Status -ne 'Unknown' } ([math]::Min(15, $Resource.TimeoutSeconds))
        $engine = Find-Engine $Resource
    }

    if ($Resource.WhenAway -eq 'Request') {
        return
    }

    if ($Resource.WhenAway -eq 'Wait') {
        $at = Get-DscFolder $Resource
        $until = [timespan]::FromSeconds($Resource.TimeoutSeconds)
        $null = Invoke-DscStep { Wait-ScanEngine @at -Name $engine.Name -Timeout $until }
        if ((Find-Communication $Resource).Drift) {
            $null = Wait-DscCondition { -not (Find-Communication $Resource).Drift } $Resource.TimeoutSeconds
        }
    } elseif ([string] $engine.Status -eq 'NotResponding') {
        throw (New-DscFault 'EngineNotReachable' ("Engine '$($Resource.Name)' is away: $($engine.StatusDetail) Nothing was changed. " +
                'WhenAway = Wait waits for it; WhenAway = Request records the change for its next contact.') $Resource.Name)
    }

    $now = Find-Communication $Resource
    if ($now.Drift) {
        throw (New-DscFault 'ChangeInProgress' ("Console and engine '$($Resource.Name)' see their direction otherwise, which " +
                "settles when they meet. $($now.DriftDetail)") $Resource.Name)
    }
}
