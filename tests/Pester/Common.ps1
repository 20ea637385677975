# What the suites share. Every wait is bounded and on a condition.

$script:Checkout = Split-Path -Path (Split-Path -Path $PSScriptRoot)
$script:Manifest = Join-Path $Checkout 'ScanEngineAdmin.psd1'
. "$PSScriptRoot/../Shared/Pwsh.ps1"
Import-Module $Manifest

function New-DataPath {
    $path = Join-Path ([string] (Get-PSDrive TestDrive).Root) ([guid]::NewGuid().ToString('n').Substring(0, 8))
    (New-Item -ItemType Directory -Path $path).FullName
}

# Outside of the range from which the system serves whoever asks for any port: a connection that goes out meanwhile,
# or another test's port 0, cannot have it. Each run beside this one has a part of its own.
$script:given = [System.Collections.Generic.HashSet[int]]::new()
function Get-FreePort {
    do {
        $port = 20000 + 3000 * $env:SCANENGINEADMIN_TEST_PLACE + (Get-Random -Maximum 3000)
    } until ($given.Add($port) -and (Test-PortFree $port))
    $port
}

function Test-PortFree([int] $Port) {
    $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $Port)
    try {
        $listener.Start()
        $true
    } catch [System.Net.Sockets.SocketException] {
        $false
    } finally {
        $listener.Stop()
    }
}

function Get-Port($Handle) {
    [int] ([string] $Handle.EndPoint -split ':')[-1]
}

# Waits on something that has a WaitOne, between looks at the condition.
function Wait-Until([scriptblock] $Condition, [System.Threading.WaitHandle] $Signal, [int] $Seconds = 120) {
    $until = [datetime]::UtcNow.AddSeconds($Seconds)
    while (-not (& $Condition)) {
        if ([datetime]::UtcNow -gt $until) {
            throw "Not within $Seconds s: $Condition"
        }

        $null = $Signal.WaitOne(50)
    }
}

# A scan waits half a second for a banner, and a thread that sends one begins as late as the machine is busy: waits until
# the port has sent one.
function Wait-Greeting([int] $Port) {
    $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $Port)
    try {
        $client.ReceiveTimeout = 60000
        $null = $client.GetStream().ReadByte()
    } finally {
        $client.Dispose()
    }
}

# For the same reason a scan may miss a banner: one that did not hear every open port is made again.
function Start-HeardScan([hashtable] $Scan) {
    foreach ($try in 1..10) {
        $one = Start-EngineScan @Scan
        $silent = $one | Receive-EngineScan -State Open | Where-Object { -not $_.Banner }
        if (-not $silent -or $try -eq 10) {
            return $one
        }

        $one | Remove-EngineScan
    }
}

# The error of a command, terminating or not.
function Get-Fault([scriptblock] $Command) {
    try {
        & $Command 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Select-Object -First 1
    } catch {
        $_
    }
}

# A console and an engine in this process, paired, in the direction asked for.
function New-Fleet([string] $Direction, [string] $Name = 'lab1') {
    $console = New-DataPath
    $engine = New-DataPath
    $quiet = @{ WarningAction = 'Ignore' }
    $handle = Start-SecurityConsole -DataPath $console -Address 127.0.0.1 -Port (Get-FreePort) `
        -AdvertisedAddress 127.0.0.1 @quiet
    $enginePort = Get-FreePort
    if ($Direction -eq 'EngineToConsole') {
        $secret = New-EnginePairingSecret -DataPath $console
        $node = Start-EnginePoller -DataPath $engine -ConsoleAddress 127.0.0.1 -ConsolePort (Get-Port $handle) `
            -PairingSecret $secret -EngineName $Name -Interval 1s @quiet
    } else {
        $secret = New-EnginePairingSecret -Role Engine -DataPath $engine
        $node = Start-EngineListener -DataPath $engine -Address 127.0.0.1 -Port $enginePort @quiet
        Register-ScanEngine -DataPath $console -Name $Name -Address 127.0.0.1 -Port $enginePort -PairingSecret $secret
    }

    $null = Wait-ScanEngine $Name -DataPath $console -Timeout 2m -ErrorAction Stop
    [pscustomobject]@{
        Console = $console; Engine = $engine; Name = $Name; EnginePort = $enginePort
        ConsoleHandle = $handle; EngineHandle = $node
    }
}

function Remove-Fleet($Fleet) {
    if ($Fleet) {
        Stop-EngineListener -DataPath $Fleet.Engine
        Stop-SecurityConsole -DataPath $Fleet.Console
    }
}

# Runs a command with -WhatIf where its words reach no screen: PowerShell writes them past every stream, and they would
# be most of what a run of the suites prints.
function Invoke-WhatIf {
    param([string] $Command, [hashtable] $Parameter = @{}, [Parameter(ValueFromPipeline)] $InputObject)

    begin {
        $items = [System.Collections.Generic.List[object]]::new()
    }

    process {
        if ($null -ne $InputObject) {
            $items.Add($InputObject)
        }
    }

    end {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddCommand('Import-Module').AddParameter('Name', $Manifest).Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddCommand($Command).AddParameters($Parameter).AddParameter('WhatIf')
            $items.Count -gt 0 ? $shell.Invoke($items) : $shell.Invoke()
            $shell.Streams.Error | ForEach-Object { $PSCmdlet.WriteError($_) }
        } finally {
            $shell.Dispose()
        }
    }
}

function ConvertTo-Passphrase([string] $Text) {
    $secure = [securestring]::new()
    $Text.ToCharArray().ForEach{ $secure.AppendChar($_) }
    $secure
}
