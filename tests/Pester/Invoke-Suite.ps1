<#
.SYNOPSIS
    Runs Pester suites; the exit code says whether all passed. ScanEngineAdmin.Module.Tests runs every one of them so.
.EXAMPLE
    dotnet pwsh tests/Pester/Invoke-Suite.ps1 tests/Pester/Stop.Tests.ps1
#>
param(
    # A suite, or a folder of suites.
    [string] $Path = $PSScriptRoot,

    # Pester's manifest; without it the newest one of NuGet's packages, where a build puts it.
    [string] $Pester,

    # Where the results are written down, as NUnit does.
    [string] $ResultPath,

    # The number of this run among those at the same time: each has ports of its own (Common.ps1).
    [ValidateRange(0, 3)]
    [int] $Place
)

$ErrorActionPreference = 'Stop'
if (-not $Pester) {
    $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : (Join-Path $HOME '.nuget/packages')
    $Pester = Get-ChildItem -Path "$packages/pester/*/tools/Pester.psd1" | Sort-Object { [version] $_.Directory.Parent.Name } |
        Select-Object -Last 1
    if (-not $Pester) {
        throw 'There is no Pester: build tests/ScanEngineAdmin.Module.Tests first.'
    }
}

$env:SCANENGINEADMIN_TEST_PLACE = $Place
Import-Module -Name $Pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($ResultPath) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = 'NUnitXml'
    $configuration.TestResult.OutputPath = $ResultPath
}

$result = Invoke-Pester -Configuration $configuration
exit ($result.Result -eq 'Passed' ? 0 : 1)
