<#
.SYNOPSIS
    Writes the Debian package of the service host: the program with its runtime, its user, and the units, none of them enabled.
#>
[CmdletBinding()]
param(
    # The folder of the published program.
    [Parameter(Mandatory)] [string] $Program,
    [Parameter(Mandatory)] [string] $Version,
    [Parameter(Mandatory)] [ValidateSet('amd64', 'arm64')] [string] $Architecture,
    # Where the package goes.
    [Parameter(Mandatory)] [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$tree = Join-Path ([System.IO.Path]::GetTempPath()) "sea-deb-$([guid]::NewGuid().ToString('N'))"

# A file of the package, with the ends of lines that Linux has.
function Add-File([string] $Name, [string] $Text, [string] $Mode = '0644') {
    $file = Join-Path $tree $Name
    $null = New-Item -ItemType Directory -Path (Split-Path $file) -Force
    [System.IO.File]::WriteAllText($file, $Text.Replace("`r", '').TrimEnd("`n") + "`n")
    chmod $Mode $file
}

try {
    $null = New-Item -ItemType Directory -Path "$tree/usr/lib", "$tree/usr/bin" -Force
    Copy-Item -LiteralPath $Program -Destination "$tree/usr/lib/scanengineadmin" -Recurse
    $null = New-Item -ItemType SymbolicLink -Path "$tree/usr/bin/scanengineadmin" -Target '../lib/scanengineadmin/scanengineadmin'
    chmod -R 'u=rwX,go=rX' $tree
    $host64 = Join-Path $tree 'usr/lib/scanengineadmin/scanengineadmin.dll'

    # The very units that Install-EngineService writes.
    $units = foreach ($role in 'console', 'engine') {
        foreach ($applier in '', '-applier') {
            $name = "scanengineadmin-$role$applier"
            $text = dotnet $host64 unit --role $role ($applier ? @('--applier') : @()) | Out-String
            if ($LASTEXITCODE -ne 0) {
                throw "No unit for $name."
            }

            Add-File "usr/lib/systemd/system/$name.service" ($text -replace 'ExecStart=\S+', 'ExecStart=/usr/lib/scanengineadmin/scanengineadmin')
            $name
        }
    }

    Add-File 'usr/lib/sysusers.d/scanengineadmin.conf' 'u scanengineadmin - "ScanEngineAdmin" /var/lib/scanengineadmin'
    Add-File 'usr/share/doc/scanengineadmin/copyright' (Get-Content -Raw "$PSScriptRoot/../../LICENSE")
    $size = [int] ((Get-ChildItem $tree -Recurse -File | Measure-Object Length -Sum).Sum / 1KB)
    Add-File 'DEBIAN/control' @"
Package: scanengineadmin
Version: $Version
Architecture: $Architecture
Maintainer: The ScanEngineAdmin team <noreply@localhost>
Installed-Size: $size
Depends: libc6, libgcc-s1, libstdc++6, libssl3t64 | libssl3 | libssl1.1, zlib1g, systemd | systemd-standalone-sysusers | systemd-sysusers
Section: net
Priority: optional
Description: Security Console, Scan Engine, and the channel between them
 The service host of ScanEngineAdmin with its own .NET runtime: a console that
 hands scans to engines, an engine that runs them, and the privileged firewall
 applier. No unit is enabled: systemctl enable --now scanengineadmin-console
"@
    # DPKG_ROOT: a package may be installed into another root without running there.
    Add-File 'DEBIAN/postinst' @'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    systemd-sysusers --root="${DPKG_ROOT:-/}" scanengineadmin.conf
    if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl try-restart 'scanengineadmin-*.service' || true
    fi
fi
'@ '0755'
    Add-File 'DEBIAN/prerm' @"
#!/bin/sh
set -e
if [ "`$1" = remove ] && [ -z "`$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl disable --now $($units -join ' ')
fi
"@ '0755'
    # What the nodes have kept is not the package's: it stays, and so does its user.
    Add-File 'DEBIAN/postrm' @'
#!/bin/sh
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
'@ '0755'
    $file = Join-Path $Path "scanengineadmin_${Version}_$Architecture.deb"
    chmod -R 'u=rwX,go=rX' $tree
    dpkg-deb --build --root-owner-group -Zxz -z1 $tree $file
    if ($LASTEXITCODE -ne 0) {
        throw "dpkg-deb ended with exit code $LASTEXITCODE."
    }
} finally {
    Remove-Item -LiteralPath $tree -Recurse -Force -ErrorAction Ignore
}
