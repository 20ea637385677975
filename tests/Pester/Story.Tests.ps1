BeforeDiscovery {
    $directions = 'ConsoleToEngine', 'EngineToConsole'
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'The whole story, beginning with <_>' -ForEach $directions {
    BeforeAll {
        $script:from = $_
        $script:to = $from -eq 'ConsoleToEngine' ? 'EngineToConsole' : 'ConsoleToEngine'
        $script:listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $script:open = $listener.LocalEndpoint.Port
        $script:closed = Get-FreePort
        $script:fleet = New-Fleet $from
        $env:SCANENGINEADMIN_DATA = $fleet.Console
        $script:change = @{
            Name = 'lab1'; Address = '127.0.0.1'; Port = $fleet.EnginePort; ConsoleAddress = '127.0.0.1'
        }
    }

    AfterAll {
        $listener.Stop()
        Remove-Fleet $fleet
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'pairs, and is active in that direction' {
        $engine = Get-ScanEngine lab1
        $engine.Status | Should -Be 'Active'
        $engine.Direction | Should -Be $from
        $engine.EngineId | Should -Not -BeNullOrEmpty
        $engine.Fingerprint | Should -Match "^([0-9a-f]{8}:){7}[0-9a-f]{8}$"
    }

    It 'scans by the pipeline and reads findings as often as asked' {
        $scan = Get-ScanEngine 'lab*' | Start-EngineScan -Target 127.0.0.1 -Port $open, "$closed" -Wait
        $scan.State | Should -Be 'Completed'
        $scan.FindingCount | Should -Be 2
        foreach ($time in 1, 2) {
            $findings = $scan | Receive-EngineScan
            ($findings | Where-Object Port -EQ $open).State | Should -Be 'Open' -Because "time $time"
            ($findings | Where-Object Port -EQ $closed).State | Should -Be 'Closed' -Because "time $time"
        }
    }

    It 'refuses <Id> before anything is queued' -ForEach @(
        @{ Id = 'TargetInvalid'; Targets = '10.0.0.0/99'; Ports = '80' }
        @{ Id = 'PortRangeInvalid'; Targets = '127.0.0.1'; Ports = '90-80' }
        @{ Id = 'PortRangeInvalid'; Targets = '127.0.0.1'; Ports = '70000' }
        @{ Id = 'TooManyTargets'; Targets = '::/8'; Ports = '1-65535' }
    ) {
        $before = @(Get-EngineScan).Count
        $fault = Get-Fault { Start-EngineScan lab1 $Targets -Port $Ports }
        $fault.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $fault.TargetObject | Should -Be 'lab1'
        $fault.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        @(Get-EngineScan).Count | Should -Be $before
    }

    It 'names the other cmdlet when a start does not fit the direction' {
        $listens = { Start-EngineListener -DataPath $fleet.Engine }
        $polls = { Start-EnginePoller -DataPath $fleet.Engine }
        $elsewhere = $from -eq 'ConsoleToEngine' ? $polls : $listens
        $other = $from -eq 'ConsoleToEngine' ? 'Start-EngineListener' : 'Start-EnginePoller'
        $fault = Get-Fault $elsewhere
        $fault.FullyQualifiedErrorId | Should -BeLike 'DirectionConflict,*'
        $fault.ErrorDetails.RecommendedAction | Should -BeLike "*$other*"
    }

    It 'with -WhatIf shows both hosts, emits the plan, and touches nothing' {
        $plan = Invoke-WhatIf Set-ScanEngineCommunication ($change + @{ Direction = $to })
        $plan.DryRun | Should -BeTrue
        $plan.From | Should -Be $from
        $plan.To | Should -Be $to
        $plan.Rules.HostRole | Sort-Object -Unique | Should -Be 'Console', 'Engine'
        (Get-ScanEngine lab1).Direction | Should -Be $from
    }

    It 'has nothing to change when it is there already' {
        $plan = Set-ScanEngineCommunication @change -Direction $from
        $plan.Rules.Change | Sort-Object -Unique | Should -Be 'Keep'
        $plan | Out-String -Width 200 | Should -Match 'direction stays: Keep'
    }

    It 'changes the direction and emits the plan' {
        $plan = Get-ScanEngine lab1 | Set-ScanEngineCommunication -Direction ($to -eq 'EngineToConsole' ? 'Reverse' : 'standard') `
            -Address 127.0.0.1 -Port $fleet.EnginePort -ConsoleAddress 127.0.0.1 -Timeout 2m
        $plan.State | Should -Be 'Committed'
        $plan.DryRun | Should -BeFalse
        $plan.ChangeId | Should -Not -Be ([guid]::Empty)
        $plan.Rules | Where-Object Change -EQ 'Add' | Should -Not -BeNullOrEmpty
        (Wait-ScanEngine lab1 -Direction $to -Timeout 2m).Status | Should -Be 'Active'
    }

    It 'leaves the first handle superseded and the engine alive' {
        $fleet.EngineHandle.State | Should -Be 'Superseded'
        # The console is in contact before the engine has heard its first answer.
        $signal = [System.Threading.ManualResetEvent]::new($false)
        if ($to -eq 'ConsoleToEngine') {
            Wait-Until { (Get-EngineListener -DataPath $fleet.Engine).State -eq 'Listening' } $signal
        } else {
            Wait-Until { (Get-EnginePoller -DataPath $fleet.Engine).State -eq 'Polling' } $signal
        }
    }

    It 'scans again' {
        $scan = Start-EngineScan lab1 127.0.0.1 $open
        ($scan | Wait-EngineScan -Timeout 2m).State | Should -Be 'Completed'
        ($scan | Receive-EngineScan).State | Should -Be 'Open'
        (Get-EngineScan -ScanId $scan.ScanId).FindingCount | Should -Be 1
    }

    It 'shows what an engine stores, and bounds it' {
        (Get-ScanEngine lab1).StoredBytes | Should -BeGreaterThan 0
        (Set-ScanEngine lab1 -Quota 100MB -PassThru).Quota | Should -Be 100MB
        (Set-ScanEngine lab1 -Quota 0 -PassThru).Quota | Should -Be 4GB
    }

    It 'removes a scan that its engine does not end' {
        $scan = Start-EngineScan lab1 127.0.0.1 1-60000 -MaxRate 1
        Get-Fault { $scan | Remove-EngineScan } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ScanNotFinished,*'
        $scan | Remove-EngineScan -Force
        Get-Fault { Get-EngineScan -ScanId $scan.ScanId } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ScanNotFound,*'
    }

    It 'removes a finished scan' {
        $scan = Get-EngineScan lab1 | Select-Object -Last 1
        $scan | Remove-EngineScan
        Get-Fault { Get-EngineScan -ScanId $scan.ScanId } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ScanNotFound,*'
    }

    It 'tests the way that is in use' {
        $result = Test-EngineFirewall lab1 -Timeout 30s
        $result.Direction | Should -Be $to
        $result.Stages.Stage | Should -Contain 'LocalRule'
        if ($to -eq 'ConsoleToEngine') {
            $result.Succeeded | Should -BeTrue
            Test-EngineFirewall lab1 -Timeout 30s -Quiet | Should -BeTrue
        }
    }

    It 'unregisters only when told so' {
        Invoke-WhatIf Unregister-ScanEngine @{ Name = 'lab1' }
        Get-ScanEngine lab1 | Should -Not -BeNullOrEmpty
        Unregister-ScanEngine lab1 -Confirm:$false
        Get-ScanEngine 'lab1*' | Should -BeNullOrEmpty
    }
}

Describe 'Pairing by approval' {
    BeforeAll {
        $script:data = New-DataPath
        $script:port = Get-FreePort
        $env:SCANENGINEADMIN_DATA = $data
        $null = Start-SecurityConsole -Address 127.0.0.1 -Port 0 -WarningAction Ignore
        $script:engine = Start-EngineListener -Address 127.0.0.1 -Port $port -WarningAction Ignore
    }

    AfterAll {
        Stop-EngineListener
        Stop-SecurityConsole
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'confirms both identities before it is active' {
        Register-ScanEngine lab1 127.0.0.1 -Port $port -Fingerprint $engine.Fingerprint
        (Wait-ScanEngine lab1 -Status PendingAuthorization -Timeout 2m).Status | Should -Be 'PendingAuthorization'
        $signal = [System.Threading.ManualResetEvent]::new($false)
        Wait-Until { Get-EngineConsole | Where-Object State -EQ 'Pending' } $signal
        $console = Get-EngineConsole
        $console.Fingerprint | Should -Be (Get-SecurityConsole).Fingerprint
        $console | Approve-EngineConsole -Confirm:$false
        (Wait-ScanEngine lab1 -Timeout 2m).Status | Should -Be 'Active'
    }
}

Describe 'Pairing by approval the other way' {
    BeforeAll {
        $script:data = New-DataPath
        $env:SCANENGINEADMIN_DATA = $data
        $console = Start-SecurityConsole -Address 127.0.0.1 -Port 0 -WarningAction Ignore
        $script:poller = Start-EnginePoller 127.0.0.1 -Port (Get-Port $console) -EngineName lab1 -Interval 1s -WarningAction Ignore
    }

    AfterAll {
        Stop-EnginePoller
        Stop-SecurityConsole
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'confirms both identities before it is active' {
        $signal = [System.Threading.ManualResetEvent]::new($false)
        Wait-Until { (Get-EngineConsole).Fingerprint -and (Get-ScanEngine 'lab1*').Fingerprint } $signal
        (Get-ScanEngine lab1).Status | Should -Be 'PendingAuthorization'
        (Get-EnginePoller).Fingerprint | Should -Be (Get-ScanEngine lab1).Fingerprint
        Invoke-WhatIf Approve-ScanEngine @{ Name = 'lab1' }
        (Get-ScanEngine lab1).Status | Should -Be 'PendingAuthorization'
        $other = Get-Fault { Approve-ScanEngine lab1 -Fingerprint ('ab' * 32) -Confirm:$false }
        $other.FullyQualifiedErrorId | Should -BeLike 'FingerprintMismatch,*'
        Approve-ScanEngine lab1 -Confirm:$false
        Get-EngineConsole | Approve-EngineConsole -Confirm:$false
        (Wait-ScanEngine lab1 -Timeout 2m).Status | Should -Be 'Active'
        Wait-Until { $poller.State -eq 'Polling' } $signal
    }
}

Describe 'A single round' {
    It 'polls, does the work there is, and ends' {
        $fleet = New-Fleet 'EngineToConsole'
        try {
            Stop-EnginePoller -DataPath $fleet.Engine
            $scan = Start-EngineScan lab1 127.0.0.1 (Get-FreePort) -DataPath $fleet.Console
            $poller = Start-EnginePoller -DataPath $fleet.Engine -Once -WarningAction SilentlyContinue -WarningVariable said
            $poller.State | Should -Be 'Stopped'
            $said | Should -BeNullOrEmpty
            (Wait-EngineScan $scan.ScanId -DataPath $fleet.Console -Timeout 2m).State | Should -Be 'Completed'
        } finally {
            Remove-Fleet $fleet
        }
    }
}

Describe 'An engine of two consoles' {
    It 'is not told that both are at one address and port' {
        $fleet = New-Fleet 'EngineToConsole'
        $second = New-DataPath
        try {
            $console = Start-SecurityConsole -DataPath $second -Address 127.0.0.1 -Port (Get-FreePort) -WarningAction Ignore
            $secret = New-EnginePairingSecret -DataPath $second
            $null = Start-EnginePoller 127.0.0.1 -ConsolePort (Get-Port $console) -DataPath $fleet.Engine -PairingSecret $secret `
                -EngineName lab1 -WarningAction Ignore
            $before = Get-EngineConsole -DataPath $fleet.Engine | ForEach-Object Console
            $moved = { Get-EngineConsole -DataPath $fleet.Engine |
                    Set-EngineConsole -DataPath $fleet.Engine -Address 192.0.2.9 -Port 40815 }
            $fault = Get-Fault $moved
            $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
            $fault.TargetObject | Should -Be '192.0.2.9:40815'
            Get-EngineConsole -DataPath $fleet.Engine | ForEach-Object Console |
                Should -Be $before
        } finally {
            Stop-SecurityConsole -DataPath $second
            Remove-Fleet $fleet
        }
    }
}
