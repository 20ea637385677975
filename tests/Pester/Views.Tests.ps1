BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $script:path = New-DataPath
    Register-ScanEngine -DataPath $path -Name 'lab-1' -Address 192.0.2.7 -Port 40899
    $script:file = Join-Path (New-DataPath) 'engine.xml'
    Get-ScanEngine -DataPath $path | Export-Clixml $file

    # Runs a script in a runspace of its own, of that language mode.
    function Invoke-InMode([string] $Mode, [string] $Script) {
        $state = [initialsessionstate]::CreateDefault2()
        $state.LanguageMode = $Mode
        $space = [runspacefactory]::CreateRunspace($state)
        $space.Open()
        $shell = [powershell]::Create($space)
        try {
            $shell.AddScript("Import-Module '$Manifest'; Import-Module '$Manifest' -Force; $Script").Invoke() | Out-String
            $shell.Streams.Error | Should -BeNullOrEmpty
        } finally {
            $shell.Dispose()
            $space.Dispose()
        }
    }
}

Describe 'The table views where the language is <_>' -ForEach 'FullLanguage', 'ConstrainedLanguage' {
    It 'show the direction of an engine, live and from a file' {
        foreach ($get in "Get-ScanEngine -DataPath '$path'", "Import-Clixml '$file'") {
            Invoke-InMode $_ "$get | Format-Table | Out-String -Width 200" |
                Should -Match 'lab-1 +console (──40899──▶|--40899-->) engine +192\.0\.2\.7 +PendingAuthorization: '
        }
    }

    It 'show how long ago' {
        $made = New-EnginePairingSecret -DataPath $path
        Invoke-InMode $_ "Get-EnginePairingSecret -DataPath '$path' | Format-Table | Out-String -Width 200" | Should -Match "$($made.SecretId) +in \d+ min"
        $made | Revoke-EnginePairingSecret -Confirm:$false
    }

    It 'call no method of a type in any column' {
        # What a constrained language refuses leaves an empty cell, without an error.
        Get-Content "$Checkout/module/ScanEngineAdmin.Format.ps1xml" | Where-Object { $_ -match '\[ScanEngineAdmin' } | Should -BeNullOrEmpty
    }
}

Describe 'The table views' {
    It 'keep why an engine is not active at 80 columns' {
        $text = Get-ScanEngine -DataPath $path | Format-Table | Out-String -Width 80
        $detail = (Get-ScanEngine -DataPath $path).StatusDetail
        $detail | Should -Not -BeNullOrEmpty
        $lines = $text -replace "`e\[[\d;]*m" -split "`n"
        $from = ($lines -match '^Name')[0].IndexOf('Status')
        $cells = ($lines | ForEach-Object { $_.Length -gt $from ? $_.Substring($from) : '' }) -join ''
        $cells -replace '\s' | Should -BeLike "*$($detail -replace '\s')*"
    }

    It 'show all columns of large scans at 80 columns' {
        $scan = [pscustomobject]@{
            PSTypeName = 'ScanEngineAdmin.EngineScan'; ScanId = [guid]::NewGuid(); EngineName = 'lab-1'; State = 'Completed'
            Cause = 'None'; Detail = ''; TargetsDone = 9999998; TargetsTotal = 9999999; FindingCount = 99999; Queued = [datetime]::Now.AddMinutes(-10.5)
        }
        $lines = ($scan | Format-Table | Out-String -Width 80) -replace "`e\[[\d;]*m" -split "`n" | Where-Object { $_.Trim() }
        $lines.Count | Should -Be 3
        $lines[-1].Trim() | Should -Be "$($scan.ScanId) lab-1      Completed  99% 99999 10 min ago"
    }

    It 'have room for the name of every column at 80 columns' {
        $views = ([xml] (Get-Content -Raw "$Checkout/module/ScanEngineAdmin.Format.ps1xml")).Configuration.ViewDefinitions.View |
            Where-Object { $_.TableControl -and $_.TableControl.TableHeaders.TableColumnHeader.Width }
        $views.Count | Should -BeGreaterThan 3
        foreach ($view in $views) {
            $columns = @($view.TableControl.TableHeaders.TableColumnHeader)
            foreach ($fixed in $columns | Where-Object Width) {
                [int] $fixed.Width | Should -BeGreaterOrEqual "$($fixed.Label)".Length -Because "$($view.Name) $($fixed.Label)"
            }

            $left = 80 - ($columns.Width | Measure-Object -Sum).Sum - $columns.Count
            $labels = ($columns | Where-Object { -not $_.Width } | ForEach-Object { "$($_.Label)".Length } | Measure-Object -Sum).Sum
            $left | Should -BeGreaterOrEqual $labels -Because $view.Name
        }
    }

    It 'show what is computed in no other output' {
        (Get-ScanEngine -DataPath $path | ConvertTo-Csv)[0] | Should -Not -Match 'Arrow|Age'
    }
}

Describe 'The topic about_ScanEngineAdmin' {
    It 'is found by Get-Help' {
        Get-Help about_ScanEngineAdmin | Out-String | Should -BeLike '*FIRST STEPS*'
    }

    It 'is found in an installed package that nobody has imported yet' {
        $modules = New-DataPath
        $package = New-Item -ItemType Directory -Path "$modules/ScanEngineAdmin/$((Test-ModuleManifest $Manifest).Version)"
        Copy-Item -LiteralPath $Manifest, "$Checkout/module" -Destination $package -Recurse
        Invoke-Pwsh -NoProfile -Command "`$env:PSModulePath = '$modules'
            Get-Help about_ScanEngineAdmin | Out-String; Get-Module ScanEngineAdmin" | Out-String |
            Should -BeLike '*FIRST STEPS*'
    }

    It 'has one beside it for <_>, which is found too' -ForEach @(
        'Communication', 'Firewall', 'Schedules', 'Automation', 'Dsc', 'Errors', 'Security', 'Pester'
    ) {
        Get-Help "about_ScanEngineAdmin_$_" | Out-String | Should -BeLike "*about_ScanEngineAdmin_$_*LONG DESCRIPTION*"
        $lines = Get-Content "$Checkout/docs/about_ScanEngineAdmin_$_.help.txt"
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        Get-Content -Raw "$Checkout/docs/about_ScanEngineAdmin.help.txt" | Should -BeLike "*about_ScanEngineAdmin_$_*"
    }

    It 'has every error id in the topic about them, as a build writes it: dotnet pwsh build.ps1 -Task Build' {
        $written = Join-Path (New-DataPath) 'errors.txt'
        Invoke-Pwsh -NoProfile -NonInteractive -File "$Checkout/src/ScanEngineAdmin/Write-ErrorTopic.ps1" -Table "$Checkout/docs/faults.md" -Path $written
        $text = Get-Content -Raw $written
        (Get-Content -Raw "$Checkout/docs/about_ScanEngineAdmin_Errors.help.txt") -replace "`r" | Should -BeExactly $text
        # faults.md is held to the code by FaultTableTests.
        $ids = [regex]::Matches((Get-Content -Raw "$Checkout/docs/faults.md"), '(?m)^\| `(\w+)` \|').ForEach{ $_.Groups[1].Value }
        $ids.Count | Should -BeGreaterThan 80
        $ids | Where-Object { $text -notmatch "(?m)^    $_ \(" } | Should -BeNullOrEmpty
    }

    It 'names cmdlets that there are' {
        $text = (Get-ChildItem "$Checkout/docs/about_*.help.txt" | Get-Content -Raw) -join ' '
        $commands = @((Get-Command -Module ScanEngineAdmin).Name) + 'Register-EngineEvent'
        [regex]::Matches($text, '\b[A-Z][a-z]+-(?:\w*Engine\w*|SecurityConsole)\b(?!\.ps1)').Value | Sort-Object -Unique |
            Where-Object { $_ -notin $commands } | Should -BeNullOrEmpty
    }

    It 'tells what a mock needs, and that works' {
        Mock Start-EngineScan { $Deadline } -RemoveParameterType Deadline, Timeout
        Start-EngineScan lab-1 127.0.0.1 -Deadline 2h -Timeout 5s | Should -Be '2h'
    }

    It 'is right that a mock keeps the words of a direction' {
        Mock Set-ScanEngineCommunication { "$Direction" } -ParameterFilter { $Direction -eq 'Reverse' }
        Mock Wait-ScanEngine { "$Direction" }
        Set-ScanEngineCommunication lab-1 Reverse | Should -Be 'EngineToConsole'
        Set-ScanEngineCommunication lab-1 EngineToConsole | Should -Be 'EngineToConsole'
        Wait-ScanEngine lab-1 -Direction standard | Should -Be 'ConsoleToEngine'
        { Wait-ScanEngine lab-1 -Direction sideways } | Should -Throw '*is no direction*'
        (Get-ScanEngine -DataPath $path).Direction -eq 'Standard' | Should -BeTrue
    }
}
