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

    It 'are read again as Export-Csv wrote them of the module''s objects, lists with commas' {
        $at = @{ DataPath = $path }
        Register-ScanEngine a 192.0.2.1 @at
        Register-ScanEngine b 192.0.2.2 @at
        Set-ScanEngine a -AllowFrom 192.0.2.0/28, 2001:db8::1 @at
        $null = New-ScanEnginePool -PoolName both -Engine a, b @at
        Set-EngineScanPolicy -Allow 192.0.2.1, 192.0.2.3 @at
        $engines = Get-ScanEngine @at | ConvertTo-Csv | ConvertFrom-Csv
        $engines[0].AllowFrom | Should -BeExactly '192.0.2.0/28, 2001:db8::1'
        $engines[1].AllowFrom | Should -BeExactly ''
        (Get-ScanEnginePool @at | ConvertTo-Csv | ConvertFrom-Csv).Engines | Should -BeExactly 'a, b'
        (Get-EngineScanPolicy @at | ConvertTo-Csv | ConvertFrom-Csv).Allow | Should -BeExactly '192.0.2.1, 192.0.2.3'

        $engines | Set-ScanEngine -ErrorAction Stop
        (Get-ScanEngine a @at).AllowFrom | Should -Be '192.0.2.0/28', '2001:db8::1'
        (Get-ScanEngine a @at).AllowFrom[1] | Should -Be '2001:db8::1'
        (Get-ScanEngine a @at | ConvertTo-Json | ConvertFrom-Json).AllowFrom | Should -HaveCount 2
    }

    It 'that are wrong are named, and the others go through' {
        $csv = "Name,Address,Port,Fingerprint`na,192.0.2.1,,`n,192.0.2.2,,`nc,,,`nd,192.0.2.4,abc,`ne,192.0.2.5,70000,`nf,192.0.2.6,,zz`ng,192.0.2.7,,"
        $csv | ConvertFrom-Csv | Register-ScanEngine -DataPath $path -ErrorVariable faults -ErrorAction SilentlyContinue
        (Get-ScanEngine -DataPath $path).Name | Sort-Object | Should -Be 'a', 'g'
        $faults.Count | Should -Be 5
        "$($faults[0])" | Should -BeLike '*item 2*no name*'
        "$($faults[1])" | Should -BeLike "*'c'*item 3*no address*"
        "$($faults[2])" | Should -BeLike "*'abc'*'d'*item 4*"
        "$($faults[3])" | Should -BeLike "*'70000'*'e'*item 5*65535*"
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

Describe 'Rows that say how engines are to be' {
    BeforeEach {
        $script:path = New-DataPath
        $script:at = @{ DataPath = $path }
        1..3 | ForEach-Object { Register-ScanEngine "e$_" "192.0.2.$_" @at }
    }

    It 'bring each its address, port, quota and sources' {
        'Name,NewName,Address,Port,Quota,AllowFrom,Site', 'e1,,192.0.2.11,40901,,,x', 'e2,E-two,,,500MB,"10.2.0.0/16;10.4.0.0/16",', 'e3,,,40903,,any,' |
            ConvertFrom-Csv | Set-ScanEngine @at -ErrorAction Stop
        Get-ScanEngine e1, E-two, e3 @at | ForEach-Object { "$($_.Address):$($_.Port) $($_.Quota / 1MB) [$($_.AllowFrom)]" } |
            Should -Be '192.0.2.11:40901 4096 []', '192.0.2.2:40814 500 [10.2.0.0/16 10.4.0.0/16]', '192.0.2.3:40903 4096 [any]'
    }

    It 'that are wrong are named, and the others go through' {
        'Name,Port,Quota', 'e1,70000,', 'e2,,-1', 'e3,40903,', 'e1,,' | ConvertFrom-Csv |
            Set-ScanEngine @at -ErrorAction SilentlyContinue -ErrorVariable faults
        $faults.ForEach{ ($_.FullyQualifiedErrorId -split ',')[0] } | Should -Be 'PortInvalid', 'OptionInvalid', 'OptionInvalid'
        (Get-ScanEngine e3 @at).Port | Should -Be 40903
    }

    It 'that are wrong say what stands in the cell, and nothing of such a row is done' {
        $faults = $null
        'Name,Address,Port,Quota', 'e1,192.0.2.99,4o814,', 'e2,192.0.2.98,-1,', 'e3,192.0.2.97,,5oo' | ConvertFrom-Csv |
            Set-ScanEngine @at -ErrorAction SilentlyContinue -ErrorVariable faults
        "$($faults[0])" | Should -BeLike "*port '4o814'*'e1'*"
        "$($faults[1])" | Should -BeLike "*port '-1'*'e2'*"
        "$($faults[2])" | Should -BeLike "*Quota '5oo'*"
        $faults.ForEach{ ($_.FullyQualifiedErrorId -split ',')[0] } | Should -Be 'PortInvalid', 'PortInvalid', 'OptionInvalid'
        $faults.TargetObject | Should -Be 'e1', 'e2', 'e3'
        Get-ScanEngine e1, e2, e3 @at | ForEach-Object Address | Should -Be '192.0.2.1', '192.0.2.2', '192.0.2.3'
    }

    It 'do not mean all there is, nor the default, with <Column> that cannot be read: <Cmdlet>' -ForEach @(
        @{ Column = 'ScanId'; Cmdlet = 'Get-EngineScan' }
        @{ Column = 'Role'; Cmdlet = 'Get-ScanEngineEvent' }
        @{ Column = 'Role'; Cmdlet = 'New-EnginePairingSecret' }
    ) {
        $fault = Get-Fault { [pscustomobject]@{ Name = 'e1'; $Column = 'nosuch' } | & $Cmdlet @at }
        "$fault" | Should -BeLike "*$Column*nosuch*"
    }

    It 'do not let a poller dial the default port for one that cannot be read' {
        $fault = Get-Fault { 'ConsoleAddress,ConsolePort', '127.0.0.1,4o815' | ConvertFrom-Csv | Start-EnginePoller -DataPath (New-DataPath) -WhatIf }
        "$fault" | Should -BeLike "*'4o815' is no port*"
    }

    It 'are one for each engine: of two that differ the second is an error, and of two that agree none' {
        foreach ($second in 'e1,40902', 'E1,40901', 'e*,40901') {
            $faults = $null
            'Name,Port', 'e1,40901', $second | ConvertFrom-Csv | Set-ScanEngine @at -ErrorAction SilentlyContinue -ErrorVariable faults
            @($faults).Count | Should -Be ($second -eq 'e1,40902' ? 1 : 0) -Because $second
            (Get-ScanEngine e1 @at).Port | Should -Be 40901
        }
    }

    It 'are held against what is typed, which wins' {
        'Name,Quota', 'e1,1MB', 'e2,2MB' | ConvertFrom-Csv | Set-ScanEngine @at -Quota 7MB
        (Get-ScanEngine e1, e2 @at).Quota | Should -Be 7MB, 7MB
    }

    It 'are not what an object of the module is, as: <_>' -ForEach 'live', 'file', 'selected' {
        $form = $_
        $file = Join-Path (New-DataPath) 'engines.xml'
        Get-ScanEngine @at | Export-Clixml $file
        $columns = 'Name', 'Address', 'Port', 'Direction', 'Quota', 'Fingerprint', 'DataPath'
        $get = @{
            live     = { Get-ScanEngine @at }
            file     = { Import-Clixml $file }
            selected = { Get-ScanEngine @at | Select-Object $columns }
        }[$form]
        # What is in the store has changed since; the objects still say how it was.
        $engines = & $get
        Set-ScanEngine e1 -Address 192.0.2.31 -Port 40931 @at
        Set-ScanEngine e1, e2, e3 -Quota 3MB @at
        $engines | Set-ScanEngine -AllowFrom 10.0.0.0/8
        Get-ScanEngine e1, e2, e3 @at | ForEach-Object { "$($_.Address):$($_.Port) $($_.Quota / 1MB) $($_.AllowFrom)" } |
            Should -Be '192.0.2.31:40931 3 10.0.0.0/8', '192.0.2.2:40814 3 10.0.0.0/8', '192.0.2.3:40814 3 10.0.0.0/8'
        (Get-Fault { $engines | Set-ScanEngine }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        $fault = Get-Fault { $engines | Set-ScanEngineCommunication -WhatIf }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        "$fault" | Should -BeLike "*No direction was named for engine 'e1'*"
        # Nobody compared the fingerprint that an engine showed.
        (Get-Fault { $engines | Approve-ScanEngine -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'EngineNotReachable,*'
    }

    It 'are held to the fingerprint that they bring' {
        $fault = Get-Fault { 'Name,Fingerprint', "e1,$('ab' * 32)", "e2,$('ab' * 32)" | ConvertFrom-Csv | Approve-ScanEngine @at -Confirm:$false }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        'Name,Fingerprint', "e1,$('ab' * 32)", "e2,$('cd' * 32)" | ConvertFrom-Csv | Approve-ScanEngine @at -Confirm:$false -ErrorAction Stop
        Get-ScanEngine e1, e2, e3 @at | ForEach-Object { "$($_.Fingerprint)" -replace ':' } | Should -Be ('ab' * 32), ('cd' * 32), ''
    }

    It 'register with a secret where the row has one' {
        $secret = (New-EnginePairingSecret -Role Engine @at).Secret
        'Name,Address,Port,PairingSecret', "s1,127.0.0.1,1,$secret", 's2,127.0.0.1,2,' | ConvertFrom-Csv |
            Register-ScanEngine @at -ErrorAction SilentlyContinue -ErrorVariable faults
        $faults.ForEach{ ($_.FullyQualifiedErrorId -split ',')[0] } | Should -Be 'ConnectionRefused'
        (Get-ScanEngine s* @at).Name | Should -Be 's2'
        { Register-ScanEngine s3 127.0.0.1 -PairingSecret $null @at } | Should -Throw
        Get-ScanEngine s3* @at | Should -BeNullOrEmpty
    }
}

Describe 'Rows that say which direction' {
    BeforeAll {
        $script:fleet = New-Fleet 'ConsoleToEngine'
        $script:at = @{ DataPath = $fleet.Console }

        # What a plan opens on the host that is dialled.
        function Get-Plan($Row, [hashtable] $With = @{}) {
            $Row | Invoke-WhatIf Set-ScanEngineCommunication ($at + $With) | ForEach-Object {
                "$($_.EngineName) $($_.To) $(($_.Rules | Where-Object { $_.Flow -eq 'In' -and $_.Change -ne 'Remove' }).LocalPort)"
            }
        }
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'bring it, and the way where it is not known' {
        Get-Plan ('Name,Direction,Address,Port,ConsoleAddress,ConsolePort', 'lab1,Reverse,,,127.0.0.1,40999' | ConvertFrom-Csv) |
            Should -Be 'lab1 EngineToConsole 40999'
        Get-Plan ('EngineName,Direction,Port,ConsolePort', 'lab1,Standard,40998,' | ConvertFrom-Csv) | Should -Be 'lab1 ConsoleToEngine 40998'
        Get-Plan ('Name,Direction,Port', 'lab1,Standard,40998' | ConvertFrom-Csv) @{ Port = 40997 } | Should -Be 'lab1 ConsoleToEngine 40997'
    }

    It 'are errors of their own where they bring none, another word, or two' {
        foreach ($case in @(
                @{ Rows = 'Name,Direction', 'lab1,sideways'; Says = "*'sideways' is no direction*" }
                @{ Rows = 'Name,Direction', 'lab1,'; Says = "*'Direction'*null*" }
                @{ Rows = 'Name', 'lab1'; Says = '*mandatory parameters: *Direction*' }
                @{ Rows = 'Name,Direction,Port', 'lab1,Standard,x'; Says = '*port*65535*' }
                @{ Rows = 'Name,Direction', 'lab1,Reverse', 'lab1,Standard'; Says = "*'lab1' came through the pipeline before*" }
            )) {
            $faults = $null
            $null = $case.Rows | ConvertFrom-Csv | Invoke-WhatIf Set-ScanEngineCommunication $at -ErrorAction SilentlyContinue -ErrorVariable faults
            "$($faults[0])" | Should -BeLike $case.Says
        }
    }

    It 'are not what an object of the module is, as: <_>' -ForEach 'live', 'file', 'selected' {
        $file = Join-Path (New-DataPath) 'engine.xml'
        $engine = Get-ScanEngine lab1 @at
        $engine | Export-Clixml $file
        $engine = @{ live = $engine; file = Import-Clixml $file; selected = $engine | Select-Object Name, Direction, Address, Port, DataPath }[$_]
        # As if it were of another time.
        Add-Member -InputObject $engine -NotePropertyName Port -NotePropertyValue 40998 -Force
        Get-Plan $engine @{ Direction = 'Standard' } | Should -Be "lab1 ConsoleToEngine $($fleet.EnginePort)"
        $faults = $null
        $engine | Invoke-WhatIf Set-ScanEngineCommunication -ErrorAction SilentlyContinue -ErrorVariable faults | Should -BeNullOrEmpty
        "$faults" | Should -BeLike "*No direction was named for engine 'lab1'*"
        # Nor the direction of a test, which is the one in use.
        Add-Member -InputObject $engine -NotePropertyName Direction -NotePropertyValue 'EngineToConsole' -Force
        ($engine | Test-EngineFirewall -Timeout 1m).Direction | Should -Be 'ConsoleToEngine'
        ([pscustomobject]@{ Name = 'lab1'; Direction = 'Reverse' } | Test-EngineFirewall @at -Timeout 1m).Direction | Should -Be 'EngineToConsole'
    }
}

Describe 'Fifty engines of one file' {
    BeforeAll {
        $script:count = 50
        $script:path = New-DataPath
        $script:at = @{ DataPath = $path }
        $quiet = @{ WarningAction = 'Ignore' }
        $handle = Start-SecurityConsole @at -Address 127.0.0.1 -Port (Get-FreePort) -AdvertisedAddress 127.0.0.1 @quiet
        $script:csv = Join-Path (New-DataPath) 'fleet.csv'
        $script:folders = @(1..$count | ForEach-Object { New-DataPath })
        1..$count | ForEach-Object {
            $folder, $port = $folders[$_ - 1], (Get-FreePort)
            $secret = New-EnginePairingSecret -Role Engine -DataPath $folder
            $null = Start-EngineListener -DataPath $folder -Address 127.0.0.1 -Port $port @quiet
            [pscustomobject]@{
                Name = "site-$_"; Direction = 'Reverse'; Address = '127.0.0.1'; Port = $port; PairingSecret = $secret.Secret
                ConsoleAddress = '127.0.0.1'; ConsolePort = Get-Port $handle; Quota = '100MB'; Site = 'Berlin'
            }
        } | Export-Csv $csv
    }

    AfterAll {
        $folders | ForEach-Object { Stop-EngineListener -DataPath $_ }
        Stop-SecurityConsole @at
    }

    It 'are paired, limited and moved by four lines, and a second run changes nothing' {
        $ErrorActionPreference = 'Stop'
        Import-Csv $csv | Register-ScanEngine @at -Confirm:$false
        $null = Import-Csv $csv | Wait-ScanEngine @at -Timeout 2m
        Import-Csv $csv | Set-ScanEngine @at -Confirm:$false
        $plans = @(Import-Csv $csv | Set-ScanEngineCommunication @at -Timeout 2m -Confirm:$false -WarningAction Ignore)
        $plans.Count | Should -Be $count
        $plans.State | Sort-Object -Unique | Should -Be 'Committed'
        $engines = @(Import-Csv $csv | Get-ScanEngine @at)
        $engines.Count | Should -Be $count
        $engines.Direction | Sort-Object -Unique | Should -Be 'EngineToConsole'
        $engines.Quota | Sort-Object -Unique | Should -Be 100MB
        $null = Wait-ScanEngine 'site-*' @at -Timeout 2m
        $before = @(Get-ScanEngineEvent @at -Event '*Direction*').Count
        $again = @(Import-Csv $csv | Set-ScanEngineCommunication @at -Confirm:$false -WarningAction Ignore)
        $again.Rules.Change | Sort-Object -Unique | Should -Be 'Keep'
        @(Get-ScanEngineEvent @at -Event '*Direction*').Count | Should -Be $before
    }
}

Describe 'Durations and deadlines out of range' {
    It 'are named as they were typed' {
        "$(Get-Fault { Start-EngineScan a 127.0.0.1 -Deadline 90d })" | Should -BeLike "*'90d'*"
        "$(Get-Fault { Start-EngineScan a 127.0.0.1 -Timeout 90d })" | Should -BeLike "*'90d'*"
    }
}
