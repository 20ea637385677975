# An object acts on the console or engine that it came from, however it came: live, through a file, from a job.

BeforeDiscovery {
    $hex = 'ab' * 32
    # Every cmdlet that changes something, by an object of B while all defaults name A. Each returns what says where.
    $cases = @(
        @{ Cmdlet = 'Set-ScanEngine'; Act = {
                $item | Set-ScanEngine -NewName moved -PassThru
                Get-ScanEngine moved -DataPath $there.Console | Set-ScanEngine -NewName lab1
            }; From = { Get-ScanEngine lab1 -DataPath $there.Console } }
        @{ Cmdlet = 'Start-EngineScan'; From = { Get-ScanEngine lab1 -DataPath $there.Console }; Act = {
                $item | Start-EngineScan -Target 127.0.0.1 -Port 1-40000 -MaxRate 5
            } }
        @{ Cmdlet = 'Suspend-EngineScan'; From = { Get-EngineScan -DataPath $there.Console }; Act = { $item | Suspend-EngineScan -PassThru } }
        @{ Cmdlet = 'Stop-EngineScan'; From = { Get-EngineScan -DataPath $there.Console }; Act = { $item | Stop-EngineScan -PassThru } }
        # A scan is stopped when its engine has said so.
        @{ Cmdlet = 'Resume-EngineScan'; From = { Get-EngineScan -DataPath $there.Console | Wait-EngineScan -Timeout 2m }; Act = {
                $item | Resume-EngineScan -PassThru | Stop-EngineScan -PassThru
            } }
        @{ Cmdlet = 'Remove-EngineScan'; From = { Get-EngineScan -DataPath $there.Console | Wait-EngineScan -Timeout 2m }; Act = {
                $item | Remove-EngineScan
                @(Get-EngineScan -DataPath $there.Console).Count | Should -Be 0
                $item
            } }
        @{ Cmdlet = 'New-ScanEnginePool'; From = { Get-SecurityConsole -DataPath $there.Console }; Act = { $item | New-ScanEnginePool dmz } }
        @{ Cmdlet = 'Set-ScanEnginePool'; From = { Get-ScanEnginePool -DataPath $there.Console }; Act = {
                $item | Set-ScanEnginePool -AddEngine lab1 -PassThru
            } }
        @{ Cmdlet = 'Remove-ScanEnginePool'; From = { Get-ScanEnginePool -DataPath $there.Console }; Act = {
                $item | Remove-ScanEnginePool
                @(Get-ScanEnginePool -DataPath $there.Console).Count | Should -Be 0
                $item
            } }
        @{ Cmdlet = 'New-EngineScanSchedule'; From = { Get-ScanEngine lab1 -DataPath $there.Console }; Act = {
                $item | New-EngineScanSchedule nightly -Target 127.0.0.1 -Daily -At 02:00
            } }
        @{ Cmdlet = 'Set-EngineScanSchedule'; From = { Get-EngineScanSchedule nightly -DataPath $there.Console }; Act = {
                $item | Set-EngineScanSchedule -At 03:00 -PassThru
            } }
        @{ Cmdlet = 'Remove-EngineScanSchedule'; From = { Get-EngineScanSchedule nightly -DataPath $there.Console }; Act = {
                $item | Remove-EngineScanSchedule
                Get-EngineScanSchedule -DataPath $there.Console | Should -BeNullOrEmpty
                $item
            } }
        @{ Cmdlet = 'Set-EngineScanBlackOut'; From = { Get-EngineScanBlackOut -DataPath $there.Console }; Act = {
                $item | Set-EngineScanBlackOut @() -PassThru
            } }
        @{ Cmdlet = 'Register-ScanEngine'; From = { [pscustomobject] @{ Name = 'row'; Address = '127.0.0.1'; Port = 1; DataPath = $there.Console } }
            Act = { $item | Register-ScanEngine -PassThru } }
        @{ Cmdlet = 'Approve-ScanEngine'; From = { Get-ScanEngine row -DataPath $there.Console }; Act = {
                $item | Approve-ScanEngine -Fingerprint $hex -PassThru -Confirm:$false
            } }
        @{ Cmdlet = 'Unregister-ScanEngine'; From = { Get-ScanEngine row -DataPath $there.Console }; Act = {
                $item | Unregister-ScanEngine -PassThru -Confirm:$false
            } }
        @{ Cmdlet = 'New-EnginePairingSecret'; From = { Get-SecurityConsole -DataPath $there.Console }; Act = { $item | New-EnginePairingSecret } }
        @{ Cmdlet = 'Revoke-EnginePairingSecret'; From = { Get-EnginePairingSecret -DataPath $there.Console }; Act = {
                $item | Revoke-EnginePairingSecret -Confirm:$false
                @(Get-EnginePairingSecret -DataPath $there.Console).Count | Should -Be 0
                $item
            } }
        @{ Cmdlet = 'Set-ScanEngineCommunication'; From = { Get-ScanEngine lab1 -DataPath $there.Console }; Act = {
                $item | Set-ScanEngineCommunication -Direction ([string] $item.Direction)
            } }
        @{ Cmdlet = 'Restore-ScanEngineCommunication'; From = { Get-ScanEngineCommunication lab1 -DataPath $there.Console }; Act = {
                # Nothing was changed before: B says so.
                Get-Fault { $item | Restore-ScanEngineCommunication } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ChangeNotFound*'
                $item
            } }
        @{ Cmdlet = 'Update-EngineCertificate'; From = { Get-EngineCertificate -DataPath $there.Console }; Act = {
                Invoke-WhatIf Update-EngineCertificate @{} -InputObject $item
            } }
        @{ Cmdlet = 'Export-SecurityConsole'; From = { Get-SecurityConsole -DataPath $there.Console }; Act = {
                $word = ConvertTo-Passphrase 'a passphrase of this test'
                $item | Export-SecurityConsole (Join-Path (New-DataPath) 'x.export') -Passphrase $word
            } }
        @{ Cmdlet = 'Start-SecurityConsole'; From = { Get-SecurityConsole -DataPath $there.Console }; Act = { $item | Start-SecurityConsole } }
        @{ Cmdlet = 'Approve-EngineConsole'; Engine = $true; From = { Get-EngineConsole -DataPath $there.Engine }; Act = {
                $item | Approve-EngineConsole -PassThru -Confirm:$false
            } }
        @{ Cmdlet = 'Set-EngineConsole'; Engine = $true; From = { Get-EngineConsole -DataPath $there.Engine }; Act = {
                $item | Set-EngineConsole -Direction ([string] $item.Direction) -PassThru
            } }
        @{ Cmdlet = 'Set-EngineScanPolicy'; Engine = $true; From = { Get-EngineScanPolicy -DataPath $there.Engine }; Act = {
                $item | Set-EngineScanPolicy -MaxRate 77 -PassThru
            } }
        @{ Cmdlet = 'Start-EnginePoller'; Engine = $true; Only = 'EngineToConsole'; From = { Get-EnginePoller -DataPath $there.Engine }
            Act = { $item | Start-EnginePoller } }
        @{ Cmdlet = 'Start-EngineListener'; Engine = $true; Only = 'ConsoleToEngine'; From = { Get-EngineListener -DataPath $there.Engine }
            Act = { $item | Start-EngineListener } }
        @{ Cmdlet = 'Deny-EngineConsole'; Engine = $true; From = { Get-EngineConsole -DataPath $there.Engine }; Act = {
                $item | Deny-EngineConsole -PassThru
            } }
        @{ Cmdlet = 'Stop-EnginePoller'; Engine = $true; Only = 'EngineToConsole'; From = { Get-EnginePoller -DataPath $there.Engine }; Act = {
                $item | Stop-EnginePoller
                (Get-EngineCertificate -Role Engine -DataPath $there.Engine).IsRunning | Should -BeFalse
                $item
            } }
        @{ Cmdlet = 'Stop-EngineListener'; Engine = $true; Only = 'ConsoleToEngine'; From = { Get-EngineListener -DataPath $there.Engine }; Act = {
                $item | Stop-EngineListener
                (Get-EngineListener -DataPath $there.Engine).State | Should -Be 'Stopped'
                $item
            } }
        @{ Cmdlet = 'Stop-SecurityConsole'; From = { Get-SecurityConsole -DataPath $there.Console }; Act = {
                $item | Stop-SecurityConsole
                (Get-SecurityConsole -DataPath $there.Console).State | Should -Be 'Stopped'
                $item
            } }
    )
    $runs = foreach ($direction in 'EngineToConsole', 'ConsoleToEngine') {
        foreach ($form in 'live', 'file') {
            @{ Direction = $direction; Form = $form
                Cases = @($cases | Where-Object { -not $_.Only -or $_.Only -eq $direction } | ForEach-Object { $_ + @{ Form = $form; Hex = $hex } }) }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    function Export-Import($Value) {
        $file = Join-Path (New-DataPath) 'object.xml'
        $Value | Export-Clixml $file
        Import-Clixml $file
    }

    # What a stray change would change.
    function Get-Trace($Fleet) {
        [ordered] @{
            Engines  = Get-ScanEngine -DataPath $Fleet.Console | Select-Object Name, Port, Direction, Fingerprint
            Scans    = Get-EngineScan -DataPath $Fleet.Console | Select-Object ScanId, State
            Secrets  = Get-EnginePairingSecret -DataPath $Fleet.Console | Select-Object SecretId
            Events   = @(Get-ScanEngineEvent -DataPath $Fleet.Console).Count
            Console  = (Get-SecurityConsole -DataPath $Fleet.Console).State
            Consoles = Get-EngineConsole -DataPath $Fleet.Engine | Select-Object Fingerprint, State, ConsolePort, Direction
            Policy   = Get-EngineScanPolicy -DataPath $Fleet.Engine | Select-Object Allow, Deny, MaxRate
            Engine   = (Get-EngineCertificate -Role Engine -DataPath $Fleet.Engine).IsRunning
        } | ConvertTo-Json -Depth 4
    }
}

Describe 'An object of console B while the default is console A (<Direction>, <Form>)' -ForEach $runs {
    BeforeAll {
        $script:here = New-Fleet $Direction
        $script:there = New-Fleet $Direction
    }

    AfterAll {
        Remove-Item Env:SCANENGINEADMIN_DATA -ErrorAction Ignore
        Remove-Fleet $here
        Remove-Fleet $there
    }

    It 'that is a plan is refused by another console, and taken for the engine''s half' {
        $plan = Invoke-WhatIf Set-ScanEngineCommunication @{ Name = 'lab1'; Direction = $Direction; DataPath = $there.Console }
        $plan.DataPath | Should -Be $there.Console
        $plan = $Form -eq 'file' ? (Export-Import $plan) : $plan
        $fault = Get-Fault { $plan | Invoke-EngineFirewallPlan -Role Console -DataPath $here.Console -Confirm:$false }
        $fault.FullyQualifiedErrorId | Should -BeLike 'DataFolderOther,*'
        $fault = Get-Fault { $plan | Invoke-EngineFirewallPlan -DataPath $here.Console -Confirm:$false }
        $fault.FullyQualifiedErrorId | Should -BeLike 'DataFolderOther,*'
        $plan | ConvertTo-EngineFirewallScript Nftables -DataPath $here.Console | Should -Not -BeNullOrEmpty
        Invoke-WhatIf Invoke-EngineFirewallPlan @{ DataPath = $there.Engine } -InputObject $plan -ErrorVariable faults
        $faults | Should -BeNullOrEmpty
    }

    It '<Cmdlet> changes B, and refuses another -DataPath' -ForEach $Cases {
        $role = $Engine ? 'Engine' : 'Console'
        $env:SCANENGINEADMIN_DATA = $here.$role
        $before = Get-Trace $here
        $mine = & $From
        $mine | Should -Not -BeNullOrEmpty
        if ($Form -eq 'file') {
            $mine = Export-Import $mine
        }

        # In a script block's scope of its own, so that nothing of this test shadows it.
        $done = & { param($item) & $Act } $mine
        $done | Select-Object -Last 1 | ForEach-Object DataPath | Should -Be $there.$role
        Get-Trace $here | Should -Be $before

        $given = (Get-Command $Cmdlet).ParameterSets[0].Parameters | Where-Object { $_.IsMandatory -and -not $_.ValueFromPipelineByPropertyName }
        $more = @{ Confirm = $false; DataPath = $here.$role }
        foreach ($one in $given) {
            $more[$one.Name] = switch ($one.Name) {
                'Passphrase' { ConvertTo-Passphrase 'a passphrase of this test' }
                'Direction' { 'Standard' }
                'Target' { '127.0.0.1' }
                'PoolName' { 'zone' }
                'Schedule' { 'nightly' }
                'BlackOut' { '22:00-02:00' }
                'Path' { Join-Path (New-DataPath) 'never.export' }
            }
        }

        $fault = Get-Fault { $mine | & $Cmdlet @more }
        # Where -DataPath is all that an object could bind, PowerShell itself has nothing to do with it.
        $fault.FullyQualifiedErrorId | Should -Match '^(DataFolderOther|InputObjectNotBound),'
        if ($fault.FullyQualifiedErrorId -like 'DataFolderOther*') {
            "$fault" | Should -BeLike "*$($there.$role)*$($here.$role)*"
        }

        Get-Trace $here | Should -Be $before
    }
}

Describe 'All cmdlets and all that they return' {
    BeforeDiscovery {
        # What is not tried above, and why.
        $elsewhere = @{
            'Export-EngineScan'             = 'writes the file that is named: Findings.Tests.ps1'
            'Export-ScanEngineTopology'     = 'writes the file that is named: Topology.Tests.ps1'
            'Import-SecurityConsole'        = 'acts on the file, into the folder that is named'
            'Invoke-EngineFirewallPlan'     = 'below'
            'Confirm-EngineFirewallPlan'    = 'the host''s firewall, not a store'
            'Install-EngineService'         = 'of the host: Services.Tests.ps1'
            'Uninstall-EngineService'       = 'of the host: Services.Tests.ps1'
            'Start-EngineFirewallApplier'   = 'privileged: Applier.Tests.ps1'
            'Stop-EngineFirewallApplier'    = 'privileged: Applier.Tests.ps1'
            'Repair-EngineFirewall'         = 'the host''s firewall, not a store: Dsc.Tests.ps1'
            'New-ScanEngineTestPair'        = 'a console and an engine of its own: Testing.Tests.ps1'
            'Set-ScanEngineTestPair'        = 'a pair, not a store: Testing.Tests.ps1'
            'Remove-ScanEngineTestPair'     = 'a pair, not a store: Testing.Tests.ps1'
        }
        $tried = @{ Tried = @($cases.Cmdlet) + @($elsewhere.Keys) }
    }

    It 'are tried here, where they change something' -ForEach $tried {
        $changing = Get-Command -Module ScanEngineAdmin | Where-Object { $_.Parameters.ContainsKey('WhatIf') }
        $changing.Name | Sort-Object | Should -Be ($Tried | Sort-Object -Unique)
    }

    It 'bind the data path of an object, and bring one' {
        foreach ($command in Get-Command -Module ScanEngineAdmin) {
            $command.Parameters['DataPath'].Attributes.ValueFromPipelineByPropertyName | Should -Contain $true -Because $command.Name
            foreach ($type in $command.OutputType.Type | Where-Object { $_.Namespace -like 'ScanEngineAdmin*' -and $_.Name -ne 'InstalledFirewallRule' }) {
                $type.GetProperty('DataPath') | Should -Not -BeNullOrEmpty -Because "$($command.Name) returns $type"
            }
        }
    }
}

Describe 'An object in other ways' {
    BeforeAll {
        $script:one = New-DataPath
        $script:two = New-DataPath
        $env:SCANENGINEADMIN_DATA = $one
        Register-ScanEngine s 127.0.0.1 -Port 1
        Register-ScanEngine s 127.0.0.1 -Port 2 -DataPath $two
        $script:engine = Get-ScanEngine s -DataPath $two
    }

    AfterAll {
        Remove-Item Env:SCANENGINEADMIN_DATA
    }

    It 'acts where it came from as an argument: <_>' -ForEach 'live', 'file' {
        $given = $_ -eq 'file' ? (Export-Import $engine) : $engine
        (Set-ScanEngine $given -Port 3 -PassThru).DataPath | Should -Be $two
        (Get-ScanEngine s).Port | Should -Be 1
        (Set-ScanEngine $given -Port 4 -PassThru -DataPath "$two/").Port | Should -Be 4
        (Get-Fault { Set-ScanEngine $given -Port 5 -DataPath $one }).FullyQualifiedErrorId | Should -BeLike 'DataFolderOther,*'
        (Get-Fault { Set-ScanEngine $given, (Get-ScanEngine s) -Port 5 }).FullyQualifiedErrorId | Should -BeLike 'DataFolderOther,*'
        (Get-ScanEngine s).Port | Should -Be 1
        (Get-ScanEngine s -DataPath $given).Port | Should -Be 4
    }

    It 'acts where it came from out of a job' {
        $data = $two
        $come = Start-Job { Import-Module $using:Manifest; Get-ScanEngine s -DataPath $using:data } | Receive-Job -Wait -AutoRemoveJob
        $come.PSComputerName | Should -Be 'localhost'
        ($come | Set-ScanEngine -Port 6 -PassThru).DataPath | Should -Be $two
        (Get-ScanEngine s).Port | Should -Be 1
    }

    It 'is refused from another computer' {
        $far = Export-Import $engine
        Add-Member -InputObject $far -NotePropertyName PSComputerName -NotePropertyValue 'console7.example.org'
        $fault = Get-Fault { $far | Set-ScanEngine -Port 7 }
        $fault.FullyQualifiedErrorId | Should -BeLike 'DataFolderOther,*'
        "$($fault.ErrorDetails.RecommendedAction)" | Should -BeLike '*Invoke-Command*console7.example.org*'
        (Get-Fault { Set-ScanEngine $far -Port 7 }).FullyQualifiedErrorId | Should -BeLike 'DataFolderOther,*'
        (Get-ScanEngine s -DataPath $two).Port | Should -Be 6
    }

    It 'of each console goes to its own in one pipeline' {
        $all = @(Get-ScanEngine s; $engine; Get-ScanEngine s)
        $back = $all | Set-ScanEngine -Port 9 -PassThru
        $back.DataPath | Should -Be $one, $two, $one
    }

    It 'makes no console that is gone' {
        $gone = Join-Path (New-DataPath) 'gone'
        $row = [pscustomobject] @{ Name = 'r'; Address = '127.0.0.1'; DataPath = $gone }
        (Get-Fault { $row | Register-ScanEngine }).FullyQualifiedErrorId | Should -BeLike 'ConsoleNotFound,*'
        $gone | Should -Not -Exist
    }

    It 'without a data path, or with a blank cell for it, acts on the default' {
        $null = [pscustomobject] @{ Name = 's'; DataPath = '' } | Set-ScanEngine -Port 10
        (Get-ScanEngine s).Port | Should -Be 10
        (Get-Fault { Get-ScanEngine -DataPath '' }).FullyQualifiedErrorId | Should -BeLike 'DataFolderInvalid,*'
    }

    It 'that is a secret or an event brings its role' {
        $made = New-EnginePairingSecret -Role Engine -DataPath $two
        $made | Revoke-EnginePairingSecret -Confirm:$false
        Get-EnginePairingSecret -Role Engine -DataPath $two | Should -BeNullOrEmpty
        (Get-ScanEngineEvent -Role Engine -DataPath $two | Select-Object -First 1).Role | Should -Be 'Engine'
    }
}
