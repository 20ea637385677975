# What the resources share. Beside it a file for each resource with what that does: Get-DscState, Set-DscState, Export-DscState
# and Compare-DscState, which says what differs, and nothing where all is as asked for.

# Runs a cmdlet for a resource. DSC shows an error's message alone, so that has the next step in it; the error keeps its id.
function Invoke-DscStep([scriptblock] $Step) {
    try {
        & $Step
    } catch {
        $advice = "$($_.ErrorDetails.RecommendedAction)"
        $text = $advice -and -not $_.Exception.Message.Contains($advice) ? "$($_.Exception.Message) $advice" : $_.Exception.Message
        $id = ($_.FullyQualifiedErrorId -split ',')[0]
        throw [System.Management.Automation.ErrorRecord]::new(
            [System.InvalidOperationException]::new($text, $_.Exception), $id, $_.CategoryInfo.Category, $_.TargetObject)
    }
}

function New-DscFault([string] $Id, [string] $Message, $Target) {
    [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($Message), $Id, 'ResourceUnavailable', $Target)
}

# Looks until a condition holds or the time is over; says which.
function Wait-DscCondition([scriptblock] $Condition, [int] $Seconds) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -ge $Seconds) {
            return $false
        }

        Start-Sleep -Milliseconds 250
    }

    $true
}

# The text of a secret, from where a configuration says that it is: in the document, or in a vault. None if neither.
function Get-DscSecret($Resource) {
    if ($Resource.PairingSecret) {
        return $Resource.PairingSecret.Password
    }

    if (-not $Resource.SecretName) {
        return $null
    }

    if (-not (Get-Command -Name Get-Secret -ErrorAction Ignore)) {
        throw (New-DscFault 'SecretNotFound' ("SecretName is '$($Resource.SecretName)', but there is no Get-Secret on this host. " +
                'Install Microsoft.PowerShell.SecretManagement and a vault for the account that runs DSC, or give PairingSecret.'
            ) $Resource.SecretName)
    }

    $from = @{ Name = $Resource.SecretName }
    if ($Resource.SecretVault) {
        $from.Vault = $Resource.SecretVault
    }

    $found = Invoke-DscStep { Get-Secret @from -ErrorAction Stop }
    $found -is [pscredential] ? $found.Password : $found
}

# What every document has to say: a key that is empty names nothing, and everything that is not there would be as asked for.
function Assert-DscKey($Resource, [string] $Key, [string] $Id, [string] $What) {
    if ([string]::IsNullOrWhiteSpace($Resource.$Key)) {
        throw (New-DscFault $Id "The resource $($Resource.GetType().Name) has no ${Key}: give $What." $null)
    }
}

# The engine of a resource's name; nothing where there is none.
function Find-DscEngine($Resource) {
    Assert-DscKey $Resource 'Name' 'EngineNameInvalid' 'the engine''s name at the console'
    $at = Get-DscFolder $Resource
    $name = [wildcardpattern]::Escape($Resource.Name)
    try {
        Invoke-DscStep { Get-ScanEngine @at -Name $name }
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'EngineNotFound*') {
            throw
        }

        Assert-DscValue $Resource Name
    }
}

# What the resources compare is read as the cmdlets read it that store it: what these refuse is an error, and not a difference
# that no Set can mend.
function Assert-DscValue($Resource, [string[]] $Property) {
    foreach ($name in $Property | Where-Object { $null -ne $Resource.$_ -and '' -ne $Resource.$_ }) {
        $null = Invoke-DscStep { ConvertTo-ScanEngineValue ($name -replace '^Console') @($Resource.$name) }
    }
}

# Whether two spellings mean the same.
function Test-DscSame([string] $Kind, $Wanted, $Known) {
    $asked = Invoke-DscStep { ConvertTo-ScanEngineValue $Kind @($Wanted) }
    try {
        $asked -eq (ConvertTo-ScanEngineValue $Kind @($Known | Where-Object { $null -ne $_ }))
    } catch {
        $false
    }
}

# What means the same is told as it was asked for: DSC compares texts.
function Copy-DscSpelling($Asked, $Now, [string[]] $Property) {
    foreach ($name in $Property | Where-Object { $Asked.$_ -and $Now.$_ }) {
        if (Test-DscSame ($name -replace '^Console') $Asked.$name $Now.$name) { $Now.$name = $Asked.$name }
    }
}

# The data folder of a resource, as every cmdlet of the module takes it.
function Get-DscFolder($Resource) {
    $at = @{ ErrorAction = 'Stop' }
    if ($Resource.DataPath) {
        $at.DataPath = $Resource.DataPath
    }

    return $at
}

function New-DscReason($Resource, [string] $Property, [string] $Phrase) {
    $name = $Resource.GetType().Name
    return [ScanEngineReason]@{ Code = "${name}:${name}:$Property"; Phrase = $Phrase }
}

function Test-DscState($Resource) {
    return @(Compare-DscState $Resource).Count -eq 0
}

# A resource as it was asked for, with the reasons why Set would do something.
function Get-DscWhatIf($Resource) {
    $then = $Resource.GetType()::new()
    foreach ($property in $Resource.PSObject.Properties | Where-Object Name -NE 'Reasons') {
        if ($null -ne $property.Value -and $property.Value -isnot [pscredential]) {
            $then.($property.Name) = $property.Value
        }
    }

    $then.Reasons = @(Compare-DscState $Resource)
    return $then
}
