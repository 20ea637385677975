BeforeDiscovery {
    . "$PSScriptRoot/Namespace.ps1"
    $noNamespace = Test-NamespaceLack 'the DSC resource of a host''s firewall'
    # DSC's own adapter script for PowerShell: adapters/powershell/psDscAdapter/powershell.resource.ps1 of a checkout of PowerShell/DSC.
    $noAdapter = -not $env:SCANENGINEADMIN_DSC_ADAPTER
    if ($noAdapter) {
        Write-Warning ('Skipped: the resources by DSC''s own adapter. $env:SCANENGINEADMIN_DSC_ADAPTER does not name its script, ' +
            'powershell.resource.ps1. Invoke-DscResource of PSDesiredStateConfiguration was not run either: it is not to be had here.')
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'DscDocument.ps1')
    . (Join-Path $PSScriptRoot 'Namespace.ps1')

    function New-Communication($Fleet, [hashtable] $Property) {
        New-DscInstance ScanEngineCommunication (@{ DataPath = $Fleet.Console; Name = $Fleet.Name } + $Property)
    }

    function Get-Code($Instance) {
        @($Instance.Get().Reasons.Code -replace '^.*:')
    }

    # Of a direction: what it needs, and what belongs to the other and is to be ignored.
    function Get-Way($Fleet, [string] $Direction) {
        $other = @{ ConsoleToEngine = @{ ConsoleAddress = 'nowhere.invalid'; ConsolePort = 1 }; EngineToConsole = @{ Address = 'nowhere.invalid'; Port = 1 } }
        $own = @{
            ConsoleToEngine = @{ Address = '127.0.0.1'; Port = $Fleet.EnginePort }
            EngineToConsole = @{ ConsoleAddress = '127.0.0.1'; ConsolePort = Get-Port $Fleet.ConsoleHandle }
        }
        @{ Direction = $Direction } + $own[$Direction] + $other[$Direction]
    }
}

Describe 'The resources' {
    BeforeAll {
        $data = Import-PowerShellDataFile $Manifest
        $root = Join-Path (Split-Path $Manifest) $data.RootModule
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($root, [ref] $null, [ref] $null)
        $classes = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.TypeDefinitionAst] }, $false)
    }

    It 'are all named by the manifest' {
        $resources = $classes | Where-Object { $_.Attributes.TypeName.Name -contains 'DscResource' }
        $data.DscResourcesToExport | Sort-Object | Should -Be ($resources.Name | Sort-Object)
        (Get-Module ScanEngineAdmin).ExportedDscResources | Sort-Object | Should -Be ($resources.Name | Sort-Object)
    }

    It 'name no type of the library, which is not loaded when they are discovered' {
        $known = @($classes.Name) + 'string', 'int', 'long', 'bool', 'object', 'void', 'hashtable', 'pscredential', 'timespan', 'ref', 'ipaddress', 'math',
        'wildcardpattern', 'scriptblock', 'DscResource', 'DscProperty', 'ValidateSet', 'ValidateRange', 'Nullable'
        $named = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.TypeExpressionAst] -or
                $args[0] -is [System.Management.Automation.Language.TypeConstraintAst] }, $true).TypeName.FullName
        $named -replace '\[\]$' -replace '^Nullable\[(.*)\]$', '$1' | Where-Object { $_ -notin $known -and $_ -notlike 'System.*' } |
            Should -BeNullOrEmpty
    }

    It 'have a file each that says what they do' {
        $files = Get-ChildItem (Join-Path (Split-Path $root) 'resources') | Where-Object Name -NE 'Common.ps1'
        $files.BaseName | Sort-Object | Should -Be ($data.DscResourcesToExport | Sort-Object)
        foreach ($file in $files) {
            $functions = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null).EndBlock.Statements.Name
            foreach ($name in 'Get-DscState', 'Set-DscState', 'Export-DscState', 'Compare-DscState') {
                $functions | Should -Contain $name -Because $file.Name
            }
        }
    }

    It 'have manifests for DSC 3 as a build writes them: dotnet pwsh build.ps1 -Task Build' {
        $written = New-DataPath
        Invoke-Pwsh -NoProfile -NonInteractive -File "$Checkout/src/ScanEngineAdmin/Write-DscManifest.ps1" -Manifest $Manifest -Path $written
        $files = Get-ChildItem $written | Sort-Object Name
        $files.Name | Should -Be ($data.DscResourcesToExport | Sort-Object | ForEach-Object { "$_.dsc.adaptedResource.json" })
        (Get-ChildItem "$Checkout/module/dsc" | Sort-Object Name).Name | Should -Be $files.Name
        foreach ($file in $files) {
            $kept = (Get-Content -Raw "$Checkout/module/dsc/$($file.Name)") -replace "`r"
            $kept | Should -BeExactly (Get-Content -Raw $file.FullName) -Because $file.Name
        }
    }

    It 'have a manifest that leads to the module, and a schema of every property: <_>' -ForEach @(
        'ScanEngine', 'ScanEngineCommunication', 'ScanEngineConsole', 'ScanEngineFirewall', 'ScanEnginePolicy',
        'ScanEngineService'
    ) {
        $file = "$Checkout/module/dsc/$_.dsc.adaptedResource.json"
        $document = Get-Content -Raw $file | ConvertFrom-Json -AsHashtable
        $document.type | Should -BeExactly "ScanEngineAdmin/$_"
        $document.version | Should -Be $data.ModuleVersion
        # Those that DSC 3.2 and 3.3 both know: another word makes the file invalid.
        $document.capabilities | Should -Be 'get', 'test', 'set', 'export'
        Join-Path (Split-Path $file) $document.path | Should -Exist
        $instance = New-DscInstance $_ @{}
        @($document.schema.embedded.properties.Keys) | Sort-Object | Should -Be @($instance.PSObject.Properties.Name | Sort-Object)
    }

    It 'have a schema that what Get returns is valid by' {
        $folder = New-DataPath
        foreach ($name in 'ScanEngine', 'ScanEngineConsole', 'ScanEnginePolicy', 'ScanEngineService') {
            $schema = (Get-Content -Raw "$Checkout/module/dsc/$name.dsc.adaptedResource.json" | ConvertFrom-Json).schema.embedded
            $key = @{ ScanEngine = @{ Name = 'lab1' }; ScanEngineConsole = @{ ConsoleAddress = 'c.example.org' }; ScanEnginePolicy = @{}
                ScanEngineService = @{ Service = 'EngineApplier' } }[$name]
            $got = (New-DscInstance $name ($key + @{ DataPath = $folder })).Get() | ConvertTo-Json -Depth 5
            Test-Json -Json $got -Schema ($schema | ConvertTo-Json -Depth 12) -ErrorAction Stop | Should -BeTrue
        }
    }
}

Describe 'A resource without what every document has to say' {
    It 'is told so by Get, Test and Set: <Name>' -ForEach @(
        @{ Name = 'ScanEngine'; Key = 'Name'; Id = 'EngineNameInvalid'; More = @{} }
        @{ Name = 'ScanEngine'; Key = 'Name'; Id = 'EngineNameInvalid'; More = @{ Ensure = 'Absent'; Name = ' ' } }
        @{ Name = 'ScanEngineCommunication'; Key = 'Name'; Id = 'EngineNameInvalid'; More = @{ Direction = 'Reverse' } }
        @{ Name = 'ScanEngineCommunication'; Key = 'Direction'; Id = 'OptionInvalid'; More = @{ Name = 'lab-1' } }
        @{ Name = 'ScanEngineConsole'; Key = 'ConsoleAddress'; Id = 'AddressInvalid'; More = @{} }
        @{ Name = 'ScanEngineService'; Key = 'Service'; Id = 'OptionInvalid'; More = @{} }
    ) {
        $path = New-DataPath
        $asked = New-DscInstance $Name ($More + @{ DataPath = $path })
        foreach ($method in 'Get', 'Test', 'Set') {
            $fault = { $asked.$method() } | Should -Throw -PassThru
            $fault.FullyQualifiedErrorId | Should -Be $Id
            "$fault" | Should -BeLike "The resource $Name has no ${Key}: give *" -Because $method
        }

        Get-ChildItem $path | Should -BeNullOrEmpty
    }
}

# What a cmdlet of a resource refuses cannot be mended by Set: it is no difference, and Get and Test say the same as Set.
Describe 'A resource with a value that cannot be used' {
    It 'names it in Get, Test and Set: <Name> <More.Keys> <More.Values>' -ForEach @(
        @{ Name = 'ScanEngine'; Id = 'EngineNameInvalid'; More = @{ Name = ' lab-1' }; Said = '*blanks at its ends*' }
        @{ Name = 'ScanEngine'; Id = 'AddressInvalid'; More = @{ Name = 'lab-1'; Address = '10.1' }; Said = "*'10.1'*" }
        @{ Name = 'ScanEngine'; Id = 'FingerprintInvalid'; More = @{ Name = 'lab-1'; Fingerprint = '00:11' }; Said = '*64 hex digits*' }
        @{ Name = 'ScanEngineCommunication'; Id = 'EngineNameInvalid'; More = @{ Name = 'a/b'; Direction = 'Reverse' }; Said = "*'a/b'*" }
        @{ Name = 'ScanEngineConsole'; Id = 'AddressInvalid'; More = @{ ConsoleAddress = 'http://c.example.org' }; Said = '*a URL*Give c.example.org.' }
        @{ Name = 'ScanEnginePolicy'; Id = 'TargetInvalid'; More = @{ Allow = '10.0.0.5/8' }; Said = '*Give 10.0.0.0/8*' }
        @{ Name = 'ScanEnginePolicy'; Id = 'TargetInvalid'; More = @{ Deny = 'host.example.org' }; Said = '*not names*' }
        @{ Name = 'ScanEnginePolicy'; Id = 'TargetInvalid'; More = @{ Allow = , ' ' }; Said = '*clear the list*' }
        @{ Name = 'ScanEngineService'; Id = 'AddressInvalid'; More = @{ Service = 'EngineApplier'; AllowFrom = '10.0.0.5/8' }; Said = '*10.0.0.0/8*' }
    ) {
        $path = New-DataPath
        $asked = New-DscInstance $Name ($More + @{ DataPath = $path })
        foreach ($method in 'Get', 'Test', 'Set') {
            $fault = { $asked.$method() } | Should -Throw -PassThru -Because $method
            ($fault.FullyQualifiedErrorId -split ',')[0] | Should -Be $Id -Because $method
            "$fault" | Should -BeLike $Said -Because $method
        }

        Get-ChildItem $path | Should -BeNullOrEmpty
    }

    It 'takes no number out of its range: <Name> <Property>' -ForEach @(
        @{ Name = 'ScanEngine'; Property = 'Port'; Values = 0, 65536 }
        @{ Name = 'ScanEngine'; Property = 'Quota'; Values = , -1 }
        @{ Name = 'ScanEngineCommunication'; Property = 'Port'; Values = 0, 65536 }
        @{ Name = 'ScanEngineCommunication'; Property = 'ConsolePort'; Values = 0, 65536 }
        @{ Name = 'ScanEngineConsole'; Property = 'ConsolePort'; Values = 0, 65536 }
        @{ Name = 'ScanEnginePolicy'; Property = 'MaxRate'; Values = , -1 }
        @{ Name = 'ScanEnginePolicy'; Property = 'MaxParallelism'; Values = 0, 65536 }
        @{ Name = 'ScanEngineService'; Property = 'Port'; Values = 0, 65536 }
    ) {
        $schema = (Get-Content -Raw "$Checkout/module/dsc/$Name.dsc.adaptedResource.json" | ConvertFrom-Json).schema.embedded.properties.$Property
        ($schema.items ?? $schema).minimum | Should -BeGreaterThan $Values[0]
        $asked = New-DscInstance $Name @{}
        foreach ($value in $Values) {
            { $asked.$Property = $value } | Should -Throw "*$Property*$value*"
        }
    }
}

Describe 'A policy' {
    It 'is as asked for in every spelling that the cmdlet takes, and is told in that: <_>' -ForEach @(
        '10.0.0.0/8, 2001:db8::/32', '10.0.0.0 - 10.255.255.255; 2001:DB8:0::/32', '2001:db8::/32 10.*.*.*', '10.0.0.0/9, 10.128.0.0/9, 2001:db8::/32'
    ) {
        $path = New-DataPath
        $asked = New-DscInstance ScanEnginePolicy @{ DataPath = $path; Allow = $_; Deny = @('192.0.2.7', '::ffff:192.0.2.8') }
        $asked.Set()
        $asked.Test() | Should -BeTrue
        $asked.Get().Allow | Should -BeExactly $_
        $done = { @(Get-ScanEngineEvent -Role Engine -DataPath $path | Where-Object Event -EQ 'PolicySet').Count }
        & $done | Should -Be 1
        $other = New-DscInstance ScanEnginePolicy @{ DataPath = $path; Allow = '10.0.0.0/8', '2001:0db8::/32', '10.1.2.3'; Deny = '192.0.2.7-8' }
        $other.Test() | Should -BeTrue
        $other.Set()
        & $done | Should -Be 1
        (New-DscInstance ScanEnginePolicy @{ DataPath = $path; Allow = '10.0.0.0/8' }).Test() | Should -BeFalse
        (New-DscInstance ScanEnginePolicy @{ DataPath = $path; Allow = @() }).Test() | Should -BeFalse
    }
}

Describe 'ScanEngineCommunication, found <From>' -ForEach @(
    @{ From = 'ConsoleToEngine'; To = 'EngineToConsole'; Word = 'Reverse' }
    @{ From = 'EngineToConsole'; To = 'ConsoleToEngine'; Word = 'Standard' }
) {
    BeforeAll {
        $fleet = New-Fleet $From
        $way = Get-Way $fleet $To
        $at = @{ DataPath = $fleet.Console }
        $paired = (Get-ScanEngine @at).EngineId
        $pairings = { @(Get-ScanEngineEvent @at -Newest 1000 | Where-Object Event -EQ 'Paired').Count }
        $pairingsBefore = & $pairings
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'is as asked for when the direction is in force, whatever is said of the other one' {
        $asked = New-Communication $fleet (Get-Way $fleet $From)
        $asked.Test() | Should -BeTrue
        $got = $asked.Get()
        $got.Reasons | Should -BeNullOrEmpty
        $got.Status | Should -Be 'Active'
        $got.$(@{ ConsoleToEngine = 'ConsolePort'; EngineToConsole = 'Port' }[$From]) | Should -BeNullOrEmpty
    }

    It 'says which property differs, and what Set would do, and does nothing for that' {
        $asked = New-Communication $fleet $way
        $asked.Test() | Should -BeFalse
        Get-Code $asked | Should -Be 'Direction'
        $would = $asked.WhatIf()
        $would.Direction | Should -Be $To
        $would.Reasons[0].Phrase | Should -BeLike "*$From*$To*"
        (Get-ScanEngine @at).Direction | Should -Be $From
    }

    It 'changes the direction, and changes nothing in a second run' {
        $asked = New-Communication $fleet $way
        $asked.Set()
        $asked.Test() | Should -BeTrue
        $before = @(Get-ScanEngineEvent @at -Newest 1000).Count
        $asked.Set()
        (Get-ScanEngineCommunication @at).Epoch | Should -Be 1
        @(Get-ScanEngineEvent @at -Newest 1000).Count | Should -Be $before
    }

    It 'tells what is in force in the word that it was asked for in' {
        $asked = New-Communication $fleet ($way + @{})
        $asked.Direction = $Word
        $asked.Test() | Should -BeTrue
        $asked.Get().Direction | Should -BeExactly $Word
    }

    It 'mends an admin''s change of direction without pairing again' {
        $back = (Get-Way $fleet $From)
        $back.Keys.Clone() | Where-Object { $back[$_] -in 'nowhere.invalid', 1 } | ForEach-Object { $back.Remove($_) }
        $null = Set-ScanEngineCommunication $fleet.Name @at @back -Confirm:$false
        $asked = New-Communication $fleet $way
        Get-Code $asked | Should -Be 'Direction'
        $asked.Set()
        $asked.Test() | Should -BeTrue
        (Get-ScanEngine @at).EngineId | Should -Be $paired
        & $pairings | Should -Be $pairingsBefore
    }

    It 'exports what there is, all or what is asked for' {
        $type = (New-DscInstance ScanEngineCommunication @{}).GetType()
        $type.GetMethods().Where{ $_.Name -eq 'Export' } | ForEach-Object { $_.GetParameters().Count } | Sort-Object | Should -Be 0, 1
        $all = $type::Export((New-DscInstance ScanEngineCommunication $at))
        $all.Name | Should -Be $fleet.Name
        $all.Direction | Should -Be $To
        $type::Export((New-DscInstance ScanEngineCommunication ($at + @{ Name = 'lab*'; Direction = $Word }))).Name | Should -Be $fleet.Name
        $type::Export((New-DscInstance ScanEngineCommunication ($at + @{ Name = 'other*' }))) | Should -BeNullOrEmpty
        $type::Export((New-DscInstance ScanEngineCommunication ($at + @{ Direction = $From }))) | Should -BeNullOrEmpty
    }

    It 'names what to do for an engine that is not there' {
        $fault = Get-Fault { (New-DscInstance ScanEngineCommunication ($at + @{ Name = 'nobody'; Direction = 'Reverse' })).Set() }
        $fault.FullyQualifiedErrorId | Should -BeLike 'EngineNotFound*'
        "$fault" | Should -BeLike '*paired first*'
    }
}

Describe 'ScanEngineCommunication while its engine is away, <From>' -ForEach @(
    @{ From = 'ConsoleToEngine'; To = 'EngineToConsole' }
    @{ From = 'EngineToConsole'; To = 'ConsoleToEngine' }
) {
    BeforeAll {
        $pair = New-ScanEngineTestPair -Direction $From
        $at = @{ DataPath = $pair.ConsoleDataPath }
        $move = @{ DataPath = $pair.ConsoleDataPath; Name = $pair.EngineName; Direction = $To }
        $pair | Set-ScanEngineTestPair -Fault EngineKilled
        $null = Wait-ScanEngine $pair.EngineName @at -Status NotResponding -Timeout 2m -ErrorAction Stop
    }

    AfterAll {
        $pair | Remove-ScanEngineTestPair
    }

    It 'says so and changes nothing (Report), or after a while (Wait)' {
        $fault = Get-Fault { (New-DscInstance ScanEngineCommunication $move).Set() }
        $fault.FullyQualifiedErrorId | Should -BeLike 'EngineNotReachable*'
        "$fault" | Should -BeLike '*Nothing was changed.*WhenAway*'
        $fault = Get-Fault { (New-DscInstance ScanEngineCommunication ($move + @{ WhenAway = 'Wait'; TimeoutSeconds = 1 })).Set() }
        $fault.FullyQualifiedErrorId | Should -BeLike 'TimedOut*'
        (Get-ScanEngineCommunication @at).LastChange | Should -BeNullOrEmpty
    }

    It 'records the change once (Request), and takes it back for whoever asks for what is in force' {
        $asked = New-DscInstance ScanEngineCommunication ($move + @{ WhenAway = 'Request' })
        $asked.Set()
        $asked.Get().PendingDirection | Should -Be $To
        $asked.Get().Reasons[0].Phrase | Should -BeLike '*asked for and waits*'
        $requested = { @(Get-ScanEngineEvent @at -Newest 1000 | Where-Object Event -EQ 'PendingChangeRequested').Count }
        $asked.Set()
        & $requested | Should -Be 1

        $stays = New-DscInstance ScanEngineCommunication ($move + @{ WhenAway = 'Request' })
        $stays.Direction = $From
        Get-Code $stays | Should -Be 'PendingDirection'
        $stays.Set()
        $stays.Test() | Should -BeTrue
        $asked.Set()
    }

    It 'has what was recorded in force when the engine is back' {
        $pair | Set-ScanEngineTestPair -Fault None
        $null = Wait-ScanEngine $pair.EngineName @at -Direction $To -Timeout 2m -ErrorAction Stop
        (New-DscInstance ScanEngineCommunication $move).Test() | Should -BeTrue
    }
}

Describe 'The sample configurations of docs/dsc' {
    BeforeAll {
        $samples = "$Checkout/docs/dsc"
        $console = New-DataPath
        $port = Get-FreePort
        $null = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port $port -AdvertisedAddress 127.0.0.1 -WarningAction Ignore
        $nodes = [System.Collections.Generic.List[string]]::new()
        $vault = @{}

        # A standard engine, and the secret of it in the vault.
        function Add-Engine([string] $Secret) {
            $folder = New-DataPath
            $at = Get-FreePort
            $null = Start-EngineListener -DataPath $folder -Address 127.0.0.1 -Port $at -WarningAction Ignore
            $nodes.Add($folder)
            $vault[$Secret] = (New-EnginePairingSecret -Role Engine -DataPath $folder).Secret
            [pscustomobject]@{ Folder = $folder; Port = $at }
        }

        # The vault: what the resources ask for by name.
        $held = $vault
        Set-Item Function:global:Get-Secret { param([Parameter(Mandatory)] [string] $Name, [string] $Vault) $held[$Name] }.GetNewClosure()

        # All but the firewall of this host, which is nobody's to change: Dsc.InNamespace.ps1 has one of its own.
        function Get-Sample([string] $Name, $Parameter) {
            $own = Import-DscYaml "$samples/$($Name -replace '\.dsc\.yaml$', '.parameters.yaml')"
            $Parameter.Keys | ForEach-Object { $own.parameters[$_] = $Parameter[$_] }
            Get-DscDocumentResource "$samples/$Name" $own.parameters $vault | Where-Object Type -NE 'ScanEngineAdmin/ScanEngineFirewall'
        }

        # The samples for version 2 do the same, also without that resource.
        function Invoke-DscResource {
            param([string] $Name, [string] $ModuleName, [string] $Method, [hashtable] $Property)

            if ($Name -eq 'ScanEngineFirewall') {
                return [pscustomobject]@{ InDesiredState = $true }
            }

            $instance = New-DscInstance "$ModuleName/$Name" $Property
            $Method -eq 'Test' ? [pscustomobject]@{ InDesiredState = $instance.Test() } : $instance.Set()
        }
    }

    AfterAll {
        $nodes | ForEach-Object { Stop-EngineListener -DataPath $_ }
        Stop-SecurityConsole -DataPath $console
        Remove-Item Function:Get-Secret -ErrorAction Ignore
    }

    It 'console.dsc.yaml pairs an engine and moves it to reverse, once' {
        $engine = Add-Engine 'scanengine-lab-1'
        $resources = Get-Sample 'console.dsc.yaml' @{
            dataPath = $console; engineAddress = '127.0.0.1'; enginePort = $engine.Port; consoleAddress = '127.0.0.1'; consolePort = $port
        }
        (Invoke-DscDocument $resources).Changed | Should -Be $true, $true
        (Get-ScanEngine lab-1 -DataPath $console).Direction | Should -Be 'EngineToConsole'
        $again = Invoke-DscDocument $resources
        $again.Changed | Should -Be $false, $false
        $again.Instance.ForEach{ $_.Get().Reasons } | Should -BeNullOrEmpty
    }

    It 'console.v2.ps1 finds that so, and does as much for another engine' {
        $engine = Add-Engine 'v2'
        $with = @{ DataPath = $console; EngineAddress = '127.0.0.1'; EnginePort = $engine.Port; ConsoleAddress = '127.0.0.1'; ConsolePort = $port }
        $with.PairingSecret = [pscredential]::new('pairing', (ConvertTo-Passphrase $vault['v2']))
        (& "$samples/console.v2.ps1" @with).Changed | Should -Be $false, $false, $false
        (& "$samples/console.v2.ps1" @with -EngineName lab-v2).Changed | Should -Be $true, $true, $false
        (& "$samples/console.v2.ps1" @with -EngineName lab-v2).Changed | Should -Be $false, $false, $false
    }

    It 'engine.dsc.yaml pairs an engine with its console and sets its policy, once; engine.v2.ps1 finds that so' {
        $folder = New-DataPath
        $vault['scanengine-console'] = (New-EnginePairingSecret -DataPath $console -EngineName lab-2).Secret
        $resources = Get-Sample 'engine.dsc.yaml' @{ dataPath = $folder; consoleAddress = '127.0.0.1'; consolePort = $port }
        (Invoke-DscDocument $resources).Changed | Should -Be $true, $true
        $again = Invoke-DscDocument $resources
        $again.Changed | Should -Be $false, $false
        $again.Instance.ForEach{ $_.Get().Reasons } | Should -BeNullOrEmpty
        (Get-EngineScanPolicy -DataPath $folder).MaxRate | Should -Be 500
        (Get-ScanEngine lab-2 -DataPath $console).Paired | Should -BeTrue

        $with = @{ DataPath = $folder; ConsoleAddress = '127.0.0.1'; ConsolePort = $port }
        $with.PairingSecret = [pscredential]::new('pairing', (ConvertTo-Passphrase 'of no use'))
        (& "$samples/engine.v2.ps1" @with).Changed | Should -Be $false, $false, $false
    }

    It 'fleet.dsc.yaml pairs fifty engines and gives each its direction, once; fleet.v2.ps1 finds that so' {
        $rows = (Import-DscYaml "$samples/fleet.parameters.yaml").parameters.engines
        $rows | Should -HaveCount 50
        foreach ($row in $rows) {
            $engine = Add-Engine $row.secretName
            $row.address = '127.0.0.1'
            $row.port = $engine.Port
        }

        $resources = Get-Sample 'fleet.dsc.yaml' @{ dataPath = $console; consoleAddress = '127.0.0.1'; engines = $rows }
        $first = @(Invoke-DscDocument $resources)
        @($first | Where-Object Changed) | Should -HaveCount 60
        # One that was away for a moment is changed at its next contact.
        $reverse = @($rows | Where-Object { $_.direction -eq 'Reverse' } | ForEach-Object { $_.name })
        Wait-ScanEngine $reverse -DataPath $console -Direction Reverse -Timeout 2m -ErrorAction Stop | Should -HaveCount 10

        $data = Import-PowerShellDataFile "$samples/fleet.psd1"
        $data.DataPath = $console
        $data.ConsoleAddress = '127.0.0.1'
        foreach ($index in 0..49) {
            $data.Engines[$index].Name | Should -Be $rows[$index].name
            $data.Engines[$index].Direction | Should -Be $rows[$index].direction
            $data.Engines[$index].Address = '127.0.0.1'
            $data.Engines[$index].Port = $rows[$index].port
        }

        $second = @(& "$samples/fleet.v2.ps1" -Data $data)
        $second | Should -HaveCount 100
        $second | Where-Object Changed | Should -BeNullOrEmpty
        @(Invoke-DscDocument $resources[0..4]) | Where-Object Changed | Should -BeNullOrEmpty
    }
}

Describe 'ScanEngine' {
    BeforeAll {
        $fleet = New-Fleet ConsoleToEngine
        $at = @{ DataPath = $fleet.Console; Name = 'lab1' }
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'moves a standard engine''s endpoint and its quota, and ignores an endpoint while it is reverse' {
        $asked = New-DscInstance ScanEngine ($at + @{ Address = 'localhost'; Quota = 500MB })
        Get-Code $asked | Should -Be 'Address', 'Quota'
        $asked.Set()
        $asked.Test() | Should -BeTrue
        (Get-ScanEngine -DataPath $fleet.Console).Address | Should -Be 'localhost'
        foreach ($spelling in 'LOCALHOST.', " localhost`u{200B}") {
            $again = New-DscInstance ScanEngine ($at + @{ Address = $spelling })
            $again.Test() | Should -BeTrue
            $again.Get().Address | Should -BeExactly $spelling
        }
    }

    It 'refuses another identity without the proof of a secret' {
        $asked = New-DscInstance ScanEngine ($at + @{ Fingerprint = '00' * 32 })
        Get-Code $asked | Should -Be 'Fingerprint'
        (Get-Fault { $asked.Set() }).FullyQualifiedErrorId | Should -BeLike 'FingerprintMismatch*'
        (New-DscInstance ScanEngine ($at + @{ Fingerprint = (Get-ScanEngine -DataPath $fleet.Console).Fingerprint })).Test() | Should -BeTrue
    }

    It 'says what an engine that is not there needs, and where a secret is looked for' {
        $fault = Get-Fault { (New-DscInstance ScanEngine @{ DataPath = $fleet.Console; Name = 'new' }).Set() }
        $fault.FullyQualifiedErrorId | Should -BeLike 'NotPaired*'
        $fault = Get-Fault { (New-DscInstance ScanEngine @{ DataPath = $fleet.Console; Name = 'new'; SecretName = 'x' }).Set() }
        $fault.FullyQualifiedErrorId | Should -BeLike 'SecretNotFound*'
        "$fault" | Should -BeLike '*SecretManagement*'
    }

    It 'ends a pairing that should be absent, once, and exports the rest' {
        (New-DscInstance ScanEngine $at).Get().GetType()::Export((New-DscInstance ScanEngine @{ DataPath = $fleet.Console })).Paired | Should -BeTrue
        $asked = New-DscInstance ScanEngine ($at + @{ Ensure = 'Absent' })
        Get-Code $asked | Should -Be 'Ensure'
        $asked.Set()
        $asked.Test() | Should -BeTrue
        $asked.Set()
        $asked.Get().Ensure | Should -Be 'Absent'
    }
}

Describe 'ScanEngineFirewall and Repair-EngineFirewall on a real packet filter' -Skip:$noNamespace {
    BeforeAll {
        $seen = Invoke-InNamespace 'Dsc.InNamespace.ps1' (New-DataPath)
        $rule = { param($Port) "*tcp dport $Port*accept*" }
    }

    It 'find nothing to do where there is no filter' {
        $seen.Unfiltered | Should -BeTrue
    }

    It 'say what is missing, and change nothing for that' {
        $seen.Lacking.Missing | Should -HaveCount 1
        $seen.Lacking.Reasons[0].Code | Should -Be 'ScanEngineFirewall:ScanEngineFirewall:Missing'
        $seen.Lacking.Reasons[0].Phrase | Should -BeLike "*TCP $($seen.ConsolePort), lab1*"
        $seen.WhatIf.Reasons | Should -HaveCount 1
        $seen.AfterWhatIf | Should -Be $seen.Before
    }

    It 'open it, once' {
        $seen.Mended | Should -BeTrue
        $seen.AfterSet | Should -BeLike (& $rule $seen.ConsolePort)
        $seen.AfterAgain | Should -Be $seen.AfterSet
    }

    It 'close what nothing needs, unless that is to be kept, and never what is others''' {
        $seen.LeftOver.Unneeded | Should -HaveCount 1
        $seen.LeftOver.Reasons[0].Code | Should -BeLike '*:Unneeded'
        $seen.Kept | Should -BeTrue
        $seen.AfterKept | Should -Be $seen.AfterSet
        $seen.Closed | ForEach-Object { "$($_.Change) $($_.Outcome)" } | Should -Be 'Remove Applied'
        $seen.AfterClosed | Should -Not -BeLike (& $rule $seen.ConsolePort)
        $seen.AfterClosed | Should -BeLike (& $rule 22)
        $seen.Again | Should -BeNullOrEmpty
        $seen.Clean | Should -BeTrue
    }

    It 'do the same on the engine''s host, and say what of others is in the way' {
        $seen.EngineBefore.Missing | Should -HaveCount 1
        $seen.EngineResults.Outcome | Should -Be 'Applied'
        $seen.EngineResults.HostRole | Should -Be 'Engine'
        $seen.EngineAfter | Should -BeTrue
        $seen.Fault | Should -BeLike 'FirewallRuleFailed,*'
        $seen.AfterInTheWay | Should -Be $seen.InTheWay
    }
}

Describe 'DSC''s own adapter' -Skip:$noAdapter {
    BeforeAll {
        # The module as DSC finds it: a folder of its name and version. Its cache goes to a home of the test's own.
        $modules = New-DataPath
        $version = (Import-PowerShellDataFile $Manifest).ModuleVersion
        $installed = (New-Item -ItemType Directory "$modules/ScanEngineAdmin/$version").FullName
        Copy-Item $Manifest $installed
        $null = New-Item -ItemType SymbolicLink -Path "$installed/module" -Target "$Checkout/module"
        $home2 = New-DataPath

        function Invoke-Adapter([string] $Operation, [string] $Type, $Property) {
            $json = ConvertTo-Json $Property -Compress -Depth 5
            $command = "`$input | & '$env:SCANENGINEADMIN_DSC_ADAPTER' $Operation -ResourceType $($Type ? "ScanEngineAdmin/$Type" : 'Single')"
            if ($Type) { $command += " -ResourcePath '$installed/ScanEngineAdmin.psd1'" }
            $before = $env:PSModulePath, $env:HOME
            $env:PSModulePath, $env:HOME = $modules, $home2
            try {
                $said = $json | Invoke-Pwsh -NoProfile -NonInteractive -Command $command 2>"$home2/errors"
            } finally {
                $env:PSModulePath, $env:HOME = $before
            }

            $said | ForEach-Object { $_ | ConvertFrom-Json }
        }

        $fleet = New-Fleet EngineToConsole
        $asked = @{ DataPath = $fleet.Console; Name = 'lab1'; Direction = 'Standard'; Address = '127.0.0.1'; Port = $fleet.EnginePort }
    }

    AfterAll {
        Remove-Fleet $fleet
    }

    It 'lists every resource' {
        (Invoke-Adapter List '' @{}).type | Sort-Object |
            Should -Be ((Import-PowerShellDataFile $Manifest).DscResourcesToExport | Sort-Object | ForEach-Object { "ScanEngineAdmin/$_" })
    }

    It 'tests, sets and gets a direction' {
        (Invoke-Adapter Test ScanEngineCommunication $asked)._inDesiredState | Should -BeFalse
        (Invoke-Adapter Set ScanEngineCommunication $asked).Direction | Should -Be 'Standard'
        (Invoke-Adapter Test ScanEngineCommunication $asked)._inDesiredState | Should -BeTrue
        $got = Invoke-Adapter Get ScanEngineCommunication $asked
        $got.State | Should -Be 'Settled'
        $schema = (Get-Content -Raw "$Checkout/module/dsc/ScanEngineCommunication.dsc.adaptedResource.json" | ConvertFrom-Json).schema.embedded
        Test-Json -Json ($got | ConvertTo-Json -Depth 5) -Schema ($schema | ConvertTo-Json -Depth 12) -ErrorAction Stop | Should -BeTrue
    }

    It 'exports by a filter, and takes a credential' {
        (Invoke-Adapter Export ScanEngine @{ DataPath = $fleet.Console; Name = 'lab*' }).Name | Should -Be 'lab1'
        $pair = @{ DataPath = $fleet.Console; Name = 'lab1'; PairingSecret = @{ username = 'pairing'; password = 'of no use' } }
        (Invoke-Adapter Test ScanEngine $pair)._inDesiredState | Should -BeTrue
    }

    It 'shows an error with the next step' {
        Invoke-Adapter Set ScanEngineCommunication @{ DataPath = $fleet.Console; Name = 'nobody'; Direction = 'Standard' }
        Get-Content -Raw "$home2/errors" | Should -BeLike '*no engine*nobody*paired first*'
    }
}
