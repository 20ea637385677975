# Runs DSC documents without DSC, whose engine cannot be had here: the resources by instance, one after the other. Reads
# what the samples use of the language: parameters, copy loops, and the functions named below. DSC's own adapter script,
# where it is given, is asked in Dsc.Tests.ps1.

function Import-DscYaml([string] $Path) {
    if (-not ('YamlDotNet.Serialization.DeserializerBuilder' -as [type])) {
        $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : (Join-Path $HOME '.nuget/packages')
        $library = Get-ChildItem -Path "$packages/yamldotnet/*/lib/net8.0/YamlDotNet.dll" | Select-Object -Last 1
        Add-Type -LiteralPath $library.FullName
    }

    $builder = [YamlDotNet.Serialization.DeserializerBuilder]::new().WithAttemptingUnquotedStringTypeDeserialization()
    ConvertTo-DscValue $builder.Build().Deserialize((Get-Content -Raw -LiteralPath $Path), [object])
}

function ConvertTo-DscValue($Value) {
    if ($Value -is [System.Collections.IDictionary]) {
        $map = [ordered]@{}
        $Value.Keys | ForEach-Object { $map[[string] $_] = ConvertTo-DscValue $Value[$_] }
        return $map
    }

    if ($Value -is [System.Collections.IList]) {
        return , @($Value | ForEach-Object { ConvertTo-DscValue $_ })
    }

    # As JSON has it: whole numbers of one size.
    $Value -is [ValueType] -and $Value -isnot [bool] ? [long] $Value : $Value
}

# What an expression in brackets stands for: literals, functions, indexes and members.
function Resolve-DscText([string] $Text, $Context) {
    if ($Text -notmatch '^\[(.+)\]$') {
        return $Text
    }

    $rest = [ref] $Matches[1]
    $value = Read-DscExpression $rest $Context
    if ($rest.Value) {
        throw "Not read of '$Text': $($rest.Value)"
    }

    , $value
}

function Step-DscText([ref] $Rest, [string] $Pattern) {
    if ($Rest.Value -match "^\s*($Pattern)\s*") {
        $Rest.Value = $Rest.Value.Substring($Matches[0].Length)
        return $Matches[1]
    }
}

function Read-DscExpression([ref] $Rest, $Context) {
    $literal = Step-DscText $Rest "'[^']*'|\d+"
    if ($literal) {
        return $literal[0] -eq "'" ? $literal.Trim("'") : [long] $literal
    }

    $name = Step-DscText $Rest '\w+(?=\()'
    $null = Step-DscText $Rest '\('
    $arguments = @(while (-not (Step-DscText $Rest '\)')) {
            , (Read-DscExpression $Rest $Context)
            $null = Step-DscText $Rest ','
        })
    $value = switch ($name) {
        'parameters' { , $Context.Parameters[$arguments[0]] }
        'copyIndex' { $Context.Index }
        'length' { $arguments[0].Count }
        'format' { $arguments[0] -f $arguments[1..$arguments.Count] }
        'resourceId' { "$($arguments[0]):$($arguments[1])" }
        'secret' { $Context.Secrets[$arguments[0]] }
        default { throw "A function that is not read here: $name" }
    }
    while ($Rest.Value) {
        if (Step-DscText $Rest '\[') {
            $value = $value[(Read-DscExpression $Rest $Context)]
            $null = Step-DscText $Rest '\]'
        } elseif ($member = Step-DscText $Rest '\.\w+') {
            $value = $value[$member.Substring(1)]
        } else {
            break
        }
    }

    , $value
}

function Resolve-DscValue($Value, $Context) {
    if ($Value -is [System.Collections.IDictionary]) {
        $map = [ordered]@{}
        $Value.Keys | ForEach-Object { $map[$_] = Resolve-DscValue $Value[$_] $Context }
        return $map
    }

    if ($Value -is [array]) {
        return , @($Value | ForEach-Object { Resolve-DscValue $_ $Context })
    }

    $Value -is [string] ? (Resolve-DscText $Value $Context) : $Value
}

# The resources of a document with their properties, in the order in which they are set.
function Get-DscDocumentResource([string] $Path, $Parameter, $Secret = @{}) {
    $document = Import-DscYaml $Path
    $context = @{ Parameters = @{}; Secrets = $Secret; Index = 0 }
    foreach ($name in $document.parameters.Keys) {
        if (-not $Parameter.Contains($name) -and -not $document.parameters[$name].Contains('defaultValue')) {
            throw "The document's parameter '$name' has no value."
        }

        $given = $Parameter.Contains($name) ? $Parameter[$name] : $document.parameters[$name].defaultValue
        $context.Parameters[$name] = Resolve-DscValue $given $context
    }

    $done = @()
    foreach ($resource in $document.resources) {
        $times = $resource.copy ? [int] (Resolve-DscValue $resource.copy.count $context) : 1
        foreach ($index in 0..($times - 1)) {
            $context.Index = $index
            $one = [pscustomobject]@{
                Name      = Resolve-DscText $resource.name $context
                Type      = $resource.type
                DependsOn = @($resource.dependsOn | ForEach-Object { Resolve-DscText $_ $context })
                Property  = Resolve-DscValue $resource.properties $context
            }
            $one.DependsOn | Where-Object { $_ -and $_ -notin $done } | ForEach-Object { throw "$($one.Name) depends on $_, which does not come before." }
            $done += "$($one.Type):$($one.Name)"
            $one
        }
    }
}

# An instance of a resource's class, with properties as the adapter sets them.
function New-DscInstance([string] $Type, $Property) {
    $module = Get-Module ScanEngineAdmin
    $instance = & $module { ($args[0] -as [type])::new() } ($Type -replace '^.*/')
    foreach ($name in $Property.Keys) {
        $value = $Property[$name]
        if ($value -is [System.Collections.IDictionary] -and $value.Contains('password')) {
            $value = [pscredential]::new($value.username, (ConvertTo-Passphrase $value.password))
        }

        $instance.$name = $value
    }

    $instance
}

# Sets what is not as asked for, and says of each resource whether that was done.
function Invoke-DscDocument([object[]] $Resource) {
    foreach ($one in $Resource) {
        $instance = New-DscInstance $one.Type $one.Property
        $changed = -not $instance.Test()
        if ($changed) {
            $instance.Set()
        }

        [pscustomobject]@{ Name = $one.Name; Changed = $changed; Instance = $instance }
    }
}

# PSDesiredStateConfiguration is not served here, so this stands in for its cmdlet in the samples for version 2: the same
# parameters and outputs, over an instance of the class. What that module itself does beside was not run.
function Invoke-DscResource {
    param([string] $Name, [string] $ModuleName, [string] $Method, [hashtable] $Property)

    $instance = New-DscInstance "$ModuleName/$Name" $Property
    switch ($Method) {
        'Get' { $instance.Get() }
        'Test' { [pscustomobject]@{ InDesiredState = $instance.Test() } }
        'Set' { $instance.Set(); [pscustomobject]@{ RebootRequired = $false } }
    }
}
