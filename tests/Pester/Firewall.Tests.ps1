BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Test-EngineFirewall between two running nodes, <Direction>' -ForEach @(
    @{ Direction = 'ConsoleToEngine' }
    @{ Direction = 'EngineToConsole' }
) {
    BeforeAll {
        $fleet = New-Fleet $Direction
        $atConsole = @{ DataPath = $fleet.Console; Timeout = '30s' }
        $atEngine = @{ DataPath = $fleet.Engine; Timeout = '30s' }
        $other = @{ ConsoleToEngine = 'EngineToConsole'; EngineToConsole = 'ConsoleToEngine' }[$Direction]
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'says Ok from the console''s host, whichever side dials' {
        $result = Test-EngineFirewall $fleet.Name @atConsole
        $result.VerdictDetail | Should -Not -BeNullOrEmpty
        $result.Verdict | Should -Be 'Ok'
        $result.Succeeded | Should -BeTrue
        $result.AsExpected | Should -BeTrue
        $result.Direction | Should -Be $Direction
    }

    It 'says Ok from the engine''s host, whichever side dials' {
        (Test-EngineFirewall $fleet.Name @atEngine).Verdict | Should -Be 'Ok'
    }

    It 'tests the other direction too and says that it is closed, as it should be' {
        $results = @(Test-EngineFirewall $fleet.Name @atConsole -IncludeOther)
        $results | Should -HaveCount 2
        $forbidden = $results | Where-Object Direction -EQ $other
        $forbidden.ShouldBeOpen | Should -BeFalse
        $forbidden.Succeeded | Should -BeFalse
        $forbidden.AsExpected | Should -BeTrue
        $forbidden.VerdictDetail | Should -BeLike 'Closed*'
    }

    It 'asks the other end before it says that nobody listens' {
        $forbidden = Test-EngineFirewall $fleet.Name @atConsole -Direction $other
        $forbidden.Verdict | Should -BeIn 'NotListening', 'WrongDirection'
        $forbidden.ShouldBeOpen | Should -BeTrue
        $forbidden.AsExpected | Should -BeFalse
    }

    It 'gives one boolean for each way with -Quiet' {
        $answers = @(Test-EngineFirewall $fleet.Name @atConsole -IncludeOther -Quiet)
        $answers | Should -HaveCount 2
        $answers | Should -Be $true, $true
        $answers[0] | Should -BeOfType [bool]
    }

    It 'tests many at once, and one that is not there is one error' {
        $results = @(Test-EngineFirewall $fleet.Name, 'no-such-engine', "$($fleet.Name)*" @atConsole -ThrottleLimit 2 `
                -ErrorAction SilentlyContinue -ErrorVariable missing)
        $results | Should -HaveCount 2
        $missing | Should -HaveCount 1
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'EngineNotFound,*'
    }

    It 'leaves nothing to wait for when only the first result is wanted' {
        (Test-EngineFirewall $fleet.Name @atConsole -IncludeOther | Select-Object -First 1).EngineName |
            Should -Be $fleet.Name
    }

    It 'refuses a throttle of nothing' {
        Get-Fault { Test-EngineFirewall $fleet.Name -ThrottleLimit 0 } | ForEach-Object FullyQualifiedErrorId |
            Should -BeLike 'ParameterArgumentValidationError*'
    }
}
