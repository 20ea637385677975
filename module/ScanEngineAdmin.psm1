# The load rule of the module: the cmdlets are in bin/, which a build fills. They bring the libraries beside them; the
# database library is loaded by them, privately, from bin/storage.

$library = Join-Path -Path $PSScriptRoot -ChildPath 'bin/ScanEngineAdmin.dll'
if (-not (Test-Path -LiteralPath $library)) {
    $advice = 'Run ./build.ps1 -Task Build, or dotnet build, in the checkout; or install the package.'
    throw "ScanEngineAdmin is not built: '$library' is missing. $advice"
}

$cmdlets = Import-Module -Name $library -PassThru

# After the library: the columns of the table views are code of it.
Update-TypeData -PrependPath (Join-Path -Path $PSScriptRoot -ChildPath 'ScanEngineAdmin.Columns.ps1xml')
Export-ModuleMember -Cmdlet @($cmdlets.ExportedCmdlets.Keys)
