BeforeDiscovery {
    $directions = 'ConsoleToEngine', 'EngineToConsole'
    $nmap = Test-Path /usr/bin/nmap
    if (-not $nmap) {
        Write-Warning 'Skipped: scans with nmap. There is no /usr/bin/nmap on this host.'
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Scans that end early and go on, <_>' -ForEach $directions {
    BeforeAll {
        $script:fleet = New-Fleet $_
        $env:SCANENGINEADMIN_DATA = $fleet.Console
        $script:ports = 2000..2399 -join ','
        $script:slow = @{ Target = '127.0.0.1'; Port = $ports; MaxRate = 40 }
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
    }

    AfterAll {
        $signal.Dispose()
        Remove-Fleet $fleet
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    # A moment is typed when its test runs: the suites before it may take minutes after the discovery.
    It 'takes {<Typed>} as the deadline' -ForEach @(
        @{ Typed = { '2h' }; Seconds = 7200 }
        @{ Typed = { 90 }; Seconds = 90 }
        @{ Typed = { [timespan]::FromMinutes(3) }; Seconds = 180 }
        @{ Typed = { [datetime]::Now.AddHours(5) }; Seconds = 18000 }
        @{ Typed = { [datetime]::Now.AddHours(5).ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture) }; Seconds = 18000 }
    ) {
        $scan = Start-EngineScan lab1 @slow -Deadline (& $Typed)
        $scan | Stop-EngineScan
        ($scan.Deadline - [datetime]::Now).TotalSeconds | Should -BeGreaterThan ($Seconds - 60)
        ($scan.Deadline - [datetime]::Now).TotalSeconds | Should -BeLessThan ($Seconds + 60)
    }

    It 'scans with nmap where the engine''s admin allows it' -Skip:(-not $nmap) {
        # No test listens on port 1, and no other program takes it meanwhile.
        $closed = 1
        $refused = Start-EngineScan lab1 127.0.0.1 -Port $closed -Scanner Nmap -Wait
        $refused.State, $refused.Cause | Should -Be 'Failed', 'Refused'
        $refused.Detail | Should -BeLike '*Set-EngineScanPolicy -AllowNmap*'

        (Set-EngineScanPolicy -AllowNmap $true -DataPath $fleet.Engine -PassThru).AllowNmap | Should -BeTrue
        $scan = Start-EngineScan lab1 127.0.0.1 -Port $closed -Scanner Nmap -Wait
        $scan.State, $scan.Scanner | Should -Be 'Completed', 'Nmap'
        ($scan | Receive-EngineScan).State | Should -Be 'Closed'
        Set-EngineScanPolicy -AllowNmap $false -DataPath $fleet.Engine
    }

    It 'takes a bare 2d as two days' {
        $scan = Start-EngineScan lab1 @slow -Deadline 2d
        $scan | Stop-EngineScan
        ($scan.Deadline - [datetime]::Now).TotalDays | Should -BeGreaterThan 1.9
    }

    It 'refuses <Typed> as the deadline before anything is queued' -ForEach @(
        @{ Typed = 'soon' }, @{ Typed = 0 }, @{ Typed = '31d' }, @{ Typed = [datetime]::Now.AddHours(-1) }
    ) {
        $before = @(Get-EngineScan).Count
        Get-Fault { Start-EngineScan lab1 @slow -Deadline $Typed } | ForEach-Object FullyQualifiedErrorId |
            Should -BeLike 'ParameterArgumentTransformationError,*'
        @(Get-EngineScan).Count | Should -Be $before
    }

    It 'ends a scan at its deadline, says so, and keeps what it found' {
        # On a busy host the first try may be over before its engine has found anything: then slower, and for longer.
        foreach ($try in @{ Deadline = '6s'; MaxRate = 40 }, @{ Deadline = '30s'; MaxRate = 10 }) {
            $scan = Start-EngineScan lab1 -Target 127.0.0.1 -Port $ports @try | Wait-EngineScan -Timeout 5m
            if ($scan.FindingCount -gt 0) { break }
        }

        $scan.State | Should -Be 'Failed'
        $scan.Cause | Should -Be 'DeadlinePassed'
        $scan.Detail | Should -BeLike 'DeadlinePassed: not finished by *'
        @($scan | Receive-EngineScan).Count | Should -Be $scan.FindingCount
        $scan.FindingCount | Should -BeGreaterThan 0
        ($scan | Format-Table | Out-String -Width 200) | Should -Match 'Failed, DeadlinePassed'
        $script:overdue = $scan
    }

    It 'resumes only with a new deadline, and not at all with -WhatIf' {
        $fault = Get-Fault { $overdue | Resume-EngineScan }
        $fault.FullyQualifiedErrorId | Should -BeLike 'DeadlinePassed,*'
        $fault.ErrorDetails.RecommendedAction | Should -BeLike 'Give it a new one: Resume-EngineScan -ScanId * -Deadline 2h'
        $overdue | Invoke-WhatIf Resume-EngineScan @{ Deadline = '10m' }
        (Get-EngineScan -ScanId $overdue.ScanId).State | Should -Be 'Failed'
    }

    It 'resumes it to its end with every finding once' {
        $resumed = $overdue | Resume-EngineScan -Deadline 10m -PassThru
        $resumed.State | Should -Be 'Queued'
        $resumed.FindingCount | Should -Be $overdue.FindingCount
        $done = $resumed | Wait-EngineScan -Timeout 2m
        $done.State | Should -Be 'Completed'
        $done.Cause | Should -Be 'None'
        $done.LastInterruption | Should -Be 'DeadlinePassed'
        $done.Attempt | Should -Be 2
        $found = @($done | Receive-EngineScan).Port
        $found.Count | Should -Be 400
        @($found | Sort-Object -Unique).Count | Should -Be 400
        Get-Fault { $done | Resume-EngineScan } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ScanNotResumable,*'
        (Get-ScanEngineEvent | Where-Object Event -EQ 'ScanResumed').Detail | Should -BeLike "$($done.ScanId)*"
    }

    It 'lets a scan rest, and go on where it was' {
        # Slowed down by its engine until it rests: by itself it may be over before, on a busy host.
        Set-EngineScanPolicy -MaxRate 5 -DataPath $fleet.Engine
        $scan = Start-EngineScan lab1 @slow
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).FindingCount -gt 0 } $signal
        $scan | Suspend-EngineScan
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).State -eq 'Suspended' } $signal
        Set-EngineScanPolicy -MaxRate 0 -DataPath $fleet.Engine
        $rests = Get-EngineScan -State Suspended
        $rests.Cause | Should -Be 'SuspendedByUser'
        ($rests | Format-Table | Out-String -Width 200) | Should -Match 'Suspended, SuspendedByUser'
        @($rests | Receive-EngineScan).Count | Should -Be $rests.FindingCount
        Get-Fault { $rests | Remove-EngineScan } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ScanNotFinished,*'
        $done = $rests | Resume-EngineScan -PassThru | Wait-EngineScan -Timeout 2m
        $done.State | Should -Be 'Completed'
        $done.LastInterruption | Should -Be 'SuspendedByUser'
        $done.Attempt | Should -Be 2
        @($done | Receive-EngineScan | Sort-Object Port -Unique).Count | Should -Be 400
        Get-Fault { $done | Suspend-EngineScan } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ScanNotSuspendable,*'
        $done | Remove-EngineScan
    }

    It 'stops several by the pipeline, and resumes them in the same way' {
        $scans = 1..2 | ForEach-Object { Start-EngineScan lab1 127.0.0.1 2000-2005 -Priority High -MaxAttempts 1 }
        $scans.Priority | Sort-Object -Unique | Should -Be 'High'
        $scans.MaxAttempts | Sort-Object -Unique | Should -Be 1
        $scans | Stop-EngineScan
        $ended = $scans | Wait-EngineScan -Timeout 2m
        $stopped = @($ended | Where-Object State -EQ 'Stopped')
        $stopped | ForEach-Object Cause | Sort-Object -Unique | Should -BeIn 'StoppedByUser', $null
        $stopped | Resume-EngineScan
        $scans | Get-EngineScan | Wait-EngineScan -Timeout 2m | ForEach-Object State | Sort-Object -Unique |
            Should -Be 'Completed'
    }

    It 'shows a scan whose engine is gone as running without a link, with its age' {
        $scan = Start-EngineScan lab1 127.0.0.1 $ports -MaxRate 5
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).FindingCount -gt 0 } $signal
        $scan | Invoke-WhatIf Suspend-EngineScan
        (Get-EngineScan -ScanId $scan.ScanId).State | Should -Be 'Running'
        Stop-EngineListener -DataPath $fleet.Engine
        Stop-EnginePoller -DataPath $fleet.Engine -WarningAction Ignore -ErrorAction Ignore
        Wait-Until { (Get-EngineScan -ScanId $scan.ScanId).Cause -eq 'LinkLost' } $signal
        $cut = Get-EngineScan -ScanId $scan.ScanId
        $cut.State | Should -Be 'Running'
        $cut.CauseSince | Should -Not -BeNullOrEmpty
        ($cut | Format-Table | Out-String -Width 200) | Should -Match 'Running, LinkLost (now|\d+ (s|min) ago)'
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($cut))
        ($copy | Format-Table | Out-String -Width 200) | Should -Match 'Running, LinkLost (now|\d+ (s|min) ago)'
    }
}
