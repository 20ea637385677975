#!/usr/bin/env bash
# Installs, uses and removes the services for real: under a systemd of its own, as PID 1 of namespaces of its own, in a
# root that debootstrap made. Needs root, cgroup2, and a build of the module. Once, for about three minutes:
#   debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,libssl3,libstdc++6,zlib1g,nftables,iproute2 bookworm ROOT
# Then: tests/Systemd/run.sh ROOT. The root is left as it was found, but for the journal.
set -euo pipefail

root=$(realpath "${1:?the root that debootstrap made}")
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dotnet=$(dirname "$(realpath "$(command -v dotnet)")")
shell=$(ls -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}"/powershell/*/tools/net*/any/unix | tail -n 1)
program=$root/usr/lib/scanengineadmin
work=$(mktemp -d)
manager=

finish() {
    [ -z "$manager" ] || kill -KILL "$manager" 2>/dev/null || true
    rm -rf "$program" "$work" "$root"/var/lib/scanengineadmin* "$root"/etc/systemd/system/scanengineadmin-*.service
}
trap finish EXIT

dotnet publish "$repository/src/ScanEngineAdmin.Service" --configuration Release --runtime linux-x64 --self-contained \
    --output "$program" --verbosity quiet --nologo -p:RunAnalyzers=false
chmod -R go-w "$program"

# What is started below is the first process of the new namespace; its own id on this host is told through the file.
cat >"$work/boot.sh" <<'BOOT'
set -e
cd "$1"
mount --make-rprivate /
mount --bind . .
cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mkdir -p sys/fs/cgroup && mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 dev dev
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    IFS=: read -r name major minor <<<"$node"
    mknod -m 666 "dev/$name" c "$major" "$minor"
done
mkdir -p dev/pts dev/shm dev/net lab/dotnet lab/shell lab/repository lab/old
mknod -m 666 dev/net/tun c 10 200
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mount --bind "$2" lab/dotnet
mount --bind "$3" lab/shell
mount --bind "$4" lab/repository
ip link set lo up
pivot_root . lab/old
umount -l /lab/old
exec /usr/bin/env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=0
BOOT
unshare --pid --mount --uts --ipc --net --cgroup --fork bash "$work/boot.sh" "$root" "$dotnet" "$shell" "$repository" \
    >"$work/boot.log" 2>&1 &
outer=$!
inside() {
    nsenter --target "$manager" --all /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 POWERSHELL_TELEMETRY_OPTOUT=1 "$@"
}
for _ in $(seq 300); do
    manager=$(ps -o pid= --ppid "$outer" | tr -d ' ') || true
    [ -z "$manager" ] || ! inside test -S /run/systemd/private 2>/dev/null || break
    sleep 0.1
done
[ -n "$manager" ] || { cat "$work/boot.log"; exit 1; }
timeout 60 nsenter --target "$manager" --all systemctl is-system-running --wait || true
inside timeout 300 /lab/dotnet/dotnet /lab/shell/pwsh.dll -NoProfile -NonInteractive \
    -File /lab/repository/tests/Systemd/Services.ps1
