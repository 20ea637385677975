# What Package makes is what is installed: the module from a local repository, the service host as a Debian package.

BeforeDiscovery {
    $tools = 'dpkg-deb', 'dpkg', 'systemd-sysusers'
    $found = @(Get-Command $tools -CommandType Application -ErrorAction Ignore | Select-Object -ExpandProperty Name -Unique)
    $noDpkg = -not $IsLinux -or (id -u) -ne 0 -or $found.Count -lt $tools.Count
    if ($noDpkg) {
        Write-Warning 'Skipped: the Debian package. It needs root, dpkg and systemd-sysusers.'
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $version = (Import-PowerShellDataFile $Manifest).ModuleVersion
}

Describe 'The NuGet package of the module' {
    BeforeAll {
        # A home of its own: PSResourceGet notes its repositories there, and NuGet makes a folder where there is no .config.
        $script:own = New-DataPath
        $null = New-Item -ItemType Directory "$own/.config", "$own/repository"
        $null = Invoke-Pwsh -NoProfile -NonInteractive -File "$Checkout/build.ps1" -Task Package
        Copy-Item "$Checkout/artifacts/ScanEngineAdmin.$version.nupkg" "$own/repository"
    }

    It 'is installed from a local repository, loads there, and has what the checkout has' {
        $before = $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME
        try {
            $env:HOME = $own
            $env:PSModulePath = $null
            $env:XDG_DATA_HOME = $null
            $said = Invoke-Pwsh -NoProfile -NonInteractive -Command "
                `$ErrorActionPreference = 'Stop'
                Register-PSResourceRepository -Name lab -Uri '$own/repository' -Trusted
                Install-PSResource -Name ScanEngineAdmin -Repository lab -TrustRepository
                `$module = Import-Module ScanEngineAdmin -PassThru
                'at ' + `$module.ModuleBase
                'cmdlets ' + `$module.ExportedCmdlets.Count
                'resources ' + `$module.ExportedDscResources.Count
                'help ' + (Get-Help Install-EngineService).Synopsis" | Out-String
        } finally {
            $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME = $before
        }

        $data = Import-PowerShellDataFile $Manifest
        $said | Should -BeLike "*at $own*ScanEngineAdmin*$version*"
        $said | Should -BeLike "*cmdlets $(@($data.CmdletsToExport).Count)*resources $(@($data.DscResourcesToExport).Count)*"
        $said | Should -BeLike '*help Installs a console*'
    }

    It 'has nothing that is not meant for others, and stays small' {
        $files = Get-ChildItem "$Checkout/artifacts/ScanEngineAdmin/$version" -Recurse -File
        $files.Name | Where-Object { $_ -match '(?i)test|xunit|pester\.dll|System\.Management\.Automation' } | Should -BeNullOrEmpty
        ($files | Measure-Object Length -Sum).Sum / 1MB | Should -BeLessThan 25
        Test-ModuleManifest "$Checkout/artifacts/ScanEngineAdmin/$version/ScanEngineAdmin.psd1" | ForEach-Object Version | Should -Be $version
    }
}

Describe 'The Debian package of the service host' -Skip:$noDpkg {
    BeforeAll {
        $script:root = New-DataPath
        $script:built = New-DataPath
        $null = New-Item -ItemType Directory "$root/var/lib/dpkg/info", "$root/var/lib/dpkg/updates", "$root/var/lib/dpkg/triggers", "$root/etc" -Force
        $null = New-Item -ItemType File "$root/var/lib/dpkg/status", "$root/var/lib/dpkg/available"
        # The build of the tests in place of one with a runtime, which takes minutes: the package around it is the same.
        $program = 'tests/ScanEngineAdmin.Service.Tests', 'src/ScanEngineAdmin.Service' |
            ForEach-Object { Get-ChildItem "$Checkout/$_/bin/*/net10.0/scanengineadmin.dll" -ErrorAction Ignore } |
            Sort-Object LastWriteTime | Select-Object -Last 1
        & "$Checkout/src/ScanEngineAdmin.Service/Write-DebianPackage.ps1" -Program $program.DirectoryName -Version $version -Architecture amd64 -Path $built | Out-Null

        # Into a root of its own, whose scripts run here and are told so: this host gets neither a user nor a unit.
        function Invoke-Dpkg([string[]] $Arguments) {
            $said = dpkg "--root=$root" --force-depends,script-chrootless --log=/dev/null @Arguments 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 0 -Because $said
        }
    }

    It 'is installed with its program, its user and its units, and removed without a trace but the data' {
        Invoke-Dpkg '-i', "$built/scanengineadmin_${version}_amd64.deb"
        Get-Content "$root/etc/passwd" | Should -BeLike 'scanengineadmin:*:/var/lib/scanengineadmin:/usr/sbin/nologin'
        dotnet "$root/usr/lib/scanengineadmin/scanengineadmin.dll" --version | Should -Be $version
        (Get-Item "$root/usr/bin/scanengineadmin").LinkTarget | Should -Be '../lib/scanengineadmin/scanengineadmin'
        foreach ($name in 'console', 'console-applier', 'engine', 'engine-applier') {
            Get-Content -Raw "$root/usr/lib/systemd/system/scanengineadmin-$name.service" |
                Should -Match 'ExecStart=/usr/lib/scanengineadmin/scanengineadmin '
        }

        stat -c '%U %a' "$root/usr/lib/scanengineadmin" "$root/usr/lib/scanengineadmin/scanengineadmin.dll" | Should -Be 'root 755', 'root 644'
        $null = New-Item -ItemType Directory "$root/var/lib/scanengineadmin"

        Invoke-Dpkg '-r', 'scanengineadmin'
        Test-Path "$root/usr/lib/scanengineadmin" | Should -BeFalse
        Test-Path "$root/usr/lib/systemd/system/scanengineadmin-console.service" | Should -BeFalse
        Test-Path "$root/var/lib/scanengineadmin" | Should -BeTrue
    }
}
