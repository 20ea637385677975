<#
.SYNOPSIS
    Writes the adapted resource manifests by which DSC 3.2 and later finds the module's resources without loading it: what
    each can do, and the schema of its properties, from the classes and their comments. Run by build.ps1.
#>
param(
    # The checkout's manifest of the module.
    [Parameter(Mandatory)]
    [string] $Manifest,

    # The folder of the files, one a resource; what else of the kind is in it goes.
    [Parameter(Mandatory)]
    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$Manifest = (Resolve-Path -LiteralPath $Manifest).ProviderPath
$data = Import-PowerShellDataFile -LiteralPath $Manifest
$tokens = $errors = $null
$tree = [System.Management.Automation.Language.Parser]::ParseFile(
    (Join-Path (Split-Path $Manifest) $data.RootModule), [ref] $tokens, [ref] $errors)
if ($errors) {
    throw "$($errors[0])"
}

$classes = @{}
$tree.FindAll({ $args[0] -is [System.Management.Automation.Language.TypeDefinitionAst] }, $false) | ForEach-Object { $classes[$_.Name] = $_ }

# The comment before a class: its synopsis, and a sentence or more for each property.
function Get-ClassHelp($Class) {
    $comment = $tokens | Where-Object { $_.Kind -eq 'Comment' -and $_.Extent.EndOffset -le $Class.Extent.StartOffset } | Select-Object -Last 1
    $help = @{}
    foreach ($part in [regex]::Matches($comment.Text, '(?s)\.(SYNOPSIS|PARAMETER (\w+))\s(.*?)(?=\r?\n\.[A-Z]|#>)')) {
        $help[$part.Groups[2].Value] = ($part.Groups[3].Value -replace '\s+', ' ').Trim()
    }

    $help
}

function Get-DscMember($Class) {
    foreach ($base in $Class.BaseTypes | Where-Object { $classes.ContainsKey($_.TypeName.Name) }) {
        Get-DscMember $classes[$base.TypeName.Name]
    }

    $Class.Members | Where-Object { $_ -is [System.Management.Automation.Language.PropertyMemberAst] -and (Get-Attribute $_ 'DscProperty') }
}

function Get-Attribute($Member, [string] $Name) {
    $Member.Attributes | Where-Object { $_.TypeName.Name -eq $Name } | Select-Object -First 1
}

function Test-Argument($Attribute, [string] $Name) {
    [bool] ($Attribute.NamedArguments | Where-Object ArgumentName -EQ $Name)
}

# What DSC accepts for a type, null included where a property may be left out or does not apply.
function ConvertTo-Schema([string] $Type, [bool] $Optional) {
    $simple = @{ string = 'string'; int = 'integer'; long = 'integer'; bool = 'boolean' }
    if ($Type -match '^Nullable\[(\w+)\]$') {
        return [ordered]@{ type = @($simple[$Matches[1]], 'null') }
    }

    if ($Type -match '^(\w+)\[\]$') {
        return [ordered]@{ type = @('array', 'null'); items = ConvertTo-Schema $Matches[1] $false }
    }

    if ($Type -eq 'pscredential') {
        $text = [ordered]@{ type = 'string' }
        return [ordered]@{ type = @('object', 'null'); properties = [ordered]@{ username = $text; password = $text } }
    }

    if ($classes.ContainsKey($Type)) {
        $parts = [ordered]@{}
        Get-DscMember $classes[$Type] | ForEach-Object { $parts[$_.Name] = ConvertTo-Schema $_.PropertyType.TypeName.FullName $false }
        return [ordered]@{ type = 'object'; properties = $parts }
    }

    if (-not $simple.ContainsKey($Type)) {
        throw "A property of type '$Type' has no schema here."
    }

    [ordered]@{ type = $Optional -and $Type -eq 'string' ? @('string', 'null') : $simple[$Type] }
}

function ConvertTo-PropertySchema($Member, [string] $Text) {
    $attribute = Get-Attribute $Member 'DscProperty'
    $needed = (Test-Argument $attribute 'Key') -or (Test-Argument $attribute 'Mandatory')
    $schema = ConvertTo-Schema $Member.PropertyType.TypeName.FullName (-not $needed -and -not $Member.InitialValue)
    $values = Get-Attribute $Member 'ValidateSet'
    if ($values) {
        $schema.enum = @($values.PositionalArguments.Value) + @(if (-not $needed -and -not $Member.InitialValue) { '', $null })
    }

    $range = Get-Attribute $Member 'ValidateRange'
    if ($range) {
        # Of a list each item is held to it.
        $ranged = $schema.Contains('items') ? $schema.items : $schema
        $ranged.minimum, $ranged.maximum = $range.PositionalArguments.Value
    }

    if ($Member.InitialValue -is [System.Management.Automation.Language.ConstantExpressionAst]) {
        $schema.default = $Member.InitialValue.Value
    }

    if (Test-Argument $attribute 'NotConfigurable') {
        $schema.readOnly = $true
    }

    if ($Member.PropertyType.TypeName.FullName -eq 'pscredential') {
        $schema.writeOnly = $true
    }

    $schema.description = $Text
    $schema
}

$null = New-Item -ItemType Directory -Path $Path -Force
Get-ChildItem -LiteralPath $Path -Filter '*.dsc.adaptedResource.json' | Remove-Item
foreach ($name in $data.DscResourcesToExport) {
    $class = $classes[$name]
    $help = Get-ClassHelp $class
    $members = @(Get-DscMember $class | Sort-Object Name -Culture '')
    $methods = @($class.Members | Where-Object { $_ -is [System.Management.Automation.Language.FunctionMemberAst] -and -not $_.IsHidden } |
            ForEach-Object Name | Select-Object -Unique)
    $properties = [ordered]@{}
    foreach ($member in $members) {
        if (-not $help[$member.Name]) {
            throw "The comment of class '$name' has no .PARAMETER $($member.Name)."
        }

        $properties[$member.Name] = ConvertTo-PropertySchema $member $help[$member.Name]
    }

    $required = @($members | Where-Object {
            $attribute = Get-Attribute $_ 'DscProperty'
            (Test-Argument $attribute 'Key') -or (Test-Argument $attribute 'Mandatory')
        } | ForEach-Object Name)
    $document = [ordered]@{
        '$schema'      = 'https://aka.ms/dsc/schemas/v3/bundled/adaptedresource/manifest.json'
        type           = "$([System.IO.Path]::GetFileNameWithoutExtension($data.RootModule))/$name"
        kind           = 'resource'
        version        = "$($data.ModuleVersion)"
        # Not whatIf: DSC's adapter has no such operation, and a capability that DSC does not know makes the file invalid.
        capabilities   = @(@{ Get = 'get'; Set = 'set'; Test = 'test'; Export = 'export' }[$methods] | Where-Object { $_ })
        description    = $help['']
        author         = $data.Author
        requireAdapter = 'Microsoft.Adapter/PowerShell'
        path           = '../../ScanEngineAdmin.psd1'
        schema         = [ordered]@{
            embedded = [ordered]@{
                '$schema'            = 'https://json-schema.org/draft/2020-12/schema'
                title                = $name
                description          = $help['']
                type                 = 'object'
                required             = $required
                additionalProperties = $false
                properties           = $properties
            }
        }
    }
    $json = ($document | ConvertTo-Json -Depth 12) -replace "`r"
    [System.IO.File]::WriteAllText((Join-Path $Path "$name.dsc.adaptedResource.json"), "$json`n")
}
