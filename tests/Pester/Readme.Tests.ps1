BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'The two lines of README that give the module to a stranger' {
    It 'build it, import it and have its help, where only the .NET SDK is' {
        $block = [regex]::Match((Get-Content -Raw "$Checkout/README.md"), '(?m)^```\r?\n(dotnet tool restore)\r?\n(dotnet pwsh .*)\r?\n```')
        $block.Success | Should -BeTrue
        # A clone that nobody has built in: as it is here, without what was built.
        $clone = New-DataPath
        foreach ($name in '.config', '.editorconfig', 'docs', 'src', 'module', 'tests/Shared') {
            $null = New-Item -ItemType Directory (Split-Path "$clone/$name") -Force
            Copy-Item "$Checkout/$name" "$clone/$name" -Recurse
        }

        Copy-Item "$Checkout/*" $clone -Include '*.ps1', '*.psd1', '*.props', '*.sln', 'global.json'
        Get-ChildItem $clone -Directory -Recurse -Force | Where-Object Name -In 'bin', 'obj' | Remove-Item -Recurse -Force
        $shell = $IsWindows ? @('cmd', '/c') : @('sh', '-c')
        Push-Location $clone
        try {
            $said = & $shell[0] $shell[1] $block.Groups[1].Value 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 0 -Because $said
            # What the stranger types then.
            $said = "(Get-Command -Module ScanEngineAdmin).Count
                (Get-Module ScanEngineAdmin).ModuleBase
                (Get-Help Get-ScanEngine).Synopsis
                exit 42" | & $shell[0] $shell[1] $block.Groups[2].Value 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 42 -Because $said
        } finally {
            Pop-Location
        }

        # A shell that takes its input for a terminal switches the keys' mode in between.
        $lines = $said -replace '\e\[[?0-9;]*[A-Za-z]' -split '\r?\n'
        $lines | Should -Contain "$(@((Import-PowerShellDataFile $Manifest).CmdletsToExport).Count)" -Because $said
        $lines | Should -Contain $clone -Because $said
        $said | Should -Match 'Shows|Returns|Lists|engine' -Because $said
    }
}

Describe 'The debugger''s configuration' {
    It 'starts the PowerShell of the tool manifest with the module' {
        $launch = (Get-Content -Raw "$Checkout/.vscode/launch.json" | ConvertFrom-Json).configurations[0]
        $program = $IsWindows ? $launch.windows.program : $launch.program
        $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : "$HOME/.nuget/packages"
        $program = $program.Replace('${userHome}/.nuget/packages', $packages)
        $program | Should -Exist
        (Get-Content -Raw "$Checkout/.config/dotnet-tools.json" | ConvertFrom-Json).tools.powershell.version |
            Should -Be ($program -split '[\\/]' | Where-Object { $_ -match '^\d+\.\d+\.\d+$' })
        Push-Location $Checkout
        try {
            $said = '(Get-Command -Module ScanEngineAdmin).Count; exit 43' | dotnet $program @($launch.args) 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 43 -Because $said
        } finally {
            Pop-Location
        }
    }
}
