# Running a script in namespaces of its own, with the real tools and a packet filter that is nobody else's.

# Whether that cannot be done here; says so aloud.
function Test-NamespaceLack([string] $What) {
    $tools = @('unshare', 'nft', 'ip', 'mount' | Where-Object { Get-Command $_ -CommandType Application -ErrorAction Ignore })
    $lacks = -not $IsLinux -or (id -u) -ne 0 -or $tools.Count -lt 4
    if ($lacks) {
        Write-Warning "Skipped: $What on a real packet filter. It needs Linux, root, unshare, ip, mount and nft."
    }

    $lacks
}

# Its own network, and its own /var/lib, where appliers keep what they did. And its own /run (the bus that firewalld
# answers on) and no ufw: a network namespace shares those with the machine, and what is written through them is its own.
# It has an interface besides the loopback, as any host: without one nobody can be asked for, and what is denied on the
# way out stays unknown. Returns what the script wrote down.
function Invoke-InNamespace([string] $Script, [string] $Folder) {
    $apart = '--net', '--mount', 'sh', '-c', ('mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /run && ' +
        '{ [ ! -d /etc/ufw ] || mount -t tmpfs tmpfs /etc/ufw; } && ' +
        'ip link add eth0 type veth peer name far0 && ip addr add 192.0.2.10/24 dev eth0 && ' +
        'ip link set eth0 up && ip link set far0 up && exec "$@"'), 'sh'
    $pwsh = @(Get-PwshCommand) + '-NoProfile', '-NonInteractive', '-File'
    $output = unshare @apart @pwsh "$PSScriptRoot/$Script" $Folder 2>&1
    if ($LASTEXITCODE -ne 0) {
        throw "In the namespace: $($output -join "`n")"
    }

    Import-Clixml "$Folder/seen.xml"
}
