BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $script:fleet = New-Fleet 'EngineToConsole'
    $env:SCANENGINEADMIN_DATA = $fleet.Console
}

AfterAll {
    Remove-Fleet $fleet
    Remove-Item Env:SCANENGINEADMIN_DATA
}

Describe 'Objects that went through a file' {
    BeforeAll {
        function Export-Import($Value) {
            $file = Join-Path (New-DataPath) 'object.xml'
            $Value | Export-Clixml $file
            Import-Clixml $file
        }
    }

    It 'keep a plan''s rules and the names of its enums' {
        $plan = Invoke-WhatIf Set-ScanEngineCommunication @{
            Name = 'lab1'; Direction = 'Standard'; Address = '127.0.0.1'; Port = $fleet.EnginePort
        }
        $back = Export-Import $plan
        $back.To | Should -BeExactly 'ConsoleToEngine'
        $back.Rules.Count | Should -Be $plan.Rules.Count
        $back.Rules[0].RuleId | Should -Be $plan.Rules[0].RuleId
        $back.Rules[0].HostRole | Should -BeOfType [string]
        $back.Rules[0].RemoteAddress | Should -Be $plan.Rules[0].RemoteAddress
        $back | Format-Table | Out-String -Width 200 | Should -Match "$($fleet.EnginePort)"
    }

    It 'keep a test''s stages' {
        $back = Export-Import (Test-EngineFirewall -ComputerName 127.0.0.1 -Port (Get-FreePort) -Timeout 1m)
        ($back.Stages | Where-Object Stage -EQ 'Connect').Result | Should -BeExactly 'Failed'
        ($back.Stages | Where-Object Stage -EQ 'RoundTrip').Result | Should -BeExactly 'Skipped'
    }

    It 'bind again by their names' {
        $engine = Export-Import (Get-ScanEngine lab1)
        $engine.Status | Should -BeExactly 'Active'
        $scan = $engine | Start-EngineScan -Target 127.0.0.1 -Port (Get-FreePort)
        (Export-Import $scan | Wait-EngineScan -Timeout 2m).State | Should -Be 'Completed'
        (Export-Import (Get-SecurityConsole) | Get-ScanEngine).Name | Should -Be 'lab1'
    }

    It 'keep the peers of a certificate' {
        $back = Export-Import (Invoke-WhatIf Update-EngineCertificate)
        $back.State | Should -BeExactly 'Settled'
        $back.Peers[0].Name | Should -Be 'lab1'
        $back.Peers[0].State | Should -BeExactly 'Waiting'
    }

    It 'give a secret to whoever it was copied to' {
        $secret = Export-Import (New-EnginePairingSecret)
        $other = New-DataPath
        $poller = Start-EnginePoller -DataPath $other -ConsoleAddress 127.0.0.1 -ConsolePort (Get-Port $fleet.ConsoleHandle) `
            -PairingSecret $secret -EngineName lab2 -WarningAction Ignore
        (Wait-ScanEngine lab2 -Timeout 2m).Status | Should -Be 'Active'
        $poller | Stop-EnginePoller
    }
}

Describe 'A pairing secret' {
    # Only what New-EnginePairingSecret returns has its text, which is there to be copied: this object, nothing else.
    It 'is in no transcript, error, job, event, store or file of those who used it' {
        $folder = New-DataPath
        @'
param($Manifest, $Console, $Port, $Closed, $Folder)
$transcript = Join-Path $Folder transcript
$null = Start-Transcript $transcript
Import-Module $Manifest
$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
$made = New-EnginePairingSecret -DataPath $Console
"$made"
$made | Format-Table
$engine = @{ DataPath = Join-Path $Folder engine; ConsoleAddress = '127.0.0.1'; EngineName = 'lab3'; AsJob = $true }
$job = Start-EnginePoller @engine -ConsolePort $Port -PairingSecret $made
$null = Wait-ScanEngine lab3 -DataPath $Console -Timeout 2m
Register-ScanEngine lost 127.0.0.1 -Port $Closed -PairingSecret $made -DataPath $Console
Register-ScanEngine lost 127.0.0.1 -Port $Closed -PairingSecret $made.Secret.Remove(70) -DataPath $Console
$all = @(
    Get-EnginePairingSecret -DataPath $Console; $Error; $job; Get-EnginePoller -DataPath $engine.DataPath
    Get-ScanEngineEvent -DataPath $Console; Get-SecurityConsole -DataPath $Console; Get-ScanEngine -DataPath $Console)
$all | Format-List * -Force | Out-String -Width 4096
$all | Export-Clixml (Join-Path $Folder clixml) -Depth 5
$job | Stop-Job
$null = Stop-Transcript
$made | Export-Clixml (Join-Path $Folder asked)
"asked $($made.Secret) errors $($Error.Count)"
'@ | Set-Content (Join-Path $folder run.ps1)
        $line = (Join-Path $folder run.ps1), $Manifest, $fleet.Console, (Get-Port $fleet.ConsoleHandle), (Get-FreePort), $folder
        $said = Invoke-Pwsh -NoProfile -NonInteractive -File @line 2>&1 | Out-String

        $said -match '(?m)^asked ([0-9A-F-]{39})@\S+ errors ([2-9])' | Should -BeTrue -Because $said
        $digits = $Matches[1]
        Get-Content (Join-Path $folder transcript) -Raw | Should -BeLike '*lab3*'
        # In another process: closing the file of an open store drops the locks that SQLite holds on it for this one.
        $with = Start-Job {
            Get-ChildItem $using:folder, ($using:fleet).Console -Recurse -File -Exclude asked, *lock, doorbell | Where-Object {
                $stream = [System.IO.File]::Open($_.FullName, 'Open', 'Read', 'ReadWrite, Delete')
                $bytes = [byte[]]::new($stream.Length)
                $null = $stream.ReadAtLeast($bytes, $bytes.Length, $false)
                $stream.Dispose()
                [System.Text.Encoding]::Latin1.GetString($bytes) -match "$using:digits|$($using:digits -replace '-')"
            }
        } | Receive-Job -Wait -AutoRemoveJob -ErrorAction Stop
        $with.Name | Should -BeNullOrEmpty
        Get-Content (Join-Path $folder asked) -Raw | Should -BeLike "*$digits*"
    }
}

Describe 'Objects that came from a job' {
    It 'are tables and bind as the live ones do' {
        $data = $fleet.Console
        $job = Start-Job {
            Import-Module $using:Manifest
            Get-ScanEngine lab1 -DataPath $using:data
        }
        $engine = $job | Receive-Job -Wait -AutoRemoveJob
        $engine.PSObject.TypeNames[0] | Should -Be 'Deserialized.ScanEngineAdmin.ScanEngine'
        $engine.Direction | Should -BeExactly 'EngineToConsole'
        $engine | Format-Table | Out-String -Width 200 | Should -Match 'console (◀──|<--)'
        ($engine | Get-ScanEngine).EngineId | Should -Be $engine.EngineId
    }
}
