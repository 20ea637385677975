BeforeDiscovery {
    . "$PSScriptRoot/Namespace.ps1"
    $script:cannot = Test-NamespaceLack 'firewall appliers'
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Namespace.ps1"
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
        $plan = Invoke-WhatIf Set-ScanEngineCommunication ($asked + @{ ApplyFirewall = $true })
        $plan.DryRun | Should -BeTrue
        $here = $plan.Rules | Where-Object { $_.HostRole -eq 'Console' -and $_.Change -eq 'Remove' }
        $here.Outcome | Should -BeNullOrEmpty
        $here.OutcomeReason | Should -Match 'does not run'
        ($plan.Rules | Where-Object HostRole -EQ 'Engine').OutcomeReason | Should -Match 'none runs'
    }

    It 'says nothing of appliers without it' {
        (Invoke-WhatIf Set-ScanEngineCommunication $asked).Rules.OutcomeReason | Should -Be @('', '')
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
        Invoke-WhatIf Start-EngineFirewallApplier @{ Role = 'Engine'; DataPath = $empty } | Should -BeNullOrEmpty
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }

    It 'takes only ports that there are' {
        { Start-EngineFirewallApplier Engine -Port 0 -DataPath (New-DataPath) } | Should -Throw
        { Start-EngineFirewallApplier Engine -Port 65536 -DataPath (New-DataPath) } | Should -Throw
    }
}

Describe 'Firewall appliers on a real packet filter' -Skip:$cannot {
    BeforeAll {
        $script:seen = Invoke-InNamespace 'Applier.InNamespace.ps1' (New-DataPath)
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
