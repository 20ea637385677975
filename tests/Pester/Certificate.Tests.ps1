BeforeDiscovery {
    $script:sides = foreach ($direction in 'ConsoleToEngine', 'EngineToConsole') {
        foreach ($role in 'Console', 'Engine') {
            @{ Direction = $direction; Role = $role }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    function Get-Data($Fleet, [string] $Role) {
        $Role -eq 'Console' ? $Fleet.Console : $Fleet.Engine
    }
}

Describe 'Update-EngineCertificate of the <Role>, <Direction>' -ForEach $sides {
    BeforeEach {
        $script:fleet = New-Fleet $Direction
        $script:of = @{ Role = $Role; DataPath = Get-Data $fleet $Role }
        $script:old = (Get-EngineCertificate @of).Fingerprint
    }

    AfterEach { Remove-Fleet $fleet }

    It 'replaces it through all phases, and the other side works on' {
        $done = Update-EngineCertificate @of -Timeout 2m -Confirm:$false
        $done.State | Should -Be 'Settled'
        $done.Fingerprint | Should -Not -Be $old
        (Get-EngineCertificate @of).Fingerprint | Should -Be $done.Fingerprint
        if ($Role -eq 'Console') {
            (Get-SecurityConsole -DataPath $fleet.Console).Fingerprint | Should -Be $done.Fingerprint
            (Get-EngineConsole -DataPath $fleet.Engine).Fingerprint | Should -Be $done.Fingerprint
        } else {
            (Get-ScanEngine -DataPath $fleet.Console).Fingerprint | Should -Be $done.Fingerprint
        }

        (Wait-ScanEngine $fleet.Name -DataPath $fleet.Console -Timeout 2m).Status | Should -Be 'Active'
    }

    It 'goes phase by phase and back' {
        $prepared = Update-EngineCertificate @of -Phase Prepare -Timeout 2m -Confirm:$false
        $prepared.State | Should -Be 'Prepared'
        $prepared.Fingerprint | Should -Be $old
        $prepared.Peers[0].State | Should -Be 'Acknowledged'
        $switched = Update-EngineCertificate @of -Phase Switch -Timeout 2m -Confirm:$false
        $switched.State | Should -Be 'Switched'
        $switched.Fingerprint | Should -Be $prepared.NewFingerprint
        $switched.OldFingerprint | Should -Be $old
        $back = Update-EngineCertificate @of -Rollback -Timeout 2m -Confirm:$false
        $back.State | Should -Be 'Settled'
        $back.Fingerprint | Should -Be $old
        (Wait-ScanEngine $fleet.Name -DataPath $fleet.Console -Timeout 2m).Status | Should -Be 'Active'
    }
}

Describe 'A peer that lags' {
    BeforeEach {
        $script:fleet = New-Fleet 'EngineToConsole'
        $script:of = @{ Role = 'Console'; DataPath = $fleet.Console }
        Stop-EnginePoller -DataPath $fleet.Engine
    }

    AfterEach { Remove-Fleet $fleet }

    It 'is named in the error and in the object, and what was reached goes on when it comes' {
        $quiet = @{ Timeout = '0s'; Confirm = $false; ErrorAction = 'SilentlyContinue' }
        $stays = Update-EngineCertificate @of @quiet -ErrorVariable lag
        $lag[0].FullyQualifiedErrorId | Should -BeLike 'CertificatePeersLag*'
        "$($lag[0])" | Should -BeLike "*$($fleet.Name)*"
        $stays.State | Should -Be 'Prepared'
        $stays.Lagging | Should -Be $fleet.Name

        $forced = Update-EngineCertificate @of -Phase Switch -Force -Timeout 0s -Confirm:$false
        $forced.State | Should -Be 'Switched'
        $forced.Lagging | Should -Be $fleet.Name
        Update-EngineCertificate @of -Timeout 0s -Confirm:$false -ErrorVariable lag -ErrorAction SilentlyContinue |
            Select-Object -ExpandProperty State | Should -Be 'Switched'

        $null = Start-EnginePoller -DataPath $fleet.Engine -WarningAction Ignore
        (Update-EngineCertificate @of -Timeout 2m -Confirm:$false).State | Should -Be 'Settled'
    }

    It 'cannot be told while the console does not run, and the error says so' {
        Stop-SecurityConsole -DataPath $fleet.Console
        $fault = Get-Fault { Update-EngineCertificate @of -Timeout 2m -Confirm:$false }
        $fault.FullyQualifiedErrorId | Should -BeLike 'ConsoleNotRunning*'
        (Get-EngineCertificate @of).State | Should -Be 'Prepared'
        (Update-EngineCertificate @of -Rollback -Timeout 0s -Confirm:$false).State | Should -Be 'Settled'
    }

    It 'is listed by -WhatIf, which touches nothing' {
        $seen = Invoke-WhatIf Update-EngineCertificate $of
        $seen.State | Should -Be 'Settled'
        $seen.Lagging | Should -Be $fleet.Name
        (Get-EngineCertificate @of).State | Should -Be 'Settled'
        Test-Path (Join-Path $fleet.Console 'console/next.key') | Should -BeFalse
    }
}

Describe 'Get-EngineCertificate' {
    It 'returns nothing where there is no node, and makes none' {
        $path = New-DataPath
        Get-EngineCertificate -DataPath $path | Should -BeNullOrEmpty
        Get-ChildItem $path | Should -BeNullOrEmpty
    }

    It 'is not replaced where there is no node, and that is an error: <Id>' -ForEach @(
        @{ Role = 'Console'; Id = 'ConsoleNotFound' }, @{ Role = 'Engine'; Id = 'EngineNotFound' }
    ) {
        $path = New-DataPath
        (Get-Fault { Update-EngineCertificate -Role $Role -DataPath $path -Confirm:$false }).FullyQualifiedErrorId |
            Should -BeLike "$Id,*"
        Get-ChildItem $path | Should -BeNullOrEmpty
    }

    It 'lists peers and laggards one by one' {
        $path = New-DataPath
        Register-ScanEngine a1 192.0.2.1 -DataPath $path
        Register-ScanEngine a2 192.0.2.2 -DataPath $path
        $seen = Invoke-WhatIf Update-EngineCertificate @{ DataPath = $path }
        $seen.Peers[1].Name | Should -BeExactly 'a2'
        $seen.Peers[0].Name | Should -BeExactly 'a1'
    }

    It 'has nothing to roll back or to finish where nothing is replaced' {
        $path = New-DataPath
        $null = New-EnginePairingSecret -DataPath $path
        foreach ($whatIf in $false, $true) {
            (Get-Fault { Update-EngineCertificate -DataPath $path -Rollback -Confirm:$false -WhatIf:$whatIf }).FullyQualifiedErrorId |
                Should -BeLike 'CertificatePhaseInvalid*'
        }
    }
}

Describe 'An engine that another process unregisters, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeEach { $script:fleet = New-Fleet $_ }

    AfterEach { Remove-Fleet $fleet }

    It 'has no channel any more' {
        $never = [System.Threading.ManualResetEvent]::new($false)
        $connected = { (Get-EngineConsole -DataPath $fleet.Engine).State -eq 'Paired' -and
            ($_ -eq 'EngineToConsole' -or (Get-EngineListener -DataPath $fleet.Engine).Connected -eq 1) }
        Wait-Until $connected $never
        $command = "Unregister-ScanEngine $($fleet.Name) -DataPath '$($fleet.Console)' -Confirm:`$false"
        Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; $command"
        Wait-Until { -not (& $connected) } $never
        Get-ScanEngine -DataPath $fleet.Console | Should -BeNullOrEmpty
    }
}
