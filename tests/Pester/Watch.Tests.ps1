BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Work in the background, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeAll {
        $script:fleet = New-Fleet $_
        $script:at = @{ DataPath = $fleet.Console }
        $script:closed = Get-FreePort
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
        # One that does not end before the test says so.
        $script:long = @{ Target = '127.0.0.1'; Port = '2000-9000'; MaxRate = 5 }
    }

    AfterAll {
        $signal.Dispose()
        Remove-Fleet $fleet
    }

    It 'returns what the waiting would, to Wait-Job and Receive-Job' {
        $job = Start-EngineScan lab1 127.0.0.1 -Port $closed -AsJob @at
        $job | Should -BeOfType [System.Management.Automation.Job]
        ($job | Wait-Job -Timeout 120).State | Should -Be 'Completed'
        $job.HasMoreData | Should -BeTrue
        $scan = $job | Receive-Job
        $scan.State | Should -Be 'Completed'
        $scan.EngineName | Should -Be 'lab1'
        $job.HasMoreData | Should -BeFalse
        $job | Remove-Job

        $scan = Start-EngineScan lab1 127.0.0.1 -Port $closed @at
        ($scan | Wait-EngineScan -AsJob | Receive-Job -Wait).ScanId | Should -Be $scan.ScanId
        # Finished first: -AutoRemoveJob of PowerShell's own removes twice where a job ends while it begins to wait.
        (Wait-ScanEngine lab1 -AsJob @at | Wait-Job -Timeout 120 | Receive-Job -Wait -AutoRemoveJob).Status | Should -Be 'Active'
        Get-Job | Where-Object PSJobTypeName -EQ 'WaitEngineScan' | Remove-Job
        Get-Job | Where-Object PSJobTypeName -Match 'Scan' | Should -BeNullOrEmpty
    }

    It 'tests ways in the background' {
        $job = Test-EngineFirewall lab1 -AsJob @at
        $null = $job | Wait-Job -Timeout 120
        ($job | Receive-Job).AsExpected | Should -BeTrue
        $job | Remove-Job
    }

    It 'changes a direction and brings it back' {
        $before = (Get-ScanEngine lab1 @at).Direction
        $other = $before -eq 'ConsoleToEngine' ? 'EngineToConsole' : 'ConsoleToEngine'
        $way = @{ Address = '127.0.0.1'; ConsoleAddress = '127.0.0.1'; ConsolePort = Get-Port $fleet.ConsoleHandle; Port = $fleet.EnginePort }
        $job = Set-ScanEngineCommunication lab1 $other @way -AsJob @at
        $job | Should -BeOfType [System.Management.Automation.Job]
        ($job | Wait-Job -Timeout 120).State | Should -Be 'Completed'
        ($job | Receive-Job).State | Should -Be 'Committed'
        (Get-ScanEngine lab1 @at).Direction | Should -Be $other
        $job | Remove-Job

        $job = Restore-ScanEngineCommunication lab1 -AsJob @at
        ($job | Wait-Job -Timeout 120 | Receive-Job).State | Should -Be 'Committed'
        (Get-ScanEngine lab1 @at).Direction | Should -Be $before
        $job | Remove-Job
    }

    It 'previews at once under -WhatIf, with no job' {
        $plan = Invoke-WhatIf Restore-ScanEngineCommunication (@{ Name = 'lab1'; AsJob = $true } + $at)
        $plan.DryRun | Should -BeTrue
        Get-Job | Where-Object PSJobTypeName -Match 'Communication' | Should -BeNullOrEmpty
    }

    It 'fails with the fault of the engine that ended it' {
        $job = Set-ScanEngineCommunication lab1 -Direction EngineToConsole -ConsoleAddress 127.0.0.1 -ConsolePort (Get-FreePort) `
            -Timeout 10s -StopOnError -AsJob @at
        $null = $job | Wait-Job -Timeout 120
        $job.State | Should -Be 'Failed'
        $faults = @($job | Receive-Job -ErrorAction Continue 2>&1)
        $faults[-1].FullyQualifiedErrorId | Should -BeLike 'ChangeFailed*'
        $job | Remove-Job
    }

    It 'replaces a certificate, exports the console and imports it elsewhere' {
        $job = Update-EngineCertificate -Role Console -Timeout 2m -AsJob -Confirm:$false @at
        $done = $job | Wait-Job -Timeout 180 | Receive-Job
        $done.State | Should -Be 'Settled'
        (Get-SecurityConsole @at).Fingerprint | Should -Be $done.Fingerprint
        $job | Remove-Job

        $file = Join-Path (New-DataPath) 'console.export'
        $words = ConvertTo-Passphrase 'correct horse battery'
        $job = Export-SecurityConsole $file $words -AsJob @at
        $export = $job | Wait-Job -Timeout 120 | Receive-Job
        $export.Path | Should -Be $file
        $job | Remove-Job
        $moved = New-DataPath
        $job = Import-SecurityConsole $file $words -DataPath $moved -AsJob
        $import = $job | Wait-Job -Timeout 120 | Receive-Job
        $import.DataPath | Should -Be $moved
        (Get-SecurityConsole -DataPath $moved).Fingerprint | Should -Be $done.Fingerprint
        $job | Remove-Job

        $wrong = ConvertTo-Passphrase 'correct horse batterz'
        $job = Import-SecurityConsole $file $wrong -DataPath (New-DataPath) -AsJob
        ($job | Wait-Job -Timeout 120).State | Should -Be 'Failed'
        @($job | Receive-Job -ErrorAction Continue 2>&1)[0].FullyQualifiedErrorId | Should -BeLike 'ExportPassphraseWrong*'
        $job | Remove-Job
    }

    It 'has the errors of the waiting, and is completed' {
        $job = Wait-ScanEngine lab1 -Status Incompatible -Timeout 1s -AsJob @at
        $null = $job | Wait-Job -Timeout 120
        $faults = @($job | Receive-Job -ErrorAction Continue 2>&1)
        $faults[0].FullyQualifiedErrorId | Should -BeLike 'TimedOut*'
        $job | Remove-Job
    }

    It 'ends with Stop-Job, and the scan goes on' {
        $job = Start-EngineScan lab1 @long -AsJob @at
        Wait-Until { (Get-EngineScan -State Running @at) } $signal
        $job | Stop-Job
        $job.State | Should -Be 'Stopped'
        $running = Get-EngineScan -State Running @at
        $running.State | Should -Be 'Running'
        $running | Stop-EngineScan
        $null = $running | Wait-EngineScan -Timeout 2m
        $job | Remove-Job
    }

    It 'shows one bar for all, and some below it' {
        $scans = 1..7 | ForEach-Object { Start-EngineScan lab1 127.0.0.1 -Port $closed @at }
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddCommand('Import-Module').AddParameter('Name', $Manifest).Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddCommand('Wait-EngineScan').AddParameter('ScanId', $scans.ScanId).AddParameter('DataPath', $fleet.Console)
            $shell.Invoke().Count | Should -Be 7
            $bars = @($shell.Streams.Progress)
        } finally {
            $shell.Dispose()
        }

        $parent = @($bars | Where-Object ParentActivityId -LT 0)
        $parent.Activity | Sort-Object -Unique | Should -Be 'Waiting for scans'
        $parent[-1].StatusDescription | Should -Be '7 of 7'
        $parent[-1].RecordType | Should -Be 'Completed'
        $bars | Where-Object { $_.ParentActivityId -ge 0 -and $_.ParentActivityId -ne $parent[0].ActivityId } | Should -BeNullOrEmpty
    }
}

Describe 'Watch-ScanEngine, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeAll {
        $script:pair = New-ScanEngineTestPair -Direction $_
        $script:at = @{ DataPath = $pair.ConsoleDataPath }
        $script:closed = Get-FreePort
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
        function Wait-Event2([string] $Name) {
            Wait-Event -SourceIdentifier "ScanEngineAdmin.$Name" -Timeout 120
        }
    }

    AfterAll {
        Get-Event | Where-Object SourceIdentifier -Like 'ScanEngineAdmin.*' | Remove-Event
        $signal.Dispose()
        $pair | Remove-ScanEngineTestPair
    }

    It 'shows each scan that finishes, short ones too, and no earlier scan' {
        $before = Start-EngineScan $pair.EngineName 127.0.0.1 -Port $closed -Wait @at
        $job = Watch-ScanEngine -Event ScanFinished -AsJob @at
        $scans = 1..3 | ForEach-Object { Start-EngineScan $pair.EngineName 127.0.0.1 -Port $closed -Wait @at }
        $seen = [System.Collections.Generic.List[object]]::new()
        Wait-Until { $job | Receive-Job | ForEach-Object { $seen.Add($_) }; $seen.Count -ge 3 } $signal
        $job | Stop-Job
        $seen.Event | Sort-Object -Unique | Should -Be 'ScanFinished'
        $seen.EngineName | Sort-Object -Unique | Should -Be $pair.EngineName
        $ids = $seen.Detail | ForEach-Object { $_.Substring(0, 36) }
        $ids | Sort-Object | Should -Be ([string[]] $scans.ScanId | Sort-Object)
        $ids | Should -Not -Contain "$($before.ScanId)"
        $job | Remove-Job
    }

    It 'raises an engine event for a lost engine, its return, and a change of direction' {
        # One that has lost its channel meanwhile, on a busy host, could not be lost once more.
        $null = Wait-ScanEngine $pair.EngineName @at -Timeout 2m -ErrorAction Stop
        $job = Watch-ScanEngine $pair.EngineName -RaiseEvent @at
        $pair | Set-ScanEngineTestPair -Fault Drop
        $lost = Wait-Event2 EngineLost
        $lost.MessageData.EngineName | Should -Be $pair.EngineName
        $lost.MessageData.Detail | Should -BeLike 'NotResponding: *'
        $pair | Set-ScanEngineTestPair -Fault None
        (Wait-Event2 EngineConnected).MessageData.Event | Should -Be 'EngineConnected'
        $to = (Get-ScanEngine $pair.EngineName @at).Direction -eq 'Standard' ? 'Reverse' : 'Standard'
        $null = Set-ScanEngineCommunication $pair.EngineName $to @at
        (Wait-Event2 DirectionChanged).SourceArgs[0].EngineName | Should -Be $pair.EngineName
        $job | Stop-Job
        $job.State | Should -Be 'Stopped'
        $job.HasMoreData | Should -BeFalse
        $job | Remove-Job
    }

    It 'runs the actions of Register-EngineEvent' {
        $handler = Register-EngineEvent ScanEngineAdmin.ScanFinished -Action { $Event.MessageData }
        $job = Watch-ScanEngine -RaiseEvent @at
        try {
            $scan = Start-EngineScan $pair.EngineName 127.0.0.1 -Port $closed -Wait @at
            Wait-Until { $handler.HasMoreData } $signal
            ($handler | Receive-Job)[0].Detail | Should -BeLike "$($scan.ScanId): Completed*"
        } finally {
            $job | Stop-Job
            $job | Remove-Job
            Unregister-Event -SourceIdentifier ScanEngineAdmin.ScanFinished -ErrorAction Ignore
            $handler | Remove-Job -Force
        }
    }

    It 'ends in its time, with a downstream that has enough, and names an engine that is not there' {
        Watch-ScanEngine -Timeout 100ms @at | Should -BeNullOrEmpty
        (Get-Fault { Watch-ScanEngine nobody @at }).FullyQualifiedErrorId | Should -BeLike 'EngineNotFound*'
        $data = $pair.ConsoleDataPath
        $queue = Start-ThreadJob { Import-Module $using:Manifest; Watch-ScanEngine -DataPath $using:data | Select-Object -First 1 }
        Wait-Until {
            $null = New-EnginePairingSecret @at
            $queue.State -eq 'Completed'
        } $signal
        ($queue | Receive-Job).Event | Should -Be 'SecretCreated'
        $queue | Remove-Job
    }

    It 'shows what happens behind its cmdlet, however late the work of its job begins' {
        $own = @{ DataPath = New-DataPath }
        $null = New-EnginePairingSecret @own
        # More than the thread pool has threads for: the job's work waits until they are let go.
        $hold = [System.Threading.ManualResetEventSlim]::new()
        $null = 1..64 | ForEach-Object { [System.Threading.Tasks.Task]::Run([action] $hold.Wait) }
        try {
            $job = Watch-ScanEngine -AsJob @own
            $null = New-EnginePairingSecret @own
        } finally {
            $hold.Set()
        }

        Wait-Until { $job.HasMoreData } $signal
        ($job | Receive-Job).Event | Should -Be 'SecretCreated'
        $job | Stop-Job
        $job | Remove-Job
    }

    It 'says nothing where no console is' {
        (Get-Fault { Watch-ScanEngine -DataPath (New-DataPath) -Timeout 1s }).FullyQualifiedErrorId | Should -BeLike 'ConsoleNotFound*'
    }
}
