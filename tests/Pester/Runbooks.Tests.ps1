BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    $runbooks = "$Checkout/docs/runbooks"

    # Nobody can answer a prompt here: a session without a person ends such a script with an error. Whoever calls it may
    # be strict.
    function Invoke-Runbook([string] $Name, [hashtable] $With, [ref] $Fault) {
        Set-StrictMode -Version Latest
        try {
            & "$runbooks/$Name.ps1" @With
        } catch {
            if (-not $Fault) { throw }
            $Fault.Value = $_
        }
    }

    function Add-Listener([string] $Folder = (New-DataPath), [int] $Port = (Get-FreePort)) {
        $handle = Start-EngineListener -DataPath $Folder -Address 127.0.0.1 -Port $Port -WarningAction Ignore
        [pscustomobject]@{ Folder = $Folder; Port = $Port; Fingerprint = $handle.Fingerprint }
    }

    function New-Secret([string] $Folder) {
        (New-EnginePairingSecret -Role Engine -DataPath $Folder).Secret
    }
}

Describe 'The runbooks' {
    It 'are all in their list, have help, and stop at an error' {
        foreach ($file in Get-ChildItem $runbooks -Filter *.ps1) {
            Get-Content -Raw "$runbooks/README.md" | Should -BeLike "*($($file.Name))*"
            $help = Get-Help $file.FullName
            "$($help.Synopsis)".Trim() | Should -Not -BeNullOrEmpty
            $help.examples.example | Should -Not -BeNullOrEmpty
            Get-Content -Raw $file.FullName | Should -BeLike "*`$ErrorActionPreference = 'Stop'*"
        }
    }

    It 'have errors with a short id, each in the row of its script: what is thrown as a text has that for its id' {
        $list = Get-Content "$runbooks/README.md"
        foreach ($file in Get-ChildItem $runbooks -Filter *.ps1) {
            $text = Get-Content -Raw $file.FullName
            $text | Should -Not -Match 'throw\s+["'']'
            # With -WhatIf that reads no property and calls no method, but says that it would.
            $text | Should -Not -Match 'ForEach-Object\s+[A-Za-z]'
            $row = $list | Where-Object { $_ -like "*($($file.Name))*" }
            [regex]::Matches($text, 'Stop-Runbook ([A-Z]\w+) ') | ForEach-Object { $row | Should -Match "``$($_.Groups[1].Value)``" }
        }
    }
}

Describe 'What a scheduler sees of a runbook: pwsh -File' {
    BeforeAll {
        # The module as it is installed: a folder of its name and version.
        $modules = New-DataPath
        $installed = (New-Item -ItemType Directory "$modules/ScanEngineAdmin/$((Import-PowerShellDataFile $Manifest).ModuleVersion)").FullName
        Copy-Item $Manifest $installed
        $null = New-Item -ItemType SymbolicLink -Path "$installed/module" -Target "$Checkout/module"

        # The exit code, and the rows and errors as they are printed.
        function Invoke-Scheduled([string[]] $Arguments) {
            $before = $env:PSModulePath
            $env:PSModulePath = $modules
            try {
                $said = Invoke-Pwsh -NoProfile -NonInteractive @Arguments 2>&1 | Out-String
            } finally {
                $env:PSModulePath = $before
            }

            [pscustomobject]@{ Code = $LASTEXITCODE; Said = $said -replace '\e\[[\d;]*m' }
        }

        function Export-Table([string] $Name, [hashtable] $Row) {
            [pscustomobject] $Row | Export-Csv "$modules/$Name.csv"
            "$modules/$Name.csv"
        }

        $pair = New-ScanEngineTestPair
        $engine = Get-ScanEngine -DataPath $pair.ConsoleDataPath
        Register-ScanEngine unpaired 127.0.0.1 -Port 1 -DataPath $pair.ConsoleDataPath
        $null = Wait-ScanEngine $engine.Name -DataPath $pair.ConsoleDataPath -Timeout 2m -ErrorAction Stop
        $schedule = @{ Schedule = 'nightly'; EngineName = $engine.Name; Target = '127.0.0.1'; Port = '22'; Cron = '0 2 * * *' }
        $null = New-Item "$modules/console.export"
        $passphrase = '(ConvertTo-SecureString -AsPlainText -Force ''a passphrase of some length'')'
        $at = '-DataPath', $pair.ConsoleDataPath
        $runs = @{
            'Register-Fleet'     = @{
                Done   = @('-Path', (Export-Table paired @{ Name = $engine.Name; Address = '127.0.0.1'; SecretName = 'x' })) + $at
                Failed = @('-Path', (Export-Table other @{ Name = 'other'; Address = '127.0.0.1'; SecretName = 'x' })) + $at
                Said   = '*1 of 1 engines were not paired: other*'
            }
            'Move-Site'          = @{
                # As one text, which a list is here.
                Done   = @('-Name', "$($engine.Name), $($engine.Name)*", '-Direction', "$($engine.Direction)", '-Timeout', '2m') + $at
                Failed = @('-Name', "$($engine.Name),unpaired", '-Direction', 'Reverse', '-ConsoleAddress', '127.0.0.1') + $at
                Said   = '*Stopped: *unpaired*'
            }
            'Get-DriftReport'    = @{
                Done   = @('-SkipFirewall') + $at
                Failed = @('-SkipFirewall', '-FailOnFinding') + $at
                Said   = '*Not all is as it should be: 1 *'
            }
            'Set-Schedule'       = @{
                Done   = @('-Path', (Export-Table schedules $schedule)) + $at
                Failed = @('-Path', (Export-Table wrong ($schedule + @{ TimeZone = 'Nowhere/City' }))) + $at
                Said   = '*Nowhere/City*'
            }
            'Update-Certificate' = @{
                Done   = @('-Role', 'Console', '-Timeout', '2m') + $at
                Failed = '-Role', 'Console', '-DataPath', (New-DataPath)
                Said   = '*There is no Console*'
            }
            'Restore-Engine'     = @{
                Done   = @('-Name', $engine.Name, '-Fingerprint', $engine.Fingerprint) + $at
                Failed = @('-Name', 'nobody') + $at
                Said   = '*nobody*'
            }
        }
    }

    AfterAll {
        $pair | Remove-ScanEngineTestPair
    }

    It 'is 0 when all is so, and 1 after an error: <_>' -ForEach 'Register-Fleet', 'Move-Site', 'Get-DriftReport', 'Set-Schedule', 'Update-Certificate', 'Restore-Engine' {
        $run = $runs[$_]
        $done = Invoke-Scheduled (@('-File', "$runbooks/$_.ps1") + $run.Done)
        $done.Code | Should -Be 0 -Because $done.Said
        $failed = Invoke-Scheduled (@('-File', "$runbooks/$_.ps1") + $run.Failed)
        $failed.Code | Should -Be 1 -Because $failed.Said
        $failed.Said -replace '\s*\|\s*|\s+', ' ' | Should -BeLike $run.Said
    }

    It 'is the same for what is no text, by pwsh -Command: Move-Console' {
        $line = { param($Folder) "& '$runbooks/Move-Console.ps1' -Step Export -Path '$modules/console.export' -DataPath '$Folder' -Passphrase $passphrase" }
        (Invoke-Scheduled ('-Command', (& $line $pair.ConsoleDataPath))).Code | Should -Be 0
        $failed = Invoke-Scheduled ('-Command', (& $line (New-DataPath)))
        $failed.Code | Should -Be 1
        $failed.Said | Should -BeLike '*no console in this data folder*'
    }
}

Describe 'What a runbook is given by mistake' {
    BeforeAll {
        $empty = New-DataPath
        $table = Join-Path (New-DataPath) 'table.csv'
    }

    It 'is a file of another shape, which <Name> tells with the columns that it needs' -ForEach @(
        @{ Name = 'Register-Fleet'; Parameter = 'Path'; Columns = 'Name, Address, SecretName' }
        @{ Name = 'Get-DriftReport'; Parameter = 'ExpectedPath'; Columns = 'Name, Direction' }
        @{ Name = 'Set-Schedule'; Parameter = 'Path'; Columns = 'Schedule, EngineName, Target, Cron' }
    ) {
        # As spreadsheets of some countries write it.
        $all = $Columns -split ', '
        ($all -join ';'), (@('x') * $all.Count -join ';') | Set-Content $table
        $fault = $null
        Invoke-Runbook $Name @{ $Parameter = $table; DataPath = $empty } ([ref] $fault) | Should -BeNullOrEmpty
        $fault.FullyQualifiedErrorId | Should -BeExactly 'TableInvalid'
        "$fault" | Should -BeLike "*no column $Columns. It needs $Columns, with commas*"
    }

    It 'is a file without a row, which <Name> does not take for one of nothing' -ForEach @(
        @{ Name = 'Register-Fleet'; Parameter = 'Path'; More = @{} }
        @{ Name = 'Get-DriftReport'; Parameter = 'ExpectedPath'; More = @{ SkipFirewall = $true } }
        @{ Name = 'Set-Schedule'; Parameter = 'Path'; More = @{} }
        @{ Name = 'Set-Schedule'; Parameter = 'Path'; More = @{ Prune = $true } }
    ) {
        foreach ($text in '', 'Other,Columns') {
            Set-Content $table $text
            $fault = $null
            Invoke-Runbook $Name ($More + @{ $Parameter = $table; DataPath = $empty }) ([ref] $fault) | Should -BeNullOrEmpty
            $fault.FullyQualifiedErrorId | Should -BeExactly 'TableInvalid'
            "$fault" | Should -BeLike '*no row*Nothing was done.'
        }
    }

    It 'is a pattern instead of a name, which Restore-Engine does not take for one engine' {
        $at = @{ DataPath = New-DataPath }
        Register-ScanEngine dead-1 127.0.0.1 -Port 1 @at
        $fault = $null
        Invoke-Runbook Restore-Engine @{ Name = 'dead-*'; DataPath = $at.DataPath } ([ref] $fault) | Should -BeNullOrEmpty
        $fault.FullyQualifiedErrorId | Should -BeLike 'EngineNotFound*'
        Get-EnginePairingSecret -Role Console @at | Should -BeNullOrEmpty
    }

    It 'is a direction with a blank behind it, or none, which Get-DriftReport takes as meant' {
        $at = @{ DataPath = New-DataPath }
        Register-ScanEngine one 127.0.0.1 -Port 1 @at
        Register-ScanEngine two 127.0.0.1 -Port 2 @at
        'Name,Direction', 'one,"Standard "', 'two,' | Set-Content $table
        $with = @{ ExpectedPath = $table; SkipFirewall = $true } + $at
        @(Invoke-Runbook Get-DriftReport $with | Where-Object Kind -EQ 'Direction') | Should -BeNullOrEmpty
    }

    It 'is a name that no engine has, which Move-Site says' {
        $fault = $null
        Invoke-Runbook Move-Site @{ Name = 'berln-*'; Direction = 'Reverse'; DataPath = $empty } ([ref] $fault) | Should -BeNullOrEmpty
        $fault.FullyQualifiedErrorId | Should -BeExactly 'EngineNotFound'
        "$fault" | Should -BeLike "No engine's name matches berln-**"
    }

    It 'is a folder without a console, which Move-Console says' {
        $fault = $null
        $with = @{ Step = 'Export'; Path = "$empty/x.export"; DataPath = $empty; Passphrase = ConvertTo-Passphrase 'a passphrase of some length' }
        Invoke-Runbook Move-Console $with ([ref] $fault) | Should -BeNullOrEmpty
        $fault.FullyQualifiedErrorId | Should -BeExactly 'ConsoleNotFound'
        "$fault" | Should -BeLike '*no console in this data folder*-DataPath*'
    }

    It 'is a folder without a <_>, which Update-Certificate says' -ForEach 'Console', 'Engine' {
        $fault = $null
        Invoke-Runbook Update-Certificate @{ Role = $_; DataPath = $empty } ([ref] $fault) | Should -BeNullOrEmpty
        $fault.FullyQualifiedErrorId | Should -BeExactly "${_}NotFound"
    }
}

Describe 'A site, from its pairing to its nightly report' {
    BeforeAll {
        $console = New-DataPath
        $port = Get-FreePort
        $null = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port $port -AdvertisedAddress 127.0.0.1 -WarningAction Ignore
        $names = 1..6 | ForEach-Object { "berlin-$_" }
        $engines = [ordered]@{}
        $names | ForEach-Object { $engines[$_] = Add-Listener }
        $secrets = @{}
        $names | ForEach-Object { $secrets["secret of $_"] = New-Secret $engines[$_].Folder }
        $file = Join-Path (New-DataPath) 'fleet.csv'
        $rows = $names | ForEach-Object {
            [pscustomobject]@{ Name = $_; Address = '127.0.0.1'; Port = $engines[$_].Port; SecretName = "secret of $_"; Direction = 'Reverse' }
        }
        $rows | Export-Csv $file
        $fleet = @{ Path = $file; DataPath = $console; GetSecret = { param($Row) $secrets[$Row.SecretName] } }
        $report = Join-Path (New-DataPath) 'report.csv'
        $move = @{ Name = 'berlin-*'; Direction = 'Reverse'; BatchSize = 2; DataPath = $console; Timeout = [timespan]::FromMinutes(2); ReportPath = $report }
        $drift = @{ DataPath = $console; SkipFirewall = $true; ExpectedPath = $file; ReportPath = $report }
    }

    AfterAll {
        $engines.Values | ForEach-Object { Stop-EngineListener -DataPath $_.Folder }
        Stop-SecurityConsole -DataPath $console
    }

    It 'Register-Fleet pairs nothing with -WhatIf, and uses up no secret' {
        (Invoke-WhatIf "$runbooks/Register-Fleet.ps1" $fleet).Outcome | Select-Object -Unique | Should -Be 'NotTried'
        Get-ScanEngine -DataPath $console | Should -BeNullOrEmpty
    }

    It 'Register-Fleet pairs all that it can, names the others at the end, and goes on where it was' {
        $kept = $secrets['secret of berlin-3']
        $secrets['secret of berlin-3'] = New-Secret $engines['berlin-4'].Folder
        $fault = $null
        $first = @(Invoke-Runbook Register-Fleet ($fleet + @{ ReportPath = $report }) ([ref] $fault))
        $first.Outcome | Should -Be 'Paired', 'Paired', 'Failed', 'Paired', 'Paired', 'Paired'
        $first[2].Detail | Should -Match '^\w+: .*Compare the fingerprint'
        $fault.FullyQualifiedErrorId | Should -BeExactly 'EnginesNotPaired'
        "$fault" | Should -BeLike '1 of 6 engines*berlin-3 (PeerNotTrusted)*'
        @(Import-Csv $report) | Should -HaveCount 6

        $secrets['secret of berlin-3'] = $kept
        (Invoke-Runbook Register-Fleet $fleet).Outcome | Should -Be 'Unchanged', 'Unchanged', 'Paired', 'Unchanged', 'Unchanged', 'Unchanged'
        (Invoke-Runbook Register-Fleet $fleet).Outcome | Select-Object -Unique | Should -Be 'Unchanged'
        (Invoke-WhatIf "$runbooks/Register-Fleet.ps1" $fleet).Outcome | Select-Object -Unique | Should -Be 'Unchanged'
    }

    It 'Move-Site changes nothing with -WhatIf' {
        $told = Invoke-WhatIf "$runbooks/Move-Site.ps1" $move
        $told.Outcome | Select-Object -Unique | Should -Be 'NotTried'
        @(Get-ScanEngine -DataPath $console -Direction Reverse) | Should -BeNullOrEmpty
    }

    It 'Move-Site stops behind the batch in which one failed, and says what was not tried' {
        # Registered and never paired, it fails at once.
        Register-ScanEngine berlin-3x 127.0.0.1 -Port 1 -DataPath $console
        $fault = $null
        $first = @(Invoke-Runbook Move-Site $move ([ref] $fault))
        $first.Outcome | Should -Be 'Moved', 'Moved', 'Moved', 'Failed', 'NotTried', 'NotTried', 'NotTried'
        $first[3].Detail | Should -BeLike '*not paired*'
        $fault.FullyQualifiedErrorId | Should -BeExactly 'EnginesNotMoved'
        "$fault" | Should -BeLike 'Stopped: berlin-3x*3 engines were not tried*'
        (Import-Csv $report).Outcome | Should -Be $first.Outcome
    }

    It 'Move-Site goes on when that is mended, and then changes nothing' {
        Unregister-ScanEngine berlin-3x -DataPath $console -Confirm:$false
        (Invoke-Runbook Move-Site $move).Outcome | Should -Be 'Unchanged', 'Unchanged', 'Unchanged', 'Moved', 'Moved', 'Moved'
        $before = @(Get-ScanEngineEvent -DataPath $console -Newest 10000 | Where-Object Event -EQ 'DirectionChangeRequested').Count
        (Invoke-Runbook Move-Site $move).Outcome | Select-Object -Unique | Should -Be 'Unchanged'
        @(Get-ScanEngineEvent -DataPath $console -Newest 10000 | Where-Object Event -EQ 'DirectionChangeRequested').Count | Should -Be $before
    }

    It 'Get-DriftReport says nothing when all is well, and what is otherwise, each time' {
        $null = Wait-ScanEngine berlin-* -DataPath $console -Timeout 2m -ErrorAction Stop
        Invoke-Runbook Get-DriftReport $drift | Should -BeNullOrEmpty
        Get-Content $report | Should -HaveCount 1

        $rows[0].Direction = 'Standard'
        @($rows) + [pscustomobject]@{ Name = 'berlin-9'; Direction = 'Reverse' } | Export-Csv $file
        foreach ($run in 1, 2) {
            $found = @(Invoke-Runbook Get-DriftReport $drift)
            $found.Kind | Should -Be 'Direction', 'Missing'
            $found.Name | Should -Be 'berlin-1', 'berlin-9'
            (Import-Csv $report).Kind | Should -Be $found.Kind
        }

        $fault = $null
        @(Invoke-Runbook Get-DriftReport ($drift + @{ FailOnFinding = $true }) ([ref] $fault)) | Should -HaveCount 2
        $fault.FullyQualifiedErrorId | Should -BeExactly 'DriftFound'
        "$fault" | Should -BeLike '*1 Direction, 1 Missing*'
    }
}

Describe 'Set-Schedule' {
    BeforeAll {
        $pair = New-ScanEngineTestPair
        $at = @{ DataPath = $pair.ConsoleDataPath }
        $file = Join-Path (New-DataPath) 'schedules.csv'
        $rows = @(
            [pscustomobject]@{ Schedule = 'nightly'; EngineName = $pair.EngineName; Target = '127.0.0.1; 127.0.0.2'; Port = '22; 80'; Cron = '0 2 * * *'
                TimeZone = 'UTC'; MaxDuration = '4h'; BlackOut = 'Mon-Fri 08:00-18:00'; Missed = 'Once'; Overlap = '' }
            [pscustomobject]@{ Schedule = 'weekly'; EngineName = $pair.EngineName; Target = '127.0.0.0/30'; Port = '443'; Cron = '0 3 * * SUN; 0 4 * * WED'
                TimeZone = 'UTC'; MaxDuration = ''; BlackOut = ''; Missed = ''; Overlap = 'Queue' }
        )
    }

    AfterAll {
        $pair | Remove-ScanEngineTestPair
    }

    It 'makes, changes and removes what the file says, and a second run changes nothing' {
        $rows | Export-Csv $file
        (Invoke-WhatIf "$runbooks/Set-Schedule.ps1" ($at + @{ Path = $file })).Outcome | Should -Be 'Created', 'Created'
        Get-EngineScanSchedule @at | Should -BeNullOrEmpty
        (Invoke-Runbook Set-Schedule ($at + @{ Path = $file })).Outcome | Should -Be 'Created', 'Created'
        (Invoke-WhatIf "$runbooks/Set-Schedule.ps1" ($at + @{ Path = $file; Prune = $true })).Outcome | Should -Be 'Unchanged', 'Unchanged'
        (Invoke-Runbook Set-Schedule ($at + @{ Path = $file; Prune = $true })).Outcome | Should -Be 'Unchanged', 'Unchanged'
        (Get-EngineScanSchedule nightly @at).MaxDuration | Should -Be ([timespan] '04:00:00')
        (Get-EngineScanSchedule weekly @at).Cron | Should -Be '0 3 * * SUN', '0 4 * * WED'

        $rows[0].Cron = '0 5 * * *'
        $rows[0] | Export-Csv $file
        (Invoke-Runbook Set-Schedule ($at + @{ Path = $file; Prune = $true })).Outcome | Should -Be 'Changed', 'Removed'
        (Invoke-Runbook Set-Schedule ($at + @{ Path = $file; Prune = $true })).Outcome | Should -Be 'Unchanged'
        (Get-EngineScanSchedule @at).Cron | Should -Be '0 5 * * *'
    }
}

Describe 'Update-Certificate' {
    BeforeAll {
        $pair = New-ScanEngineTestPair
    }

    AfterAll {
        $pair | Remove-ScanEngineTestPair
    }

    It 'replaces the certificate of the <_> when it is old enough, and not again' -ForEach 'Console', 'Engine' {
        $of = @{ Role = $_; DataPath = $_ -eq 'Console' ? $pair.ConsoleDataPath : $pair.EngineDataPath }
        $old = (Get-EngineCertificate @of).Fingerprint
        (Invoke-Runbook Update-Certificate $of).Outcome | Should -Be 'Unchanged'
        Invoke-WhatIf "$runbooks/Update-Certificate.ps1" ($of + @{ MaxAgeDays = 0 }) | Should -BeNullOrEmpty
        (Get-EngineCertificate @of).Fingerprint | Should -Be $old
        $done = Invoke-Runbook Update-Certificate ($of + @{ MaxAgeDays = 0; Timeout = [timespan]::FromMinutes(2) })
        $done.Outcome | Should -Be 'Replaced'
        $done.Fingerprint | Should -Not -Be $old
        (Invoke-Runbook Update-Certificate ($of + @{ MaxAgeDays = 1 })).Outcome | Should -Be 'Unchanged'
        (Get-EngineCertificate @of).Fingerprint | Should -Be $done.Fingerprint
    }
}

Describe 'Restore-Engine and Move-Console' {
    BeforeAll {
        $console = New-DataPath
        $port = Get-FreePort
        $null = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port $port -AdvertisedAddress 127.0.0.1 -WarningAction Ignore
        $dead = Add-Listener
        Register-ScanEngine dmz-1 127.0.0.1 -Port $dead.Port -DataPath $console -PairingSecret (New-Secret $dead.Folder)
        $folders = [System.Collections.Generic.List[string]]::new()
    }

    AfterAll {
        $folders | ForEach-Object { Stop-EngineListener -DataPath $_ }
        Stop-SecurityConsole -DataPath $console
    }

    It 'Restore-Engine puts a rebuilt standard engine in the place of a dead one, once' {
        Stop-EngineListener -DataPath $dead.Folder
        $rebuilt = Add-Listener (New-DataPath) $dead.Port
        $folders.Add($rebuilt.Folder)
        $with = @{ Name = 'dmz-1'; DataPath = $console; PairingSecret = New-Secret $rebuilt.Folder; Fingerprint = $rebuilt.Fingerprint }
        Invoke-WhatIf "$runbooks/Restore-Engine.ps1" $with | Should -BeNullOrEmpty
        (Get-ScanEngine dmz-1 -DataPath $console).Fingerprint | Should -Be $dead.Fingerprint
        (Invoke-Runbook Restore-Engine $with).Outcome | Should -Be 'Replaced'
        (Get-ScanEngine dmz-1 -DataPath $console).Fingerprint | Should -Be $rebuilt.Fingerprint
        (Invoke-Runbook Restore-Engine $with).Outcome | Should -Be 'Unchanged'
    }

    It 'Restore-Engine makes the secret with which a rebuilt engine that polls takes its place, once' {
        $null = Set-ScanEngineCommunication dmz-1 Reverse -DataPath $console -Confirm:$false -ErrorAction Stop
        Stop-EngineListener -DataPath $folders[0]
        $made = Invoke-Runbook Restore-Engine @{ Name = 'dmz-1'; DataPath = $console }
        $made.Outcome | Should -Be 'SecretMade'
        $again = New-DataPath
        $folders.Add($again)
        $poller = Start-EnginePoller 127.0.0.1 -ConsolePort $port -EngineName dmz-1 -PairingSecret $made.Secret -DataPath $again -Interval 1s -WarningAction Ignore
        $null = Wait-ScanEngine dmz-1 -DataPath $console -Timeout 2m -ErrorAction Stop
        (Invoke-Runbook Restore-Engine @{ Name = 'dmz-1'; DataPath = $console; Fingerprint = $poller.Fingerprint }).Outcome | Should -Be 'Unchanged'
    }

    It 'Move-Console moves the console with its engines, once' {
        $file = Join-Path (New-DataPath) 'console.export'
        $secret = ConvertTo-Passphrase 'a passphrase of some length'
        $export = @{ Step = 'Export'; Path = $file; Passphrase = $secret; DataPath = $console }
        Invoke-WhatIf "$runbooks/Move-Console.ps1" $export | Should -BeNullOrEmpty
        (Get-SecurityConsole -DataPath $console).State | Should -Be 'Running'
        $made = Invoke-Runbook Move-Console $export
        $made.Outcome | Should -Be 'Exported'
        (Get-SecurityConsole -DataPath $console).State | Should -Be 'Stopped'
        (Invoke-Runbook Move-Console $export).Outcome | Should -Be 'Unchanged'

        $moved = New-DataPath
        $import = @{ Step = 'Import'; Path = $file; Passphrase = $secret; DataPath = $moved; Fingerprint = $made.Fingerprint }
        (Invoke-Runbook Move-Console $import).Outcome | Should -Be 'Imported'
        (Invoke-Runbook Move-Console $import).Outcome | Should -Be 'Unchanged'
        $null = Start-SecurityConsole -DataPath $moved -Address 127.0.0.1 -Port $port -AdvertisedAddress 127.0.0.1 -WarningAction Ignore
        try {
            $null = Wait-ScanEngine dmz-1 -DataPath $moved -Timeout 2m -ErrorAction Stop
            (Get-ScanEngine dmz-1 -DataPath $moved).Paired | Should -BeTrue
        } finally {
            Stop-SecurityConsole -DataPath $moved
        }
    }
}
