BeforeDiscovery {
    $script:tools = @('unshare', 'nft', 'ip', 'mount' | Where-Object { Get-Command $_ -CommandType Application -ErrorAction Ignore })
    $script:cannot = -not $IsLinux -or (id -u) -ne 0 -or $tools.Count -lt 4
    if ($cannot) {
        Write-Warning 'Skipped: firewall appliers on a real packet filter. They need Linux, root, unshare, ip and nft.'
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe '-ApplyFirewall without an applier' {
    BeforeAll {
        $script:fleet = New-Fleet 'EngineToConsole'
        $script:asked = @{
            Name = 'lab1'; Direction = 'Standard'; Address = '127.0.0.1'; Port = 40777; DataPath = $fleet.Console
        }
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'is an error before anything, and names what to start' {
        $fault = Get-Fault { Set-ScanEngineCommunication @asked -ApplyFirewall }
        $fault.FullyQualifiedErrorId | Should -BeLike 'ApplierNotRunning,*'
        $fault.CategoryInfo.Category | Should -BeExactly 'ResourceUnavailable'
        $fault.ErrorDetails.RecommendedAction | Should -Match 'Start-EngineFirewallApplier'
        (Get-ScanEngineCommunication lab1 -DataPath $fleet.Console).LastChange | Should -BeNullOrEmpty
    }

    It 'says with -WhatIf who would apply what, and that none runs' {
        $plan = Set-ScanEngineCommunication @asked -ApplyFirewall -WhatIf
        $plan.DryRun | Should -BeTrue
        $here = $plan.Rules | Where-Object { $_.HostRole -eq 'Console' -and $_.Change -eq 'Remove' }
        $here.Outcome | Should -BeNullOrEmpty
        $here.OutcomeReason | Should -Match 'does not run'
        ($plan.Rules | Where-Object HostRole -EQ 'Engine').OutcomeReason | Should -Match 'none runs'
    }

    It 'says nothing of appliers without it' {
        (Set-ScanEngineCommunication @asked -WhatIf).Rules.OutcomeReason | Should -Be @('', '')
    }

    It 'is seen by Get-EngineFirewallApplier' {
        $one = Get-EngineFirewallApplier -DataPath $fleet.Console
        [string] $one.State | Should -BeExactly 'Stopped'
        [string] $one.Role | Should -BeExactly 'Console'
    }
}

Describe 'A firewall applier' {
    It 'is not started with -WhatIf, nor where no node has run' {
        $empty = New-DataPath
        Start-EngineFirewallApplier Engine -DataPath $empty -WhatIf | Should -BeNullOrEmpty
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }

    It 'takes only ports that there are' {
        { Start-EngineFirewallApplier Engine -Port 0 -DataPath (New-DataPath) } | Should -Throw
        { Start-EngineFirewallApplier Engine -Port 65536 -DataPath (New-DataPath) } | Should -Throw
    }
}

Describe 'Firewall appliers on a real packet filter' -Skip:$cannot {
    BeforeAll {
        $folder = New-DataPath
        # Its own network, and its own /var/lib, where an applier keeps what it did.
        $apart = '--net', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /var/lib && exec "$@"', 'sh'
        $pwsh = (Get-Process -Id $PID).Path, '-NoProfile', '-NonInteractive', '-File'
        $script:output = unshare @apart @pwsh "$PSScriptRoot/Applier.InNamespace.ps1" $folder 2>&1
        if ($LASTEXITCODE -ne 0) {
            throw "In the namespace: $($output -join "`n")"
        }

        $script:seen = Import-Clixml "$folder/seen.xml"
        $script:consoleRule = "ip saddr 127.0.0.1 tcp dport $($seen.ConsolePort)"
        $script:engineRule = "ip saddr 127.0.0.1 tcp dport $($seen.EnginePort)"
    }

    It 'is there once for each role' {
        $seen.Started.State | Should -BeExactly 'Running'
        $seen.State | Should -BeExactly 'Running'
        $seen.Again | Should -BeExactly 'Running'
        $seen.Stopped | Should -BeExactly 'Stopped'
    }

    It 'touches nothing with -WhatIf, and says that it would' {
        $seen.AfterAsked | Should -Be $seen.Before
        ($seen.Asked.Rules | Where-Object HostRole -EQ 'Console').OutcomeReason | Should -Match 'it runs'
    }

    It 'has both halves follow a change' {
        $seen.Made.State | Should -BeExactly 'Committed'
        $seen.Before | Should -Be $consoleRule
        $seen.AfterMade | Should -Be $engineRule
        ($seen.Made.Rules | Where-Object Change -EQ 'Add').Outcome | Should -BeExactly 'Applied'
        ($seen.Made.Rules | Where-Object { $_.Change -eq 'Remove' }).Outcome | Should -BeExactly 'Applied'
        $seen.Events | Should -Contain 'FirewallOpened'
        $seen.Events | Should -Contain 'FirewallClosed'
    }

    It 'follows the way back' {
        $seen.AfterBack | Should -Be $consoleRule
    }

    It 'is missed before anything is touched' {
        $seen.Fault | Should -BeLike 'ApplierNotRunning,*'
        $seen.AfterFault | Should -Be $seen.AfterBack
    }
}
