# Engines out of a file, as people have them.

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Rows of a CSV file' {
    BeforeEach {
        $script:path = New-DataPath
    }

    It 'may leave the cells of a poller blank, and no parameter' {
        $quiet = @{ DataPath = $path; WarningAction = 'Ignore' }
        try {
            'ConsoleAddress,ConsolePort,EngineName', '127.0.0.1,,' | ConvertFrom-Csv | Start-EnginePoller @quiet
            $console = Get-EngineConsole -DataPath $path
            $console.ConsoleAddress | Should -Be '127.0.0.1'
            $console.ConsolePort | Should -Be 40815
            $console.EngineName | Should -Be ([Environment]::MachineName)
            (Get-Fault { Start-EnginePoller '' @quiet }).FullyQualifiedErrorId | Should -BeLike 'AddressInvalid,*'
            (Get-Fault { Start-EnginePoller 127.0.0.1 -EngineName ' ' @quiet }).FullyQualifiedErrorId |
                Should -BeLike 'EngineNameInvalid,*'
        } finally {
            Stop-EnginePoller -DataPath $path
        }
    }

    It 'may leave optional cells blank' {
        $csv = "Name,Address,Port,Fingerprint,DataPath,Site`n" +
        "a,192.0.2.1,,,,Berlin`n" + "b,192.0.2.2,  , ,,`n" + "c,192.0.2.3,40900,$('ab' * 32),,`n" + "d,192.0.2.4"
        $env:SCANENGINEADMIN_DATA = $path
        try {
            $csv | ConvertFrom-Csv | Register-ScanEngine -ErrorVariable faults -ErrorAction SilentlyContinue
        } finally {
            Remove-Item Env:SCANENGINEADMIN_DATA
        }

        $faults | Should -BeNullOrEmpty
        (Get-ScanEngine -DataPath $path | Sort-Object Name).Port | Should -Be 40814, 40814, 40900, 40814
    }

    It 'that are wrong are named, and the others go through' {
        $csv = "Name,Address,Port,Fingerprint`na,192.0.2.1,,`n,192.0.2.2,,`nc,,,`nd,192.0.2.4,abc,`ne,192.0.2.5,70000,`nf,192.0.2.6,,zz`ng,192.0.2.7,,"
        $csv | ConvertFrom-Csv | Register-ScanEngine -DataPath $path -ErrorVariable faults -ErrorAction SilentlyContinue
        (Get-ScanEngine -DataPath $path).Name | Sort-Object | Should -Be 'a', 'g'
        $faults.Count | Should -Be 5
        "$($faults[0])" | Should -BeLike '*item 2*no name*'
        "$($faults[1])" | Should -BeLike "*'c'*item 3*no address*"
        "$($faults[2])" | Should -BeLike "*'d'*item 4*"
        "$($faults[3])" | Should -BeLike "*'e'*item 5*65535*"
        $faults[4].FullyQualifiedErrorId | Should -BeLike 'FingerprintInvalid,*'
        $faults[4].TargetObject | Should -Be 'f'
    }

    It 'are not what an empty variable is' {
        (Get-Fault { Register-ScanEngine a 192.0.2.1 -Fingerprint '' -DataPath $path }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        (Get-Fault { Register-ScanEngine a 192.0.2.1 -Port 0 -DataPath $path }).FullyQualifiedErrorId | Should -BeLike 'PortInvalid,*'
        (Get-Fault { Register-ScanEngine '' 192.0.2.1 -DataPath $path }).FullyQualifiedErrorId | Should -BeLike 'EngineNameInvalid,*'
        Get-ScanEngine -DataPath $path | Should -BeNullOrEmpty
    }
}

Describe 'Durations and deadlines out of range' {
    It 'are named as they were typed' {
        "$(Get-Fault { Start-EngineScan a 127.0.0.1 -Deadline 90d })" | Should -BeLike "*'90d'*"
        "$(Get-Fault { Start-EngineScan a 127.0.0.1 -Timeout 90d })" | Should -BeLike "*'90d'*"
    }
}
