BeforeDiscovery {
    $directions = 'ConsoleToEngine', 'EngineToConsole'
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Pools, with a first engine of <_> and a second one of the other direction' -ForEach $directions {
    BeforeAll {
        $script:way = $_
        $script:fleet = New-Fleet $_
        $env:SCANENGINEADMIN_DATA = $fleet.Console
        $script:second = New-DataPath
        $quiet = @{ WarningAction = 'Ignore' }
        if ($_ -eq 'ConsoleToEngine') {
            $secret = New-EnginePairingSecret
            $null = Start-EnginePoller -DataPath $second -ConsoleAddress 127.0.0.1 -PairingSecret $secret `
                -ConsolePort (Get-Port $fleet.ConsoleHandle) -EngineName lab2 -Interval 1s @quiet
        } else {
            $port = Get-FreePort
            $secret = New-EnginePairingSecret -Role Engine -DataPath $second
            $null = Start-EngineListener -DataPath $second -Address 127.0.0.1 -Port $port @quiet
            Register-ScanEngine -Name lab2 -Address 127.0.0.1 -Port $port -PairingSecret $secret
        }

        $null = Wait-ScanEngine lab2 -Timeout 2m -ErrorAction Stop
        $script:what = @{ Target = '127.77.1.0/26'; Port = '2000-2004' }
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
    }

    AfterAll {
        $signal.Dispose()
        Stop-EngineListener -DataPath $second
        Remove-Fleet $fleet
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'are made of engines, and listed with them' {
        $pool = New-ScanEnginePool dmz -Engine lab*
        $pool.PoolName | Should -Be 'dmz'
        $pool.Engines | Should -Be 'lab1', 'lab2'
        $pool.AwayAfter | Should -Be ([timespan] '00:15:00')
        (Get-ScanEnginePool d*).ActiveEngines | Should -Be 'lab1', 'lab2'
        (Get-ScanEnginePool | Format-Table | Out-String -Width 200) | Should -Match 'dmz +2/2 +00:15:00 +lab1, lab2'
        (Get-ScanEngineEvent | Where-Object Event -EQ 'PoolAdded').Detail | Should -Be '2 engines'
    }

    It 'refuse <Id>' -ForEach @(
        @{ Id = 'PoolNameInUse'; Act = { New-ScanEnginePool DMZ } }
        @{ Id = 'OptionInvalid'; Act = { New-ScanEnginePool '..' } }
        @{ Id = 'EngineNotFound'; Act = { Set-ScanEnginePool dmz -AddEngine nobody } }
        @{ Id = 'OptionInvalid'; Act = { Set-ScanEnginePool dmz } }
        @{ Id = 'PoolNotFound'; Act = { Get-ScanEnginePool nothing } }
        @{ Id = 'PoolNotFound'; Act = { Start-EngineScan -Pool nothing -Target 127.0.0.1 } }
        @{ Id = 'TargetInvalid'; Act = { Start-EngineScan -Pool dmz -Target 10.0.0.0/99 } }
    ) {
        Get-Fault $Act | ForEach-Object FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }

    It 'change nothing with -WhatIf' {
        Invoke-WhatIf New-ScanEnginePool @{ PoolName = 'other' }
        Invoke-WhatIf Set-ScanEnginePool @{ PoolName = 'dmz'; NewName = 'other' }
        Invoke-WhatIf Remove-ScanEnginePool @{ PoolName = 'dmz' }
        Invoke-WhatIf Start-EngineScan (@{ Pool = 'dmz' } + $what)
        (Get-ScanEnginePool).PoolName | Should -Be 'dmz'
        @(Get-EngineScan).Count | Should -Be 0
    }

    It 'share one scan, each finding once with the engine that made it' {
        $scan = Start-EngineScan -Pool (Get-ScanEnginePool dmz) @what -MaxRate 80 -Wait
        $scan.State | Should -Be 'Completed'
        $scan.IsPool | Should -BeTrue
        $scan.EngineName | Should -Be 'dmz'
        $scan.TargetsDone | Should -Be 64
        $found = @($scan | Receive-EngineScan)
        $found.Count | Should -Be 320
        @($found | Sort-Object Target, Port -Unique).Count | Should -Be 320
        $found.EngineName | Sort-Object -Unique | Should -Be 'lab1', 'lab2'
        (Get-EngineScan dmz).ScanId | Should -Be $scan.ScanId
        $file = Join-Path (New-DataPath) 'found.csv'
        $null = $scan | Export-EngineScan -Path $file
        @((Import-Csv $file).EngineName | Sort-Object -Unique) | Should -Be 'lab1', 'lab2'
    }

    It 'rest, go on and stop as one scan' {
        # Slowed down by its engines until it is stopped: by itself it may be over before, on a busy host.
        $fleet.Engine, $second | ForEach-Object { Set-EngineScanPolicy -MaxRate 5 -DataPath $_ }
        $scan = Start-EngineScan -Pool dmz @what -MaxRate 40
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).FindingCount -gt 0 } $signal
        Get-Fault { Remove-ScanEnginePool dmz } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'PoolInUse,*'
        $scan | Suspend-EngineScan
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).State -eq 'Suspended' } $signal
        $rests = Get-EngineScan -ScanId $scan.ScanId
        $rests.Cause | Should -Be 'SuspendedByUser'
        $resumed = $rests | Resume-EngineScan -PassThru
        $resumed.State | Should -Be 'Queued'
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).FindingCount -gt $rests.FindingCount } $signal
        $scan | Stop-EngineScan
        ($scan | Wait-EngineScan -Timeout 2m).State | Should -Be 'Stopped'
        $fleet.Engine, $second | ForEach-Object { Set-EngineScanPolicy -MaxRate 0 -DataPath $_ }
        $done = $scan | Resume-EngineScan -PassThru | Wait-EngineScan -Timeout 2m
        $done.State | Should -Be 'Completed'
        @($done | Receive-EngineScan | Sort-Object Target, Port -Unique).Count | Should -Be 320
    }

    It 'are changed and removed; what was found stays' {
        $pool = Set-ScanEnginePool dmz -NewName zone -RemoveEngine lab2 -AwayAfter 1h -PassThru
        $pool.PoolName | Should -Be 'zone'
        $pool.Engines | Should -Be 'lab1'
        $pool.AwayAfter | Should -Be ([timespan] '01:00:00')
        Get-ScanEnginePool | Remove-ScanEnginePool
        Get-ScanEnginePool | Should -BeNullOrEmpty
        @(Get-EngineScan).Count | Should -Be 2
        @(Receive-EngineScan).Count | Should -Be 640
    }
}
