#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests, packages and installs the module.
.EXAMPLE
    ./build.ps1
    Builds all and runs all tests, Pester included.
.EXAMPLE
    ./build.ps1 -Task Build, Package -Configuration Release
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package', 'Install')]
    [string[]] $Task = @('Build', 'Test'),

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Where Install puts the module; without it the user's own module folder.
    [string] $ModulePath
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$skipped = [System.Collections.Generic.List[string]]::new()

function Invoke-Tool([string] $Name, [string[]] $Arguments) {
    & $Name @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$Name $($Arguments -join ' ') ended with exit code $LASTEXITCODE."
    }
}

function Get-ThisPwsh {
    (Get-Process -Id $PID).Path
}

function Build-Solution {
    Invoke-Tool dotnet @('build', "$root/ScanEngineAdmin.sln", '--configuration', $Configuration, '--nologo')
}

# A loaded dll cannot be released, so what loads it gets a PowerShell of its own.
function Build-Help {
    Invoke-Tool (Get-ThisPwsh) @(
        '-NoProfile', '-NonInteractive', '-File', "$root/src/ScanEngineAdmin/Write-Help.ps1"
        '-Manifest', "$root/ScanEngineAdmin.psd1", '-Path', "$root/module/bin/en-US/ScanEngineAdmin.dll-Help.xml")
}

function Test-Solution {
    Invoke-Tool dotnet @('test', "$root/ScanEngineAdmin.sln", '--configuration', $Configuration, '--no-build', '--nologo')
}

function Test-Script {
    if (-not (Get-Module -ListAvailable -Name PSScriptAnalyzer)) {
        $skipped.Add('PSScriptAnalyzer: not installed')
        return
    }

    $paths = @('build.ps1', 'ScanEngineAdmin.psd1', 'module', 'src/ScanEngineAdmin/Write-Help.ps1', 'tests/Pester').ForEach{ "$root/$_" }
    $findings = @($paths | ForEach-Object {
            Invoke-ScriptAnalyzer -Path $_ -Recurse -Settings "$root/PSScriptAnalyzerSettings.psd1"
        })
    if ($findings.Count -gt 0) {
        $findings | Format-Table -AutoSize RuleName, ScriptName, Line, Message | Out-String | Write-Host
        throw "PSScriptAnalyzer has $($findings.Count) findings."
    }
}

# Every version of Pester gets a PowerShell of its own as well.
function Test-Module {
    $installed = @(Get-Module -ListAvailable -Name Pester)
    foreach ($wanted in '5.9', '6.0') {
        $found = $installed | Where-Object { $_.Version.ToString(2) -eq $wanted } | Sort-Object Version | Select-Object -Last 1
        if (-not $found) {
            $skipped.Add("Pester $wanted`: not installed")
            continue
        }

        Write-Host "== Pester $($found.Version)"
        Invoke-Tool (Get-ThisPwsh) @(
            '-NoProfile', '-NonInteractive', '-File', "$root/tests/Pester/Invoke-Suite.ps1", '-PesterVersion', $found.Version)
    }
}

function Get-ModuleVersion {
    (Import-PowerShellDataFile -LiteralPath "$root/ScanEngineAdmin.psd1").ModuleVersion
}

function Copy-Module([string] $Destination) {
    if (-not (Test-Path -LiteralPath "$root/module/bin/ScanEngineAdmin.dll")) {
        throw 'The module is not built: run ./build.ps1 -Task Build first.'
    }

    Remove-Item -LiteralPath $Destination -Recurse -Force -ErrorAction Ignore
    $null = New-Item -ItemType Directory -Path $Destination -Force
    Copy-Item -LiteralPath "$root/ScanEngineAdmin.psd1" -Destination $Destination
    Copy-Item -LiteralPath "$root/module" -Destination $Destination -Recurse
    foreach ($extra in 'README.md', 'LICENSE') {
        if (Test-Path -LiteralPath "$root/$extra") {
            Copy-Item -LiteralPath "$root/$extra" -Destination $Destination
        }
    }
}

function Build-Package {
    $version = Get-ModuleVersion
    $folder = "$root/artifacts/ScanEngineAdmin/$version"
    Copy-Module $folder
    $zip = "$root/artifacts/ScanEngineAdmin-$version.zip"
    Remove-Item -LiteralPath $zip -Force -ErrorAction Ignore
    Compress-Archive -Path "$root/artifacts/ScanEngineAdmin" -DestinationPath $zip
    Write-Host "Packaged: $folder and $zip"
}

function Install-Built {
    $base = $ModulePath ? $ModulePath : ($env:PSModulePath -split [System.IO.Path]::PathSeparator)[0]
    $folder = Join-Path $base 'ScanEngineAdmin' (Get-ModuleVersion)
    Copy-Module $folder
    Write-Host "Installed: $folder"
}

switch ($Task) {
    'Build' { Build-Solution; Build-Help }
    'Test' { Test-Solution; Test-Script; Test-Module }
    'Package' { Build-Package }
    'Install' { Install-Built }
}

foreach ($what in $skipped) {
    Write-Warning "Skipped: $what"
}
