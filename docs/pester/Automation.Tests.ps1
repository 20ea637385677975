# An example of a suite for one's own automation, without a lab: a real console and a real engine on this computer, and
# what is between them broken on purpose. It passes with Pester 5 and Pester 6.

BeforeAll {
    # In a suite of your own: Import-Module ScanEngineAdmin.
    Import-Module "$PSScriptRoot/../../ScanEngineAdmin.psd1"

    # What is tested: your script. This one moves an engine, unless it is away, and says what became of it.
    function Move-Engine([string] $Name, [string] $Direction, [string] $DataPath) {
        $engine = Get-ScanEngine $Name -DataPath $DataPath -ErrorAction Stop
        if ($engine.Direction -eq $Direction) {
            return 'as it was'
        }

        if ($engine.Status -ne 'Active') {
            return "away: $($engine.Status)"
        }

        $null = $engine | Set-ScanEngineCommunication -Direction $Direction -Confirm:$false -ErrorAction Stop
        'moved'
    }
}

Describe 'Move-Engine, from <From>' -ForEach @(
    @{ From = 'EngineToConsole'; To = 'ConsoleToEngine' }
    @{ From = 'ConsoleToEngine'; To = 'EngineToConsole' }
) {
    BeforeAll {
        $pair = New-ScanEngineTestPair -Direction $From
        $at = @{ DataPath = $pair.ConsoleDataPath }
    }

    AfterAll {
        $pair | Remove-ScanEngineTestPair
    }

    It 'leaves an engine alone that is away, and does not take another for it' {
        foreach ($fault in 'EngineKilled', 'WrongPeer') {
            $pair | Set-ScanEngineTestPair -Fault $fault
            # Wait for what the test is about; never for a time.
            $null = Wait-ScanEngine $pair.EngineName @at -Status NotResponding, PendingAuthorization -Timeout 2m -ErrorAction Stop
            Move-Engine $pair.EngineName $To $pair.ConsoleDataPath | Should -BeLike 'away: *'
            $pair | Set-ScanEngineTestPair -Fault None
            $null = Wait-ScanEngine $pair.EngineName @at -Timeout 2m -ErrorAction Stop
        }

        (Get-ScanEngine @at).Direction | Should -Be $From
    }

    It 'moves it over a slow line, and not again' {
        $pair | Set-ScanEngineTestPair -Delay 50ms
        Move-Engine $pair.EngineName $To $pair.ConsoleDataPath | Should -Be 'moved'
        (Get-ScanEngineCommunication @at).Direction | Should -Be $To
        Move-Engine $pair.EngineName $To $pair.ConsoleDataPath | Should -Be 'as it was'
    }

    It 'scans as before' {
        $scan = Start-EngineScan $pair.EngineName 127.0.0.1 -Port $pair.ConsolePort @at -Wait -WaitTimeout 2m -ErrorAction Stop
        $scan.State | Should -Be 'Completed'
        (Receive-EngineScan $scan.ScanId @at).State | Should -Be 'Open'
    }
}

Describe 'Move-Engine with no console and no engine at all' {
    BeforeAll {
        # Mocks have the real parameters, so that a wrong call is found all the same. -RemoveParameterType: see about_ScanEngineAdmin_Pester.
        Mock Get-ScanEngine { [pscustomobject]@{ Name = 'lab-1'; Direction = 'EngineToConsole'; Status = 'NotResponding' } }
        Mock Set-ScanEngineCommunication -RemoveParameterType Direction, Timeout { throw 'not to be called' }
    }

    It 'says that the engine is away' {
        Move-Engine lab-1 ConsoleToEngine "$TestDrive" | Should -Be 'away: NotResponding'
        Should -Invoke Set-ScanEngineCommunication -Times 0 -Exactly
    }
}
