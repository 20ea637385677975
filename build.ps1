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
    The module as a folder, a zip and a NuGet package, in artifacts/.
.EXAMPLE
    dotnet pwsh -Command "./build.ps1 -Task Package -Configuration Release -Runtime linux-x64, win-x64"
    The same, and the service host for two systems; for Linux a Debian package as well, where dpkg-deb is.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Analyze', 'Test', 'Package', 'Install', 'Import')]
    [string[]] $Task = @('Build', 'Test'),

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Where Install puts the module; without it the user's own module folder.
    [string] $ModulePath,

    # For which systems Package makes archives of the service host, with the .NET runtime in them; none by itself.
    [ValidateSet('linux-x64', 'linux-arm64', 'linux-musl-x64', 'win-x64', 'win-arm64', 'osx-x64', 'osx-arm64')]
    [string[]] $Runtime = @()
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
    # What Install-PSResource and Publish-PSResource take.
    Remove-Item -Path "$root/artifacts/ScanEngineAdmin.$version.nupkg" -Force -ErrorAction Ignore
    Compress-PSResource -Path $folder -DestinationPath "$root/artifacts"
    Write-Content $folder
    foreach ($one in $Runtime) {
        Build-Service $one $version
    }
}

# What is in it, by folder, and how large.
function Write-Content([string] $Folder) {
    $files = Get-ChildItem -LiteralPath $Folder -Recurse -File
    $files | Group-Object { [System.IO.Path]::GetRelativePath($Folder, $_.DirectoryName) } |
        ForEach-Object { '{0,6:N1} MB  {1,3} files  {2}' -f (($_.Group | Measure-Object Length -Sum).Sum / 1MB), $_.Count, $_.Name } |
        Write-Host
    Write-Host ('Packaged: {0} ({1:N1} MB, {2} files)' -f $Folder, (($files | Measure-Object Length -Sum).Sum / 1MB), $files.Count)
}

# The service host with its runtime: nothing else has to be installed.
function Build-Service([string] $For, [string] $Version) {
    $folder = "$root/artifacts/service/$For/scanengineadmin"
    Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore
    Invoke-Tool dotnet @(
        'publish', "$root/src/ScanEngineAdmin.Service", '--configuration', $Configuration, '--runtime', $For, '--self-contained'
        '--output', $folder, '--nologo', '--verbosity', 'quiet', '-p:RunAnalyzers=false', '-p:PublishReadyToRun=true')
    Get-ChildItem -LiteralPath $folder -File | Where-Object Extension -In '.xml', '.pdb' | Remove-Item
    foreach ($text in 'LICENSE', 'CHANGELOG.md') {
        Copy-Item -LiteralPath "$root/$text" -Destination $folder
    }

    $name = "$root/artifacts/scanengineadmin-$Version-$For"
    if ($For -like 'win-*') {
        Compress-Archive -Path $folder -DestinationPath "$name.zip" -Force
    } else {
        Invoke-Tool tar @('--create', '--gzip', '--owner=root:0', '--group=root:0', '--file', "$name.tar.gz", '--directory', (Split-Path $folder), 'scanengineadmin')
    }

    Write-Content $folder
    $architecture = @{ 'linux-x64' = 'amd64'; 'linux-arm64' = 'arm64' }[$For]
    if ($architecture -and (Get-Command dpkg-deb -CommandType Application -ErrorAction Ignore)) {
        & "$root/src/ScanEngineAdmin.Service/Write-DebianPackage.ps1" -Program $folder -Version $Version -Architecture $architecture -Path "$root/artifacts"
    } elseif ($architecture) {
        $skipped.Add('the Debian package: there is no dpkg-deb')
    }
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
