BeforeDiscovery {
    . "$PSScriptRoot/Namespace.ps1"
    $script:cannot = Test-NamespaceLack 'firewall plans'
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Namespace.ps1"
    $script:fleet = New-Fleet 'EngineToConsole'
    $script:asked = @{
        Name = 'lab1'; Direction = 'Standard'; Address = '127.0.0.1'; Port = 40777; DataPath = $fleet.Console
    }
}

AfterAll {
    Remove-Fleet $fleet
}

Describe 'An engine that dials from more than one address' {
    AfterAll {
        Set-ScanEngine lab1 -AllowFrom @() -DataPath $fleet.Console
    }

    It 'is let in from where its admin says' {
        $at = @{ Name = 'lab1'; DataPath = $fleet.Console }
        (Set-ScanEngine @at -AllowFrom '10.7.0.0/16', '10.7.1.1', 'ANY' -PassThru).AllowFrom | Should -Be 'any'
        (Set-ScanEngine @at -AllowFrom '10.7.0.0/16,10.7.1.1;192.0.2.9' -PassThru).AllowFrom |
            Should -Be '10.7.0.0/16', '192.0.2.9'
        (Get-ScanEngine @at).AllowFrom | Should -Be '10.7.0.0/16', '192.0.2.9'
        $plan = Invoke-WhatIf Set-ScanEngineCommunication $asked
        $gone = $plan.Rules | Where-Object { $_.HostRole -eq 'Console' -and $_.Change -eq 'Remove' }
        $gone.RemoteAddress | Should -Be '10.7.0.0/16', '192.0.2.9'
        $told = Get-ScanEngineEvent -DataPath $fleet.Console -Event EngineSet -Newest 1
        $told.Detail | Should -Match '10\.7\.0\.0/16, 192\.0\.2\.9'
    }

    It 'is set by nothing that is no address, and goes back to where it is seen' {
        $fault = Get-Fault { Set-ScanEngine lab1 -AllowFrom '10.7.0.9/16' -DataPath $fleet.Console }
        $fault.FullyQualifiedErrorId | Should -BeLike 'AddressInvalid,*'
        (Set-ScanEngine lab1 -AllowFrom @() -PassThru -DataPath $fleet.Console).AllowFrom | Should -BeNullOrEmpty
    }
}

Describe 'A firewall plan as a script' {
    BeforeAll {
        $script:plan = Invoke-WhatIf Set-ScanEngineCommunication $asked
        $script:file = Join-Path (New-DataPath) 'plan.xml'
        $plan | Export-Clixml $file
        $script:copied = Import-Clixml $file
    }

    It 'is one text for <_>, the same for a plan that went through a file' -ForEach @(
        'NetSecurity', 'Netsh', 'Nftables', 'Firewalld', 'Ufw', 'Iptables'
    ) {
        $text = @($plan | ConvertTo-EngineFirewallScript $_)
        $text.Count | Should -Be 1
        $text[0] | Should -BeOfType [string]
        $text[0] | Should -Match '127\.0\.0\.1'
        $text[0] | Should -Match '40777'
        $copied | ConvertTo-EngineFirewallScript -Provider $_ | Should -BeExactly $text[0]
        $plan | ConvertTo-EngineFirewallScript $_ -Undo | Should -Match 'UNDO'
    }

    It 'has one host''s half with -Role' {
        $text = $plan | ConvertTo-EngineFirewallScript Nftables -Role Engine
        $text | Should -Match '# Engine host'
        $text | Should -Not -Match '# Console host'
    }

    It 'is a DSC document for one host' {
        $plan | ConvertTo-EngineFirewallScript Dsc -Role Engine | Should -Match 'type: Microsoft.Windows/FirewallRuleList'
        $plan | ConvertTo-EngineFirewallScript Dsc -Role Console | Should -Match 'resources: \[\]'
        $plan | ConvertTo-EngineFirewallScript Dsc -Role Console -Close | Should -Match '_exist: false'
        (Get-Fault { $plan | ConvertTo-EngineFirewallScript Dsc }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-Fault { $plan | ConvertTo-EngineFirewallScript Ufw -Close }).FullyQualifiedErrorId |
            Should -BeLike 'OptionInvalid,*'
    }

    It 'refuses what is no plan, and a copy too shallow' {
        { 'text' | ConvertTo-EngineFirewallScript Ufw -ErrorAction Stop } | Should -Throw '*no firewall plan*'
        $shallow = $plan | Select-Object * -ExcludeProperty Rules
        { ConvertTo-EngineFirewallScript Ufw -InputObject $shallow } | Should -Throw '*no Rules*'
    }

    It 'refuses a rule whose parts are no rule''s' {
        $bad = Import-Clixml $file
        $bad.Rules[0].RemoteAddress = @('192.0.2.9; reboot')
        (Get-Fault { $bad | ConvertTo-EngineFirewallScript Nftables }).FullyQualifiedErrorId |
            Should -BeLike 'OptionInvalid,*'
    }
}

Describe 'A firewall plan where nothing says which host this is' {
    It 'is not applied' {
        $plan = Invoke-WhatIf Set-ScanEngineCommunication $asked
        $empty = New-DataPath
        $fault = Get-Fault { $plan | Invoke-EngineFirewallPlan -DataPath $empty -Confirm:$false }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }
}

Describe 'Firewall plans on a real packet filter' -Skip:$cannot {
    BeforeAll {
        $script:seen = Invoke-InNamespace 'Firewall.InNamespace.ps1' (New-DataPath)
        $script:consoleRule = "dport $($seen.ConsolePort) .*accept"
        $script:engineRule = "dport $($seen.EnginePort) .*accept"
    }

    It 'finds no drift where no filter is, and says so' {
        $seen.Unfiltered.Count | Should -Be 0
        $seen.UnfilteredWarning | Should -Match 'no filter'
    }

    It 'finds the rule that is missing, with the command that adds it' {
        $seen.Missing.Count | Should -Be 1
        $seen.Missing[0].SideIndicator | Should -BeExactly '<='
        $seen.Missing[0].EngineName | Should -BeExactly 'lab1'
        $seen.Missing[0].LocalPort | Should -Be $seen.ConsolePort
        $seen.Right.Count | Should -Be 0
        $seen.RightEqual.SideIndicator | Should -Be '=='
    }

    It 'touches nothing with -WhatIf' {
        $seen.WhatIf.Count | Should -Be 0
        $seen.AfterWhatIf | Should -BeExactly $seen.Before
    }

    It 'says with -WhatIf that another manager would still deny, and nothing where none does' {
        $seen.UselessWarning | Should -Match 'would not be written.*Iptables, which was named, and inet filter input'
        $seen.UsefulWarning | Should -BeExactly ''
    }

    It 'does not cut the way in use by a plan that was only asked for' {
        $remove = $seen.AskedConsole | Where-Object Change -EQ 'Remove'
        $remove.Outcome | Should -BeExactly 'Deferred'
        $seen.AfterAsked | Should -Match $consoleRule
    }

    It 'opens on the engine''s host from a plan that went through a file, once' {
        $seen.AskedEngine.Outcome | Should -BeExactly 'Applied'
        $seen.AskedEngine.Provider | Should -BeExactly 'Nftables'
        $seen.AskedEngineAgain.Outcome | Should -BeExactly 'AlreadyPresent'
    }

    It 'lists our rules and the foreign ones that matter' {
        $ours = @($seen.Rules | Where-Object { -not $_.Foreign })
        $ours.Port | Sort-Object | Should -Be (@($seen.ConsolePort, $seen.EnginePort) | Sort-Object)
        @($seen.Rules | Where-Object { $_.Foreign -and $_.IsDefault }).Action | Should -Contain 'Deny'
    }

    It 'closes the old way when its change is committed and acknowledged' {
        $seen.MadeState | Should -BeExactly 'Committed'
        $seen.MadeEngine.Outcome | Should -BeExactly 'AlreadyPresent'
        ($seen.MadeConsole | Where-Object Change -EQ 'Remove').Outcome | Should -BeExactly 'Applied'
        $seen.AfterMade | Should -Match $engineRule
        $seen.AfterMade | Should -Not -Match $consoleRule
    }

    It 'closes on the engine''s host when the plan''s epoch is in force there' {
        $opened = $seen.BackConsole | Where-Object Change -EQ 'Add'
        $opened.Outcome | Should -BeExactly 'Applied'
        $opened.Evidence | Should -BeLike '*Confirmed by the test from both ends*WrongDirection*'
        ($seen.BackEngine | Where-Object Change -EQ 'Remove').Outcome | Should -BeExactly 'Applied'
        $seen.AfterBack | Should -Match $consoleRule
        $seen.AfterBack | Should -Not -Match $engineRule
    }

    It 'refuses a plan of an older epoch on either host' {
        $seen.OldFault | Should -BeLike 'PlanOutdated,*'
        $seen.OldEngineFault | Should -BeLike 'PlanOutdated,*'
        $seen.AfterOld | Should -BeExactly $seen.AfterBack
    }

    It 'undoes what nobody confirms, although the process that applied it is killed' {
        $seen.Killed | Should -BeExactly 'Applied'
    }

    It 'keeps what was to be undone when it is confirmed, and confirms it once' {
        $seen.Trial.Outcome | Should -BeExactly 'Applied'
        $seen.Trial.RollbackAt | Should -BeGreaterThan ([datetime]::Now.AddHours(-1))
        $seen.Trial.ApplicationId | Should -Not -BeNullOrEmpty
        $seen.ConfirmedFault | Should -BeLike 'ApplicationNotFound,*'
        $seen.AfterConfirmed | Should -Match $engineRule
    }

    It 'is confirmed by the test from both ends with -ConfirmByTest' {
        $seen.NoTime | Should -BeLike 'OptionInvalid,*'
        $seen.Tested.Outcome | Should -BeExactly 'Applied'
        $seen.Tested.Evidence | Should -BeLike '*Confirmed by the test from both ends*'
        $seen.Tested.RollbackAt | Should -BeNullOrEmpty
        $seen.TestedFault | Should -BeNullOrEmpty
        $seen.AfterTested | Should -Match $consoleRule
    }

    It 'is undone on time when the test does not pass, and says what the test saw' {
        $seen.Failing.Outcome | Should -BeExactly 'RolledBack'
        $seen.FailingFault | Should -BeLike 'ApplicationUndone,*'
        $seen.FailingText | Should -Match 'did not pass in time'
        $seen.FailingTook | Should -BeGreaterThan 7
        $seen.FailingTook | Should -BeLessThan 180
        $seen.AfterFailing | Should -BeExactly $seen.BeforeFailing
    }

    It 'has rules for the way out where the hosts deny it, as each host says' {
        # Both nodes are on this host, so both say that it denies.
        $seen.ClosedUnknown | Should -BeNullOrEmpty
        @($seen.Closed | Where-Object { $_.Flow -eq 'Out' -and $_.Change -eq 'Add' }).HostRole | Should -BeExactly 'Console'
        @($seen.Closed | Where-Object { $_.Flow -eq 'Out' -and $_.Change -eq 'Remove' }).HostRole | Should -BeExactly 'Engine'
        ($seen.ClosedConsole | Where-Object Flow -EQ 'Out').Outcome | Should -BeExactly 'Applied'
        $seen.AfterClosed | Should -Match "daddr 127\.0\.0\.1 tcp dport $($seen.EnginePort) accept comment"
        @($seen.ClosedRules | Where-Object { $_.Flow -eq 'Out' -and -not $_.Foreign }).Port | Should -Be $seen.EnginePort
    }

    It 'misses the rule for the way out that is in use, and knows one that is there' {
        @($seen.EngineDrift | Where-Object { $_.SideIndicator -eq '<=' -and $_.Wanted.Flow -eq 'Out' }).LocalPort |
            Should -Be $seen.ConsolePort
        @($seen.ClosedDrift | Where-Object SideIndicator -EQ '!=') | Should -BeNullOrEmpty
    }

    It 'asks this host''s tools once for many engines' {
        $seen.FleetPlans | Should -Be 3
        $seen.FleetTests | Should -Be 6
        foreach ($calls in $seen.FleetPlanCalls, $seen.FleetTestCalls) {
            $calls | Should -HaveCount 2
            $calls | Should -Contain 'list ruleset'
            $calls | Should -Contain '-t --debug=netlink list ruleset'
        }
    }

    It 'takes an admin''s word for a host that cannot say it' {
        $told = Invoke-WhatIf Set-ScanEngineCommunication ($asked + @{ DenyOutbound = 'Engine', 'Console' })
        @($told.Rules | Where-Object Flow -EQ 'Out').HostRole | Sort-Object -Unique | Should -BeExactly 'Console', 'Engine'
        { Set-ScanEngineCommunication @asked -DenyOutbound Somebody -WhatIf } | Should -Throw
    }
}
