#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests, packages and installs the module.
.DESCRIPTION
    The official PowerShell is a tool of the checkout: `dotnet tool restore` gets it, `dotnet pwsh` starts it.
.EXAMPLE
    dotnet pwsh build.ps1
    Builds all and runs all tests, Pester included.
.EXAMPLE
    dotnet pwsh -NoExit -Command "./build.ps1 -Task Import"
    Builds the module alone and imports it.
.EXAMPLE
    dotnet pwsh -Command "./build.ps1 -Task Build, Package -Configuration Release"
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Analyze', 'Test', 'Package', 'Install', 'Import')]
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
. "$root/tests/Shared/Pwsh.ps1"

function Invoke-Tool([string] $Name, [string[]] $Arguments) {
    & $Name @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$Name $($Arguments -join ' ') ended with exit code $LASTEXITCODE."
    }
}

function Build-Project([string] $Path) {
    Invoke-Tool dotnet @('build', "$root/$Path", '--configuration', $Configuration, '--nologo', '--verbosity', 'quiet')
}

# A loaded dll cannot be released, so what loads it gets a PowerShell of its own.
function Build-Help {
    Invoke-Tool Invoke-Pwsh @(
        '-NoProfile', '-NonInteractive', '-File', "$root/src/ScanEngineAdmin/Write-Help.ps1"
        '-Manifest', "$root/ScanEngineAdmin.psd1", '-Path', "$root/module/bin/en-US/ScanEngineAdmin.dll-Help.xml"
        '-PagePath', "$root/docs/cmdlets")
    Invoke-Tool Invoke-Pwsh @(
        '-NoProfile', '-NonInteractive', '-File', "$root/src/ScanEngineAdmin/Write-DscManifest.ps1"
        '-Manifest', "$root/ScanEngineAdmin.psd1", '-Path', "$root/module/dsc")
    Invoke-Tool Invoke-Pwsh @(
        '-NoProfile', '-NonInteractive', '-File', "$root/src/ScanEngineAdmin/Write-ErrorTopic.ps1"
        '-Table', "$root/docs/faults.md", '-Path', "$root/docs/about_ScanEngineAdmin_Errors.help.txt")
}

# The Pester suites are among them: ScanEngineAdmin.Module.Tests runs every one, with every version of Pester.
function Test-Solution {
    Invoke-Tool dotnet @('test', "$root/ScanEngineAdmin.sln", '--configuration', $Configuration, '--no-build', '--nologo')
}

function Test-Script {
    if (-not (Get-Module -ListAvailable -Name PSScriptAnalyzer)) {
        $skipped.Add('PSScriptAnalyzer: not installed')
        return
    }

    $paths = 'build.ps1', 'ScanEngineAdmin.psd1', 'module', 'src/ScanEngineAdmin', 'docs', 'tests/Pester', 'tests/Shared'
    $settings = "$root/PSScriptAnalyzerSettings.psd1"
    $findings = @($paths | ForEach-Object { Invoke-ScriptAnalyzer -Path "$root/$_" -Recurse -Settings $settings })
    if ($findings.Count -gt 0) {
        $findings | Format-Table -AutoSize RuleName, ScriptName, Line, Message | Out-String | Write-Host
        throw "PSScriptAnalyzer has $($findings.Count) findings."
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
    foreach ($extra in 'README.md', 'LICENSE', 'CHANGELOG.md') {
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
    'Build' { Build-Project 'ScanEngineAdmin.sln'; Build-Help }
    'Analyze' { Test-Script }
    'Test' { Test-Solution; Test-Script }
    'Package' { Build-Package }
    'Install' { Install-Built }
    'Import' { Build-Project 'src/ScanEngineAdmin'; Build-Help; Import-Module "$root/ScanEngineAdmin.psd1" -Global }
}

foreach ($what in $skipped) {
    Write-Warning "Skipped: $what"
}
