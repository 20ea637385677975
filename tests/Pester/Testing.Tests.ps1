BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

# What users do with it is docs/pester/Automation.Tests.ps1, which runs as a suite as well.
Describe 'A test pair, <Direction>' -ForEach @(
    @{ Direction = 'ConsoleToEngine'; Other = 'EngineToConsole' }
    @{ Direction = 'EngineToConsole'; Other = 'ConsoleToEngine' }
) {
    BeforeAll {
        $pair = New-ScanEngineTestPair -Direction $Direction -EngineName 'mine'
        $at = @{ DataPath = $pair.ConsoleDataPath }
    }

    AfterAll {
        # As its object after the test that removes it: nothing is left to do then.
        $pair | Remove-ScanEngineTestPair -ErrorAction Ignore
    }

    It 'is paired and in contact when it is made' {
        $engine = Get-ScanEngine @at
        $engine.Name | Should -Be 'mine'
        $engine.Direction | Should -Be $Direction
        $engine.Status | Should -Be 'Active'
        $pair.Fault | Should -Be 'None'
        (Test-EngineFirewall mine @at -Quiet) | Should -BeTrue
        (Get-EngineConsole -DataPath $pair.EngineDataPath).State | Should -Be 'Paired'
    }

    It 'stays behind its faults after a change of direction' {
        $null = Set-ScanEngineCommunication mine $Other @at -Confirm:$false -ErrorAction Stop
        $null = Wait-ScanEngine mine @at -Direction $Other -Timeout 2m -ErrorAction Stop
        $pair | Set-ScanEngineTestPair Drop
        $null = Wait-ScanEngine mine @at -Status NotResponding -Timeout 2m -ErrorAction Stop
        $pair | Set-ScanEngineTestPair None
        $null = Wait-ScanEngine mine @at -Timeout 2m -ErrorAction Stop
        $null = Set-ScanEngineCommunication mine $Direction @at -Confirm:$false -ErrorAction Stop
    }

    It 'lets no byte through when it is to be silent' {
        $changed = $pair | Set-ScanEngineTestPair -Fault Silence -PassThru
        $changed.Fault | Should -Be 'Silence'
        if ($Direction -eq 'ConsoleToEngine') {
            # Where the engine dials it would be asked to test, and is waited for.
            (Test-EngineFirewall mine @at -Timeout 1s).Succeeded | Should -BeFalse
        }
    }

    It 'starts a killed console again with its data' {
        $pair | Set-ScanEngineTestPair -Fault ConsoleKilled
        (Get-SecurityConsole @at).State | Should -Be 'Stopped'
        $pair | Set-ScanEngineTestPair -Fault None
        $null = Wait-ScanEngine mine @at -Timeout 2m -ErrorAction Stop
        @(Get-ScanEngine @at) | Should -HaveCount 1
    }

    It 'leaves nothing when it is removed, and says so of one that is gone' {
        $pair | Remove-ScanEngineTestPair
        $pair.DataPath | Should -Not -Exist
        Test-PortFree $pair.ConsolePort | Should -BeTrue
        (Get-Fault { $pair | Remove-ScanEngineTestPair }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
    }
}

BeforeDiscovery {
    # All that a cmdlet returns, and what that has in it.
    Import-Module "$PSScriptRoot/../../ScanEngineAdmin.psd1"
    $returned = (Get-Command -Module ScanEngineAdmin).OutputType.Type | Where-Object Namespace -Like 'ScanEngineAdmin*'
    $parts = [ScanEngineAdmin.ScanEngine].Assembly.GetExportedTypes() |
        Where-Object { $_.Namespace -eq 'ScanEngineAdmin' -and $_.IsClass -and -not $_.IsAbstract }
    $types = @($returned) + $parts | ForEach-Object FullName | Sort-Object -Unique
}

Describe 'An object that New-MockObject makes of <_>' -ForEach $types {
    It 'has a text, properties and views' {
        $mock = New-MockObject -Type $_
        { "$mock" } | Should -Not -Throw
        foreach ($property in $mock.PSObject.Properties) {
            { $property.Value } | Should -Not -Throw -Because "$($property.Name)"
        }

        foreach ($view in 'Format-Table', 'Format-List', 'Format-Wide') {
            { $mock | & $view -ErrorAction Stop | Out-String } | Should -Not -Throw -Because $view
        }

        { $mock | ConvertTo-Json -WarningAction Ignore } | Should -Not -Throw
    }
}

Describe 'A test pair that nobody removed' {
    It 'leaves nothing when its process ends by <_>' -ForEach 'the last line', 'exit 3', 'throw "no"' {
        $end = $_ -eq 'the last line' ? '' : $_
        $said = Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; (New-ScanEngineTestPair).DataPath; $end" 2>&1
        $path = @($said -match 'sea-test-')[0]
        $path | Should -Not -BeNullOrEmpty
        $path | Should -Not -Exist
    }
}

Describe 'A test pair in a folder of one''s own' {
    It 'refuses one that is not empty, and keeps what was there' {
        $folder = New-DataPath
        Set-Content "$folder/mine.txt" 'mine'
        (Get-Fault { New-ScanEngineTestPair -DataPath $folder }).FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        "$folder/mine.txt" | Should -Exist
    }

    It 'makes nothing with -WhatIf' {
        $folder = New-DataPath
        Invoke-WhatIf New-ScanEngineTestPair @{ DataPath = $folder } | Should -BeNullOrEmpty
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }
}
