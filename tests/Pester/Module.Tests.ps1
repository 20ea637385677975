BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $env:SCANENGINEADMIN_DATA = New-DataPath
}

AfterAll {
    Remove-Item Env:SCANENGINEADMIN_DATA
}

Describe 'The module' {
    It 'exports what its manifest lists, and no more' {
        $listed = (Import-PowerShellDataFile $Manifest).CmdletsToExport
        (Get-Command -Module ScanEngineAdmin).Name | Sort-Object | Should -Be ($listed | Sort-Object)
    }

    It 'uses approved verbs only' {
        $approved = (Get-Verb).Verb
        Get-Command -Module ScanEngineAdmin | Where-Object Verb -NotIn $approved | Should -BeNullOrEmpty
    }

    It 'passes PowerShell''s own check of a manifest' {
        (Test-ModuleManifest $Manifest).Name | Should -Be 'ScanEngineAdmin'
    }

    It 'says what to do when it is not built' {
        $copy = New-DataPath
        Copy-Item $Manifest $copy
        $null = New-Item -ItemType Directory "$copy/module"
        Copy-Item "$Checkout/module/*.ps*1*" "$copy/module"
        $said = Invoke-Pwsh -NoProfile -Command "Import-Module '$copy/ScanEngineAdmin.psd1'" 2>&1 | Out-String
        $said | Should -BeLike '*is not built*build.ps1*'
    }

    It 'loads no module of PowerShell when it is imported' {
        Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; (Get-Module).Name" |
            Should -BeExactly 'ScanEngineAdmin'
    }

    It 'takes its columns away when it is removed, and has them again' {
        $count = '(Get-TypeData ScanEngineAdmin.ScanEngine).Members.Count'
        Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; $count
            Remove-Module ScanEngineAdmin; $count; Import-Module '$Manifest'; $count; Import-Module '$Manifest' -Force; $count" |
            Should -BeExactly 3, 0, 3, 3
    }

    It 'keeps the database library in a load context of its own, and shares the rest' {
        $null = New-EnginePairingSecret
        $loaded = [System.AppDomain]::CurrentDomain.GetAssemblies() | Group-Object { $_.GetName().Name } -AsHashTable
        $context = { [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($args[0]).Name }
        & $context $loaded['Microsoft.Data.Sqlite'][0] | Should -Be 'ScanEngineAdmin.Storage'
        & $context $loaded['ScanEngineAdmin.Storage'][0] | Should -Be 'ScanEngineAdmin.Storage'
        & $context $loaded['ScanEngineAdmin.Core'][0] | Should -Be 'Default'
        $loaded['ScanEngineAdmin.Core'].Count | Should -Be 1
        $loaded['Newtonsoft.Json'].Count | Should -BeLessOrEqual 1
    }

    It 'stops what it runs when it is removed' {
        $port = Get-FreePort
        $path = New-DataPath
        $script = "Import-Module '$Manifest'; `$c = Start-SecurityConsole -DataPath '$path' -Address 127.0.0.1 -Port $port 3>`$null
            `$before = `$c.State; Remove-Module ScanEngineAdmin
            `$l = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $port); `$l.Start(); `$l.Stop(); `"`$before then free`""
        Invoke-Pwsh -NoProfile -Command $script | Should -Be 'Running then free'
    }
}

Describe 'The help' {
    BeforeAll {
        # As a build does.
        Invoke-Pwsh -NoProfile -NonInteractive -File "$Checkout/src/ScanEngineAdmin/Write-Help.ps1" -Manifest $Manifest `
            -Path "$Checkout/module/bin/en-US/ScanEngineAdmin.dll-Help.xml" -PagePath ($script:pages = New-DataPath)
        $file = Join-Path (New-DataPath) 'help.xml'
        Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'
            Get-Command -Module ScanEngineAdmin | ForEach-Object { Get-Help `$_.Name -Full } | Export-Clixml '$file' -Depth 6"
        $script:help = Import-Clixml $file
    }

    It 'has a synopsis, examples and a word on every parameter, for every cmdlet' {
        $help.Count | Should -Be (Get-Command -Module ScanEngineAdmin).Count
        $lacking = foreach ($one in $help) {
            if (-not "$($one.Synopsis)".Trim() -or "$($one.Synopsis)" -match '\[-') { "$($one.Name): synopsis" }
            if (-not $one.examples.example) { "$($one.Name): examples" }
            $one.parameters.parameter | Where-Object { -not "$($_.description.Text)".Trim() } | ForEach-Object { "$($one.Name) -$($_.name)" }
        }

        $lacking | Should -BeNullOrEmpty
    }

    It 'is in docs/cmdlets as it is here: dotnet pwsh build.ps1 -Task Build writes it' {
        $written = Get-ChildItem $pages | Sort-Object Name
        (Get-ChildItem "$Checkout/docs/cmdlets" -Filter *.md | Sort-Object Name).Name | Should -Be $written.Name
        $old = foreach ($page in $written) {
            $kept = (Get-Content -Raw "$Checkout/docs/cmdlets/$($page.Name)") -replace "`r"
            if ($kept -cne (Get-Content -Raw $page.FullName)) { $page.Name }
        }

        $old | Should -BeNullOrEmpty
    }

    It 'has examples that name parameters that there are' {
        foreach ($one in $help) {
            foreach ($code in $one.examples.example.code) {
                $tokens = $errors = $null
                $tree = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref] $tokens, [ref] $errors)
                $errors | Should -BeNullOrEmpty -Because $code
                $code | Should -BeLike "*$($one.Name)*"
                $calls = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
                foreach ($call in $calls | Where-Object { $_.GetCommandName() -match 'Engine|SecurityConsole' }) {
                    $known = (Get-Command $call.GetCommandName() -Module ScanEngineAdmin).Parameters.Keys
                    $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
                        ForEach-Object { $_.ParameterName | Should -BeIn $known -Because $code }
                }
            }
        }
    }
}

Describe 'The documents' {
    BeforeDiscovery {
        $root = Split-Path -Path (Split-Path -Path $PSScriptRoot)
        $documents = Get-ChildItem -Path "$root/README.md", "$root/docs/*.md" | ForEach-Object { @{ Name = $_.Name; File = $_.FullName } }
    }

    It 'name commands and parameters that there are: <Name>' -ForEach $documents {
        $text = Get-Content -Raw $File
        # Blocks and, in the rest, what is set in code.
        $pieces = @([regex]::Matches($text, '(?ms)^```\w*\n(.*?)^```').ForEach{ $_.Groups[1].Value })
        $pieces += [regex]::Matches(($text -replace '(?ms)^```.*?^```'), '`([^`]+)`').ForEach{ $_.Groups[1].Value }
        $commands = Get-Command -Module ScanEngineAdmin | Group-Object Name -AsHashTable
        $unknown = foreach ($piece in $pieces) {
            $tokens = $errors = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($piece, [ref] $tokens, [ref] $errors)
            foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $name = $call.GetCommandName()
                if ($name -notmatch '^[A-Z][a-z]+-(\w*(Engine|SecurityConsole)\w*)$') {
                    continue
                }

                $command = $commands[$name]
                if (-not $command) {
                    $name
                    continue
                }

                $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
                    Where-Object { -not $command[0].Parameters.ContainsKey($_.ParameterName) } |
                    ForEach-Object { "$name -$($_.ParameterName)" }
            }
        }

        $unknown | Should -BeNullOrEmpty
    }
}

Describe 'What lists things' {
    It 'names every cmdlet: about_ScanEngineAdmin' {
        $text = Get-Content -Raw "$Checkout/docs/about_ScanEngineAdmin.help.txt"
        $list = [regex]::Match($text, '(?ms)^WHAT THERE IS\r?\n(.*?)^\S').Groups[1].Value
        # 'Start-, Get-, Stop-SecurityConsole' has the noun at its end, and 'Stop-EngineListener and -EnginePoller' two.
        $named = foreach ($part in $list -split ';|\r?\n(?=    \S)') {
            $verbs = [regex]::Matches($part, '\b([A-Z][A-Za-z]+)-').ForEach{ $_.Groups[1].Value }
            $nouns = [regex]::Matches($part, '-([A-Z]\w+)').ForEach{ $_.Groups[1].Value }
            foreach ($noun in $nouns) { foreach ($verb in $verbs) { "$verb-$noun" } }
        }

        (Get-Command -Module ScanEngineAdmin -CommandType Cmdlet).Name | Where-Object { $_ -notin $named } | Should -BeNullOrEmpty
    }

    It 'names every topic: about_ScanEngineAdmin' {
        $text = Get-Content -Raw "$Checkout/docs/about_ScanEngineAdmin.help.txt"
        Get-ChildItem "$Checkout/docs" -Filter 'about_*_*.help.txt' |
            Where-Object { $text -notmatch "\b$($_.Name -replace '\.help\.txt$')\b" } | Should -BeNullOrEmpty
    }

    It 'names every runbook: about_ScanEngineAdmin_Automation' {
        $text = Get-Content -Raw "$Checkout/docs/about_ScanEngineAdmin_Automation.help.txt"
        Get-ChildItem "$Checkout/docs/runbooks" -Filter *.ps1 | Where-Object { $text -notmatch [regex]::Escape($_.Name) } |
            Should -BeNullOrEmpty
    }

    It 'names every document: README.md' {
        $text = Get-Content -Raw "$Checkout/README.md"
        Get-ChildItem "$Checkout/docs" -Filter *.md |
            Where-Object { $text -notmatch "\(docs/$([regex]::Escape($_.Name))\)" } | ForEach-Object Name | Should -BeNullOrEmpty
    }
}

Describe 'Reading where nothing is' {
    It '<_> returns nothing and makes nothing' -ForEach @(
        'Get-ScanEngine', 'Get-SecurityConsole', 'Get-EngineListener', 'Get-EnginePoller', 'Get-EngineConsole'
        'Get-EngineScan', 'Get-EnginePairingSecret', 'Get-EngineScanPolicy', 'Get-EngineCertificate'
    ) {
        $path = New-DataPath
        & $_ -DataPath $path -ErrorAction Stop | Should -BeNullOrEmpty
        Get-ChildItem $path | Should -BeNullOrEmpty
    }
}

Describe 'The table views' {
    It 'draw an engine''s direction' {
        $path = New-DataPath
        Register-ScanEngine -DataPath $path -Name 'lab view' -Address 192.0.2.7 -Port 40899
        $text = Get-ScanEngine -DataPath $path | Format-Table | Out-String -Width 200
        $text | Should -Match 'lab view +console (──40899──▶|--40899-->) engine +192\.0\.2\.7 +PendingAuthorization'
    }

    It 'draw it in plain characters where the output is plain' {
        $engine = [pscustomobject]@{ Direction = 'EngineToConsole'; ConsolePort = 40815 }
        [ScanEngineAdmin.DirectionArrow]::Of($engine, $true) | Should -Be 'console <--40815-- engine'
    }

    It 'draw no port that they do not know' {
        [ScanEngineAdmin.DirectionArrow]::Of([pscustomobject]@{ Direction = 'Reverse' }, $true) |
            Should -Be 'console <-- engine'
    }

    It 'show all of a secret that was just made, on a narrow screen too' {
        $made = New-EnginePairingSecret
        ($made | Out-String -Width 80) -replace '\s' | Should -Match ([regex]::Escape($made.Secret))
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($made))
        ($copy | Out-String -Width 80) -replace '\s' | Should -Match ([regex]::Escape($made.Secret))
        Get-EnginePairingSecret $made.SecretId | Out-String -Width 80 | Should -Match "$($made.SecretId) +in"
    }

    It 'show a test''s verdict, the port that was tested and, stage by stage, what to do' {
        $port = Get-FreePort
        $result = Test-EngineFirewall -ComputerName 127.0.0.1 -Port $port -Timeout 1m
        $failed = $result.Stages | Where-Object Result -EQ 'Failed'
        $failed.Recommendation | Should -Not -BeNullOrEmpty
        $flat = ($result.Stages | Out-String -Width 80) -replace '\s'
        $flat | Should -BeLike "*$([wildcardpattern]::Escape(($failed.Recommendation -replace '\s')))*"
        $result | Out-String -Width 200 |
            Should -Match "127\.0\.0\.1:$port +console (──|--)$port(──▶|-->) engine +no +yes +\w+ +\w"
    }

    It 'exist for every output, also when it came through remoting' {
        $types = Get-Command -Module ScanEngineAdmin | ForEach-Object { $_.OutputType.Type } |
            Where-Object { $_ -and $_ -notin [bool], [string], [void], [System.IO.FileInfo] } | Sort-Object -Unique FullName
        foreach ($type in $types) {
            (Get-FormatData -TypeName $type.FullName) | Should -Not -BeNullOrEmpty -Because $type.FullName
            (Get-FormatData -TypeName "Deserialized.$($type.FullName)") | Should -Not -BeNullOrEmpty -Because $type.FullName
        }
    }

    BeforeAll {
        # Of all that cmdlets return, with what is in it.
        $script:seen = [System.Collections.Generic.HashSet[type]]::new()
        $next = [System.Collections.Generic.Queue[type]]::new()
        Get-Command -Module ScanEngineAdmin | ForEach-Object { $_.OutputType.Type } | Where-Object { $_ } | ForEach-Object { $next.Enqueue($_) }
        while ($next.Count -gt 0) {
            $type = $next.Dequeue()
            $own = "$($type.Namespace)" -like 'ScanEngineAdmin*' -and -not $type.IsEnum
            $parts = @($type.GetGenericArguments()) + $type.GetElementType() + @($own ? $type.GetProperties().PropertyType : @())
            $parts | Where-Object { $_ -and $seen.Add($_) } | ForEach-Object { $next.Enqueue($_) }
        }
    }

    It 'have no part that shows as the name of its type, or as code' {
        $returned = Get-Command -Module ScanEngineAdmin | ForEach-Object { $_.OutputType.Type }
        $own = @($seen) + @($returned) | Sort-Object -Unique FullName |
            Where-Object { $_ -and "$($_.Namespace)" -like 'ScanEngineAdmin*' -and $_.IsClass -and -not $_.IsArray }
        $own.Count | Should -BeGreaterThan 20
        $own | Where-Object {
            $text = $_.GetMethod('ToString', [type[]] @())
            $text.DeclaringType -eq [object] -or $text.IsDefined([System.Runtime.CompilerServices.CompilerGeneratedAttribute], $false)
        } | ForEach-Object FullName | Should -BeNullOrEmpty
    }

    It 'have no enum in an output that would go through a file as a number' {
        $enums = @($seen | Where-Object { $_.IsEnum -and "$($_.Namespace)" -like 'ScanEngineAdmin*' })
        $enums.Count | Should -BeGreaterThan 15
        $enums | Where-Object { "$((Get-TypeData $_.FullName).SerializationMethod)" -ne 'String' } |
            ForEach-Object FullName | Should -BeNullOrEmpty
    }
}

Describe 'Tab completion' {
    BeforeAll {
        $script:data = New-DataPath
        Register-ScanEngine -DataPath $data -Name lab1 -Address 192.0.2.1
        Register-ScanEngine -DataPath $data -Name 'lab 2' -Address 192.0.2.2
        $script:complete = { (TabExpansion2 -inputScript $args[0] -cursorColumn $args[0].Length).CompletionMatches.CompletionText }
    }

    It 'offers the engines'' names, quoted where they need it' {
        & $complete "Get-ScanEngine -DataPath '$data' -Name " | Should -Be @("'lab 2'", 'lab1')
    }

    It 'tells an engine''s direction, address and status as the tip' {
        $line = "Get-ScanEngine -DataPath '$data' -Name lab1"
        (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.ToolTip |
            Should -Be 'lab1 (ConsoleToEngine, 192.0.2.1, PendingAuthorization)'
    }

    It 'tells the status that Get-ScanEngine shows while the console is stopped too' {
        $fleet = New-Fleet 'EngineToConsole'
        $line = "Get-ScanEngine -DataPath '$($fleet.Console)' -Name lab1"
        $tip = { (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.ToolTip }
        try {
            & $tip | Should -BeLike 'lab1 (EngineToConsole, *, Active)'
        } finally {
            Remove-Fleet $fleet
        }

        & $tip | Should -BeLike "lab1 (EngineToConsole, *, $((Get-ScanEngine lab1 -DataPath $fleet.Console).Status))"
        & $tip | Should -BeLike 'lab1 (EngineToConsole, *, Unknown)'
    }

    It 'tells what a pool, a schedule, a scan and a secret are as the tip' {
        $tip = { (TabExpansion2 -inputScript $args[0] -cursorColumn $args[0].Length).CompletionMatches.ToolTip }
        $at = @{ DataPath = $data }
        $fleet = New-Fleet 'ConsoleToEngine'
        try {
            $at = @{ DataPath = $fleet.Console }
            $null = New-ScanEnginePool both -Engine lab1 @at
            & $tip "Get-ScanEnginePool -DataPath '$($fleet.Console)' b" | Should -Be 'both (1 engines: lab1)'
            $null = New-EngineScanSchedule nightly lab1 -Target 127.0.0.1 -Daily -At 03:00 -TimeZone UTC @at
            & $tip "Get-EngineScanSchedule -DataPath '$($fleet.Console)' n" | Should -Be '0 3 * * * (UTC)'
            $null = Set-EngineScanSchedule nightly -Enabled:$false @at
            & $tip "Get-EngineScanSchedule -DataPath '$($fleet.Console)' n" | Should -Be '0 3 * * * (UTC), disabled'
            $scan = Start-EngineScan lab1 127.0.0.1 -Port (Get-FreePort) @at
            & $tip "Get-EngineScan -DataPath '$($fleet.Console)' -ScanId $("$($scan.ScanId)".Substring(0, 8))" | Should -BeLike 'lab1, *'
            $null = New-EnginePairingSecret -EngineName lab1 @at
            & $tip "Revoke-EnginePairingSecret -DataPath '$($fleet.Console)' " | Should -BeLike 'lab1, until *'
        } finally {
            Remove-Fleet $fleet
        }
    }

    It 'offers the events that each command can have' {
        & $complete 'Watch-ScanEngine -Event EngineL' | Should -Be 'EngineLost'
        & $complete 'Get-ScanEngineEvent -Event EngineL' | Should -BeNullOrEmpty
        & $complete 'Watch-ScanEngine -Event DirectionChangeR' | Should -Be 'DirectionChangeRequested', 'DirectionChangeRolledBack'
    }

    It 'is there wherever one of them is named' {
        $named = 'Name', 'EngineName', 'Engine', 'PoolName', 'Pool', 'Schedule', 'ScanId', 'SecretId', 'Fingerprint'
        # What is new has no name to choose from; a fingerprint that is compared with the engine's own host is not offered.
        $new = 'Register-ScanEngine', 'New-ScanEnginePool:PoolName', 'New-EngineScanSchedule:Schedule', 'New-EngineScanSchedule:Name', 'Start-EnginePoller',
        'New-ScanEngineTestPair:EngineName', 'Approve-ScanEngine:Fingerprint'
        $lacks = foreach ($command in Get-Command -Module ScanEngineAdmin -CommandType Cmdlet) {
            foreach ($parameter in $command.Parameters.Values | Where-Object Name -In $named) {
                $key = "$($command.Name):$($parameter.Name)"
                if ($command.Name -notin $new -and $key -notin $new -and
                    -not ($parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ArgumentCompleterAttribute] })) { $key }
            }
        }

        $lacks | Should -BeNullOrEmpty
    }

    It 'narrows by what is typed' {
        & $complete "Start-EngineScan -DataPath '$data' -Name lab1" | Should -Be 'lab1'
    }

    It 'offers the directions' {
        & $complete 'Set-ScanEngineCommunication x -Direction e' | Should -Be 'EngineToConsole'
    }

    It 'offers secrets, events and what is known on an engine''s host' {
        $secret = New-EnginePairingSecret -DataPath $data
        & $complete "Revoke-EnginePairingSecret -DataPath '$data' " | Should -Be $secret.SecretId
        & $complete "Get-ScanEngineEvent -DataPath '$data' -Event SecretC" | Should -Be 'SecretCreated'
        & $complete "New-EnginePairingSecret -DataPath '$data' -EngineName lab1" | Should -Be 'lab1'
        $fleet = New-Fleet 'EngineToConsole' 'far'
        try {
            $engine = $fleet.Engine
            & $complete "Approve-EngineConsole -DataPath '$engine' " | Should -Be $fleet.ConsoleHandle.Fingerprint
            & $complete "Test-EngineFirewall -DataPath '$engine' " | Should -Be 'far'
            & $complete "Get-ScanEngineEvent -Role Engine -DataPath '$engine' -Event Paire" | Should -Be 'Paired'
            (Get-ScanEngineEvent -Role Engine -DataPath $engine -Newest 1).Event | Should -Be 'Paired'
            Get-EngineConsole -DataPath $engine | Out-String -Width 200 |
                Should -Match "console (◀──|<--)$(Get-Port $fleet.ConsoleHandle)(──|--) engine"
        } finally {
            Remove-Fleet $fleet
        }
    }

    It 'is silent and makes nothing where nothing is' {
        $empty = New-DataPath
        $null = & $complete "Get-ScanEngine -DataPath '$empty' -Name "
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }
}
