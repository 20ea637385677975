<#
    What stands for Windows' ScheduledTasks module where there is no Windows: the commands that this product uses, with
    the parameters, types and parameter sets of the real ones, on a scheduler that is a table and starts nothing.
#>

enum LogonTypeEnum { None; Password; S4U; Interactive; Group; ServiceAccount; InteractiveOrPassword }
enum RunLevelEnum { Limited; Highest }

$script:tasks = [ordered]@{}

# For the tests.
function Reset-FakeScheduler {
    $script:tasks.Clear()
}

function New-ScheduledTaskAction {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Execute, [Parameter(Position = 1)] [string] $Argument,
        [Parameter(Position = 2)] [string] $WorkingDirectory, [string] $Id
    )

    [pscustomobject]@{ Execute = $Execute; Arguments = $Argument; WorkingDirectory = $WorkingDirectory; Id = $Id }
}

function New-ScheduledTaskTrigger {
    [CmdletBinding(PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Once')] [switch] $Once,
        [Parameter(Mandatory, ParameterSetName = 'Once')] [datetime] $At,
        [Parameter(Mandatory, ParameterSetName = 'Startup')] [switch] $AtStartup,
        [timespan] $RandomDelay
    )

    [pscustomobject]@{ Kind = $PSCmdlet.ParameterSetName; At = $At; RandomDelay = $RandomDelay; Given = "$Once$AtStartup" }
}

function New-ScheduledTaskPrincipal {
    [CmdletBinding(PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, ParameterSetName = 'User')] [string] $UserId,
        [Parameter(Mandatory, ParameterSetName = 'Group')] [string] $GroupId,
        [Parameter(ParameterSetName = 'User')] [LogonTypeEnum] $LogonType, [RunLevelEnum] $RunLevel, [string] $Id
    )

    [pscustomobject]@{ UserId = $UserId; GroupId = $GroupId; LogonType = $LogonType; RunLevel = $RunLevel; Id = $Id }
}

function New-ScheduledTaskSettingsSet {
    [CmdletBinding(PositionalBinding = $false)]
    param(
        [switch] $StartWhenAvailable, [switch] $AllowStartIfOnBatteries, [switch] $DontStopIfGoingOnBatteries,
        [timespan] $ExecutionTimeLimit
    )

    [pscustomobject]@{
        StartWhenAvailable = [bool] $StartWhenAvailable; DisallowStartIfOnBatteries = -not $AllowStartIfOnBatteries
        StopIfGoingOnBatteries = -not $DontStopIfGoingOnBatteries; ExecutionTimeLimit = $ExecutionTimeLimit
    }
}

function Register-ScheduledTask {
    [CmdletBinding(PositionalBinding = $false)]
    param(
        [Parameter(Mandatory)] [string] $TaskName, [string] $TaskPath = '\', [Parameter(Mandatory)] [psobject[]] $Action,
        [psobject[]] $Trigger, [psobject] $Settings, [psobject] $Principal, [string] $Description, [switch] $Force
    )

    if ($TaskPath -notmatch '^\\(.+\\)?$') {
        throw 'The filename, directory name, or volume label syntax is incorrect.'
    }

    $key = $TaskPath + $TaskName
    if ($script:tasks.Contains($key) -and -not $Force) {
        throw 'Cannot create a file when that file already exists.'
    }

    $script:tasks[$key] = [pscustomobject]@{
        TaskName = $TaskName; TaskPath = $TaskPath; Actions = $Action; Triggers = $Trigger; Settings = $Settings
        Principal = $Principal; Description = $Description
    }
    $script:tasks[$key]
}

function Get-ScheduledTask {
    [CmdletBinding()]
    param([Parameter(Position = 0)] [string[]] $TaskName, [Parameter(Position = 1)] [string[]] $TaskPath)

    $found = @($script:tasks.Values | Where-Object {
            (-not $TaskName -or $_.TaskName -in $TaskName) -and (-not $TaskPath -or $_.TaskPath -in $TaskPath)
        })
    if ($TaskName -and -not $found) {
        Write-Error "No MSFT_ScheduledTask objects found with property 'TaskName' equal to '$TaskName'."
    }

    $found
}

function Unregister-ScheduledTask {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([Parameter(Mandatory, ValueFromPipeline)] [psobject[]] $InputObject)

    process {
        foreach ($one in $InputObject) {
            if ($PSCmdlet.ShouldProcess($one.TaskName, 'Unregister-ScheduledTask')) {
                $script:tasks.Remove($one.TaskPath + $one.TaskName)
            }
        }
    }
}

Export-ModuleMember -Function *-*
