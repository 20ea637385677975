BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $env:SCANENGINEADMIN_DATA = New-DataPath
    Register-ScanEngine -Name lab1 -Address 192.0.2.1
    Register-ScanEngine -Name lab2 -Address 192.0.2.2
}

AfterAll {
    Remove-Item Env:SCANENGINEADMIN_DATA
}

Describe 'A duration' {
    It '<_> is read as people mean it' -ForEach @('5s', '00:00:05', 5, 5.0, '5') {
        $before = [datetime]::Now
        # A store of its own: a secret that ends by itself would change what later tests count.
        $secret = New-EnginePairingSecret -ExpiresIn $_ -DataPath (New-DataPath)
        $secret.ExpiresAt | Should -BeGreaterThan $before.AddSeconds(4)
        $secret.ExpiresAt | Should -BeLessThan ([datetime]::Now.AddSeconds(6))
    }

    It 'of 2d without quotes is two days, not the decimal 2' {
        ((New-EnginePairingSecret -ExpiresIn 2d).ExpiresAt - [datetime]::Now).TotalDays | Should -BeGreaterThan 1.9
    }

    It 'of <_> is refused before anything is touched' -ForEach @('soon', '', '1e9d', -5, '99999d', 0) {
        $duration = $_
        $path = New-DataPath
        { New-EnginePairingSecret -ExpiresIn $duration -DataPath $path } |
            Should -Throw -ErrorId 'ParameterArgumentTransformationError*'
        Get-ChildItem $path | Should -BeNullOrEmpty
    }
}

Describe 'Bad input' {
    It 'has an id, a category, a target and a recommendation: <Id>' -ForEach @(
        @{ Id = 'EngineNotFound'; Category = 'ObjectNotFound'; Target = 'nobody'; Command = { Get-ScanEngine nobody } }
        @{ Id = 'EngineNotFound'; Category = 'ObjectNotFound'; Target = 'nobody'; Command = { Start-EngineScan nobody 127.0.0.1 } }
        @{ Id = 'EngineNameInUse'; Category = 'ResourceExists'; Target = 'LAB1'
            Command = { Register-ScanEngine LAB1 192.0.2.9 }
        }
        @{ Id = 'AddressInvalid'; Category = 'InvalidArgument'; Target = 'x'; Command = { Register-ScanEngine x 'no address' } }
        @{ Id = 'AddressInvalid'; Category = 'InvalidArgument'; Target = 'not-an-ip'
            Command = { Start-SecurityConsole -Address not-an-ip }
        }
        @{ Id = 'SecretMalformed'; Category = 'InvalidArgument'; Target = 'x'
            Command = { Register-ScanEngine x 127.0.0.1 -PairingSecret 'hunter2' }
        }
        @{ Id = 'FingerprintInvalid'; Category = 'InvalidArgument'; Target = 'x'
            Command = { Register-ScanEngine x 127.0.0.1 -Fingerprint 'abc' }
        }
        @{ Id = 'FingerprintInvalid'; Category = 'InvalidArgument'; Target = 'abc'
            Command = { Approve-EngineConsole 'abc' -Confirm:$false }
        }
        @{ Id = 'ConsoleNotFound'; Category = 'ObjectNotFound'; Target = ('ab' * 32)
            Command = { Deny-EngineConsole ('ab' * 32) }
        }
        @{ Id = 'ScanNotFound'; Category = 'ObjectNotFound'; Target = [guid]::Empty
            Command = { Receive-EngineScan ([guid]::Empty) }
        }
        @{ Id = 'SecretNotFound'; Category = 'ObjectNotFound'; Target = [guid]::Empty
            Command = { Revoke-EnginePairingSecret ([guid]::Empty) -Confirm:$false }
        }
        @{ Id = 'ConsoleAddressRequired'; Category = 'InvalidArgument'; Target = $null; Command = { Start-EnginePoller } }
        @{ Id = 'OptionInvalid'; Category = 'InvalidArgument'; Target = 'AsJob'
            Command = { Start-EngineListener -Wait -AsJob }
        }
        @{ Id = 'EngineNotReachable'; Category = 'ConnectionError'; Target = 'lab1'
            Command = { Approve-ScanEngine lab1 -Confirm:$false }
        }
        @{ Id = 'DataFolderInvalid'; Category = 'InvalidArgument'; Target = 'Env:'; Command = { Get-ScanEngine -DataPath 'Env:' } }
        @{ Id = 'EngineNameInvalid'; Category = 'InvalidArgument'; Target = '['; Command = { Get-ScanEngine '[' } }
        @{ Id = 'EngineNameInvalid'; Category = 'InvalidArgument'; Target = '['; Command = { Test-EngineFirewall '[' } }
        @{ Id = 'OptionInvalid'; Category = 'InvalidArgument'; Target = 'lab1'; Command = { Set-ScanEngine lab1 } }
        @{ Id = 'OptionInvalid'; Category = 'InvalidArgument'; Target = $null; Command = { Set-EngineScanPolicy } }
        @{ Id = 'EngineNameInUse'; Category = 'ResourceExists'; Target = 'lab2'
            Command = { Set-ScanEngine lab2 -NewName lab1 }
        }
        @{ Id = 'EngineNameInvalid'; Category = 'InvalidArgument'; Target = 'lab1'
            Command = { Set-ScanEngine lab1 -NewName 'a/b' }
        }
        @{ Id = 'AddressInvalid'; Category = 'InvalidArgument'; Target = 'lab1'
            Command = { Set-ScanEngine lab1 -Address 'no address' }
        }
        @{ Id = 'OptionInvalid'; Category = 'InvalidArgument'; Target = 'lab1, lab2'
            Command = { Set-ScanEngine lab* -NewName x }
        }
        @{ Id = 'OptionInvalid'; Category = 'InvalidArgument'; Target = '192.0.2.9:40814'
            Command = { Get-ScanEngine lab* | Set-ScanEngine -Address 192.0.2.9 }
        }
        @{ Id = 'OptionInvalid'; Category = 'InvalidArgument'; Target = 'lab1, lab2'
            Command = { Approve-ScanEngine lab* -Fingerprint ('ab' * 32) -Confirm:$false }
        }
        @{ Id = 'NotPaired'; Category = 'AuthenticationError'; Target = 'lab1'; Command = { Start-EngineScan lab1 127.0.0.1 } }
        @{ Id = 'EngineNameInvalid'; Category = 'InvalidArgument'; Target = 'a/b'
            Command = { New-EnginePairingSecret -EngineName 'a/b' }
        }
        @{ Id = 'TargetInvalid'; Category = 'InvalidArgument'; Target = 'network'
            Command = { Set-EngineScanPolicy -Allow '10.0.0.0/8, network' }
        }
        @{ Id = 'AddressInvalid'; Category = 'InvalidArgument'; Target = 'no address'
            Command = { Start-EnginePoller 'no address' }
        }
        @{ Id = 'EngineNameInvalid'; Category = 'InvalidArgument'; Target = 'a/b'
            Command = { Start-EnginePoller 127.0.0.1 -EngineName 'a/b' }
        }
        @{ Id = 'AddressInvalid'; Category = 'InvalidArgument'; Target = 'not-an-ip'
            Command = { Start-EngineListener -Address not-an-ip }
        }
        @{ Id = 'AddressInvalid'; Category = 'InvalidArgument'; Target = 'no address'
            Command = { Start-SecurityConsole -AdvertisedAddress 'no address' }
        }
        @{ Id = 'ScanNotFound'; Category = 'ObjectNotFound'; Target = [guid]::Empty; Command = { Stop-EngineScan ([guid]::Empty) } }
        @{ Id = 'ScanNotFound'; Category = 'ObjectNotFound'; Target = [guid]::Empty; Command = { Remove-EngineScan ([guid]::Empty) } }
        @{ Id = 'ScanNotFound'; Category = 'ObjectNotFound'; Target = [guid]::Empty; Command = { Resume-EngineScan ([guid]::Empty) } }
        @{ Id = 'ConnectionRefused'; Category = 'ConnectionError'; Target = 'x'; OnlyReal = $true
            Command = { Register-ScanEngine x 127.0.0.1 -Port 1 -PairingSecret (New-EnginePairingSecret -Role Engine) }
        }
    ) {
        $fault = Get-Fault $Command
        ($fault.FullyQualifiedErrorId -split ',')[0] | Should -Be $Id
        $fault.CategoryInfo.Category | Should -Be $Category
        $fault.TargetObject | Should -Be $Target
        $fault.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $fault.ErrorDetails.Message | Should -Not -BeLike '*hunter2*'
        Get-ScanEngine | ForEach-Object { "$($_.Name) $($_.Address)" } | Should -Be 'lab1 192.0.2.1', 'lab2 192.0.2.2'

        # Whoever asks what would happen is told the same.
        if (-not $OnlyReal) {
            $WhatIfPreference = $true
            $told = Get-Fault $Command
            $WhatIfPreference = $false
            "$told" | Should -Be "$fault"
            $told.FullyQualifiedErrorId | Should -Be $fault.FullyQualifiedErrorId
            $told.TargetObject | Should -Be $fault.TargetObject
        }
    }

    It 'is refused by the parameter itself where a literal is out of range' {
        { Start-SecurityConsole -Port 70000 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        # A cell of a table may hold it: the error names the engine.
        { Register-ScanEngine x 127.0.0.1 -Port 70000 } | Should -Throw -ErrorId 'PortInvalid*'
        { Set-ScanEngineCommunication lab1 sideways } | Should -Throw -ErrorId 'ParameterArgumentTransformationError*'
        { Register-ScanEngine x 127.0.0.1 -PairingSecret (Get-Date) } | Should -Throw -ErrorId 'ParameterArgumentTransformationError*'
    }

    It 'of one item does not stop the others' {
        $found = Get-ScanEngine nobody, lab1 -ErrorAction SilentlyContinue -ErrorVariable faults
        $found.Name | Should -Be 'lab1'
        $faults.Count | Should -Be 1
    }

    It 'of a wait that is over names what was waited for' {
        $fault = Get-Fault { Wait-ScanEngine lab1 -Status Active -Direction Reverse -Timeout 0s }
        $fault.FullyQualifiedErrorId | Should -BeLike 'TimedOut,*'
        $fault.ErrorDetails.Message | Should -BeLike '*waited for Active, EngineToConsole. No Security Console runs on *'
    }

    It 'of a name in a folder where nothing is says so, with the folder: <_>' -ForEach @(
        'Get-ScanEngine lab1', 'Start-EngineScan lab1 127.0.0.1', 'Set-ScanEngineCommunication lab1 Reverse', 'Test-EngineFirewall lab1'
        'Get-EngineScan -ScanId 00000000-0000-0000-0000-000000000001', 'Stop-EngineScan 00000000-0000-0000-0000-000000000001'
        'Receive-EngineScan -Name lab1', 'Get-ScanEnginePool dmz', 'Get-EngineScanSchedule nightly', 'Get-ScanEngineEvent lab1'
        'Get-EnginePairingSecret 00000000-0000-0000-0000-000000000001', "Get-EngineConsole $('ab' * 32)"
    ) {
        $empty = New-DataPath
        $line = $_
        $fault = Get-Fault { & ([scriptblock]::Create("$line -DataPath '$empty'")) }
        "$fault" | Should -BeLike "*There is no * in '$empty*" -Because $line
        $fault.ErrorDetails.RecommendedAction | Should -BeLike '*-DataPath*'
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }

    It 'of a stop where no node is says that nothing was stopped: <_>' -ForEach 'Stop-SecurityConsole', 'Stop-EngineListener', 'Stop-EnginePoller' {
        $empty = New-DataPath
        & $_ -DataPath $empty -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike "There is no *'$empty*Nothing was stopped."
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }

    It 'of an event''s name is an error where it would be silence, or a wait without end: <_>' -ForEach 'Get-ScanEngineEvent', 'Watch-ScanEngine' {
        $cmdlet = $_
        $fault = Get-Fault { & $cmdlet -Event DirectionChaned }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        "$fault" | Should -BeLike "*'DirectionChaned'*"
        { Get-ScanEngineEvent -Event 'Nothing*', DirectionChanged -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is silence for a wildcard that matches nothing' {
        Get-ScanEngine 'nobody*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'of a port in use names the port' {
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        try {
            $fault = Get-Fault { Start-SecurityConsole -DataPath (New-DataPath) -Address 127.0.0.1 -Port $port }
            ($fault.FullyQualifiedErrorId -split ',')[0] | Should -Be 'PortInUse'
            $fault.ErrorDetails.Message | Should -BeLike "*$port*"
        } finally {
            $listener.Stop()
        }
    }
}

Describe 'A variable that was never set' {
    BeforeDiscovery {
        Import-Module "$PSScriptRoot/../../ScanEngineAdmin.psd1"
        $own = { param($Command) $Command.Parameters.Values | Where-Object { $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters } }
        $filters = foreach ($command in Get-Command -Module ScanEngineAdmin -Verb Get, Show, Export, Compare, Watch) {
            foreach ($parameter in & $own $command) {
                $type = $parameter.ParameterType
                $mandatory = $parameter.Attributes | Where-Object { $_ -is [parameter] -and $_.Mandatory }
                $others = $command.ParameterSets | Where-Object { $_.Parameters | Where-Object { $_.IsMandatory } }
                if (-not $mandatory -and -not $others -and (-not $type.IsValueType -or [nullable]::GetUnderlyingType($type))) {
                    @{ Command = $command.Name; Parameter = $parameter.Name }
                }
            }
        }
    }

    It 'is no filter that lets everything through: <Command> -<Parameter>' -ForEach $filters {
        $empty = @{ $Parameter = $null }
        { & $Command @empty } | Should -Throw -Because "$Command -$Parameter"
    }

    It 'is no value of <Cmdlet> -<Parameter>, and the error names it' -ForEach @(
        @{ Cmdlet = 'Register-ScanEngine'; Parameter = 'Fingerprint'; With = @{ Name = 'x'; Address = '192.0.2.7' } }
        @{ Cmdlet = 'Register-ScanEngine'; Parameter = 'Proxy'; With = @{ Name = 'x'; Address = '192.0.2.7' } }
        @{ Cmdlet = 'Test-EngineFirewall'; Parameter = 'Direction'; With = @{ Name = 'lab1' } }
        @{ Cmdlet = 'Get-EngineScan'; Parameter = 'State'; With = @{} }
        @{ Cmdlet = 'Get-ScanEngine'; Parameter = 'Direction'; With = @{} }
    ) {
        $given = $With + @{ $Parameter = $null }
        $fault = Get-Fault { & $Cmdlet @given }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        "$fault" | Should -BeLike "-$Parameter was given, and there is nothing in it*"
        $fault.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'in a cell of a table lists nothing else instead' {
        { [pscustomobject]@{ ScanId = $null } | Get-EngineScan -ErrorAction Stop } | Should -Throw
    }
}

Describe 'Pairing secrets' {
    It 'are shown by New only' {
        $made = New-EnginePairingSecret -EngineName lab9 -SingleUse
        $made.Secret | Should -Match '^([0-9A-F]{4}-){7}[0-9A-F]{4}@[0-9a-f]{64}$'
        $listed = Get-EnginePairingSecret $made.SecretId
        $listed.Secret | Should -BeNullOrEmpty
        $listed.EngineName | Should -Be 'lab9'
        $listed.SingleUse | Should -BeTrue
        "$made" | Should -Not -BeLike "*$($made.Secret)*"
    }

    It 'are revoked from the pipeline' {
        $made = New-EnginePairingSecret
        $made | Revoke-EnginePairingSecret -Confirm:$false
        Get-EnginePairingSecret | Where-Object SecretId -EQ $made.SecretId | Should -BeNullOrEmpty
    }

    It 'are not made with -WhatIf' {
        $before = @(Get-EnginePairingSecret).Count
        Invoke-WhatIf New-EnginePairingSecret | Should -BeNullOrEmpty
        @(Get-EnginePairingSecret).Count | Should -Be $before
    }
}

Describe 'The scan policy' {
    It 'keeps what is not given and clears by an empty list' {
        $null = Set-EngineScanPolicy -Allow 10.0.0.0/8 -Deny 10.1.0.0/16 -MaxRate 500
        $policy = Set-EngineScanPolicy -Deny @() -PassThru
        $policy.Allow | Should -Be '10.0.0.0/8'
        $policy.Deny | Should -BeNullOrEmpty
        $policy.MaxRate | Should -Be 500
        $policy.AllowNmap | Should -BeFalse
        (Set-EngineScanPolicy -AllowNmap $true -PassThru).Allow | Should -Be '10.0.0.0/8'
        (Set-EngineScanPolicy -MaxRate 0 -PassThru).AllowNmap | Should -BeTrue
    }
}

Describe 'An item of a pipeline' {
    BeforeAll {
        # The commands that take one, with what else they must be given.
        $script:takers = foreach ($command in Get-Command -Module ScanEngineAdmin) {
            $set = $command.ParameterSets | Where-Object { $_.Parameters.ValueFromPipeline -contains $true } |
                Sort-Object { -not $_.IsDefault } | Select-Object -First 1
            if ($set) {
                $more = @{}
                foreach ($one in $set.Parameters | Where-Object { $_.IsMandatory -and -not $_.ValueFromPipeline }) {
                    $more[$one.Name] = switch ($one.Name) {
                        'Direction' { 'Standard' }
                        'Target' { '127.0.0.1' }
                        'Provider' { 'Nftables' }
                        default { 'x' }
                    }
                }

                @{ Command = $command; Set = $set; More = $more }
            }
        }
    }

    It 'is not made a text of, and never passed over' {
        $takers.Count | Should -BeGreaterThan 40
        foreach ($taker in $takers) {
            foreach ($item in [pscustomobject] @{ Colour = 'red' }, @{ Name = 'lab1' }) {
                $more = $taker.More
                $fault = Get-Fault { $item | & $taker.Command @more }
                $fault.FullyQualifiedErrorId | Should -Match '^(InputObjectNotBound|ParameterArgumentTransformationError),' -Because $taker.Command.Name
            }
        }
    }

    It 'is a name where it is a text' {
        $named = $takers | Where-Object { $_.Set.Parameters | Where-Object { $_.Name -eq 'Name' -and $_.ValueFromPipeline } } |
            Where-Object { $_.Command.Name -notin 'Register-ScanEngine', 'Start-EngineScan' }
        $named.Count | Should -BeGreaterThan 15
        foreach ($taker in $named) {
            $more = $taker.More
            $fault = Get-Fault { 'nobody' | & $taker.Command @more }
            $fault.FullyQualifiedErrorId | Should -BeLike 'EngineNotFound,*' -Because $taker.Command.Name
            "$fault" | Should -BeLike "*'nobody'*" -Because $taker.Command.Name
        }

        (Set-Content -Path TestDrive:/names.txt -Value 'lab2', 'lab1' -PassThru | Get-ScanEngine).Name | Should -Be 'lab2', 'lab1'
        (Get-Content -Path TestDrive:/names.txt | Get-ScanEngine).Name | Should -Be 'lab2', 'lab1'
    }

    It 'is an id where it is one' {
        $id = [guid]::NewGuid()
        foreach ($taker in 'Get-EngineScan', 'Receive-EngineScan', 'Stop-EngineScan', 'Wait-EngineScan') {
            foreach ($item in $id, "$id") {
                (Get-Fault { $item | & $taker }).FullyQualifiedErrorId | Should -BeLike 'ScanNotFound,*' -Because $taker
            }
        }

        (Get-Fault { 'nobody' | Receive-EngineScan }).FullyQualifiedErrorId | Should -BeLike 'EngineNotFound,*'
        (Get-Fault { Get-EngineScan ([guid]::NewGuid()) }).ErrorDetails.RecommendedAction | Should -BeLike 'An id is no name*-ScanId*'
    }

    It 'is a name where it is an object with one, as it is as an argument' {
        $row = [pscustomobject] @{ Name = 'lab2'; Site = 'north' }
        ($row | Get-ScanEngine).Name | Should -Be 'lab2'
        (Get-ScanEngine $row).Name | Should -Be 'lab2'
        (Get-ScanEngine lab1 | Get-ScanEngine).Name | Should -Be 'lab1'
        ([pscustomobject] @{ EngineName = 'lab2', 'lab1' } | Get-ScanEngine).Name | Should -Be 'lab2', 'lab1'
        "$(Get-Fault { Get-ScanEngine ([pscustomobject] @{ Site = 'north' }) })" | Should -BeLike '*has no Name*'
    }

    It 'is an engine of a scan where its targets are named, a target where its engine is, and refused where neither is' {
        "$(Get-Fault { 'lab1' | Start-EngineScan -Target 127.0.0.1 })" | Should -BeLike "*'lab1' is not paired*"
        Set-Content -Path TestDrive:/targets.txt -Value '127.0.0.1'
        "$(Get-Fault { 'lab1' | Start-EngineScan -TargetFile TestDrive:/targets.txt })" | Should -BeLike "*'lab1' is not paired*"
        $fault = Get-Fault { 'lab1' | Start-EngineScan }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        "$fault" | Should -BeLike "*'lab1'*neither was named*"
    }

    It 'is an engine of the one pool that is made' {
        $pool = 'lab1', 'lab2' | New-ScanEnginePool all
        @($pool).Count | Should -Be 1
        $pool.Engines | Should -Be 'lab1', 'lab2'
        (Get-ScanEngine lab2 | New-ScanEnginePool one).Engines | Should -Be 'lab2'
        (Get-Fault { 'lab1', 'nobody' | New-ScanEnginePool none }).FullyQualifiedErrorId | Should -BeLike 'EngineNotFound,*'
        (Get-ScanEnginePool).PoolName | Should -Be 'all', 'one'
    }
}

Describe 'An engine that no console has met' {
    It 'has an unknown direction, and says that it is not paired' {
        $one = Get-ScanEngineCommunication lab1
        $one.State | Should -Be 'Unknown'
        $one.Detail | Should -BeLike "*'lab1' is not paired*"
    }

    It 'is met by a console that runs: <_>' -ForEach @(
        { Start-EngineScan lab1 127.0.0.1 }
        { Set-ScanEngineCommunication lab1 -Direction Reverse -ConsoleAddress 127.0.0.1 }
        { New-EngineScanSchedule nightly lab1 -Target 127.0.0.1 -Daily -At 02:00 }
        { Wait-ScanEngine lab1 -Timeout 0s }
    ) {
        $fault = Get-Fault $_
        "$fault" | Should -BeLike "*No Security Console runs on '$($env:SCANENGINEADMIN_DATA)'*"
        $fault.ErrorDetails.RecommendedAction | Should -BeLike '*Start-SecurityConsole*'
    }
}

Describe 'Nothing' {
    It 'is no target, however it is said' {
        $fleet = New-Fleet EngineToConsole
        try {
            $at = @{ DataPath = $fleet.Console }
            foreach ($say in { Start-EngineScan lab1 '' @at }, { Start-EngineScan lab1 @() @at }, { Start-EngineScan lab1 $null @at },
                { '' | Start-EngineScan lab1 @at }, { $null | Start-EngineScan lab1 @at }) {
                (Get-Fault $say).FullyQualifiedErrorId | Should -BeLike 'TargetInvalid,*' -Because $say
            }

            Get-EngineScan @at | Should -BeNullOrEmpty
        } finally {
            Remove-Fleet $fleet
        }
    }

    It 'is no fingerprint to compare, however it is said' {
        foreach ($say in { Register-ScanEngine y 192.0.2.9 -Fingerprint '' }, { Approve-ScanEngine lab1 -Fingerprint '' -Confirm:$false }) {
            (Get-Fault $say).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*' -Because $say
        }
    }
}
