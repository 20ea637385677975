BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # Runs a start with -Wait in a runspace of its own, until it has returned its handle.
    function Start-Waiting([string] $Script) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$Manifest'; $Script")
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $run = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
        Wait-Until { $output.Count -gt 0 -or $run.IsCompleted } $run.AsyncWaitHandle
        [pscustomobject]@{ Shell = $shell; Run = $run; Output = $output }
    }
}

Describe 'A start with -Wait frees its port' {
    BeforeEach {
        $script:path = New-DataPath
        $script:port = Get-FreePort
    }

    It 'on Ctrl+C: <_>' -ForEach 'Start-SecurityConsole', 'Start-EngineListener' {
        $waiting = Start-Waiting "$_ -DataPath '$path' -Address 127.0.0.1 -Port $port -Wait"
        Test-PortFree $port | Should -BeFalse
        $waiting.Shell.Stop()
        Test-PortFree $port | Should -BeTrue
        $waiting.Shell.Dispose()
    }

    It 'when a downstream has enough: <_>' -ForEach 'Start-SecurityConsole', 'Start-EngineListener' {
        $handle = & $_ -DataPath $path -Address 127.0.0.1 -Port $port -Wait | Select-Object -First 1
        $handle.State | Should -Be 'Stopped'
        Test-PortFree $port | Should -BeTrue
    }

    It 'when a downstream fails: <_>' -ForEach 'Start-SecurityConsole', 'Start-EngineListener' {
        $command = $_
        { & $command -DataPath $path -Address 127.0.0.1 -Port $port -Wait | ForEach-Object { throw 'downstream' } } |
            Should -Throw 'downstream'
        Test-PortFree $port | Should -BeTrue
    }

    It 'when it is stopped from elsewhere, and returns' {
        $waiting = Start-Waiting "Start-EngineListener -DataPath '$path' -Address 127.0.0.1 -Port $port -Wait; 'after'"
        Stop-EngineListener -DataPath $path
        Wait-Until { $waiting.Run.IsCompleted } $waiting.Run.AsyncWaitHandle
        $waiting.Output[-1] | Should -Be 'after'
        Test-PortFree $port | Should -BeTrue
        $waiting.Shell.Dispose()
    }
}

Describe 'A start without -Wait' {
    It 'frees its port too when its pipeline is stopped before it returned' {
        $path = New-DataPath
        $port = Get-FreePort
        $null = Start-EngineListener -DataPath $path -Address 127.0.0.1 -Port $port -WarningAction Ignore | Select-Object -First 1
        Test-PortFree $port | Should -BeTrue
    }

    It 'is shared by a second start of the same folder, and refused at another port' {
        $path = New-DataPath
        $port = Get-FreePort
        $first = Start-EngineListener -DataPath $path -Address 127.0.0.1 -Port $port -WarningAction Ignore
        $second = Start-EngineListener -DataPath $path -WarningAction Ignore
        $second.EndPoint | Should -Be $first.EndPoint
        Get-Fault { Start-EngineListener -DataPath $path -Port (Get-FreePort) } |
            ForEach-Object FullyQualifiedErrorId | Should -BeLike 'EngineAlreadyRunning,*'
        $first | Stop-EngineListener
        $second.State | Should -Be 'Stopped'
        Test-PortFree $port | Should -BeTrue
    }

    It 'is one start when several runspaces start at once' {
        $path = New-DataPath
        $states = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:Manifest
            (Start-SecurityConsole -DataPath $using:path -Address 127.0.0.1 -Port 0 -WarningAction Ignore).State
        }
        Stop-SecurityConsole -DataPath $path
        $states | Should -Be 'Running', 'Running', 'Running', 'Running'
    }

    It 'is refused where another one runs than was asked for' {
        $path = New-DataPath
        $at = @{ DataPath = $path; Address = '127.0.0.1'; Port = 0; WarningAction = 'Ignore' }
        $null = Start-SecurityConsole @at -AdvertisedAddress one.example
        try {
            (Start-SecurityConsole @at -AdvertisedAddress one.example).State | Should -Be 'Running'
            foreach ($other in @{ Address = '0.0.0.0' }, @{ AdvertisedAddress = 'two.example' }) {
                (Get-Fault { Start-SecurityConsole -DataPath $path @other }).FullyQualifiedErrorId |
                    Should -BeLike 'ConsoleAlreadyRunning,*'
            }
        } finally {
            Stop-SecurityConsole -DataPath $path
        }
    }

    It 'does nothing with -WhatIf' {
        $port = Get-FreePort
        Invoke-WhatIf Start-EngineListener @{ DataPath = New-DataPath; Address = '127.0.0.1'; Port = $port } | Should -BeNullOrEmpty
        Test-PortFree $port | Should -BeTrue
    }

    It 'warns in a process that ends with its command' {
        $script = "Import-Module '$Manifest'; Start-EngineListener -DataPath '$(New-DataPath)' -Address 127.0.0.1 -Port $(Get-FreePort)"
        $said = Invoke-Pwsh -NoProfile -Command $script *>&1 | Out-String
        $said | Should -BeLike '*ends with this PowerShell process*'
    }
}

Describe 'A start as a job' {
    It 'is stopped by Stop-Job' {
        $port = Get-FreePort
        $job = Start-EngineListener -DataPath (New-DataPath) -Address 127.0.0.1 -Port $port -AsJob -WarningAction Ignore
        $job.PSJobTypeName | Should -Be 'EngineListener'
        (Get-Job -Id $job.Id).State | Should -Be 'Running'
        (Receive-Job $job).State | Should -Be 'Listening'
        Stop-Job $job
        $job.State | Should -Be 'Stopped'
        Test-PortFree $port | Should -BeTrue
        Remove-Job $job
    }
}

Describe 'Another process' {
    BeforeEach {
        $script:path = New-DataPath
        $script:port = Get-FreePort
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
        $script = "Import-Module '$Manifest'; Start-EngineListener -DataPath '$path' -Address 127.0.0.1 -Port $port -Wait; 'drained'"
        $program, $first = Get-PwshCommand
        $script:child = Start-Process $program -PassThru `
            -ArgumentList (@($first | Where-Object { $_ }) + '-NoProfile', '-Command', "`"$script`"") `
            -RedirectStandardOutput "$path/out.txt"
        # The handle must be held for the exit code to be known.
        $null = $child.Handle
        Wait-Until { (Get-EngineListener -DataPath $path).State -eq 'Listening' } $signal
    }

    AfterEach {
        if (-not $child.HasExited) {
            $child.Kill()
        }
    }

    It 'is named by a start that cannot share it' {
        $fault = Get-Fault { Start-EngineListener -DataPath $path }
        $fault.FullyQualifiedErrorId | Should -BeLike 'EngineAlreadyRunning,*'
        $fault.ErrorDetails.Message | Should -BeLike "*$($child.Id)*pwsh*"
    }

    It 'is seen and stopped from here' {
        $listener = Get-EngineListener -DataPath $path
        $listener.ProcessId | Should -Be $child.Id
        $listener.HostedBy | Should -Be 'pwsh'
        $listener | Stop-EngineListener
        $child.WaitForExit(120000) | Should -BeTrue
        Test-PortFree $port | Should -BeTrue
    }

    It 'takes up a pairing that is made from here' {
        $console = New-DataPath
        $handle = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port 0 -WarningAction Ignore
        try {
            Get-Fault { Start-EnginePoller 127.0.0.1 -ConsolePort (Get-Port $handle) -DataPath $path } |
                ForEach-Object FullyQualifiedErrorId | Should -BeLike 'EngineAlreadyRunning,*'
            Get-EngineConsole -DataPath $path | Should -BeNullOrEmpty
            $poller = Start-EnginePoller 127.0.0.1 -ConsolePort (Get-Port $handle) -DataPath $path -EngineName far -Interval 1s `
                -PairingSecret (New-EnginePairingSecret -DataPath $console) -WarningAction Ignore
            $poller.ProcessId | Should -Be $child.Id
            (Wait-ScanEngine far -DataPath $console -Timeout 2m).Status | Should -Be 'Active'
        } finally {
            Stop-SecurityConsole -DataPath $console
        }
    }

    It 'drains on SIGTERM, frees its port and ends cleanly' -Skip:$IsWindows {
        sh -c "kill -TERM $($child.Id)"
        $child.WaitForExit(120000) | Should -BeTrue
        $child.ExitCode | Should -Be 0
        # PowerShell itself writes a child's output to the file, behind the child's end.
        Wait-Until { (Get-Content "$path/out.txt" | Select-Object -Last 1) -eq 'drained' } $signal
        Test-PortFree $port | Should -BeTrue
        $ended = Get-EngineListener -DataPath $path
        $ended.State | Should -Be 'Stopped'
        $ended.ProcessId | Should -BeNullOrEmpty
    }
}
