# What scans found, read and exported.

BeforeDiscovery {
    $directions = 'EngineToConsole', 'ConsoleToEngine'
    $nmapReaders = @{
        # Debian's package is for Debian's Python, which need not be the first of the path.
        libnmap = 'python3', '/usr/bin/python3' | Where-Object { Get-Command $_ -ErrorAction Ignore } |
            Where-Object { "$(& $_ -c 'import libnmap; print(1)' 2>$null)" -eq '1' } | Select-Object -First 1
        ndiff   = [bool] (Get-Command ndiff -CommandType Application -ErrorAction Ignore)
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

AfterAll {
    Remove-Item Env:SCANENGINEADMIN_DATA -ErrorAction Ignore
}

Describe 'Findings (<_>)' -ForEach $directions {
    BeforeAll {
        $script:fleet = New-Fleet $_
        $env:SCANENGINEADMIN_DATA = $fleet.Console
        # An open port that says something a spreadsheet would run, and a closed one.
        $script:listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $script:open = $listener.LocalEndpoint.Port
        $script:greeter = [powershell]::Create().AddScript({
                param($Listener)
                $greeting = [System.Text.Encoding]::ASCII.GetBytes("=1+1,`"x`"`r`n")
                while ($true) {
                    $client = $Listener.AcceptTcpClient()
                    $client.GetStream().Write($greeting, 0, $greeting.Length)
                }
            }).AddArgument($listener)
        $null = $greeter.BeginInvoke()
        Wait-Greeting $open
        $script:closed = Get-FreePort
        $script:scan = Start-HeardScan @{
            Name = 'lab1'; Target = '127.0.0.1', 'localhost'; Port = $open, $closed; Timeout = '4s'; MaxRate = 50
            Wait = $true; WaitTimeout = '2m'; WarningAction = 'Ignore'
        }
    }

    AfterAll {
        $listener.Stop()
        $greeter.Dispose()
        Remove-Fleet $fleet
    }

    It 'know their scan''s engine, and the address where there is one' {
        $found = $scan | Receive-EngineScan
        $found.EngineName | Select-Object -Unique | Should -Be 'lab1'
        ($found | Where-Object Target -EQ '127.0.0.1') | ForEach-Object Address | Select-Object -Unique | Should -Be '127.0.0.1'
    }

    It 'are read by state, by engine, and of all scans' {
        ($scan | Receive-EngineScan -State Open).Port | Select-Object -Unique | Should -Be $open
        ($scan | Receive-EngineScan -State Closed).Port | Select-Object -Unique | Should -Be $closed
        @(Receive-EngineScan -Engine lab1 -State Open).Count | Should -Be @(Receive-EngineScan -State Open).Count
        Receive-EngineScan -Name 'no*' | Should -BeNullOrEmpty
        (Get-Fault { Receive-EngineScan -Name none }).FullyQualifiedErrorId | Should -BeLike 'EngineNotFound,*'
    }

    It 'belong to a scan that shows what was asked for' {
        $scan.Targets | Should -Be '127.0.0.1', 'localhost'
        $scan.Ports | Should -Match "$open"
        $scan.Timeout | Should -Be ([timespan] '00:00:04')
        $scan.MaxRate | Should -Be 50
    }

    It 'say which address a name had, and when' {
        $found = @($scan | Receive-EngineScan | Where-Object Target -EQ 'localhost')
        $found.Count | Should -BeGreaterThan 0
        $found | ForEach-Object Address | Select-Object -Unique | Should -BeIn '127.0.0.1', '::1'
        foreach ($one in $scan | Receive-EngineScan) {
            $one.Time | Should -BeGreaterThan $scan.Queued.AddSeconds(-1)
            $one.Time | Should -BeLessThan (Get-Date).AddSeconds(1)
        }

        $folder = New-DataPath
        $file = $scan | Export-EngineScan -Path (Join-Path $folder 'found.csv')
        $row = Import-Csv $file.FullName | Where-Object Target -EQ 'localhost' | Select-Object -First 1
        $row.Address | Should -Be $found[0].Address
        $row.Time | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'
        $file = $scan | Export-EngineScan -Path (Join-Path $folder 'found.jsonl')
        $line = Get-Content $file.FullName | ConvertFrom-Json | Where-Object target -EQ 'localhost' | Select-Object -First 1
        $line.address | Should -Be $found[0].Address
        $line.time | Should -Not -BeNullOrEmpty
        $file = $scan | Export-EngineScan -Path (Join-Path $folder 'found.xml')
        $named = ([xml] (Get-Content -Raw $file.FullName)).nmaprun.host |
            Where-Object { $_.hostnames -is [System.Xml.XmlElement] -and $_.hostnames.hostname.name -eq 'localhost' }
        $named.address.addr | Should -Be $found[0].Address
    }

    It 'are exported as CSV that a spreadsheet does not run' {
        $file = $scan | Export-EngineScan -Path (Join-Path (New-DataPath) 'found.csv')
        $rows = Import-Csv $file.FullName
        $rows.Count | Should -Be @($scan | Receive-EngineScan).Count
        $rows | Where-Object { $_.Target -eq '127.0.0.1' -and $_.Port -eq $open } | ForEach-Object State | Should -Be 'Open'
        $rows | Where-Object State -EQ 'Open' | ForEach-Object Banner | Select-Object -Unique | Should -Be "'=1+1,`"x`""
        Get-Content -Raw $file.FullName | Should -Not -Match '(?m)(^|,)"?[=+@-]'
        $rows.EngineName | Select-Object -Unique | Should -Be 'lab1'
    }

    It 'are exported as JSON lines' {
        $file = $scan | Export-EngineScan -State Open -Path (Join-Path (New-DataPath) 'found.jsonl')
        $lines = Get-Content $file.FullName | ConvertFrom-Json
        $lines.state | Select-Object -Unique | Should -Be 'open'
        $lines[0].port | Should -Be $open
        $lines[0].scanId | Should -Be $scan.ScanId
    }

    It 'are exported as nmap''s XML' {
        $file = Get-EngineScan lab1 | Export-EngineScan -Path (Join-Path (New-DataPath) 'found.xml')
        $run = ([xml] (Get-Content -Raw $file.FullName)).nmaprun
        $port = $run.host | Where-Object { $_.address.addr -eq '127.0.0.1' } | Select-Object -First 1 |
            ForEach-Object { $_.ports.port } | Where-Object portid -EQ $open
        $port.state.state | Should -Be 'open'
        $run.runstats.hosts.total | Should -Be '2'
    }

    It 'as XML are read by libnmap' -Skip:(-not $nmapReaders.libnmap) -ForEach @{ Python = $nmapReaders.libnmap } {
        $file = $scan | Export-EngineScan -Path (Join-Path (New-DataPath) 'found.xml')
        $read = "import sys; from libnmap.parser import NmapParser; r = NmapParser.parse_fromfile(sys.argv[1])
print(' '.join(f'{h.address}:{p[0]}' for h in r.hosts for p in h.get_open_ports()))"
        & $Python -c $read $file.FullName | Should -BeLike "*127.0.0.1:$open*"
    }

    It 'as XML are read by ndiff' -Skip:(-not $nmapReaders.ndiff) {
        $file = $scan | Export-EngineScan -Path (Join-Path (New-DataPath) 'found.xml')
        $less = $scan | Export-EngineScan -State Closed -Path (Join-Path (New-DataPath) 'less.xml')
        ndiff $file.FullName $less.FullName | Out-String | Should -Match "-$open/tcp +open"
    }

    It 'are not written over a file without -Force, nor half' {
        $file = Join-Path (New-DataPath) 'found.csv'
        Set-Content $file 'mine'
        (Get-Fault { $scan | Export-EngineScan -Path $file }).FullyQualifiedErrorId | Should -BeLike 'ExportExists,*'
        Get-Content $file | Should -Be 'mine'
        $null = $scan | Export-EngineScan -Path $file -Force
        (Get-Content $file)[0] | Should -BeLike 'ScanId,*'
        @(Get-ChildItem (Split-Path $file)).Count | Should -Be 1
        (Get-Fault { $scan | Export-EngineScan -Path "$file.odd" }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
    }

    It 'of a wait that is over in time: the scan goes on' {
        $faults = @(Start-EngineScan lab1 127.0.0.1 -Port 1-30000 -MaxRate 5 -Wait -WaitTimeout 1s -ErrorAction Continue 2>&1)
        $faults[0].FullyQualifiedErrorId | Should -BeLike 'TimedOut,*'
        Get-EngineScan -State Queued, Dispatched, Running | Stop-EngineScan
    }

    It 'change nothing where a direction is in force already' {
        $plan = Set-ScanEngineCommunication lab1 ([string] (Get-ScanEngine lab1).Direction)
        $plan.Changed | Should -BeFalse
        (Invoke-WhatIf Set-ScanEngineCommunication @{ Name = 'lab1'; Direction = 'Standard'; Address = '127.0.0.1'; Port = $fleet.EnginePort }).Changed |
            Should -BeFalse
        $other = (Get-ScanEngine lab1).Direction -eq 'EngineToConsole' ? 'Standard' : 'Reverse'
        $way = $other -eq 'Standard' ? @{ Address = '127.0.0.1'; Port = $fleet.EnginePort }
        : @{ ConsoleAddress = '127.0.0.1'; ConsolePort = Get-Port $fleet.ConsoleHandle }
        (Set-ScanEngineCommunication lab1 $other @way).Changed | Should -BeTrue
    }

    It 'are not waited for while no console runs' {
        Stop-SecurityConsole
        $faults = @(Start-EngineScan lab1 127.0.0.1 -Port 1 -Wait -WarningAction Ignore -ErrorAction Continue 2>&1)
        $faults[0].FullyQualifiedErrorId | Should -BeLike 'ConsoleNotRunning,*'
        $late = @(Get-EngineScan -State Queued | Wait-EngineScan -Timeout 0s -ErrorAction Continue 2>&1)
        "$($late[0])" | Should -BeLike '*No Security Console runs*'
    }
}
