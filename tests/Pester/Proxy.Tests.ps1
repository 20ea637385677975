BeforeDiscovery {
    $hostName = [System.Net.Dns]::GetHostName()
    $resolves = $false
    try {
        $resolves = [System.Net.Dns]::GetHostAddresses($hostName).Count -gt 0
    } catch [System.Net.Sockets.SocketException] {
        Write-Warning "The proxies are not tried: this host's own name has no address."
    }

    # Skipped aloud: apt-get install squid tinyproxy.
    $proxies = foreach ($kind in @{ Kind = 'squid'; File = '/usr/sbin/squid' }, @{ Kind = 'tinyproxy'; File = '/usr/bin/tinyproxy' }) {
        $lacks = -not ($resolves -and (Test-Path $kind.File))
        if ($lacks) {
            Write-Warning "$($kind.Kind) is not tried: it is not installed."
        }

        foreach ($auth in $false, $true) {
            @{ Kind = $kind.Kind; File = $kind.File; Auth = $auth; Lacks = $lacks }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $script:hostName = [System.Net.Dns]::GetHostName()

    function Start-RealProxy([string] $Kind, [string] $File, $Who, [int[]] $Allowed) {
        # squid gives up root, to whom alone TestDrive is open.
        $folder = (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) "proxy-$([guid]::NewGuid())")).FullName
        chmod 0777 $folder
        $port = Get-FreePort
        $config = Join-Path $folder 'proxy.conf'
        if ($Kind -eq 'squid') {
            $words = Join-Path $folder 'words'
            if ($Who) {
                Set-Content $words "$($Who.UserName):$(openssl passwd -apr1 $Who.GetNetworkCredential().Password)"
            }

            $lines = @(
                "http_port 127.0.0.1:$port", 'pid_filename none', 'cache deny all', 'visible_hostname proxy.test'
                "access_log stdio:$folder/access.log", "cache_log $folder/cache.log", 'shutdown_lifetime 0 seconds'
                "coredump_dir $folder", 'netdb_filename none', "acl fine port $($Allowed -join ' ')", 'http_access deny !fine'
                if ($Who) {
                    "auth_param basic program /usr/lib/squid/basic_ncsa_auth $words"
                    'acl known proxy_auth REQUIRED', 'http_access allow known', 'http_access deny all'
                } else {
                    'http_access allow all'
                }
            )
            $arguments = '-N', '-f', $config
        } else {
            $lines = @(
                "Port $port", 'Listen 127.0.0.1', 'Timeout 600', 'Allow 127.0.0.0/8'
                $Allowed | ForEach-Object { "ConnectPort $_" }
                if ($Who) { "BasicAuth $($Who.UserName) $($Who.GetNetworkCredential().Password)" }
            )
            $arguments = '-d', '-c', $config
        }

        Set-Content -Path $config -Value $lines
        $process = Start-Process -FilePath $File -ArgumentList $arguments -PassThru -RedirectStandardOutput "$folder/out" `
            -RedirectStandardError "$folder/err"
        $never = [System.Threading.ManualResetEvent]::new($false)
        Wait-Until {
            if ($process.HasExited) { throw "$Kind ended: $(Get-Content "$folder/err", "$folder/out", "$folder/cache.log" -ErrorAction Ignore)" }
            -not (Test-PortFree $port)
        } $never
        [pscustomobject]@{ Process = $process; Url = "http://127.0.0.1:$port"; Folder = $folder }
    }
}

Describe 'Behind <Kind>, credentials: <Auth>' -ForEach $proxies -Skip:($proxies[0].Lacks -and $proxies[-1].Lacks) {
    BeforeAll {
        if ($Lacks) { return }
        $script:console = New-DataPath
        $script:engine = New-DataPath
        $script:handle = Start-SecurityConsole -DataPath $console -Address '::' -Port (Get-FreePort) -WarningAction Ignore
        $script:consolePort = Get-Port $handle
        $script:enginePort = Get-FreePort

        # tinyproxy takes no other characters than these.
        $script:user, $script:word = $Kind -eq 'squid' ? ('corp\user', 'p@ss:word-7f3') : ('user', 'password7f3')
        $script:who = $Auth ? [pscredential]::new($user, (ConvertTo-Passphrase $word)) : $null
        $script:proxy = Start-RealProxy $Kind $File $who $consolePort, $enginePort
        $script:good = @{ Proxy = $proxy.Url }
        if ($Auth) { $good.ProxyCredential = $who }
    }

    AfterAll {
        if ($Lacks) { return }
        Stop-EnginePoller -DataPath $engine -ErrorAction Ignore
        Stop-SecurityConsole -DataPath $console
        $proxy.Process.Kill($true)
        $proxy.Process.WaitForExit()
        Remove-Item $proxy.Folder -Recurse -Force
    }

    It 'an engine pairs, polls and scans' -Skip:$Lacks {
        $secret = New-EnginePairingSecret -DataPath $console
        $null = Start-EnginePoller $hostName -ConsolePort $consolePort -PairingSecret $secret -EngineName far -Interval 1s `
            -DataPath $engine @good -WarningAction Ignore
        (Wait-ScanEngine far -DataPath $console -Timeout 2m).Status | Should -Be 'Active'
        $scan = Start-EngineScan far 127.0.0.1 -Port $consolePort -Wait -DataPath $console
        $scan.State | Should -Be 'Completed'
        (Receive-EngineScan $scan.ScanId -DataPath $console).State | Should -Be 'Open'

        # It went through the proxy, and not beside.
        if ($Kind -eq 'squid') {
            # squid notes a tunnel when it has ended: that of the pairing, which was over before the engine polled.
            $signal = [System.Threading.ManualResetEvent]::new($false)
            Wait-Until { (Get-Content "$($proxy.Folder)/access.log") -match "CONNECT ${hostName}:$consolePort" } $signal
            $signal.Dispose()
        }
    }

    It 'a test of the way goes the way that the engine goes' -Skip:$Lacks {
        foreach ($test in (Test-EngineFirewall far -DataPath $engine), (Test-EngineFirewall far -DataPath $engine @good)) {
            $test.AsExpected | Should -BeTrue
            ($test.Stages | Where-Object Stage -EQ 'Name').Evidence | Should -BeLike '*leads through the HTTP proxy*'
        }

        $direct = Test-EngineFirewall far -DataPath $engine -Proxy none
        ($direct.Stages | Where-Object Stage -EQ 'Name').Evidence | Should -Not -BeLike '*proxy*'
    }

    It 'a test before any pairing names what the proxy refuses' -Skip:$Lacks {
        $at = @{ ComputerName = $hostName; Direction = 'Reverse'; Timeout = '30s' }
        $test = Test-EngineFirewall @at -Port $consolePort @good
        ($test.Stages | Where-Object Result -EQ 'Failed') | Should -BeNullOrEmpty
        $refused = (Test-EngineFirewall @at -Port 9 @good).Stages | Where-Object Result -EQ 'Failed'
        $refused.Stage | Should -Be 'Connect'
        $refused.Evidence | Should -BeLike '*forbids a tunnel to port 9*'
        $refused.Recommendation | Should -BeLike '*CONNECT*'
        if ($Auth) {
            $wrong = [pscredential]::new($user, (ConvertTo-Passphrase 'wrong-one'))
            $all = Test-EngineFirewall @at -Port $consolePort -Proxy $good.Proxy -ProxyCredential $wrong
            ($all.Stages | Where-Object Result -EQ 'Failed').Evidence | Should -BeLike '*refused the credentials*'
            $all | ConvertTo-Json -Depth 9 | Should -Not -Match 'wrong-one'
            ((Test-EngineFirewall @at -Port $consolePort -Proxy $good.Proxy).Stages | Where-Object Result -EQ 'Failed').Evidence |
                Should -BeLike '*wants credentials for Basic*'
        }
    }

    It 'no credential is in a store, a log, an event or a process list' -Skip:(-not $Auth -or $Lacks) {
        $encoded = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("${user}:$word"))
        foreach ($file in Get-ChildItem $console, $engine -Recurse -File | Where-Object { $_.UnixStat.ItemType -eq 'File' -and $_.Name -ne 'lock' }) {
            $text = [System.Text.Encoding]::Latin1.GetString([System.IO.File]::ReadAllBytes($file.FullName))
            $text.Contains($word) -or $text.Contains($encoded) | Should -BeFalse -Because $file.FullName
        }

        Get-EnginePoller -DataPath $engine | ConvertTo-Json -Depth 9 | Should -Not -BeLike "*$word*"
        foreach ($list in 'cmdline', 'environ') {
            [System.IO.File]::ReadAllText("/proc/$PID/$list") | Should -Not -BeLike "*$word*"
        }
    }

    It 'a console dials its engine, and keeps it through a change of direction and back' -Skip:$Lacks {
        Stop-EnginePoller -DataPath $engine
        Stop-SecurityConsole -DataPath $console
        $null = Start-SecurityConsole -DataPath $console -Address '::' -Port $consolePort -WarningAction Ignore @good
        $other = New-DataPath
        try {
            $null = Start-EngineListener -DataPath $other -Address '::' -Port $enginePort -WarningAction Ignore @good
            $secret = New-EnginePairingSecret -Role Engine -DataPath $other
            Register-ScanEngine near $hostName -Port $enginePort -PairingSecret $secret -DataPath $console
            (Wait-ScanEngine near -DataPath $console -Timeout 2m).Status | Should -Be 'Active'
            $there = Set-ScanEngineCommunication near Reverse -ConsoleAddress $hostName -ConsolePort $consolePort -DataPath $console
            $there.State | Should -Be 'Committed'
            $back = Set-ScanEngineCommunication near Standard -Address $hostName -Port $enginePort -DataPath $console
            $back.State | Should -Be 'Committed'
        } finally {
            Stop-EngineListener -DataPath $other
        }
    }
}

Describe 'What is no proxy' {
    BeforeAll {
        $script:at = @{ DataPath = New-DataPath; WarningAction = 'Ignore' }
    }

    It 'is refused before anything is done, and its text is not repeated: <_>' -ForEach @(
        'http://user:p@ss@proxy:3128', 'CORP\user:p@ss@proxy', 'https://proxy', 'socks5://proxy', 'http://proxy/proxy.pac', 'pr oxy'
    ) {
        $text = $_
        foreach ($command in { Start-EnginePoller console -Proxy $text @at }, { Start-SecurityConsole -Proxy $text @at },
            { Start-EngineListener -Proxy $text @at }, { Test-EngineFirewall -ComputerName $hostName -Proxy $text }) {
            $fault = Get-Fault $command
            $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
            "$fault $($fault.ErrorDetails.RecommendedAction)" | Should -Not -Match 'p@ss'
        }

        Get-ChildItem $at.DataPath | Should -BeNullOrEmpty
    }

    It 'are credentials without a proxy, or a proxy that would not be used' {
        $who = [pscredential]::new('u', (ConvertTo-Passphrase 'p'))
        (Get-Fault { Start-EnginePoller console -ProxyCredential $who @at }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-Fault { Register-ScanEngine x 192.0.2.1 -Proxy http://proxy:1 @at }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        Get-ChildItem $at.DataPath | Should -BeNullOrEmpty
    }

    It 'is another one for a node that runs' {
        $null = Start-SecurityConsole -Address 127.0.0.1 -Port (Get-FreePort) -Proxy http://one:3128 @at
        try {
            (Start-SecurityConsole -Proxy http://one:3128 @at).State | Should -Be 'Running'
            # A password that was changed is not taken by a node that runs.
            $who = [pscredential]::new('user', (ConvertTo-Passphrase 'word-7f3'))
            $fault = Get-Fault { Start-SecurityConsole -Proxy http://one:3128 -ProxyCredential $who @at }
            $fault.ErrorDetails.Message | Should -BeLike '*dials through one:3128 with other credentials*'
            "$fault $($fault.ErrorDetails.RecommendedAction)" | Should -Not -BeLike '*word-7f3*'
            (Get-Fault { Start-SecurityConsole -Proxy http://two:3128 @at }).ErrorDetails.Message | Should -BeLike '*dials through one:3128*'
        } finally {
            Stop-SecurityConsole -DataPath $at.DataPath
        }
    }

    It 'is a file of credentials that everybody reads' -Skip:$IsWindows {
        $file = Join-Path $at.DataPath 'words'
        Set-Content $file 'u:p'
        chmod 0644 $file
        $env:SCANENGINEADMIN_PROXY = 'http://proxy:3128'
        $env:SCANENGINEADMIN_PROXY_CREDENTIAL = $file
        try {
            (Get-Fault { Test-EngineFirewall -ComputerName 127.0.0.1 -Port 1 }).ErrorDetails.Message | Should -BeLike 'Everybody*can read*'
            chmod 0600 $file
            Get-Fault { Test-EngineFirewall -ComputerName 127.0.0.1 -Port 1 } | Should -BeNullOrEmpty
        } finally {
            Remove-Item Env:SCANENGINEADMIN_PROXY, Env:SCANENGINEADMIN_PROXY_CREDENTIAL
        }
    }
}
