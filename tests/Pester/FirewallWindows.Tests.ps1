# The firewall of Windows, without Windows: what this product writes for the NetSecurity commands, and the constants that
# it runs, on commands with the parameters of the real ones and a firewall in memory.

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    Import-Module "$PSScriptRoot/Windows/NetSecurity/NetSecurity.psd1" -Force
    Import-Module "$PSScriptRoot/Windows/ScheduledTasks/ScheduledTasks.psd1" -Force
    if ((Get-Command New-NetFirewallRule).Module.ModuleBase -ne (Join-Path $PSScriptRoot 'Windows' 'NetSecurity')) {
        throw 'These commands are the real ones: nothing was run.'
    }

    $firewall = [ScanEngineAdmin.Firewall.Rules.FirewallPlan].Assembly

    function Get-Constant([string] $Type, [string] $Name, [string] $Folder = 'Providers') {
        [string] $firewall.GetType("ScanEngineAdmin.Firewall.$Folder.$Type").GetField($Name, 'Static,Public,NonPublic').GetValue($null)
    }

    # As the product runs it: the script is a constant, and what varies is on its standard input.
    function Invoke-Constant([string] $Script, [hashtable] $Given) {
        $before = [Console]::In
        [Console]::SetIn([System.IO.StringReader]::new(($Given | ConvertTo-Json -Compress)))
        try {
            & ([scriptblock]::Create($Script))
        } finally {
            [Console]::SetIn($before)
        }
    }

    # What the product reads of what the constant returned.
    function Read-Rule([int[]] $Port) {
        $json = [string] (& ([scriptblock]::Create((Get-Constant 'Windows.WindowsRuleReader' 'Script'))))
        $reader = $firewall.GetType('ScanEngineAdmin.Firewall.Providers.Windows.WindowsRuleReader')
        @($reader.GetMethod('ReadNetSecurity').Invoke($null, @($json, $Port)))
    }

    $fleet = New-Fleet 'EngineToConsole'
    $folder = New-DataPath
    $port = Get-Port $fleet.ConsoleHandle
    $plan = Invoke-WhatIf Set-ScanEngineCommunication @{
        Name = 'lab1'; Direction = 'Standard'; Address = '127.0.0.1'; Port = 40777; DenyOutbound = 'Console', 'Engine'
        DataPath = $fleet.Console
    }
    $forward = Join-Path $folder 'forward.ps1'
    $back = Join-Path $folder 'back.ps1'
    $plan | ConvertTo-EngineFirewallScript NetSecurity | Set-Content $forward
    $plan | ConvertTo-EngineFirewallScript NetSecurity -Undo | Set-Content $back
}

AfterAll {
    Remove-Fleet $fleet
    Remove-Module NetSecurity, ScheduledTasks -ErrorAction Ignore
}

Describe 'The script for the NetSecurity commands on the <Role> host' -ForEach @(
    @{ Role = 'Console'; Opens = 'Outbound'; OpensPort = 40777; Closes = 'Inbound' }
    @{ Role = 'Engine'; Opens = 'Inbound'; OpensPort = 40777; Closes = 'Outbound' }
) {
    BeforeAll {
        Reset-FakeFirewall
        # The old way is open, as on every host that is changed; and a rule of the admin's own is there.
        & $back -Phase Open -Role $Role | Out-Null
        $null = New-NetFirewallRule -Name 'admins-own' -DisplayName 'Own' -Protocol TCP -LocalPort 22
        $script:before = (Get-FakeFirewall).Text
    }

    It 'opens what the plan opens, beside the old way' {
        & $forward -Phase Open -Role $Role | Out-Null
        $ours = @(Get-NetFirewallRule -Group 'Scan Engine')
        $opened = @($ours | Where-Object Direction -EQ $Opens)
        $opened.Count | Should -Be 1
        $opened[0].Name | Should -Match '^ScanEngine-sea-[0-9a-f]{12}$'
        [string] $opened[0].Action | Should -BeExactly 'Allow'
        [string] $opened[0].Profile | Should -BeExactly 'Domain, Private'
        ($Opens -eq 'Inbound' ? $opened[0].LocalPort : $opened[0].RemotePort) | Should -Be $OpensPort
        ($Opens -eq 'Inbound' ? $opened[0].RemotePort : $opened[0].LocalPort) | Should -Be 'Any'
        $opened[0].RemoteAddress | Should -Be '127.0.0.1'
        @($ours | Where-Object Direction -EQ $Closes).Count | Should -Be 1
    }

    It 'changes nothing when it is run again' {
        $changes = (Get-FakeFirewall).Changes
        & $forward -Phase Open -Role $Role | Out-Null
        (Get-FakeFirewall).Changes | Should -Be $changes
    }

    It 'closes the old way only when it is told to, and only ours' {
        & $forward -Phase Close -Role $Role
        @(Get-NetFirewallRule -Group 'Scan Engine').Direction | ForEach-Object { "$_" } | Should -BeExactly $Opens
        Get-NetFirewallRule -Name 'admins-own' | Should -Not -BeNullOrEmpty
        $changes = (Get-FakeFirewall).Changes
        & $forward -Phase Close -Role $Role
        (Get-FakeFirewall).Changes | Should -Be $changes
    }

    It 'is taken back by the undo script, to the letter' {
        & $back -Phase Open -Role $Role | Out-Null
        & $back -Phase Close -Role $Role
        (Get-FakeFirewall).Text | Should -Be $before
        $changes = (Get-FakeFirewall).Changes
        & $back -Phase Open -Role $Role | Out-Null
        & $back -Phase Close -Role $Role
        (Get-FakeFirewall).Changes | Should -Be $changes
    }

    It 'touches nothing for the other host, and nothing unasked' {
        Reset-FakeFirewall
        { & $forward -Phase Open -Role Somebody } | Should -Throw
        (Get-FakeFirewall).Changes | Should -Be 0
    }
}

Describe 'The constants that this product runs on Windows' {
    BeforeAll {
        $open = Get-Constant 'Windows.NetSecurityWriter' 'OpenScript'
        $close = Get-Constant 'Windows.NetSecurityWriter' 'CloseScript'
        $given = @{
            Name = 'ScanEngine-sea-0123456789ab'; DisplayName = 'Scan Engine lab1 (In IPv4)'; Group = 'Scan Engine'
            Direction = 'Inbound'; Action = 'Allow'; Protocol = 'TCP'; LocalPort = '40815'
            RemoteAddress = '203.0.113.7', '203.0.113.8'; Profile = 'Domain', 'Private'
        }
    }

    BeforeEach {
        Reset-FakeFirewall
    }

    It 'open a rule that the reader then finds as ours, once' {
        Invoke-Constant $open $given
        Invoke-Constant $open $given
        $found = @(Read-Rule 40815 | Where-Object { -not $_.IsDefault })
        $found.Count | Should -Be 1
        $found[0].RuleId | Should -BeExactly 'sea-0123456789ab'
        $found[0].Port | Should -Be 40815
        $found[0].RemoteAddress | Should -Be '203.0.113.7', '203.0.113.8'
        [string] $found[0].Action | Should -BeExactly 'Allow'
        [string] $found[0].Flow | Should -BeExactly 'In'
    }

    It 'change the rule where it is when its peer has moved' {
        Invoke-Constant $open $given
        Invoke-Constant $open ($given + @{} | ForEach-Object { $_.RemoteAddress = '203.0.113.9'; $_ })
        $found = @(Read-Rule 40815 | Where-Object { -not $_.IsDefault })
        $found.Count | Should -Be 1
        $found[0].RemoteAddress | Should -Be '203.0.113.9'
    }

    It 'take a rule away, and it is no fault when it is gone' {
        Invoke-Constant $open $given
        Invoke-Constant $close @{ Name = $given.Name }
        Invoke-Constant $close @{ Name = $given.Name }
        (Get-FakeFirewall).Text | Should -BeNullOrEmpty
    }

    It 'read an outbound rule, a block of the admin''s, and the default of each profile' {
        Reset-FakeFirewall -Outbound Block
        $null = New-NetFirewallRule -Name 'ScanEngine-sea-00000000000a' -DisplayName 'x' -Direction Outbound -Protocol TCP -RemotePort 40815
        $null = New-NetFirewallRule -Name 'no-way' -DisplayName 'y' -Action Block -Protocol TCP -LocalPort '40800-40900'
        $null = New-NetFirewallRule -Name 'web' -DisplayName 'z' -Protocol TCP -LocalPort 443
        $found = Read-Rule 40815
        [string] ($found | Where-Object RuleId -EQ 'sea-00000000000a').Flow | Should -BeExactly 'Out'
        @($found | Where-Object { $_.Foreign -and -not $_.IsDefault }).Count | Should -Be 1
        # Of the profile that is active: the others let nothing through and deny nothing now.
        @($found | Where-Object { $_.IsDefault -and $_.Flow -eq 'Out' -and $_.Action -eq 'Deny' }).Chain | Should -Be 'profile Private'
    }

    It 'open for the network that the host is in (<Network>), and the reader finds it in force' -ForEach @(
        @{ Network = @('Private') }
        @{ Network = @('Public') }
        @{ Network = @('DomainAuthenticated', 'Public') }
    ) {
        Reset-FakeFirewall -Network $Network
        Invoke-Constant $open $given
        [string] (Get-NetFirewallRule -Name $given.Name).Profile |
            Should -BeExactly ($Network -contains 'Public' ? 'Domain, Private, Public' : 'Domain, Private')
        $found = @(Read-Rule 40815 | Where-Object { -not $_.IsDefault })
        $found.Count | Should -Be 1
        $found[0].InForce | Should -BeTrue
        [string] $found[0].Action | Should -BeExactly 'Allow'
    }

    It 'leave a rule as wide as it was (<Was>)' -ForEach @(
        @{ Was = 'Public'; Profile = 'Domain, Private, Public' }
        @{ Was = 'Any'; Profile = 'Any' }
    ) {
        Invoke-Constant $open $given
        (Get-NetFirewallRule -Name $given.Name).Profile = $Was
        Invoke-Constant $open $given
        [string] (Get-NetFirewallRule -Name $given.Name).Profile | Should -BeExactly $Profile
    }

    It 'open and read where Windows does not tell in which networks the host is' {
        Reset-FakeFirewall -Network @()
        Invoke-Constant $open $given
        [string] (Get-NetFirewallRule -Name $given.Name).Profile | Should -BeExactly 'Domain, Private'
        $found = @(Read-Rule 40815)
        @($found | Where-Object { -not $_.IsDefault }).InForce | Should -Be $true
        @($found | Where-Object { $_.IsDefault -and $_.Flow -eq 'In' }).Count | Should -Be 3
    }

    It 'change the profile of a rule that was opened in another network' {
        Invoke-Constant $open $given
        $rules = (Get-NetFirewallRule -Name $given.Name)
        $rules.Profile = 'Domain'
        @(Read-Rule 40815 | Where-Object { -not $_.IsDefault }).InForce | Should -Be $false
        Invoke-Constant $open $given
        @(Read-Rule 40815 | Where-Object { -not $_.IsDefault }).InForce | Should -Be $true
    }

    It 'leave open what a rule for a <Kind> does' -ForEach @(
        @{ Kind = 'program'; More = @{ Program = 'C:\refused.exe' } }
        @{ Kind = 'service'; More = @{ Service = 'W32Time' } }
        @{ Kind = 'interface'; More = @{ InterfaceAlias = 'Ethernet 2' } }
        @{ Kind = 'local address'; More = @{ LocalAddress = '192.0.2.1' } }
    ) {
        $null = New-NetFirewallRule -Name blocks -DisplayName x -Action Block -Protocol TCP @More
        $null = New-NetFirewallRule -Name elsewhere -DisplayName x -Action Block -Protocol TCP -Profile Public
        $found = @(Read-Rule 40815 | Where-Object { -not $_.IsDefault })
        $found.Count | Should -Be 1
        [string] $found[0].Action | Should -BeExactly 'Other'
    }

    It 'find out whether a profile denies what goes out (<_>)' -ForEach 'Allow', 'Block' {
        Reset-FakeFirewall -Outbound $_
        $count = & ([scriptblock]::Create((Get-Constant 'OutboundDefault' 'Profiles')))
        $count | Should -Be ($_ -eq 'Block' ? 3 : 0)
    }
}

Describe 'The task that undoes rules after a time' {
    BeforeAll {
        $undo = $firewall.GetType('ScanEngineAdmin.Firewall.Trials.ScheduledUndo')
        $rule = @{
            Name = 'ScanEngine-sea-0123456789ab'; DisplayName = 'Scan Engine lab1 (In IPv4)'; Group = 'Scan Engine'
            Direction = 'Inbound'; Action = 'Allow'; Protocol = 'TCP'; LocalPort = '40815'; RemoteAddress = '203.0.113.7'
            Profile = 'Domain', 'Private'
        }
        $closed = $rule + @{} | ForEach-Object { $_.Name = 'ScanEngine-sea-00000000000a'; $_.LocalPort = '40814'; $_ }
        $close = @{ Open = $false; Rule = @{ Name = $rule.Name } }
        $open = @{ Open = $true; Rule = $closed }

        # Of the product's call: its constant, run with what the call has on standard input.
        function Invoke-Call($Call) {
            Invoke-Constant @($Call.Arguments)[3] ($Call.Input | ConvertFrom-Json -AsHashtable)
        }

        function Register-Undo([hashtable[]] $Step, [timespan] $After = '-0:0:1') {
            @{ Steps = $Step } | ConvertTo-Json -Depth 8 -Compress | Set-Content "$folder/a1.undo"
            $at = [System.DateTimeOffset]::UtcNow + $After
            Invoke-Call ($undo.GetMethod('Register').Invoke($null, @('a1', $at, "$folder/a1.undo", "$folder/lock")))
        }

        # What Windows would start.
        function Start-Task {
            $words = (Get-ScheduledTask).Actions.Arguments -split ' '
            $words[0..2] | Should -Be '-NoProfile', '-NonInteractive', '-EncodedCommand'
            $script = [System.Text.Encoding]::Unicode.GetString([System.Convert]::FromBase64String($words[3]))
            & ([scriptblock]::Create($script))
        }
    }

    BeforeEach {
        Reset-FakeFirewall
        Reset-FakeScheduler
        $script:folder = New-DataPath
        $null = New-Item -ItemType Directory $folder -Force
        Invoke-Constant (Get-Constant 'Windows.NetSecurityWriter' 'OpenScript') $rule
    }

    It 'is the system''s own, comes at its time or after it, and at the next start' {
        Register-Undo $close -After '0:5:0'
        $task = Get-ScheduledTask -TaskName 'Undo a1' -TaskPath '\ScanEngineAdmin\'
        $task.Principal.UserId | Should -BeExactly 'S-1-5-18'
        $task.Triggers.Kind | Should -Be 'Once', 'Startup'
        ($task.Triggers[0].At.ToUniversalTime() - [datetime]::UtcNow).TotalMinutes | Should -BeGreaterThan 4
        $task.Settings.StartWhenAvailable | Should -BeTrue
        $task.Settings.DisallowStartIfOnBatteries | Should -BeFalse
        $task.Actions.Execute | Should -BeLike '*powershell.exe'
        $task.Actions.Arguments.Length | Should -BeLessThan 16000
    }

    It 'opens what was closed, closes what was opened, and takes itself away' {
        Register-Undo $open, $close
        Start-Task
        (Get-NetFirewallRule -Group 'Scan Engine').Name | Should -BeExactly $closed.Name
        Get-ChildItem $folder -Filter 'a1*' | Should -BeNullOrEmpty
        Get-ScheduledTask | Should -BeNullOrEmpty
    }

    It 'does nothing when the host starts before its time' {
        Register-Undo $close -After '0:5:0'
        Start-Task
        Get-NetFirewallRule -Name $rule.Name | Should -Not -BeNullOrEmpty
        "$folder/a1.undo" | Should -Exist
        Get-ScheduledTask | Should -Not -BeNullOrEmpty
    }

    It 'goes on where it was killed, at the next start' {
        Register-Undo $close -After '0:5:0'
        Move-Item "$folder/a1.undo" "$folder/a1.undo.running"
        Start-Task
        Get-NetFirewallRule -Group 'Scan Engine' | Should -BeNullOrEmpty
        Get-ScheduledTask | Should -BeNullOrEmpty
    }

    It 'stays with its task while a step fails, does the others, and is done at the next start' {
        $wrong = $closed + @{} | ForEach-Object { $_.Protocol = 'ICMPv4'; $_ }
        Register-Undo @{ Open = $true; Rule = $wrong }, $close
        Start-Task
        Get-NetFirewallRule -Group 'Scan Engine' | Should -BeNullOrEmpty
        "$folder/a1.undo.running" | Should -Exist
        Get-ScheduledTask | Should -Not -BeNullOrEmpty

        @{ Steps = $open, $close } | ConvertTo-Json -Depth 8 -Compress | Set-Content "$folder/a1.undo.running"
        Start-Task
        (Get-NetFirewallRule -Group 'Scan Engine').Name | Should -BeExactly $closed.Name
        Get-ChildItem $folder -Filter 'a1*' | Should -BeNullOrEmpty
        Get-ScheduledTask | Should -BeNullOrEmpty
    }

    It 'undoes nothing that was confirmed' {
        Register-Undo $close
        Remove-Item "$folder/a1.undo"
        Start-Task
        Get-NetFirewallRule -Name $rule.Name | Should -Not -BeNullOrEmpty
        Get-ScheduledTask | Should -BeNullOrEmpty
    }

    It 'opens and closes nothing but this product''s rules, and runs nothing' {
        $null = New-NetFirewallRule -Name 'admins-own' -DisplayName 'Own' -Protocol TCP -LocalPort 22
        $any = $rule + @{} | ForEach-Object { $_.Name = 'any'; $_ }
        Register-Undo @(
            @{ Open = $false; Rule = @{ Name = 'admins-own' } }
            @{ Open = $true; Rule = $any }
            @{ Netsh = 'advfirewall', 'reset' }
            @{ Netsh = 'advfirewall', 'firewall', 'delete', 'rule', 'name=all' }
            $close
        )
        Start-Task
        (Get-NetFirewallRule).Name | Should -BeExactly 'admins-own'
    }

    It 'is undone at once by who has the lock, and the task finds nothing more to do' {
        Register-Undo $close -After '0:5:0'
        Invoke-Call ($undo.GetMethod('UndoNow').Invoke($null, @('a1', "$folder/a1.undo")))
        Get-NetFirewallRule -Group 'Scan Engine' | Should -BeNullOrEmpty
        Get-ScheduledTask | Should -BeNullOrEmpty
    }

    It 'is taken away with a confirmation, and it is no fault when it is gone' {
        Register-Undo $close
        Invoke-Call ($undo.GetMethod('Remove').Invoke($null, @('a1')))
        Invoke-Call ($undo.GetMethod('Remove').Invoke($null, @('a1')))
        Get-ScheduledTask | Should -BeNullOrEmpty
    }
}

Describe 'What stands for the commands of Windows' {
    BeforeEach {
        Reset-FakeFirewall
    }

    It 'refuses what the real ones refuse' {
        { New-NetFirewallRule -Name a -ErrorAction Stop -DisplayName b -LocalPort 1 } | Should -Throw
        $null = New-NetFirewallRule -Name a -DisplayName b
        { New-NetFirewallRule -Name a -DisplayName b -ErrorAction Stop } | Should -Throw
        { Get-NetFirewallRule -Name nobody -ErrorAction Stop } | Should -Throw
        { Get-NetFirewallRule -Name a -Group b } | Should -Throw '*Parameter set*'
        { New-NetFirewallRule -DisplayName b -Direction Sideways } | Should -Throw
        { New-NetFirewallRule -DisplayName b -Enabled $true } | Should -Throw
    }
}
