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
        $said = & (Get-Process -Id $PID).Path -NoProfile -Command "Import-Module '$copy/ScanEngineAdmin.psd1'" 2>&1 | Out-String
        $said | Should -BeLike '*is not built*build.ps1*'
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
        & (Get-Process -Id $PID).Path -NoProfile -Command $script | Should -Be 'Running then free'
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
        $engine = [pscustomobject]@{ Direction = 'EngineToConsole' }
        [ScanEngineAdmin.DirectionArrow]::Of($engine, $true) | Should -Be 'console <--40815-- engine'
    }

    It 'exist for every output, also when it came through remoting' {
        $types = Get-Command -Module ScanEngineAdmin | ForEach-Object { $_.OutputType.Type } |
            Where-Object { $_ -and $_ -notin [bool], [string], [void] } | Sort-Object -Unique FullName
        foreach ($type in $types) {
            (Get-FormatData -TypeName $type.FullName) | Should -Not -BeNullOrEmpty -Because $type.FullName
            (Get-FormatData -TypeName "Deserialized.$($type.FullName)") | Should -Not -BeNullOrEmpty -Because $type.FullName
        }
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

    It 'narrows by what is typed' {
        & $complete "Start-EngineScan -DataPath '$data' -Name lab1" | Should -Be 'lab1'
    }

    It 'offers the directions' {
        & $complete 'Set-ScanEngineCommunication x -Direction e' | Should -Be 'EngineToConsole'
    }

    It 'is silent and makes nothing where nothing is' {
        $empty = New-DataPath
        $null = & $complete "Get-ScanEngine -DataPath '$empty' -Name "
        Get-ChildItem $empty | Should -BeNullOrEmpty
    }
}
