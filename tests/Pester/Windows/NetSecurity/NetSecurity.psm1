<#
    What stands for Windows' NetSecurity module where there is no Windows: the commands that this product uses, with the
    parameters, types and parameter sets of the real ones, on a firewall that is a table in memory. What the real one
    refuses (a second rule of a name, a name that is not there, a parameter that a set does not have) this one refuses.
#>

enum NetEnabled { True = 1; False = 2 }
enum NetDirection { Inbound = 1; Outbound = 2 }
enum NetAction { NotConfigured = 0; Allow = 2; Block = 4 }
[Flags()] enum NetProfile { Any = 0; Domain = 1; Private = 2; Public = 4 }
enum NetGpoBoolean { False = 0; True = 1; NotConfigured = 2 }

$script:rules = [ordered]@{}
$script:changes = 0
$script:outbound = [NetAction]::Allow
$script:networks = @('Private')

# For the tests: the table as text, how often it was changed, and a clean start.
function Get-FakeFirewall {
    [pscustomobject]@{
        Changes = $script:changes
        Text    = @($script:rules.Values | ForEach-Object {
                "$($_.Name)|$($_.DisplayName)|$($_.Group)|$($_.Enabled)|$($_.Direction)|$($_.Action)|$($_.Profile)|" +
                "$($_.Protocol)|$($_.LocalPort -join ',')|$($_.RemotePort -join ',')|$($_.RemoteAddress -join ',')"
            } | Sort-Object)
    }
}

function Reset-FakeFirewall([string] $Outbound = 'Allow', [string[]] $Network = 'Private') {
    $script:rules.Clear()
    $script:networks = $Network
    $script:changes = 0
    $script:outbound = [NetAction] $Outbound
}

function New-NetFirewallRule {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute(
        'PSAvoidAssignmentToAutomaticVariable', 'Profile', Justification = 'The real one has a parameter of this name.')]
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [string] $PolicyStore, [string] $GPOSession, [string] $Name, [Parameter(Mandatory)] [string] $DisplayName,
        [string] $Description, [string] $Group, [NetEnabled] $Enabled = 'True', [NetProfile] $Profile = 'Any',
        [string[]] $Platform, [NetDirection] $Direction = 'Inbound', [NetAction] $Action = 'Allow', [string] $Owner,
        [string[]] $LocalAddress = 'Any', [string[]] $RemoteAddress = 'Any', [string] $Protocol = 'Any',
        [string[]] $LocalPort = 'Any', [string[]] $RemotePort = 'Any', [string[]] $IcmpType, [string] $Program,
        [string] $Package, [string] $Service, [WildcardPattern[]] $InterfaceAlias
    )

    if (-not $Name) {
        $Name = '{' + [guid]::NewGuid() + '}'
    }

    if ($script:rules.Contains($Name)) {
        Write-Error 'Cannot create a file when that file already exists.' -ErrorId 'Windows System Error 183,New-NetFirewallRule'
        return
    }

    if ($Protocol -notin 'TCP', 'UDP' -and ($LocalPort -ne 'Any' -or $RemotePort -ne 'Any')) {
        Write-Error 'A port needs a protocol that has ports.' -ErrorId 'HRESULT 0x80070057,New-NetFirewallRule'
        return
    }

    if ($PSCmdlet.ShouldProcess($DisplayName, 'New-NetFirewallRule')) {
        $script:changes++
        $script:rules[$Name] = [pscustomobject]@{
            PSTypeName = 'Fake.NetFirewallRule'; Name = $Name; InstanceID = $Name; DisplayName = $DisplayName
            Group = $Group; Enabled = $Enabled; Direction = $Direction; Action = $Action; Profile = $Profile
            Protocol = $Protocol; LocalPort = $LocalPort; RemotePort = $RemotePort; RemoteAddress = $RemoteAddress
            LocalAddress = $LocalAddress; Program = $Program ? $Program : 'Any'; Package = $Package
            Service = $Service ? $Service : 'Any'; InterfaceAlias = $InterfaceAlias ? @($InterfaceAlias | ForEach-Object ToWql) : 'Any'
        }
        $script:rules[$Name]
    }
}

function Get-NetFirewallRule {
    [CmdletBinding(DefaultParameterSetName = 'GetAll', PositionalBinding = $false)]
    param(
        [Parameter(ParameterSetName = 'GetAll')] [switch] $All,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')] [string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'ByDisplayName')] [string[]] $DisplayName,
        [Parameter(ParameterSetName = 'ByQuery')] [string[]] $Group,
        [Parameter(ParameterSetName = 'ByQuery')] [NetEnabled[]] $Enabled,
        [Parameter(ParameterSetName = 'ByQuery')] [NetDirection[]] $Direction,
        [Parameter(ParameterSetName = 'ByQuery')] [NetAction[]] $Action,
        [string] $PolicyStore, [switch] $TracePolicyStore
    )

    if ($PSCmdlet.ParameterSetName -ne 'ByName') {
        $script:rules.Values | Where-Object {
            (-not $DisplayName -or $_.DisplayName -in $DisplayName) -and (-not $Group -or $_.Group -in $Group) -and
            (-not $Enabled -or $_.Enabled -in $Enabled) -and (-not $Direction -or $_.Direction -in $Direction) -and
            (-not $Action -or $_.Action -in $Action)
        }
        return
    }

    foreach ($one in $Name) {
        $hits = @($script:rules.Values | Where-Object Name -Like $one)
        if ($hits.Count -eq 0 -and -not [WildcardPattern]::ContainsWildcardCharacters($one)) {
            Write-Error "No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to '$one'." `
                -ErrorId 'CmdletizationQuery_NotFound_InstanceID,Get-NetFirewallRule' -Category ObjectNotFound
        }

        $hits
    }
}

function Set-NetFirewallRule {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute(
        'PSAvoidAssignmentToAutomaticVariable', 'Profile', Justification = 'The real one has a parameter of this name.')]
    [CmdletBinding(DefaultParameterSetName = 'ByName', SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')] [string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'ByGroup')] [string[]] $Group,
        [string] $PolicyStore, [string] $NewDisplayName, [NetEnabled] $Enabled, [NetProfile] $Profile,
        [NetDirection] $Direction, [NetAction] $Action, [string[]] $LocalAddress, [string[]] $RemoteAddress,
        [string] $Protocol, [string[]] $LocalPort, [string[]] $RemotePort, [switch] $PassThru
    )

    $found = $Name ? (Get-NetFirewallRule -Name $Name) : (Get-NetFirewallRule -Group $Group)
    foreach ($rule in $found | Where-Object { $PSCmdlet.ShouldProcess($_.Name, 'Set-NetFirewallRule') }) {
        $script:changes++
        foreach ($key in 'Enabled', 'Profile', 'Direction', 'Action', 'RemoteAddress', 'Protocol', 'LocalPort', 'RemotePort') {
            if ($PSBoundParameters.ContainsKey($key)) {
                $rule.$key = $PSBoundParameters[$key]
            }
        }
    }
}

function Remove-NetFirewallRule {
    [CmdletBinding(DefaultParameterSetName = 'ByName', SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, ParameterSetName = 'GetAll')] [switch] $All,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')] [string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'ByGroup')] [string[]] $Group,
        [Parameter(Mandatory, ValueFromPipeline, ParameterSetName = 'InputObject')] [PSTypeName('Fake.NetFirewallRule')] $InputObject,
        [string] $PolicyStore, [string] $GPOSession, [switch] $PassThru
    )

    process {
        $gone = switch ($PSCmdlet.ParameterSetName) {
            InputObject { $InputObject }
            ByName { Get-NetFirewallRule -Name $Name }
            ByGroup { Get-NetFirewallRule -Group $Group }
            default { Get-NetFirewallRule }
        }
        foreach ($rule in @($gone) | Where-Object { $_ -and $PSCmdlet.ShouldProcess($_.Name, 'Remove-NetFirewallRule') }) {
            $script:changes++
            $script:rules.Remove($rule.Name)
        }
    }
}

function Get-NetFirewallPortFilter {
    [CmdletBinding(DefaultParameterSetName = 'GetAll', PositionalBinding = $false)]
    param(
        [Parameter(ParameterSetName = 'GetAll')] [switch] $All,
        [Parameter(ParameterSetName = 'ByQuery')] [string[]] $Protocol,
        [Parameter(Mandatory, ValueFromPipeline, ParameterSetName = 'ByAssociatedNetFirewallRule')]
        [PSTypeName('Fake.NetFirewallRule')] $AssociatedNetFirewallRule,
        [string] $PolicyStore, [string] $GPOSession
    )

    process {
        ($AssociatedNetFirewallRule ? @($AssociatedNetFirewallRule) : @($script:rules.Values)) |
            Where-Object { -not $Protocol -or $_.Protocol -in $Protocol } |
            Select-Object InstanceID, Protocol,
            @{ Name = 'LocalPort'; Expression = { $_.LocalPort.Count -eq 1 ? $_.LocalPort[0] : $_.LocalPort } },
            @{ Name = 'RemotePort'; Expression = { $_.RemotePort.Count -eq 1 ? $_.RemotePort[0] : $_.RemotePort } }
    }
}

function Get-NetFirewallAddressFilter {
    [CmdletBinding(DefaultParameterSetName = 'GetAll', PositionalBinding = $false)]
    param(
        [Parameter(ParameterSetName = 'GetAll')] [switch] $All,
        [Parameter(Mandatory, ValueFromPipeline, ParameterSetName = 'ByAssociatedNetFirewallRule')]
        [PSTypeName('Fake.NetFirewallRule')] $AssociatedNetFirewallRule,
        [string] $PolicyStore, [string] $GPOSession
    )

    process {
        # One address comes as itself and several as a list, as from the real one.
        ($AssociatedNetFirewallRule ? @($AssociatedNetFirewallRule) : @($script:rules.Values)) | Select-Object InstanceID,
        @{ Name = 'LocalAddress'; Expression = { $_.LocalAddress.Count -eq 1 ? $_.LocalAddress[0] : $_.LocalAddress } },
        @{ Name = 'RemoteAddress'; Expression = { $_.RemoteAddress.Count -eq 1 ? $_.RemoteAddress[0] : $_.RemoteAddress } }
    }
}

function Get-NetFirewallApplicationFilter {
    [CmdletBinding(PositionalBinding = $false)]
    param([switch] $All, [string] $PolicyStore, [string] $GPOSession)

    $script:rules.Values | Select-Object InstanceID, Program, Package
}

function Get-NetFirewallServiceFilter {
    [CmdletBinding(PositionalBinding = $false)]
    param([switch] $All, [string] $PolicyStore, [string] $GPOSession)

    $script:rules.Values | Select-Object InstanceID, Service
}

function Get-NetFirewallInterfaceFilter {
    [CmdletBinding(PositionalBinding = $false)]
    param([switch] $All, [string] $PolicyStore, [string] $GPOSession)

    $script:rules.Values | Select-Object InstanceID, InterfaceAlias
}

function Get-NetFirewallInterfaceTypeFilter {
    [CmdletBinding(PositionalBinding = $false)]
    param([switch] $All, [string] $PolicyStore, [string] $GPOSession)

    $script:rules.Values | Select-Object InstanceID, @{ Name = 'InterfaceType'; Expression = { 'Any' } }
}

# Of the module NetConnection.
function Get-NetConnectionProfile {
    [CmdletBinding(PositionalBinding = $false)]
    param([string[]] $InterfaceAlias, [string[]] $NetworkCategory)

    if (-not $script:networks) {
        throw 'The Network List Service is not running.'
    }

    $script:networks | ForEach-Object { [pscustomobject]@{ Name = "a $_ network"; NetworkCategory = $_ } }
}

function Get-NetFirewallProfile {
    [CmdletBinding(DefaultParameterSetName = 'GetAll', PositionalBinding = $false)]
    param(
        [Parameter(ParameterSetName = 'GetAll')] [switch] $All,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')] [Alias('Profile')] [string[]] $Name,
        [string] $PolicyStore, [string] $GPOSession
    )

    foreach ($one in 'Domain', 'Private', 'Public') {
        if (-not $Name -or $one -in $Name) {
            [pscustomobject]@{
                Name = $one; Enabled = [NetGpoBoolean]::True; DefaultInboundAction = [NetAction]::Block
                DefaultOutboundAction = $script:outbound
            }
        }
    }
}

Export-ModuleMember -Function *-*
