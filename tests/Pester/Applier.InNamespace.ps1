<#
.SYNOPSIS
    Changes a direction with firewall appliers and writes down what was seen. For a network namespace and a mount
    namespace of its own only: Applier.Tests.ps1 starts it so.
#>
param(
    [Parameter(Mandatory)]
    [string] $Folder
)

$ErrorActionPreference = 'Stop'
$null = New-PSDrive -Name TestDrive -PSProvider FileSystem -Root $Folder
. "$PSScriptRoot/Common.ps1"

function Get-OwnRule {
    @(nft list ruleset | Where-Object { $_ -match 'scanengine:' } | ForEach-Object { $_.Trim() -replace ' accept.*' })
}

ip link set lo up
$seen = @{}
$fleet = New-Fleet 'EngineToConsole'
try {
    $consolePort = Get-Port $fleet.ConsoleHandle
    $console = @{ DataPath = $fleet.Console }
    $engine = @{ DataPath = $fleet.Engine }
    $seen.ConsolePort = $consolePort
    $seen.EnginePort = $fleet.EnginePort
    nft add table inet filter
    nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'
    nft add rule inet filter input ct state established,related accept
    sh -c @(Compare-EngineFirewall lab1 @console)[0].Wanted.Command
    $seen.Before = Get-OwnRule

    $quiet = @{ Port = $consolePort, $fleet.EnginePort; WarningAction = 'Ignore' }
    $seen.Started = Start-EngineFirewallApplier Console @console @quiet
    $null = Start-EngineFirewallApplier -Role Engine @engine @quiet
    $seen.State = [string] (Get-EngineFirewallApplier @console).State
    $seen.Again = [string] (Start-EngineFirewallApplier Console @console @quiet).State

    $to = @{ Direction = 'Standard'; Address = '127.0.0.1'; Port = $fleet.EnginePort }
    $seen.Asked = Set-ScanEngineCommunication lab1 @to @console -ApplyFirewall -WhatIf
    $seen.AfterAsked = Get-OwnRule
    $seen.Made = Set-ScanEngineCommunication lab1 @to @console -ApplyFirewall -Timeout 3m
    $signal = [System.Threading.ManualResetEvent]::new($false)
    Wait-Until { (Get-OwnRule).Count -eq 1 } $signal 120
    $seen.AfterMade = Get-OwnRule
    # An applier notes what it did after it did it.
    Wait-Until { (Get-ScanEngineEvent @console -Event 'Firewall*').Event -contains 'FirewallClosed' } $signal 120
    $seen.Events = @((Get-ScanEngineEvent @console -Event 'Firewall*').Event)

    $null = Restore-ScanEngineCommunication lab1 @console -ApplyFirewall -Timeout 3m
    Wait-Until { (Get-OwnRule).Count -eq 1 } $signal 120
    $seen.AfterBack = Get-OwnRule

    Stop-EngineFirewallApplier Console @console
    Stop-EngineFirewallApplier Engine @engine
    $seen.Stopped = [string] (Get-EngineFirewallApplier @console).State
    $seen.Fault = [string] (Get-Fault {
            Set-ScanEngineCommunication lab1 @to @console -ApplyFirewall }).FullyQualifiedErrorId
    $seen.AfterFault = Get-OwnRule
} finally {
    Stop-EngineFirewallApplier Console @console
    Stop-EngineFirewallApplier Engine @engine
    Remove-Fleet $fleet
}

$seen | Export-Clixml "$Folder/seen.xml" -Depth 6
