BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'The log of a node in PowerShell, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeAll {
        $script:logs = New-DataPath
        $script:console = New-DataPath
        $script:engine = New-DataPath
        $script:consoleLog = Join-Path $logs 'console.log'
        $script:engineLog = Join-Path $logs 'engine.log'
        $script:direction = $_
        $handle = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port (Get-FreePort) -LogPath $consoleLog -WarningAction Ignore
        $secret = @{ PairingSecret = New-EnginePairingSecret -DataPath ($_ -eq 'ConsoleToEngine' ? $engine : $console) -Role (
                $_ -eq 'ConsoleToEngine' ? 'Engine' : 'Console') }
        $common = @{ DataPath = $engine; LogPath = $engineLog; WarningAction = 'Ignore' }
        if ($_ -eq 'ConsoleToEngine') {
            $listener = Start-EngineListener -Address 127.0.0.1 -Port (Get-FreePort) @common
            Register-ScanEngine lab1 127.0.0.1 -Port (Get-Port $listener) -DataPath $console @secret
        } else {
            $null = Start-EnginePoller 127.0.0.1 -ConsolePort (Get-Port $handle) -EngineName lab1 -Interval 1s @common @secret
        }

        $null = Wait-ScanEngine lab1 -DataPath $console -Timeout 2m
    }

    AfterAll {
        Stop-EngineListener -DataPath $engine -ErrorAction Ignore
        Stop-EnginePoller -DataPath $engine -ErrorAction Ignore
        Stop-SecurityConsole -DataPath $console -ErrorAction Ignore
    }

    It 'is refused for a node that runs, if it names another file' {
        $start = $direction -eq 'ConsoleToEngine' ? { Start-EngineListener @args } : { Start-EnginePoller @args }
        $at = @{ DataPath = $engine; WarningAction = 'Ignore' }
        $fault = Get-Fault { & $start @at -LogPath (Join-Path $logs 'other.log') }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        $fault.ErrorDetails.Message | Should -BeLike "*its log goes to $engineLog*"
        (Get-Fault { & $start @at -LogPath (Join-Path $logs 'other.log') -WhatIf }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        Join-Path $logs 'other.log' | Should -Not -Exist
        { & $start @at -LogPath $engineLog } | Should -Not -Throw
    }

    It 'is refused with another proxy or file before the engine that runs is paired once more' {
        $second = New-DataPath
        $at = @{ DataPath = $engine; WarningAction = 'Ignore' }
        $port = Get-Port (Start-SecurityConsole -DataPath $second -Address 127.0.0.1 -Port (Get-FreePort) -WarningAction Ignore)
        try {
            $pair = @{ ConsolePort = $port; PairingSecret = New-EnginePairingSecret -DataPath $second }
            (Get-Fault { Start-EnginePoller 127.0.0.1 -LogPath (Join-Path $logs 'other.log') @pair @at }).FullyQualifiedErrorId |
                Should -BeLike 'OptionInvalid,*'
            (Get-Fault { Start-EnginePoller 127.0.0.1 -Proxy http://127.0.0.1:3128 @pair @at }).FullyQualifiedErrorId |
                Should -BeLike 'EngineAlreadyRunning,*'
            Get-ScanEngine -DataPath $second | Should -BeNullOrEmpty
            @(Get-EngineConsole -DataPath $engine).Count | Should -Be 1
        } finally {
            Stop-SecurityConsole -DataPath $second
        }
    }

    It 'is in files of JSON lines, its owner''s alone, from the start to the stop' {
        $direction -eq 'ConsoleToEngine' ? (Stop-EngineListener -DataPath $engine) : (Stop-EnginePoller -DataPath $engine)
        Stop-SecurityConsole -DataPath $console
        foreach ($file in $consoleLog, $engineLog) {
            $lines = @(Get-Content $file | ConvertFrom-Json)
            $lines.event | Should -Contain 'ChannelOpened'
            # Not always the last one: the end of a channel may be logged behind the end of its node.
            $lines.event | Should -Contain ($file -eq $consoleLog ? 'ConsoleStopped' : 'EngineStopped')
            $lines | ForEach-Object { $_.time; $_.level; $_.message } | Should -Not -BeNullOrEmpty
            if (-not $IsWindows) {
                (Get-Item $file).UnixFileMode | Should -Be ([System.IO.UnixFileMode] 'UserRead, UserWrite')
            }
        }
    }
}

Describe 'A log that cannot be' {
    It 'is refused before a node starts: <_>' -ForEach 'link', 'folder' -Skip:$IsWindows {
        $at = @{ DataPath = New-DataPath; WarningAction = 'Ignore' }
        $log = Join-Path (New-DataPath) 'node.log'
        if ($_ -eq 'link') { ln -s "$log.victim" $log } else { $null = New-Item -ItemType Directory $log -Force }
        $fault = Get-Fault { Start-SecurityConsole -Address 127.0.0.1 -Port (Get-FreePort) -LogPath $log @at }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-SecurityConsole -DataPath $at.DataPath -ErrorAction Ignore).State | Should -Not -Be 'Running'
        "$log.victim" | Should -Not -Exist
    }

    It 'is refused before an engine is paired: <_>' -ForEach 'link', 'folder' -Skip:$IsWindows {
        $console = @{ DataPath = New-DataPath; WarningAction = 'Ignore' }
        $engine = New-DataPath
        $log = Join-Path (New-DataPath) 'node.log'
        if ($_ -eq 'link') { ln -s "$log.victim" $log } else { $null = New-Item -ItemType Directory $log -Force }
        $port = Get-Port (Start-SecurityConsole -Address 127.0.0.1 -Port (Get-FreePort) @console)
        try {
            $secret = New-EnginePairingSecret -DataPath $console.DataPath
            $fault = Get-Fault { Start-EnginePoller 127.0.0.1 -ConsolePort $port -PairingSecret $secret -LogPath $log -DataPath $engine }
            $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
            Get-ScanEngine @console | Should -BeNullOrEmpty
        } finally {
            Stop-EnginePoller -DataPath $engine -ErrorAction Ignore
            Stop-SecurityConsole @console
        }
    }

    It 'makes nothing under -WhatIf' {
        $log = Join-Path (New-DataPath) 'node.log'
        Start-SecurityConsole -DataPath (New-DataPath) -LogPath $log -WhatIf
        $log | Should -Not -Exist
    }
}
