<#
.SYNOPSIS
    Applies firewall plans to a real packet filter and writes down what was seen. For a network namespace and a mount
    namespace of its own only: Firewall.Tests.ps1 starts it so.
#>
param(
    [Parameter(Mandatory)]
    [string] $Folder
)

$ErrorActionPreference = 'Stop'
$null = New-PSDrive -Name TestDrive -PSProvider FileSystem -Root $Folder
. "$PSScriptRoot/Common.ps1"

function Invoke-Half($Plan, [string] $Role, [hashtable] $More = @{}) {
    @($Plan | Invoke-EngineFirewallPlan -Role $Role -DataPath $fleet.$Role -Confirm:$false @More)
}

function Get-RuleSet {
    (nft list ruleset) -join "`n"
}

ip link set lo up
$seen = @{}
$fleet = New-Fleet 'EngineToConsole'
try {
    $consolePort = Get-Port $fleet.ConsoleHandle
    $console = @{ DataPath = $fleet.Console }
    $seen.ConsolePort = $consolePort
    $seen.EnginePort = $fleet.EnginePort
    $seen.Unfiltered = @(Compare-EngineFirewall @console -WarningVariable warned -WarningAction Ignore)
    $seen.UnfilteredWarning = [string] $warned

    nft add table inet filter
    nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'
    nft add rule inet filter input ct state established,related accept

    $seen.Missing = @(Compare-EngineFirewall lab1 @console)
    sh -c $seen.Missing[0].Wanted.Command
    $seen.Right = @(Compare-EngineFirewall @console)
    $seen.RightEqual = @(Compare-EngineFirewall @console -IncludeEqual)
    $seen.Before = Get-RuleSet

    $to = @{ Direction = 'Standard'; Address = '127.0.0.1'; Port = $fleet.EnginePort }
    $seen.WhatIf = @(Set-ScanEngineCommunication lab1 @to @console -WhatIf | Invoke-EngineFirewallPlan -WhatIf @console)
    Set-ScanEngineCommunication lab1 @to @console -WhatIf | Invoke-EngineFirewallPlan -Role Engine `
        -DataPath $fleet.Engine -Provider Iptables -WhatIf -WarningVariable useless -WarningAction Ignore
    $seen.UselessWarning = [string] $useless
    Set-ScanEngineCommunication lab1 @to @console -WhatIf | Invoke-EngineFirewallPlan -Role Engine `
        -DataPath $fleet.Engine -WhatIf -WarningVariable useful -WarningAction Ignore
    $seen.UsefulWarning = [string] $useful
    $seen.AfterWhatIf = Get-RuleSet
    $asked = Set-ScanEngineCommunication lab1 @to @console -WhatIf
    $seen.AskedConsole = Invoke-Half $asked Console
    $seen.AfterAsked = Get-RuleSet

    # As an admin brings it to the engine's host.
    $asked | Export-Clixml "$Folder/plan.xml"
    $seen.AskedEngine = Invoke-Half (Import-Clixml "$Folder/plan.xml") Engine
    $seen.AskedEngineAgain = Invoke-Half $asked Engine
    $seen.Rules = @(Get-EngineFirewallRule @console)

    $made = Set-ScanEngineCommunication lab1 @to @console -Timeout 3m
    $seen.MadeState = [string] $made.State
    $seen.MadeEngine = Invoke-Half $made Engine
    $seen.MadeConsole = Invoke-Half $made Console
    $seen.AfterMade = Get-RuleSet
    $seen.DriftAfterMade = @(Compare-EngineFirewall @console)

    $back = @{ Direction = 'Reverse'; ConsoleAddress = '127.0.0.1'; ConsolePort = $consolePort }
    $early = @{ RollbackAfter = '5m'; ConfirmByTest = $true }
    $seen.BackConsole = Invoke-Half (Set-ScanEngineCommunication lab1 @back @console -WhatIf) Console $early
    $went = Set-ScanEngineCommunication lab1 @back @console -Timeout 3m
    $seen.BackEngine = Invoke-Half $went Engine
    $seen.AfterBack = Get-RuleSet
    $seen.OldFault = [string] (Get-Fault { Invoke-Half $made Console }).FullyQualifiedErrorId
    $seen.OldEngineFault = [string] (Get-Fault { Invoke-Half $made Engine }).FullyQualifiedErrorId
    $seen.AfterOld = Get-RuleSet

    $trial = Set-ScanEngineCommunication lab1 @to @console -WhatIf

    # Undone although the process that applied it is killed meanwhile.
    $trial | Export-Clixml "$Folder/trial.xml"
    $script = @"
Import-Module '$Manifest'
Import-Clixml '$Folder/trial.xml' |
    Invoke-EngineFirewallPlan -Role Engine -DataPath '$($fleet.Engine)' -RollbackAfter 8s -Confirm:`$false |
    ForEach-Object { [string] `$_.Outcome }
[Threading.Thread]::Sleep(-1)
"@
    $program, $first = Get-PwshCommand
    $child = Start-Process $program -PassThru -RedirectStandardOutput "$Folder/killed.txt" -ArgumentList (
        @($first | Where-Object { $_ }) + '-NoProfile', '-Command', "`"$script`"")
    $signal = [Threading.ManualResetEvent]::new($false)
    try {
        Wait-Until { $child.HasExited -or (Get-Content "$Folder/killed.txt") } $signal
    } finally {
        $child.Kill()
    }

    $seen.Killed = @(Get-Content "$Folder/killed.txt")
    Wait-Until { (Get-RuleSet) -eq $seen.AfterOld } $signal

    $seen.Trial = Invoke-Half $trial Engine @{ RollbackAfter = '90s' }
    $seen.Trial | Confirm-EngineFirewallPlan
    $seen.ConfirmedFault = [string] (Get-Fault {
            Confirm-EngineFirewallPlan $seen.Trial[0].ApplicationId }).FullyQualifiedErrorId
    Confirm-EngineFirewallPlan -All
    $seen.AfterConfirmed = Get-RuleSet

    # Confirmed by the test: the way in use passes it as soon as its rule is there.
    $seen.NoTime = [string] (Get-Fault { Invoke-Half $trial Console @{ ConfirmByTest = $true } }).FullyQualifiedErrorId
    nft flush chain inet filter input
    nft add rule inet filter input ct state established,related accept
    $way = $went | Select-Object *
    $way.DryRun = $true
    $way.Rules = @($went.Rules | Where-Object { $_.HostRole -eq 'Console' -and $_.Change -eq 'Add' })
    $byTest = @{ RollbackAfter = '5m'; ConfirmByTest = $true }
    $seen.Tested = Invoke-Half $way Console $byTest
    $seen.AfterTested = Get-RuleSet
    $seen.TestedFault = [string] (Get-Fault { Confirm-EngineFirewallPlan -All }).FullyQualifiedErrorId

    # And undone: another chain drops what the rule lets in, by what no copy of the filter has: the source ports that
    # this host gives. A chain that denies in the copy as well would be opened. (Set-Content changes nothing there.)
    nft flush chain inet filter input
    nft add rule inet filter input ct state established,related accept
    nft 'add chain inet filter first { type filter hook input priority -10; policy accept; }'
    $given = '/proc/sys/net/ipv4/ip_local_port_range'
    $givenBefore = Get-Content $given
    sh -c "echo 20000 29999 >$given"
    nft add rule inet filter first tcp sport 20000-29999 tcp dport $consolePort tcp flags '&' '(syn | ack)' == syn drop
    $seen.BeforeFailing = Get-RuleSet
    $byTest.RollbackAfter = '8s'
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $seen.Failing = @($way | Invoke-EngineFirewallPlan -Role Console @console @byTest -Confirm:$false -ErrorVariable fault -ErrorAction SilentlyContinue)
    $seen.FailingTook = $clock.Elapsed.TotalSeconds
    $seen.FailingFault = [string] $fault[0].FullyQualifiedErrorId
    $seen.FailingText = [string] $fault[0]
    $seen.AfterFailing = Get-RuleSet
    nft delete chain inet filter first
    sh -c "echo $givenBefore >$given"

    # Nothing goes out any more but what is allowed: the loopback for the tests' own ends, and answers.
    nft 'add chain inet filter output { type filter hook output priority 0; policy drop; }'
    nft add rule inet filter output ct state established,related accept
    $closed = Set-ScanEngineCommunication lab1 @to @console -WhatIf
    $seen.Closed = @($closed.Rules | Select-Object HostRole, Flow, LocalPort, Change)
    $seen.ClosedUnknown = @($closed.OutboundUnknown)
    $seen.ClosedConsole = Invoke-Half $closed Console
    $seen.AfterClosed = Get-RuleSet
    $seen.ClosedRules = @(Get-EngineFirewallRule @console)
    $seen.ClosedDrift = @(Compare-EngineFirewall @console)
    $seen.EngineDrift = @(Compare-EngineFirewall -DataPath $fleet.Engine)
    nft delete table inet filter

    foreach ($name in 'lab2', 'lab3') {
        $secret = New-EnginePairingSecret @console
        $more = New-DataPath
        $null = Start-EnginePoller -DataPath $more -ConsoleAddress 127.0.0.1 -ConsolePort $consolePort `
            -PairingSecret $secret -EngineName $name -Interval 1s -WarningAction Ignore
        $null = Wait-ScanEngine $name @console -Timeout 2m
        Stop-EngineListener -DataPath $more
    }
} finally {
    Remove-Fleet $fleet
}

# With no node left to ask, all calls of the tools are the commands' own: how often do many engines make them? Those in
# a copy of the filter, which is a namespace of its own, ask nothing of this host.
nft add table inet filter
nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'
$tool = (Get-Command nft -CommandType Application | Select-Object -First 1).Source
Copy-Item $tool "$Folder/nft-itself"
@"
#!/bin/sh
[ "`$(readlink /proc/self/ns/net)" != '$(readlink /proc/self/ns/net)' ] || echo "`$*" >>'$Folder/calls'
exec '$Folder/nft-itself' "`$@"
"@ | Set-Content "$Folder/nft-counted"
chmod 755 "$Folder/nft-counted"
mount --bind "$Folder/nft-counted" $tool
$seen.FleetPlans = @(Set-ScanEngineCommunication lab* -Direction Standard @console -WhatIf).Count
$seen.FleetPlanCalls = @(Get-Content "$Folder/calls")
Remove-Item "$Folder/calls"
$seen.FleetTests = @(Test-EngineFirewall lab* -Direction Standard -IncludeOther -Timeout 2s @console).Count
$seen.FleetTestCalls = @(Get-Content "$Folder/calls")
umount $tool

$seen | Export-Clixml "$Folder/seen.xml" -Depth 6
