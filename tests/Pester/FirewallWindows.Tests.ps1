# The firewall of Windows, without Windows: what this product writes for the NetSecurity commands, and the constants that
# it runs, on commands with the parameters of the real ones and a firewall in memory.

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    Import-Module "$PSScriptRoot/Windows/NetSecurity/NetSecurity.psd1" -Force
    if ((Get-Command New-NetFirewallRule).Module.ModuleBase -ne (Join-Path $PSScriptRoot 'Windows' 'NetSecurity')) {
        throw 'These commands are the real ones: nothing was run.'
    }

    $firewall = [ScanEngineAdmin.Firewall.Rules.FirewallPlan].Assembly

    function Get-Constant([string] $Type, [string] $Name) {
        [string] $firewall.GetType("ScanEngineAdmin.Firewall.Providers.$Type").GetField($Name, 'Static,Public,NonPublic').GetValue($null)
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
    Remove-Module NetSecurity -ErrorAction Ignore
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
        @($found | Where-Object { $_.IsDefault -and $_.Flow -eq 'Out' -and $_.Action -eq 'Deny' }).Count | Should -Be 3
    }

    It 'find out whether a profile denies what goes out (<_>)' -ForEach 'Allow', 'Block' {
        Reset-FakeFirewall -Outbound $_
        $count = & ([scriptblock]::Create((Get-Constant 'OutboundDefault' 'Profiles')))
        $count | Should -Be ($_ -eq 'Block' ? 3 : 0)
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
