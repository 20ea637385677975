# Scans that begin by themselves.

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    # One in each direction: the minutes that both wait for are the same.
    $script:fleets = @(
        New-Fleet EngineToConsole lab1
        New-Fleet ConsoleToEngine lab2
    )
    $script:listeners = @($fleets | ForEach-Object {
            $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
            $listener.Start()
            $listener
        })
    foreach ($i in 0, 1) {
        $null = New-EngineScanSchedule every-minute $fleets[$i].Name -Target 127.0.0.1 -Port $listeners[$i].LocalEndpoint.Port `
            -Cron '* * * * *' -DataPath $fleets[$i].Console
        $null = New-ScanEnginePool all -Engine $fleets[$i].Name -DataPath $fleets[$i].Console
        $null = New-EngineScanSchedule held -Pool all -Target 127.0.0.1 -Port 1-40000 -MaxRate 20 -Cron '* * * * *' -OnLimit Suspend `
            -DataPath $fleets[$i].Console
    }

    $script:console = $fleets[0].Console
    $env:SCANENGINEADMIN_DATA = $console

    # Waits until each schedule has begun a scan after another one, and returns these scans, finished. All schedules rest
    # before any scan is waited for: a wait may last beyond the minute, and another schedule would run once more.
    function Wait-Run([guid[]] $After = @([guid]::Empty) * $fleets.Count) {
        $signal = [System.Threading.ManualResetEvent]::new($false)
        $rest = foreach ($i in 0, 1) {
            $schedule = @{ Schedule = 'every-minute'; DataPath = $fleets[$i].Console }
            Wait-Until { (Get-EngineScanSchedule @schedule).LastScanId -notin $null, $After[$i] } $signal
            Set-EngineScanSchedule @schedule -Enabled $false -PassThru
        }

        $signal.Dispose()
        foreach ($one in $rest) {
            Wait-EngineScan $one.LastScanId -DataPath $one.DataPath -Timeout 2m
        }
    }
}

AfterAll {
    $listeners | ForEach-Object { $_.Stop() }
    $fleets | ForEach-Object { Remove-Fleet $_ }
    Remove-Item Env:SCANENGINEADMIN_DATA -ErrorAction Ignore
}

Describe 'A schedule' {
    AfterEach {
        Get-EngineScanSchedule 'x*' | Remove-EngineScanSchedule
    }

    It 'shows the next ten times before it is made, over a change of the clocks' {
        $what = @{ Schedule = 'x'; Name = 'lab1'; Target = '127.0.0.0/30'; Daily = $true; At = '02:30'; TimeZone = 'Europe/Berlin'; StartDate = '2031-03-28' }
        $would = Invoke-WhatIf New-EngineScanSchedule $what
        $would.Schedule | Should -Be 'x'
        $would.Cron | Should -Be '30 2 * * *'
        $utc = @($would.NextRuns | ForEach-Object { $_.ToUniversalTime().ToString('MM-dd HH:mm') })
        $utc.Count | Should -Be 10
        # On the 30th there is no 02:30: the clocks go from 02:00 to 03:00.
        $utc[0..3] | Should -Be '03-28 01:30', '03-29 01:30', '03-30 01:00', '03-31 00:30'
        Get-EngineScanSchedule 'x*' | Should -BeNullOrEmpty
    }

    It 'is made, changed, rested and removed' {
        $made = New-EngineScanSchedule x lab1 -Target 127.0.0.1, 127.0.0.2 -Exclude 127.0.0.2 -Weekly Saturday, Sunday -At 06:00, 18:30 -TimeZone UTC `
            -MaxDuration 4h -BlackOut 'Mon-Fri 08:00-18:00' -Missed Once -Overlap Queue -MaxRate 50 -Priority Low -EndDate 2040-12-31
        $made.Cron | Should -Be '0 6 * * SUN,SAT', '30 18 * * SUN,SAT'
        $made.EngineName | Should -Be 'lab1'
        $made.MaxDuration | Should -Be ([timespan] '04:00:00')
        $made.NextRuns[0] | Should -Be $made.NextRun
        $made.DataPath | Should -Be $console
        $got = Get-EngineScanSchedule X
        foreach ($name in 'Targets', 'Exclude', 'BlackOut', 'Missed', 'Overlap', 'MaxRate', 'Priority', 'EndDate') {
            $got.$name | Should -Be $made.$name -Because $name
        }

        $set = Set-EngineScanSchedule x -At 03:00 -MaxDuration 0 -BlackOut @() -EndDate $null -PassThru
        $set.Cron | Should -Be '0 3 * * *'
        $set.MaxDuration | Should -BeNullOrEmpty
        $set.BlackOut | Should -BeNullOrEmpty
        $set.EndDate | Should -BeNullOrEmpty
        $set.Targets | Should -Be $made.Targets
        $rests = $set | Set-EngineScanSchedule -Enabled $false -PassThru
        $rests.NextRun | Should -BeNullOrEmpty
        $rests | Format-Table | Out-String | Should -BeLike '*disabled*'
        (Set-EngineScanSchedule $rests -Enabled $true -PassThru).NextRun | Should -Not -BeNullOrEmpty
        Invoke-WhatIf Remove-EngineScanSchedule @{ Schedule = 'x' }
        Get-EngineScanSchedule x | Should -Not -BeNullOrEmpty
        Remove-EngineScanSchedule x
        (Get-Fault { Get-EngineScanSchedule x }).FullyQualifiedErrorId | Should -BeLike 'ScheduleNotFound,*'
        $trail = @(Get-ScanEngineEvent lab1 -Event Schedule[ASR]*ed, ScheduleSet | Where-Object Detail -Like 'x:*').Event
        $trail | Should -Be 'ScheduleRemoved', 'ScheduleSet', 'ScheduleSet', 'ScheduleSet', 'ScheduleAdded'
    }

    It 'comes through a file and from a job, and acts where it was' {
        $null = New-EngineScanSchedule x lab1 -Target 127.0.0.1 -Daily -At 04:00
        $file = Join-Path (New-DataPath) 'schedule.xml'
        Get-EngineScanSchedule x | Export-Clixml $file
        Remove-Item Env:SCANENGINEADMIN_DATA
        try {
            $read = Import-Clixml $file
            $read.Missed | Should -Be 'Skip'
            @($read.NextRuns).Count | Should -Be 10
            ($read | Set-EngineScanSchedule -At 05:00 -PassThru).DataPath | Should -Be $console
            (Get-EngineScanSchedule x -DataPath $console).Cron | Should -Be '0 5 * * *'
            $read | Remove-EngineScanSchedule
        } finally {
            $env:SCANENGINEADMIN_DATA = $console
        }

        Get-EngineScanSchedule 'x*' | Should -BeNullOrEmpty
    }

    It 'refuses <Why>, and writes nothing' -ForEach @(
        @{ Why = 'no time'; With = @{ }; Id = 'ScheduleInvalid' }
        @{ Why = 'a day without a time'; With = @{ Daily = $true }; Id = 'ScheduleInvalid' }
        @{ Why = 'two ways to say when'; With = @{ Cron = '0 0 * * *'; At = '02:00' }; Id = 'ScheduleInvalid' }
        @{ Why = 'what is no time of a day'; With = @{ At = '25:00' }; Id = 'ScheduleInvalid' }
        @{ Why = 'what is no cron expression'; With = @{ Cron = '0 0 * *' }; Id = 'ScheduleInvalid' }
        @{ Why = 'a day that never comes'; With = @{ Cron = '0 0 31 2 *' }; Id = 'ScheduleInvalid' }
        @{ Why = 'an end that has passed'; With = @{ At = '02:00'; EndDate = '2020-01-01' }; Id = 'ScheduleInvalid' }
        @{ Why = 'an unknown time zone'; With = @{ At = '02:00'; TimeZone = 'Nowhere/Land' }; Id = 'ScheduleInvalid' }
        @{ Why = 'what is no window'; With = @{ At = '02:00'; BlackOut = 'at night' }; Id = 'ScheduleInvalid' }
        @{ Why = 'what is no target'; With = @{ At = '02:00'; Target = '10.0.0.0/33' }; Id = 'TargetInvalid' }
        @{ Why = 'no target'; With = @{ At = '02:00'; Target = @() }; Id = 'TargetInvalid' }
        @{ Why = 'what is no port'; With = @{ At = '02:00'; Port = '70000' }; Id = 'PortRangeInvalid' }
        @{ Why = 'an engine that is not there'; With = @{ At = '02:00'; Name = 'none' }; Id = 'EngineNotFound' }
        @{ Why = 'a pool that is not there'; With = @{ At = '02:00'; Pool = 'none' }; Id = 'PoolNotFound' }
        @{ Why = 'a name that is taken'; With = @{ At = '02:00'; Schedule = 'EVERY-MINUTE' }; Id = 'ScheduleNameInUse' }
        @{ Why = 'what is no name'; With = @{ At = '02:00'; Schedule = 'x?' }; Id = 'ScheduleInvalid' }
    ) {
        $all = @{ Schedule = 'x'; Name = 'lab1'; Target = '127.0.0.1' }
        foreach ($key in $With.Keys) {
            $all[$key] = $With[$key]
        }

        if ($With.Pool) {
            $all.Remove('Name')
        }

        (Get-Fault { New-EngineScanSchedule @all }).FullyQualifiedErrorId | Should -BeLike "$Id,*"
        (Get-EngineScanSchedule).Schedule | Sort-Object | Should -Be 'every-minute', 'held'
    }

    It 'is reckoned by a library that meets no other module''s copy' {
        $null = Get-EngineScanSchedule
        $cronos = [System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Cronos' }
        $cronos.Count | Should -Be 1
        [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($cronos[0]).Name | Should -Be 'ScanEngineAdmin.Storage'
    }

    It 'has to be told what to change' {
        (Get-Fault { Set-EngineScanSchedule every-minute -PassThru }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-Fault { Set-EngineScanSchedule none -At 02:00 }).FullyQualifiedErrorId | Should -BeLike 'ScheduleNotFound,*'
    }
}

Describe 'The runs of a schedule of a pool' {
    BeforeAll {
        # The schedules of one engine rest from here on: a run of theirs would be stopped by a window of the console as well.
        $null = Wait-Run
        $script:always = @{ BlackOut = '00:00-12:00', '12:00-24:00'; TimeZone = 'UTC' }
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
    }

    AfterAll {
        $signal.Dispose()
    }

    It 'are suspended or stopped at a limit, as the schedule says, where <_> scans' -ForEach 'lab1', 'lab2' {
        $name = $_
        $at = @{ DataPath = ($fleets | Where-Object Name -EQ $name).Console }
        Wait-Until { (Get-EngineScanSchedule held @at).LastScanId } $signal
        $held = Get-EngineScanSchedule held @at
        $held.EngineName, $held.OnLimit | Should -Be 'all', 'Suspend'
        $run = @{ ScanId = $held.LastScanId } + $at
        Wait-Until { (Get-EngineScan @run).FindingCount -gt 0 } $signal
        (Receive-EngineScan @run | Select-Object -First 1).EngineName | Should -Be $name

        Set-EngineScanSchedule held @always @at
        Wait-Until { (Get-EngineScan @run).State -eq 'Suspended' } $signal

        # No further run begins meanwhile.
        (Set-EngineScanSchedule held -BlackOut @() -OnLimit Stop -Cron '0 0 1 1 *' -PassThru @at).OnLimit | Should -Be 'Stop'
        Resume-EngineScan @run
        Wait-Until { (Get-EngineScan @run).State -eq 'Running' } $signal
        Set-EngineScanSchedule held @always @at
        (Get-EngineScan @run | Wait-EngineScan -Timeout 2m).State | Should -Be 'Stopped'
        Remove-EngineScanSchedule held @at
    }
}

Describe 'The maintenance windows of a console' {
    AfterAll {
        Set-EngineScanBlackOut @()
    }

    It 'hold up every scan, and let it begin at their end' {
        (Get-EngineScanBlackOut).BlackOut | Should -BeNullOrEmpty
        $long = Start-EngineScan lab1 127.0.0.1 -Port 1-40000 -MaxRate 20
        $signal = [System.Threading.ManualResetEvent]::new($false)
        Wait-Until { (Get-EngineScan -ScanId $long.ScanId).FindingCount -gt 0 } $signal
        $signal.Dispose()
        $set = Set-EngineScanBlackOut '00:00-12:00', '12:00-24:00' -TimeZone UTC -PassThru
        $set.Until | Should -BeGreaterThan (Get-Date)
        $stopped = $long | Wait-EngineScan -Timeout 2m
        $stopped.State | Should -Be 'Stopped'
        $stopped.FindingCount | Should -BeGreaterThan 0
        (Get-ScanEngineEvent lab1 -Event ScheduleRunStopped | Where-Object Detail -Like "$($long.ScanId)*").Detail |
            Should -BeLike '*: a maintenance window of the console*'

        $waits = Start-EngineScan lab1 127.0.0.1 -Port 1-5
        @(Wait-EngineScan $waits.ScanId -Timeout 3s -ErrorAction Continue 2>&1)[0].FullyQualifiedErrorId | Should -BeLike 'TimedOut,*'
        (Get-EngineScan -ScanId $waits.ScanId).State | Should -Be 'Queued'
        $shown = Invoke-WhatIf Set-EngineScanSchedule @{ Schedule = 'every-minute'; Cron = '*/2 * * * *' }
        $shown.Cron | Should -Be '*/2 * * * *'
        Set-EngineScanBlackOut @()
        ($waits | Wait-EngineScan -Timeout 2m).State | Should -Be 'Completed'
        (Get-EngineScanBlackOut).Until | Should -BeNullOrEmpty
    }

    It 'refuse what is none' {
        (Get-Fault { Set-EngineScanBlackOut 'noon' }).FullyQualifiedErrorId | Should -BeLike 'ScheduleInvalid,*'
        (Get-Fault { Set-EngineScanBlackOut '01:00-02:00' -TimeZone Nowhere/Land }).FullyQualifiedErrorId | Should -BeLike 'ScheduleInvalid,*'
    }
}

Describe 'The runs of a schedule' {
    It 'are scans of its engine that compare with the one before, and an event says so' {
        # The first ended before the maintenance windows; the second are due a minute later at most, once the ports are closed.
        $ports = $listeners | ForEach-Object { $_.LocalEndpoint.Port }
        $runs = @(Wait-Run)
        $listeners | ForEach-Object { $_.Stop() }
        $fleets | ForEach-Object { Set-EngineScanSchedule every-minute -Enabled $true -DataPath $_.Console }
        $runs += @(Wait-Run $runs.ScanId)
        $signal = [System.Threading.ManualResetEvent]::new($false)
        foreach ($i in 0, 1) {
            $at = @{ DataPath = $fleets[$i].Console }
            $first, $second = $runs[$i], $runs[$i + 2]
            $first.State, $second.State | Should -Be 'Completed', 'Completed'
            $first.ScheduleName | Should -Be 'every-minute'
            $first.EngineName | Should -Be $fleets[$i].Name
            ($first | Receive-EngineScan).State | Should -Be 'Open'
            Wait-Until { Get-ScanEngineEvent -Event ScheduleDifference @at | Where-Object Detail -Like "*scan $($second.ScanId) *" } $signal
            (Get-ScanEngineEvent -Event ScheduleDifference @at)[0].Detail | Should -BeLike 'every-minute: 1 Closed; scan *'
            $change = Compare-EngineScan -Schedule 'every-*' @at
            $change.Change | Should -Be 'Closed'
            $change.Port | Should -Be $ports[$i]
            @(Get-EngineScanSchedule @at | Compare-EngineScan).Count | Should -Be 1
            @(Get-ScanEngineEvent -Event ScheduleRun @at).Count | Should -Be @(Get-EngineScan @at | Where-Object ScheduleName).Count
        }

        $signal.Dispose()
    }
}
