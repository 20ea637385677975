BeforeDiscovery {
    $directions = 'ConsoleToEngine', 'EngineToConsole'
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # One console with several standard engines of this process, paired by secret.
    function New-StandardFleet([string[]] $Names) {
        $console = New-DataPath
        $handle = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port 0 -AdvertisedAddress 127.0.0.1 -WarningAction Ignore
        $engines = foreach ($name in $Names) {
            $data = New-DataPath
            $port = Get-FreePort
            $secret = New-EnginePairingSecret -Role Engine -DataPath $data
            $null = Start-EngineListener -DataPath $data -Address 127.0.0.1 -Port $port -WarningAction Ignore
            Register-ScanEngine -DataPath $console -Name $name -Address 127.0.0.1 -Port $port -PairingSecret $secret
            [pscustomobject]@{ Name = $name; DataPath = $data; Port = $port }
        }

        $null = Wait-ScanEngine $Names -DataPath $console -Timeout 2m -ErrorAction Stop
        [pscustomobject]@{ Console = $console; Handle = $handle; Engines = $engines }
    }

    function Remove-StandardFleet($Fleet) {
        if ($Fleet) {
            foreach ($engine in $Fleet.Engines) {
                Stop-EngineListener -DataPath $engine.DataPath
            }

            Stop-SecurityConsole -DataPath $Fleet.Console
        }
    }
}

Describe 'The direction of an engine, beginning with <_>' -ForEach $directions {
    BeforeAll {
        $script:from = $_
        $script:to = $from -eq 'ConsoleToEngine' ? 'EngineToConsole' : 'ConsoleToEngine'
        $script:fleet = New-Fleet $from
        $env:SCANENGINEADMIN_DATA = $fleet.Console
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
        $script:change = @{
            Name = 'lab1'; Address = '127.0.0.1'; Port = $fleet.EnginePort; ConsoleAddress = '127.0.0.1'; Timeout = '2m'
        }
    }

    AfterAll {
        Remove-Fleet $fleet
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'is settled, and both ends say the same' {
        $now = Get-ScanEngineCommunication lab1
        $now.State | Should -Be 'Settled'
        $now.Direction | Should -Be $from
        $now.DesiredDirection | Should -Be $from
        $now.EngineView.Direction | Should -Be $from
        $now.EngineView.Epoch | Should -Be $now.Epoch
        $now.LastChange | Should -BeNullOrEmpty
        $now.Drift | Should -BeFalse
        (Get-Fault { Get-ScanEngineCommunication nowhere }).FullyQualifiedErrorId | Should -BeLike 'EngineNotFound,*'
    }

    It 'with -WhatIf tries the other way and touches nothing' {
        $events = @(Get-ScanEngineEvent).Count
        $what = Invoke-Pwsh -NoProfile -NonInteractive -Command "
            Import-Module '$Manifest'
            `$plan = Set-ScanEngineCommunication lab1 $to -Address 127.0.0.1 -Port $($fleet.EnginePort) -ConsoleAddress 127.0.0.1 -WhatIf
            'DryRun={0}' -f `$plan.DryRun" | Out-String
        $what | Should -Match 'What if: '
        $what | Should -Match 'Console host'
        $what | Should -Match 'Engine host'
        $what | Should -Match 'Scans concerned: none'
        $what | Should -Match 'The new way now'
        $what | Should -Match 'DryRun=True'
        @(Get-ScanEngineEvent).Count | Should -Be $events
        (Get-ScanEngineCommunication lab1).Direction | Should -Be $from
    }

    It 'with -Confirm shows what it asks about' {
        $script = Join-Path (New-DataPath) 'ask.ps1'
        "Import-Module '$Manifest'
        Set-ScanEngineCommunication lab1 $to -Address 127.0.0.1 -Port $($fleet.EnginePort) -ConsoleAddress 127.0.0.1 -Confirm" |
            Set-Content $script
        $asked = 'n' | Invoke-Pwsh -NoProfile -File $script | Out-String
        $asked | Should -Match 'Console host'
        $asked | Should -Match 'Engine host'
        $asked | Should -Match 'Change engine ''lab1'' from'
        $asked | Should -Not -Match 'dry run'
        (Get-ScanEngineCommunication lab1).Direction | Should -Be $from
    }

    It 'has nothing to go back to at first' {
        (Get-Fault { Restore-ScanEngineCommunication lab1 }).FullyQualifiedErrorId | Should -BeLike 'ChangeNotFound,*'
    }

    It 'changes, says who changed it, and goes back' {
        (Set-ScanEngineCommunication @change -Direction $to).State | Should -Be 'Committed'
        $now = Get-ScanEngineCommunication lab1
        $now.Direction | Should -Be $to
        $now.EngineView.Direction | Should -Be $to
        $now.EngineView.Epoch | Should -Be 1
        $now.LastChange.From | Should -Be $from
        $now.LastChange.To | Should -Be $to
        $now.LastChange.Outcome | Should -Be 'Committed'
        $now.LastChange.RequestedBy | Should -Match '@'
        (Get-ScanEngineEvent lab1 -Event 'Direction*' -Newest 1).Event | Should -Be 'DirectionChanged'

        (Get-ScanEngine lab1 | Restore-ScanEngineCommunication -Timeout 2m).State | Should -Be 'Committed'
        $now = Get-ScanEngineCommunication lab1
        $now.Direction | Should -Be $from
        $now.Epoch | Should -Be 2
    }

    It 'keeps a pending change while no console runs, and withdraws it' {
        Stop-SecurityConsole
        (Get-Fault { Set-ScanEngineCommunication @change -Direction $to }).FullyQualifiedErrorId | Should -BeLike 'ConsoleNotRunning,*'
        $plan = Set-ScanEngineCommunication @change -Direction $to -Offline
        $plan.State | Should -Be 'Requested'
        $now = Get-ScanEngineCommunication lab1
        $now.State | Should -Be 'PendingChange'
        $now.Direction | Should -Be $from
        $now.DesiredDirection | Should -Be $to
        $now.Detail | Should -Match '^Wanted since \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ by .+@'
        $null = Set-ScanEngineCommunication @change -Direction $from -Offline
        (Get-ScanEngineCommunication lab1).State | Should -Be 'Settled'
        Get-ScanEngineEvent -Event 'PendingChange*' | Select-Object -ExpandProperty Event |
            Should -Be 'PendingChangeWithdrawn', 'PendingChangeRequested'
    }

    It 'takes the pending change up at the next contact' {
        $null = Set-ScanEngineCommunication @change -Direction $to -Offline
        $null = Start-SecurityConsole -Address 127.0.0.1 -Port (Get-Port $fleet.ConsoleHandle) -AdvertisedAddress 127.0.0.1 -WarningAction Ignore
        Wait-Until { Get-ScanEngineEvent lab1 -Event PendingChangeFulfilled } $signal
        # The pending change is fulfilled when the change is decided; it is settled when the engine has said that it knows.
        Wait-Until { (Get-ScanEngineCommunication lab1).State -eq 'Settled' } $signal
        (Get-ScanEngineCommunication lab1).Direction | Should -Be $to
    }

    It 'goes through remoting as words and parts' {
        $text = [System.Management.Automation.PSSerializer]::Serialize((Get-ScanEngineCommunication lab1), 2)
        $again = [System.Management.Automation.PSSerializer]::Deserialize($text)
        $again.State | Should -Be 'Settled'
        $again.LastChange.To | Should -Be $to
        ($again | Out-String) | Should -Match 'lab1'
    }
}

Describe 'A change that fails, beginning with <From>' -ForEach @(
    @{ From = 'EngineToConsole'; Ask = @{ Direction = 'Standard'; Address = '192.0.2.77'; Port = 40777 }
        Test = '-ComputerName 192.0.2.77 -Port 40777'
    }
    @{ From = 'ConsoleToEngine'; Ask = @{ Direction = 'Reverse'; ConsoleAddress = '192.0.2.77' }
        Test = "-Name 'lab1' -Direction EngineToConsole"
    }
) {
    It 'names the test of the way that was asked for' {
        $fleet = New-Fleet $From
        try {
            # Enough to come as far as the new way on a busy host; it is waited out.
            $fault = Get-Fault { Set-ScanEngineCommunication lab1 @Ask -DataPath $fleet.Console -Timeout 15s }
            $fault.FullyQualifiedErrorId | Should -BeLike 'ChangeFailed,*'
            $fault.ErrorDetails.RecommendedAction | Should -BeLike "Test-EngineFirewall $Test *"
        } finally {
            Remove-Fleet $fleet
        }
    }
}

Describe 'A plan that is made while the console does not run, <_>' -ForEach $directions {
    It 'names the port at which it listened' {
        $fleet = New-Fleet $_
        try {
            Stop-SecurityConsole -DataPath $fleet.Console
            $to = $_ -eq 'ConsoleToEngine' ? 'EngineToConsole' : 'ConsoleToEngine'
            $plan = Set-ScanEngineCommunication lab1 $to -Address 127.0.0.1 -Port $fleet.EnginePort -Offline -DataPath $fleet.Console
            ($plan.Rules | Where-Object HostRole -EQ 'Console').LocalPort | Sort-Object -Unique |
                Should -Be (Get-Port $fleet.ConsoleHandle)
        } finally {
            Remove-Fleet $fleet
        }
    }
}

Describe 'Two consoles in one pipeline' {
    It 'have each their own scans and engines waited for, and their own changes' {
        $fleets = @(New-Fleet 'EngineToConsole'; New-Fleet 'EngineToConsole')
        try {
            $consoles = $fleets | ForEach-Object { Get-SecurityConsole -DataPath $_.Console }
            @($consoles | Wait-ScanEngine -Name lab1 -Timeout 2m).Status | Should -Be 'Active', 'Active'
            $scans = $consoles | Start-EngineScan -Name lab1 -Target 127.0.0.1 -Port 1 -Wait
            @($scans).State | Should -Be 'Completed', 'Completed'
            $both = foreach ($i in 0, 1) { [pscustomobject]@{ ScanId = $scans[$i].ScanId; DataPath = $consoles[$i].DataPath } }
            @($both | Wait-EngineScan).ScanId | Should -Be $scans.ScanId
            $plans = $consoles | Invoke-WhatIf Set-ScanEngineCommunication @{ Name = 'lab1'; Direction = 'Standard' }
            @($plans).PairingId | Sort-Object -Unique | Should -HaveCount 2
        } finally {
            $fleets | ForEach-Object { Remove-Fleet $_ }
        }
    }
}

Describe 'A fleet' {
    BeforeAll {
        $script:names = 'a1', 'a2', 'a3', 'a4'
        $script:fleet = New-StandardFleet $names
        $env:SCANENGINEADMIN_DATA = $fleet.Console
    }

    AfterAll {
        Remove-StandardFleet $fleet
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'shows every engine with -WhatIf' {
        $plans = Get-ScanEngine 'a*' |
            Invoke-WhatIf Set-ScanEngineCommunication @{ Direction = 'Reverse'; ConsoleAddress = '127.0.0.1' }
        $plans.EngineName | Sort-Object | Should -Be $names
        $plans.DryRun | Should -Not -Contain $false
    }

    It 'is not asked to be dialled at one address and port' {
        $port = $fleet.Engines[0].Port
        $fault = Get-Fault { Set-ScanEngineCommunication a1, a2 Standard -Address 127.0.0.1 -Port $port }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        $fault.TargetObject | Should -Be "127.0.0.1:$port"
        (Get-ScanEngine a2).Port | Should -Be $fleet.Engines[1].Port
    }

    It 'ends at the first fault before anything was begun, with -StopOnError' {
        Unregister-ScanEngine a4 -Confirm:$false
        $null = Register-ScanEngine a4 127.0.0.1 -Port $fleet.Engines[3].Port
        { Set-ScanEngineCommunication 'a*' Reverse -ConsoleAddress 127.0.0.1 -StopOnError } | Should -Throw
        (Get-ScanEngine 'a*').Direction | Sort-Object -Unique | Should -Be 'ConsoleToEngine'
    }

    It 'changes those that it can, each fault with its engine' {
        $faults = $null
        $plans = Get-ScanEngine 'a*' | Set-ScanEngineCommunication -Direction Reverse -ConsoleAddress 127.0.0.1 -Timeout 2m `
            -ThrottleLimit 2 -ErrorAction SilentlyContinue -ErrorVariable faults
        $plans.EngineName | Sort-Object | Should -Be 'a1', 'a2', 'a3'
        $plans.State | Sort-Object -Unique | Should -Be 'Committed'
        $faults.TargetObject | Sort-Object -Unique | Should -Be 'a4'
        (Get-ScanEngine 'a[123]').Direction | Sort-Object -Unique | Should -Be 'EngineToConsole'
    }

    It 'begins no more after a failure with -StopOnError, and says which' {
        Stop-EnginePoller -DataPath $fleet.Engines[0].DataPath
        $said = $null
        $fault = $null
        try {
            Set-ScanEngineCommunication a1, a2, a3 Standard -Timeout 5s -ThrottleLimit 1 -StopOnError `
                -WarningAction SilentlyContinue -WarningVariable said
        } catch {
            $fault = $_
        }

        $fault.FullyQualifiedErrorId | Should -BeLike 'ChangeFailed,*'
        $fault.TargetObject | Should -Be 'a1'
        # Whether the console has seen the end of the channel yet decides which stage fails.
        $fault.Exception.Message | Should -Match '(Preflight|Prepare): .*Endpoint:.*Observed:.*Look at:'
        "$said" | Should -Match 'Not begun: a2, a3'
        (Get-ScanEngine a2).Direction | Should -Be 'EngineToConsole'
        (Get-ScanEngine a3).Direction | Should -Be 'EngineToConsole'
    }

    It 'is restored as a whole, with one progress bar' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$Manifest'; Restore-ScanEngineCommunication a2, a3 -DataPath '$($fleet.Console)' -Timeout 2m")
            $plans = $shell.Invoke()
            $plans.State | Sort-Object -Unique | Should -Be 'Committed'
            @($shell.Streams.Progress.ActivityId | Sort-Object -Unique).Count | Should -Be 1
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
            (Get-ScanEngine a2, a3).Direction | Sort-Object -Unique | Should -Be 'ConsoleToEngine'
        } finally {
            $shell.Dispose()
        }
    }
}
