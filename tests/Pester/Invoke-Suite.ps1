<#
.SYNOPSIS
    Runs the Pester suites with one version of Pester; the exit code says how it went.
#>
param(
    [Parameter(Mandatory)]
    [version] $PesterVersion,

    [string] $Path = $PSScriptRoot
)

$ErrorActionPreference = 'Stop'
Import-Module -Name Pester -RequiredVersion $PesterVersion
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration
exit ($result.Result -eq 'Passed' ? 0 : 1)
