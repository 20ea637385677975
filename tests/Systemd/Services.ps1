# The services from their installation to their end, under a systemd that starts them for real: see run.sh.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module /lab/repository/ScanEngineAdmin.psd1

function Confirm-That([bool] $Condition, [string] $What) {
    if (-not $Condition) {
        Get-EngineService | Format-Table | Out-String | Write-Host
        journalctl --no-pager -n 40 -u 'scanengineadmin-*' | Write-Host
        throw "Not so: $What."
    }

    Write-Host "ok  $What"
}

# Nodes first: an applier serves a folder that is there.
$console = Install-EngineService Console -AdvertisedAddress 127.0.0.1
$engine = Install-EngineService Engine
$appliers = 'Console', 'Engine' | ForEach-Object { Install-EngineService $_ -Applier -Provider Nftables }
Confirm-That ($console.State -eq 'Running' -and $engine.State -eq 'Running') 'console and engine say that they are ready'
Confirm-That (@($appliers | Where-Object State -EQ Running).Count -eq 2) 'both appliers run'
Confirm-That ((stat -c '%U %a' /var/lib/scanengineadmin) -eq 'scanengineadmin 700') 'the data folder is their own user''s alone'
foreach ($service in Get-EngineService) {
    $status = Get-Content "/proc/$($service.ProcessId)/status"
    $user = $service.Applier ? 'root' : 'scanengineadmin'
    Confirm-That ((stat -c %U "/proc/$($service.ProcessId)") -eq $user) "$($service.Name) is $user's"
    Confirm-That ([bool] ($status -match '^NoNewPrivs:\s+1') -and ($service.Applier -or $status -match '^CapBnd:\s+0+$')) "$($service.Name) has no rights to gain"
}

$before = Get-EngineService | Select-Object Name, ProcessId | Out-String
$null = Install-EngineService Console -AdvertisedAddress 127.0.0.1
$null = Install-EngineService Engine -Applier -Provider Nftables
Confirm-That ((Get-EngineService | Select-Object Name, ProcessId | Out-String) -eq $before) 'a second run restarts nothing'

# The same by the DSC resource: by instance, as DSC's adapter does.
function New-Resource([hashtable] $Property) {
    & (Get-Module ScanEngineAdmin) { [ScanEngineService] $args[0] } $Property
}

$wanted = New-Resource @{ Service = 'EngineApplier'; Provider = 'Nftables'; Port = 443, 41000; AllowFrom = 'any' }
Confirm-That (-not $wanted.Test()) 'DSC sees that ports and blocks are missing'
$wanted.Set()
Confirm-That ($wanted.Test() -and -not $wanted.Get().Reasons) 'DSC has brought the applier up to them'
$before = Get-EngineService | Select-Object Name, ProcessId | Out-String
$wanted.Set()
Confirm-That ((Get-EngineService | Select-Object Name, ProcessId | Out-String) -eq $before) 'a second Set restarts nothing'
$other = New-Resource @{ Service = 'EngineApplier'; Provider = 'Nftables'; Port = 41000, 443; AllowFrom = '::/0', '0.0.0.0/0' }
Confirm-That ($other.Test()) 'DSC takes another form of the same for the same'
Confirm-That (-not (Compare-EngineService Engine -Applier -AllowFrom any) -and (Compare-EngineService Engine -Port 5).Property -eq 'Port') 'Compare-EngineService says what differs'
Confirm-That (@($wanted.GetType()::Export()).Count -eq 4) 'DSC exports all four'
(New-Resource @{ Service = 'EngineApplier'; Ensure = 'Absent' }).Set()
Confirm-That (@(Get-EngineService).Count -eq 3) 'DSC removes it'
(New-Resource @{ Service = 'EngineApplier'; Provider = 'Nftables' }).Set()
Confirm-That (@(Get-EngineService | Where-Object State -EQ Running).Count -eq 4) 'and installs it again'

# What a node does, it does within its unit: a pairing, a scan each way, and the appliers' rules.
$secret = New-EnginePairingSecret -Role Engine -SingleUse
$null = Register-ScanEngine lab1 -Address 127.0.0.1 -PairingSecret $secret.Secret
$null = Wait-ScanEngine lab1 -Status Active -Timeout 1m
foreach ($direction in 'ConsoleToEngine', 'EngineToConsole', 'ConsoleToEngine') {
    if ((Get-ScanEngine lab1).Direction -ne $direction) {
        $plan = Set-ScanEngineCommunication lab1 $direction -Address 127.0.0.1 -ConsoleAddress 127.0.0.1 -ApplyFirewall -Confirm:$false
        Confirm-That ($plan.State -eq 'Committed') "the direction becomes $direction, with both appliers"
    }

    $scan = Start-EngineScan lab1 -Target 127.0.0.1 -Port 40814, 1 -Wait -WaitTimeout 1m
    Confirm-That ($scan.State -eq 'Completed') "a scan runs ($direction)"
}

$old = (Get-EngineService | Where-Object Name -EQ 'scanengineadmin-engine').ProcessId
kill -KILL $old
$clock = [System.Diagnostics.Stopwatch]::StartNew()
while ($clock.Elapsed.TotalSeconds -lt 60 -and (Get-EngineService | Where-Object Name -EQ 'scanengineadmin-engine').ProcessId -in $old, $null) {
    Start-Sleep -Milliseconds 200
}

$null = Wait-ScanEngine lab1 -Status Active -Timeout 1m
Confirm-That ((Get-EngineService | Where-Object Name -EQ 'scanengineadmin-engine').State -eq 'Running') 'killed, the engine is started again'

Get-EngineService | Uninstall-EngineService
Confirm-That (-not (Get-EngineService) -and -not (Get-ChildItem /etc/systemd/system/scanengineadmin-*)) 'all are removed'
Confirm-That (Test-Path /var/lib/scanengineadmin/console/store.db) 'the data stays'
