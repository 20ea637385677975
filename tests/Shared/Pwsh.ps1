# Starting another process of the PowerShell that runs this: `dotnet <PSHOME>/pwsh.dll` where it came as a .NET tool
# (the tool's own command only works inside of the checkout and hands no signal on), elsewhere its own program.

$script:pwshCommand = @((Get-Process -Id $PID).Path
    if ((Get-Process -Id $PID).ProcessName -eq 'dotnet') { Join-Path $PSHOME 'pwsh.dll' })

# The program and what its arguments begin with, for whoever starts it through something else.
function Get-PwshCommand {
    $pwshCommand
}

# Runs it with these arguments, and with the pipeline as its input where there is one.
function Invoke-Pwsh {
    $program, $first = $pwshCommand
    $all = @($first | Where-Object { $_ }) + $args
    if ($MyInvocation.ExpectingInput) {
        $input | & $program @all
    } else {
        & $program @all
    }
}
