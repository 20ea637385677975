<#
.SYNOPSIS
    Has the DSC resource of a host's firewall mend a real packet filter, and writes down what was seen. For a network
    namespace and a mount namespace of its own only: Dsc.Tests.ps1 starts it so.
#>
param(
    [Parameter(Mandatory)]
    [string] $Folder
)

$ErrorActionPreference = 'Stop'
$null = New-PSDrive -Name TestDrive -PSProvider FileSystem -Root $Folder
. "$PSScriptRoot/Common.ps1"
. "$PSScriptRoot/DscDocument.ps1"

function Get-RuleSet {
    (nft list ruleset) -join "`n"
}

ip link set lo up
$seen = @{}
$fleet = New-Fleet 'EngineToConsole'
try {
    $seen.ConsolePort = Get-Port $fleet.ConsoleHandle
    $seen.EnginePort = $fleet.EnginePort
    $asked = New-DscInstance ScanEngineFirewall @{ IsSingleInstance = 'Yes'; DataPath = $fleet.Console }
    $seen.Unfiltered = $asked.Test()

    nft add table inet filter
    nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'
    nft add rule inet filter input ct state established,related accept
    $seen.Before = Get-RuleSet
    $seen.Lacking = $asked.Get()
    $seen.WhatIf = $asked.WhatIf()
    $seen.AfterWhatIf = Get-RuleSet
    $asked.Set()
    $seen.Mended = $asked.Test()
    $seen.AfterSet = Get-RuleSet
    $asked.Set()
    $seen.AfterAgain = Get-RuleSet

    # A rule of ours that no pairing needs any more: the direction was changed, and nobody closed the old way.
    nft 'chain inet filter input { policy accept; }'
    $null = Set-ScanEngineCommunication lab1 Standard -DataPath $fleet.Console -Address 127.0.0.1 -Port $fleet.EnginePort -Timeout 3m
    nft 'chain inet filter input { policy drop; }'
    $seen.LeftOver = $asked.Get()
    $keep = New-DscInstance ScanEngineFirewall @{ IsSingleInstance = 'Yes'; DataPath = $fleet.Console; KeepUnneeded = $true }
    $seen.Kept = $keep.Test()
    $keep.Set()
    $seen.AfterKept = Get-RuleSet

    # By the cmdlet: what it closed, and nothing in a second run. Rules of others stay.
    nft add rule inet filter input tcp dport 22 accept
    $seen.Closed = @(Repair-EngineFirewall -DataPath $fleet.Console -Confirm:$false)
    $seen.AfterClosed = Get-RuleSet
    $seen.Again = @(Repair-EngineFirewall -DataPath $fleet.Console -Confirm:$false)
    $seen.Clean = $asked.Test()

    # The engine's host lacks its own.
    $engine = New-DscInstance ScanEngineFirewall @{ IsSingleInstance = 'Yes'; DataPath = $fleet.Engine }
    $seen.EngineBefore = $engine.Get()
    $seen.EngineResults = @(Repair-EngineFirewall -DataPath $fleet.Engine -KeepUnneeded -Confirm:$false)
    $seen.EngineAfter = $engine.Test()

    # One of others that stands before ours is said, not touched.
    nft insert rule inet filter input tcp dport $fleet.EnginePort drop
    $seen.InTheWay = Get-RuleSet
    $seen.Fault = [string] (Get-Fault { Repair-EngineFirewall -DataPath $fleet.Engine -KeepUnneeded -Confirm:$false }).FullyQualifiedErrorId
    $seen.AfterInTheWay = Get-RuleSet
} finally {
    Remove-Fleet $fleet
}

$seen | Export-Clixml "$Folder/seen.xml" -Depth 5
