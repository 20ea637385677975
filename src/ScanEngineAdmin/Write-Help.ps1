<#
.SYNOPSIS
    Writes what Get-Help shows of the built module, and the same as pages: parameters as the cmdlets declare them, words
    and examples from the documentation comments. Run by build.ps1, in a PowerShell of its own, as a loaded dll cannot be released.
#>
param(
    # The checkout's manifest; its module has to be built.
    [Parameter(Mandatory)]
    [string] $Manifest,

    # The MAML file to write.
    [Parameter(Mandatory)]
    [string] $Path,

    # The folder of the pages, one a cmdlet, for who reads without PowerShell; without it none are written.
    [string] $PagePath
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$module = Import-Module -Name $Manifest -PassThru
$assembly = Join-Path (Split-Path $Manifest) 'module/bin/ScanEngineAdmin.xml'
$documented = @{}
([xml] (Get-Content -LiteralPath $assembly -Raw)).doc.members.member | ForEach-Object { $documented[$_.name] = $_ }
$spaces = @{
    maml    = 'http://schemas.microsoft.com/maml/2004/10'
    command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
    dev     = 'http://schemas.microsoft.com/maml/dev/2004/10'
}
$common = [System.Management.Automation.Cmdlet]::CommonParameters

function ConvertTo-Line([string] $Text) {
    ($Text -replace '\s+', ' ').Trim()
}

# The paragraphs of a member's summary; of one kind where they have kinds.
function Get-Para([string] $Member, [string] $Kind) {
    $query = $Kind ? "summary/para[@type='$Kind']" : 'summary/para'
    $found = $documented.ContainsKey($Member) ? $documented[$Member].SelectSingleNode($query) : $null
    $found ? (ConvertTo-Line $found.InnerText) : ''
}

# The type without the array and without what makes it optional.
function Get-ElementType([type] $Type) {
    $one = $Type.IsArray ? $Type.GetElementType() : $Type
    [System.Nullable]::GetUnderlyingType($one) ?? $one
}

function Get-ParameterText($Cmdlet, [string] $Name) {
    switch ($Name) {
        'WhatIf' { return 'Shows what would be done, and does nothing.' }
        'Confirm' { return 'Asks before anything is done.' }
    }

    $property = $Cmdlet.ImplementingType.GetProperty($Name)
    # A cmdlet may say more exactly what a parameter that it shares with others means for it.
    $own = Get-Para "T:$($Cmdlet.ImplementingType.FullName)" "parameter $Name"
    $text = $own ? $own : (Get-Para "P:$($property.DeclaringType.FullName).$Name")
    $type = Get-ElementType $property.PropertyType
    $type.IsEnum ? "$text Values: $([enum]::GetNames($type) -join ', ')." : $text
}

function Open-Element($Writer, [string] $Element) {
    $prefix, $name = $Element -split ':'
    $Writer.WriteStartElement($prefix, $name, $spaces[$prefix])
}

function Add-Text($Writer, [string] $Element, [string] $Text) {
    Open-Element $Writer $Element
    $Writer.WriteString($Text)
    $Writer.WriteEndElement()
}

function Add-Para($Writer, [string] $Element, [string[]] $Text) {
    Open-Element $Writer $Element
    $Text | Where-Object { $_ } | ForEach-Object { Add-Text $Writer 'maml:para' $_ }
    $Writer.WriteEndElement()
}

function Add-Parameter($Writer, $Cmdlet, $Parameter, [switch] $InSyntax) {
    $property = $Cmdlet.ImplementingType.GetProperty($Parameter.Name)
    $wild = $property -and $property.IsDefined([System.Management.Automation.SupportsWildcardsAttribute], $true)
    $from = @(if ($Parameter.ValueFromPipeline) { 'ByValue' }
        if ($Parameter.ValueFromPipelineByPropertyName) { 'ByPropertyName' })
    Open-Element $Writer 'command:parameter'
    $Writer.WriteAttributeString('required', "$($Parameter.IsMandatory)".ToLowerInvariant())
    $Writer.WriteAttributeString('variableLength', 'false')
    $Writer.WriteAttributeString('globbing', "$([bool] $wild)".ToLowerInvariant())
    $Writer.WriteAttributeString('pipelineInput', ($from ? "true ($($from -join ', '))" : 'false'))
    $Writer.WriteAttributeString('position', ($Parameter.Position -ge 0 ? $Parameter.Position : 'named'))
    $Writer.WriteAttributeString('aliases', (@($Parameter.Aliases) -join ', '))
    Add-Text $Writer 'maml:name' $Parameter.Name
    Add-Para $Writer 'maml:description' (Get-ParameterText $Cmdlet $Parameter.Name)
    $type = $Parameter.ParameterType
    if ($type -ne [switch]) {
        Open-Element $Writer 'command:parameterValue'
        $Writer.WriteAttributeString('required', 'true')
        $Writer.WriteString((Get-ElementType $type).Name + ($type.IsArray ? '[]' : ''))
        $Writer.WriteEndElement()
    } elseif (-not $InSyntax) {
        Open-Element $Writer 'command:parameterValue'
        $Writer.WriteAttributeString('required', 'false')
        $Writer.WriteString('SwitchParameter')
        $Writer.WriteEndElement()
    }

    $Writer.WriteEndElement()
}

function Add-Example($Writer, $Cmdlet) {
    Open-Element $Writer 'command:examples'
    $number = 0
    $member = "T:$($Cmdlet.ImplementingType.FullName)"
    foreach ($example in @($documented[$member].SelectNodes('example'))) {
        $number++
        Open-Element $Writer 'command:example'
        Add-Text $Writer 'maml:title' "Example $number"
        Add-Text $Writer 'dev:code' (ConvertTo-Line $example.SelectSingleNode('code').InnerText)
        Add-Para $Writer 'dev:remarks' (ConvertTo-Line $example.SelectSingleNode('para').InnerText)
        $Writer.WriteEndElement()
    }

    $Writer.WriteEndElement()
}

function Add-Command($Writer, $Cmdlet) {
    $member = "T:$($Cmdlet.ImplementingType.FullName)"
    Open-Element $Writer 'command:command'
    Open-Element $Writer 'command:details'
    Add-Text $Writer 'command:name' $Cmdlet.Name
    Add-Text $Writer 'command:verb' $Cmdlet.Verb
    Add-Text $Writer 'command:noun' $Cmdlet.Noun
    Add-Para $Writer 'maml:description' (Get-Para $member 'synopsis')
    $Writer.WriteEndElement()
    $more = Get-Para $member 'description'
    Add-Para $Writer 'maml:description' ($more ? $more : (Get-Para $member 'synopsis'))

    Open-Element $Writer 'command:syntax'
    foreach ($set in $Cmdlet.ParameterSets) {
        Open-Element $Writer 'command:syntaxItem'
        Add-Text $Writer 'maml:name' $Cmdlet.Name
        $set.Parameters | Where-Object Name -NotIn $common |
            Sort-Object { $_.Position -ge 0 ? $_.Position : 1000 }, { -not $_.IsMandatory } -Stable |
            ForEach-Object { Add-Parameter $Writer $Cmdlet $_ -InSyntax }
        $Writer.WriteEndElement()
    }

    $Writer.WriteEndElement()
    Open-Element $Writer 'command:parameters'
    $Cmdlet.ParameterSets.Parameters | Where-Object Name -NotIn $common | Sort-Object Name -Unique |
        ForEach-Object { Add-Parameter $Writer $Cmdlet $_ }
    $Writer.WriteEndElement()
    Open-Element $Writer 'command:returnValues'
    foreach ($type in $Cmdlet.OutputType) {
        Open-Element $Writer 'command:returnValue'
        Open-Element $Writer 'dev:type'
        Add-Text $Writer 'maml:name' $type.Name
        $Writer.WriteEndElement()
        $Writer.WriteEndElement()
    }

    $Writer.WriteEndElement()
    Add-Example $Writer $Cmdlet
    $Writer.WriteEndElement()
}

# What stands outside of code in a page: no character of it is Markdown's.
function ConvertTo-PageText([string] $Text) {
    $Text -replace '([\\`*_<>|\[\]])', '\$1'
}

function Get-Syntax($Cmdlet) {
    foreach ($set in $Cmdlet.ParameterSets) {
        $parts = foreach ($one in $set.Parameters | Where-Object Name -NotIn $common |
                Sort-Object { $_.Position -ge 0 ? $_.Position : 1000 }, { -not $_.IsMandatory } -Stable) {
            $name = $one.Position -ge 0 ? "[-$($one.Name)]" : "-$($one.Name)"
            $type = $one.ParameterType
            $value = $type -eq [switch] ? '' : " <$((Get-ElementType $type).Name)$($type.IsArray ? '[]' : '')>"
            $one.IsMandatory ? "$name$value" : "[$name$value]"
        }
        "$($Cmdlet.Name) $($parts -join ' ')"
    }
}

function Write-Page($Cmdlet) {
    $member = "T:$($Cmdlet.ImplementingType.FullName)"
    $lines = @("# $($Cmdlet.Name)", '', (ConvertTo-PageText (Get-Para $member 'synopsis')), '')
    $more = Get-Para $member 'description'
    if ($more) {
        $lines += (ConvertTo-PageText $more), ''
    }

    $lines += '```powershell', @(Get-Syntax $Cmdlet), '```', '', '## Examples', '' | ForEach-Object { $_ }
    foreach ($example in @($documented[$member].SelectNodes('example'))) {
        $lines += '```powershell', (ConvertTo-Line $example.SelectSingleNode('code').InnerText), '```', ''
        $lines += (ConvertTo-PageText (ConvertTo-Line $example.SelectSingleNode('para').InnerText)), ''
    }

    $lines += '## Parameters', ''
    $Cmdlet.ParameterSets.Parameters | Where-Object Name -NotIn $common | Sort-Object Name -Unique -Culture '' | ForEach-Object {
        $aliases = @($_.Aliases | Sort-Object -Culture '')
        $also = $aliases.Count -gt 0 ? " (also ``-$($aliases -join '`, `-')``)" : ''
        $lines += "- ``-$($_.Name)``$also" + ': ' + (ConvertTo-PageText (Get-ParameterText $Cmdlet $_.Name))
    }

    $outputs = @($Cmdlet.OutputType | ForEach-Object { "``$($_.Name)``" })
    if ($outputs.Count -gt 0) {
        $lines += '', '## Output', '', ($outputs -join ', ')
    }

    Write-Text (Join-Path $PagePath "$($Cmdlet.Name).md") (($lines -join "`n") + "`n")
}

# Only a text that differs, and whole: a session may read the file meanwhile, or copy the folder.
function Write-Text([string] $File, [string] $Text) {
    if ((Test-Path -LiteralPath $File) -and [System.IO.File]::ReadAllText($File) -ceq $Text) {
        return
    }

    $new = "$File.$PID.new"
    [System.IO.File]::WriteAllText($new, $Text)
    [System.IO.File]::Move($new, $File, $true)
}

if ($PagePath) {
    $null = New-Item -ItemType Directory -Path $PagePath -Force
    $PagePath = (Resolve-Path -LiteralPath $PagePath).ProviderPath
    Get-ChildItem -LiteralPath $PagePath -Filter '*.md' | Where-Object BaseName -NotIn $module.ExportedCmdlets.Keys | Remove-Item
    $module.ExportedCmdlets.Values | ForEach-Object { Write-Page $_ }
}

$null = New-Item -ItemType Directory -Path (Split-Path $Path) -Force
$Path = Join-Path (Resolve-Path -LiteralPath (Split-Path $Path)).ProviderPath (Split-Path $Path -Leaf)
$settings = [System.Xml.XmlWriterSettings]@{ Indent = $true; Encoding = [System.Text.UTF8Encoding]::new($false) }
$bytes = [System.IO.MemoryStream]::new()
$writer = [System.Xml.XmlWriter]::Create($bytes, $settings)
try {
    $writer.WriteStartElement('helpItems', 'http://msh')
    $writer.WriteAttributeString('schema', 'maml')
    $spaces.Keys | Sort-Object | ForEach-Object { $writer.WriteAttributeString('xmlns', $_, $null, $spaces[$_]) }

    $module.ExportedCmdlets.Values | Sort-Object Name | ForEach-Object { Add-Command $writer $_ }
    $writer.WriteEndElement()
} finally {
    $writer.Dispose()
}

Write-Text $Path $settings.Encoding.GetString($bytes.ToArray())
