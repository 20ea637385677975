BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    $script:passphrase = ConvertTo-Passphrase 'correct horse battery'
}

Describe 'Export-SecurityConsole and Import-SecurityConsole, <_>' -ForEach 'ConsoleToEngine', 'EngineToConsole' {
    BeforeAll {
        $script:from = $_
        $script:fleet = New-Fleet $from
        $script:file = Join-Path (New-DataPath) 'console.export'
        $script:moved = New-DataPath
    }

    AfterAll {
        Stop-SecurityConsole -DataPath $moved
        Remove-Fleet $fleet
    }

    It 'with -WhatIf says what would be done and writes nothing' {
        Invoke-WhatIf Export-SecurityConsole @{ Path = $file; Passphrase = $passphrase; DataPath = $fleet.Console } | Should -BeNullOrEmpty
        Test-Path $file | Should -BeFalse
    }

    It 'exports a running console into a file that is its owner''s only' {
        $export = Export-SecurityConsole $file $passphrase -DataPath $fleet.Console
        $export.Path | Should -Be $file
        $export.HasIdentity | Should -BeTrue
        $export.Fingerprint | Should -Be $fleet.ConsoleHandle.Fingerprint
        (Get-SecurityConsole -DataPath $fleet.Console).State | Should -Be 'Running'
        if (-not $IsWindows) {
            (Get-Item $file).UnixFileMode | Should -Be ([System.IO.UnixFileMode] 'UserRead, UserWrite')
        }

        foreach ($whatIf in $false, $true) {
            (Get-Fault { Export-SecurityConsole $file $passphrase -DataPath $fleet.Console -WhatIf:$whatIf }).FullyQualifiedErrorId |
                Should -BeLike 'ExportExists,*'
        }
    }

    It 'names a file or folder that is not there' {
        (Get-Fault { Import-SecurityConsole "$file.none" $passphrase -DataPath $moved }).Exception.Message |
            Should -BeLike '*there is no such file*'
        $fault = Get-Fault { Export-SecurityConsole (Join-Path $file 'x') $passphrase -DataPath $fleet.Console }
        $fault.FullyQualifiedErrorId | Should -BeLike 'OptionInvalid,*'
        $fault.Exception.Message | Should -BeLike "There is no folder*"
    }

    It 'takes a passphrase as a SecureString only, and repeats none' {
        $fault = Get-Fault { Export-SecurityConsole "$file.2" 'a secret in clear' -DataPath $fleet.Console }
        $fault.Exception.Message | Should -Not -BeLike '*secret in clear*'
        $fault.Exception.Message | Should -BeLike '*SecureString*'
        Test-Path "$file.2" | Should -BeFalse
        $short = ConvertTo-Passphrase 'short'
        (Get-Fault { Export-SecurityConsole "$file.2" $short -DataPath $fleet.Console }).FullyQualifiedErrorId |
            Should -BeLike 'OptionInvalid,*'
    }

    It 'refuses a wrong passphrase, and the folder of a console that runs' {
        $wrong = ConvertTo-Passphrase 'correct horse batterz'
        $fault = Get-Fault { Import-SecurityConsole $file $wrong -DataPath $moved }
        $fault.FullyQualifiedErrorId | Should -BeLike 'ExportPassphraseWrong,*'
        (Get-Fault { Import-SecurityConsole $file $passphrase -DataPath $fleet.Console -Force }).FullyQualifiedErrorId |
            Should -BeLike 'ConsoleAlreadyRunning,*'
        $tried = Get-Fault { Import-SecurityConsole $file $passphrase -DataPath $fleet.Console -Force -WhatIf }
        $tried.FullyQualifiedErrorId | Should -BeLike 'ConsoleAlreadyRunning,*'
        Invoke-WhatIf Import-SecurityConsole @{ Path = $file; Passphrase = $passphrase; DataPath = $moved } | Should -BeNullOrEmpty
        Test-Path (Join-Path $moved 'console') | Should -BeFalse
    }

    It 'moves the console: its engine is found again, and scans' {
        $import = Import-SecurityConsole $file $passphrase -DataPath $moved
        $import.KeptPath | Should -BeNullOrEmpty
        Stop-SecurityConsole -DataPath $fleet.Console
        $quiet = @{ WarningAction = 'Ignore' }
        $handle = Start-SecurityConsole -DataPath $moved -Address 127.0.0.1 -Port 0 -AdvertisedAddress 127.0.0.1 @quiet
        $handle.Fingerprint | Should -Be $import.Fingerprint
        if ($from -eq 'EngineToConsole') {
            Get-EngineConsole -DataPath $fleet.Engine |
                Set-EngineConsole -DataPath $fleet.Engine -Address 127.0.0.1 -Port (Get-Port $handle)
        }

        $null = Wait-ScanEngine $fleet.Name -DataPath $moved -Timeout 2m -ErrorAction Stop
        $scan = Start-EngineScan $fleet.Name 127.0.0.1 -Port 1 -DataPath $moved -Wait
        $scan.State | Should -Be 'Completed'
    }

    It 'replaces a console only with -Force, and keeps what was there' {
        $other = New-DataPath
        $null = Import-SecurityConsole $file $passphrase -DataPath $other
        (Get-Fault { Import-SecurityConsole $file $passphrase -DataPath $other }).FullyQualifiedErrorId |
            Should -BeLike 'ConsoleExists,*'
        $again = Import-SecurityConsole $file $passphrase -DataPath $other -Force
        Join-Path $again.KeptPath 'store.db' | Should -Exist
        $later = Import-SecurityConsole $file $passphrase -DataPath $other -Force -LaterThan '2090-01-02 03:04:05Z'
        $later.KeptPath | Should -Not -Be $again.KeptPath
    }

    It 'without the identity goes only where it is' {
        $null = Export-SecurityConsole "$file.3" $passphrase -DataPath $fleet.Console -WithoutIdentity
        (Get-Fault { Import-SecurityConsole "$file.3" $passphrase -DataPath (New-DataPath) }).FullyQualifiedErrorId |
            Should -BeLike 'ExportInvalid,*'
        (Import-SecurityConsole "$file.3" $passphrase -DataPath $fleet.Console -Force).HasIdentity | Should -BeFalse
    }
}
