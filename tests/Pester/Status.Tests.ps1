BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # What is longer than a line of the screen, or moves a cursor.
    function Get-Flaw([string[]] $Frame) {
        $Frame | Where-Object { $_.Length -gt 80 -or $_ -match '\p{Cc}' }
    }
}

Describe 'The status screen of a console that does not run' {
    BeforeAll {
        $script:path = New-DataPath
        $env:SCANENGINEADMIN_DATA = $path
    }

    AfterAll {
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'needs a console' {
        (Get-Fault { Show-ScanEngineStatus -Once }).FullyQualifiedErrorId | Should -BeLike 'ConsoleNotFound*'
    }

    It 'is one frame of text, also without -Once where there is no terminal' {
        1..30 | ForEach-Object { [pscustomobject]@{ Name = 'edge-{0:d2}' -f $_; Address = "192.0.2.$_" } } | Register-ScanEngine
        foreach ($frame in @(Show-ScanEngineStatus -Once), @(Show-ScanEngineStatus)) {
            $frame[0] | Should -BeLike 'Console *: stopped (Start-SecurityConsole)*'
            $frame[1] | Should -BeLike '30 engines: *'
            @($frame -like 'edge-*').Count | Should -Be 30
            $frame | Should -Contain 'None is waiting or running.'
            Get-Flaw $frame | Should -BeNullOrEmpty
            $frame | ForEach-Object { $_ | Should -BeOfType [string] }
        }
    }

    It 'has the engines that are named or come by the pipeline, once each' {
        @((Show-ScanEngineStatus edge-0[13] -Once) -like 'edge-*').Count | Should -Be 2
        @((Get-ScanEngine edge-02, edge-04 | Show-ScanEngineStatus -Once) -like 'edge-*').Count | Should -Be 2
        (Get-Fault { Show-ScanEngineStatus nobody -Once }).FullyQualifiedErrorId | Should -BeLike 'EngineNotFound*'
    }

    It 'has the firewall of this host where it is asked for' {
        $frame = Show-ScanEngineStatus -Once -IncludeFirewall -WarningAction Ignore
        $frame | Should -Not -Contain 'Not looked at: -IncludeFirewall compares the rules.'
        Get-Flaw $frame | Should -BeNullOrEmpty
    }

    It 'is the same in a process without a terminal, a job and a host without a user interface' {
        $job = Start-Job { Import-Module $using:Manifest; Show-ScanEngineStatus -DataPath $using:path }
        try {
            @(($job | Receive-Job -Wait) -like 'edge-*').Count | Should -Be 30
        } finally {
            $job | Remove-Job -Force
        }

        $shell = [powershell]::Create()
        try {
            $null = $shell.AddCommand('Import-Module').AddArgument($Manifest).AddStatement()
            $null = $shell.AddCommand('Show-ScanEngineStatus').AddParameter('DataPath', $path)
            @(@($shell.Invoke()) -like 'edge-*').Count | Should -Be 30
        } finally {
            $shell.Dispose()
        }
    }
}

Describe 'The status screen of a console that runs, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeAll {
        $script:fleet = New-Fleet $_
        $script:at = @{ DataPath = $fleet.Console }
        $script:signal = [System.Threading.ManualResetEvent]::new($false)
    }

    AfterAll {
        $signal.Dispose()
        Remove-Fleet $fleet
    }

    It 'shows the engine, the scan that runs and what happened' {
        $scan = Start-EngineScan lab1 127.0.0.1 -Port 2000-9000 -MaxRate 5 @at
        Wait-Until { (Get-EngineScan -State Running @at) } $signal
        $frame = @(Show-ScanEngineStatus -Once @at)
        $arrow = $_ -eq 'ConsoleToEngine' ? 'console [-─]+\d+[-─]+[>▶] engine' : 'console [<◀][-─]+\d+[-─]+ engine'
        ($frame -match "^lab1 +$arrow +Active .* 1$").Count | Should -Be 1
        ($frame -match "^$("$($scan.ScanId)".Substring(0, 8)) lab1 +Running ").Count | Should -Be 1
        ($frame -match '^\d\d:\d\d:\d\d ScanQueued +lab1 ').Count | Should -Be 1
        Get-Flaw $frame | Should -BeNullOrEmpty
        $scan | Stop-EngineScan
    }

    It 'shows no state that nobody keeps up to date as the present one' {
        Stop-SecurityConsole @at
        $engine = Get-ScanEngine lab1 @at
        $engine.Status | Should -Be 'Unknown'
        $engine.StatusDetail | Should -BeLike 'Active when its console last ran*'
        (Get-ScanEngine -Status Unknown @at).Name | Should -Be 'lab1'
        Get-ScanEngine -Status Active @at | Should -BeNullOrEmpty
        $frame = @(Show-ScanEngineStatus -Once @at)
        ($frame -match '^lab1 .* engine +Unknown +(now|\d+) ').Count | Should -Be 1
        $file = Export-ScanEngineTopology -Path (Join-Path (New-DataPath) 'a.json') @at
        $drawn = (Get-Content -Raw $file.FullName | ConvertFrom-Json).engines[0]
        $drawn.status | Should -Be 'Unknown'
        $drawn.statusDetail | Should -BeLike 'Active when its console last ran*'
    }
}
