BeforeDiscovery {
    $script:services = '/etc/services', '/usr/share/nmap/nmap-services' | Where-Object { Test-Path $_ }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Targets as people have them, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeAll {
        $script:fleet = New-Fleet $_
        $script:at = @{ DataPath = $fleet.Console }
        $script:list = Join-Path $fleet.Console 'hosts.txt'
        Set-Content -Path $list -Value "`u{FEFF}# hosts", '127.0.0.1 # own', '', "127.0.0.2 `u{2013} 127.0.0.4;127.0.0.6`u{A0}"
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'come from a file and from the command, without what is excluded' {
        $scan = Start-EngineScan lab1 '127.0.0.7', '' -TargetFile $list -Exclude '127.0.0.3, 127.0.0.6' -Port 9 -Wait @at
        $scan.State | Should -Be 'Completed'
        (Receive-EngineScan $scan.ScanId @at).Target |
            Should -Be '127.0.0.1', '127.0.0.2', '127.0.0.4', '127.0.0.7'
    }

    It 'come through the pipeline as one scan' {
        $scan = Get-Content -Path $list | Start-EngineScan lab1 -Exclude 127.0.0.3 -Port 9 -Wait @at
        @($scan).Count | Should -Be 1
        (Receive-EngineScan $scan.ScanId @at).Target | Should -Be '127.0.0.1', '127.0.0.2', '127.0.0.4', '127.0.0.6'
        $scan = [ipaddress] '127.0.0.8', '127.0.0.9' | Start-EngineScan lab1 -TargetFile $list -Port 9 -Wait @at
        (Receive-EngineScan $scan.ScanId @at).Target | Should -Contain '127.0.0.9'
    }

    It 'are never made of an object that is no text' {
        $before = @(Get-EngineScan @at).Count
        $engine = Get-ScanEngine lab1 @at
        { $engine | Start-EngineScan -Port 9 -Target $engine } | Should -Throw '*is no target*'
        { Get-Item $list | Start-EngineScan lab1 -Port 9 @at -ErrorAction Stop } | Should -Throw
        (Get-Fault { '127.0.0.1', '127.0.0.08' | Start-EngineScan lab1 -Port 9 @at }).Exception.Message |
            Should -BeLike "*'127.0.0.08' (item 2)*"
        '127.0.0.1' | Start-EngineScan lab1 -Port 9 @at -WhatIf
        @(Get-EngineScan @at).Count | Should -Be $before
        @($engine | Start-EngineScan -Target 127.0.0.1, 127.0.0.2 -Port 9).Count | Should -Be 1
    }

    It 'are octet ranges too' {
        $scan = Start-EngineScan lab1 127.0.0-1.1 -Port 9 -Wait @at
        (Receive-EngineScan $scan.ScanId @at).Target | Should -Be '127.0.0.1', '127.0.1.1'
    }

    It 'are scanned at ports by their names, and at the most usual ones' -Skip:(-not ($services -or $IsWindows)) {
        $scan = Start-EngineScan lab1 127.0.0.1 -Port https, 9 -Wait @at
        (Receive-EngineScan $scan.ScanId @at).Port | Should -Be 9, 443
        $scan = Start-EngineScan lab1 127.0.0.1 -TopPorts 5 -Wait @at
        @(Receive-EngineScan $scan.ScanId @at).Count | Should -Be 5
        (Get-Fault { Start-EngineScan lab1 127.0.0.1 -TopPorts 65535 @at }).FullyQualifiedErrorId |
            Should -BeLike 'PortRangeInvalid*'
    }

    It 'that a policy denies are passed over and counted where its admin wants that' {
        $policy = Set-EngineScanPolicy -Deny 127.0.0.2-127.0.0.3 -OnDenied Skip -DataPath $fleet.Engine -PassThru
        $policy.OnDenied | Should -Be 'Skip'
        $scan = Start-EngineScan lab1 127.0.0.1-4 -Port 9 -Wait @at
        $scan.State | Should -Be 'Completed'
        $scan.Detail | Should -BeLike '2 addresses were passed over, not allowed by the engine*2 attempts were not made*'
        (Receive-EngineScan $scan.ScanId @at).Target | Should -Be '127.0.0.1', '127.0.0.4'
        Set-EngineScanPolicy -OnDenied Refuse -DataPath $fleet.Engine
        (Start-EngineScan lab1 127.0.0.1-4 -Port 9 -Wait @at).Cause | Should -Be 'Refused'
        Set-EngineScanPolicy -Deny @() -DataPath $fleet.Engine
    }

    It 'that cannot be read are named with their place' {
        $fault = Get-Fault { Start-EngineScan lab1 '127.0.0.1', "127.0.0.`u{200B}2" @at }
        $fault.FullyQualifiedErrorId | Should -BeLike 'TargetInvalid*'
        "$fault" | Should -BeLike "*'127.0.0.<U+200B>2' (item 2) cannot be used*"
        Add-Content -Path $list -Value '127.0.0.08'
        $fault = Get-Fault { Start-EngineScan lab1 -TargetFile $list @at }
        "$fault" | Should -BeLike "*'127.0.0.08' (hosts.txt, line 5) cannot be used*padded*"
        (Get-Fault { Start-EngineScan lab1 @('', '# none') @at }).FullyQualifiedErrorId | Should -BeLike 'TargetInvalid*'
        (Get-Fault { Start-EngineScan lab1 -TargetFile (Join-Path $fleet.Console none) @at }).FullyQualifiedErrorId |
            Should -BeLike 'TargetInvalid*'
    }
}
