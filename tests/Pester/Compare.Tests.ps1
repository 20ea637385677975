# What changed between two scans.

BeforeDiscovery {
    $directions = 'EngineToConsole', 'ConsoleToEngine'
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # A port that says a word to whoever comes, for as long as it listens.
    function Open-Port([int] $Port, [string] $Word) {
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $Port)
        $listener.Start()
        $bytes = [System.Text.Encoding]::ASCII.GetBytes("$Word`r`n")
        $job = Start-ThreadJob {
            $socket = $using:listener
            $greeting = $using:bytes
            # Until it is closed.
            while ($client = try { $socket.AcceptTcpClient() } catch { $null }) {
                $client.GetStream().Write($greeting, 0, $greeting.Length)
                $client.Dispose()
            }
        }

        Wait-Greeting $Port
        [pscustomobject]@{ Listener = $listener; Job = $job }
    }

    function Close-Port($Open) {
        $Open.Listener.Stop()
        $Open.Job | Wait-Job -Timeout 30 | Remove-Job -Force
    }
}

AfterAll {
    Remove-Item Env:SCANENGINEADMIN_DATA -ErrorAction Ignore
}

Describe 'Compare-EngineScan (<_>)' -ForEach $directions {
    BeforeAll {
        $script:fleet = New-Fleet $_
        $env:SCANENGINEADMIN_DATA = $fleet.Console
        $script:stays, $script:comes, $script:goes, $script:turns = 1..4 | ForEach-Object { Get-FreePort }
        $scan = @{ Name = 'lab1'; Target = '127.0.0.1'; Port = $stays, $comes, $goes, $turns; Wait = $true; WaitTimeout = '2m'; WarningAction = 'Ignore' }
        $kept = Open-Port $stays 'same'
        $gone = Open-Port $goes 'bye'
        $old = Open-Port $turns 'one'
        $script:before = Start-HeardScan $scan
        Close-Port $gone
        Close-Port $old
        $new = Open-Port $turns 'two'
        $came = Open-Port $comes 'hello'
        $script:after = Start-HeardScan $scan
        $kept, $new, $came | ForEach-Object { Close-Port $_ }
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'says what opened, closed and says something else, of two scans from the pipeline' {
        $found = @(Get-EngineScan lab1 | Select-Object -Last 2 | Compare-EngineScan -WarningVariable warned)
        $warned | Should -BeNullOrEmpty
        $found.Count | Should -Be 3
        ($found | Where-Object Change -EQ Opened).Port | Should -Be $comes
        ($found | Where-Object Change -EQ Closed).Port | Should -Be $goes
        $turned = $found | Where-Object Change -EQ BannerChanged
        $turned.Port | Should -Be $turns
        $turned.BannerBefore | Should -BeLike 'one*'
        $turned.Banner | Should -BeLike 'two*'
        $found.ScanId | Select-Object -Unique | Should -Be $after.ScanId
        $found.ScanIdBefore | Select-Object -Unique | Should -Be $before.ScanId
        $found[0].EngineName | Should -Be 'lab1'
        $found[0].DataPath | Should -Be $fleet.Console
    }

    It 'takes ids in any order, only some kinds, and says nothing where nothing changed' {
        (Compare-EngineScan $after.ScanId, $before.ScanId -Change Opened).Port | Should -Be $comes
        (Compare-EngineScan $before.ScanId, $after.ScanId -Change Opened, Closed | ForEach-Object Change) | Sort-Object | Should -Be 'Opened', 'Closed'
        Compare-EngineScan $before.ScanId, $after.ScanId -Change NewHost, GoneHost, Filtered | Should -BeNullOrEmpty
    }

    It 'takes scans that came from a file' {
        $file = Join-Path (New-DataPath) 'scans.xml'
        $before, $after | Export-Clixml $file
        @(Import-Clixml $file | Compare-EngineScan).Count | Should -Be 3
    }

    It 'shows a table that a file keeps' {
        $file = Join-Path (New-DataPath) 'differences.xml'
        $before, $after | Compare-EngineScan | Export-Clixml $file
        Import-Clixml $file | Format-Table | Out-String -Width 120 | Should -Match "BannerChanged +127\.0\.0\.1 +$turns +Open +Open +one.* -> two"
    }

    It 'warns of what is in one scan only' {
        $other = Start-EngineScan lab1 127.0.0.1, 127.0.0.2 -Port $stays -Wait -WaitTimeout 2m -WarningAction Ignore
        $found = @($before, $other | Compare-EngineScan -WarningVariable warned -WarningAction SilentlyContinue)
        $found.Change | Should -Be 'Closed'
        "$warned" | Should -BeLike '1 targets and 3 ports are in one of the scans only*'
    }

    It 'refuses one scan, three, and one that is not there' {
        (Get-Fault { $before | Compare-EngineScan }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-Fault { Get-EngineScan | Compare-EngineScan }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        $faults = @(Compare-EngineScan $before.ScanId, ([guid]::NewGuid()) -ErrorAction Continue 2>&1)
        $faults.Count | Should -Be 1
        $faults[0].FullyQualifiedErrorId | Should -BeLike 'ScanNotFound,*'
    }
}
