#!/usr/bin/env bash
# Builds what Windows is given, and runs under Wine what runs there: the service host as shipped, the tests of the store,
# and, with keys and a TLS for tests alone (Cryptography/, which no project names), the demo and the tests of channel and
# core: Wine's key store has no elliptic curves.
# Usage: tests/Windows/run.sh RESULTS [shipped|single|storage|demo|channel|core ...], without steps the first, storage and
# demo. RESULTS gets a trx file of each suite.
# SCANENGINEADMIN_WINE_OPTIONS may hold options of xunit's runner, for a part of the suites: -class *DoorbellTests
# A line "ok" or "FAILED" for each step; the exit code is 0 when there is none of the latter, and 2 when there is no Wine.
# Needs the .NET SDK, NuGet and Wine 10 or later (wine64 of Debian 13). Where the system has none or an older one,
# SCANENGINEADMIN_WINE_ROOT may name a root that has it; as root, once, for about three minutes:
#   debootstrap --variant=minbase --include=wine,wine64 trixie ROOT
set -uo pipefail

# What is mounted in that root is seen by this script alone, and goes with it.
root=${SCANENGINEADMIN_WINE_ROOT:-}
if [ -n "$root" ] && [ -z "${IN_OWN_MOUNTS:-}" ]; then
    IN_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
fi

results=$(mkdir -p "${1:?a folder for the results}" && cd "$1" && pwd)
shift
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(shipped storage demo)
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# In the checkout: tests look for its files in the folders above their own.
mkdir -p "$repository/artifacts"
work=$(mktemp -d "$repository/artifacts/windows.XXXXXX")
failed=0

# Nothing of the user's own Wine, nothing on a screen.
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES=mshtml= DISPLAY=
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

inside=()
if [ -n "$root" ]; then
    mkdir -p "$root$repository" "$root$results"
    mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" && mount --bind "$repository" "$root$repository" \
        && mount --bind "$results" "$root$results" || exit 1
    # As debootstrap makes it, it has no name for itself, and "localhost" is one that every Windows knows.
    [ -e "$root/etc/hosts" ] || echo '127.0.0.1 localhost' >"$root/etc/hosts"
    inside=(chroot "$root")
fi

has() {
    "${inside[@]}" test -x "$1"
}

wine= server=
for candidate in /usr/lib/wine/wine64 /usr/bin/wine64 /usr/bin/wine; do
    [ -n "$wine" ] || ! has "$candidate" || wine=$candidate
done
for candidate in /usr/lib/wine/wineserver64 /usr/lib/wine/wineserver /usr/bin/wineserver; do
    [ -n "$server" ] || ! has "$candidate" || server=$candidate
done
version=$([ -z "$wine" ] || "${inside[@]}" "$wine" --version 2>/dev/null)
major=${version#wine-}
major=${major%%[!0-9]*}

finish() {
    [ -z "$server" ] || "${inside[@]}" "$server" -k 2>/dev/null
    if [ -n "$root" ]; then
        umount -l "$root$repository" "$root$results" "$root/dev" "$root/proc"
        rmdir -p "$root$repository" "$root$results" 2>/dev/null
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The tests crash within .NET on Wine 8.
if [ "${major:-0}" -lt 10 ]; then
    echo "NOT RUN: Wine 10 or later is needed, and ${version:-no Wine} is installed." >&2
    exit 2
fi

verdict() {
    if [ "$1" -eq 0 ]; then
        echo "ok      $2"
    else
        echo "FAILED  $2"
        failed=$((failed + 1))
    fi
    return "$1"
}

run() {
    timeout --kill-after=10 "$1" "${inside[@]}" /usr/bin/env --chdir="$PWD" "$wine" "${@:2}" </dev/null
}

# Each kind has its own folder, for what the compiler leaves as well: nothing for tests gets into what is shipped.
publish() {
    local kind=$1 project=$2
    shift 2
    timeout 600 dotnet publish "$repository/$project" --configuration Release --runtime win-x64 --self-contained \
        --artifacts-path "$work/$kind.build" --output "$work/$kind/$(basename "$project")" --verbosity quiet --nologo "$@"
}

for_tests() {
    publish tests "$1" -p:RunAnalyzers=false \
        -p:CustomAfterMicrosoftCommonTargets="$repository/tests/Windows/Cryptography.targets"
    verdict $? "$(basename "$1") is built for Windows, with the keys and the TLS for tests"
}

# The native code that is ours to bring, by its file name: SQLite's for this system and no other.
natives() {
    find "$1" -type f \( -iname 'e_sqlite3*' -o -iname 'libe_sqlite3*' -o -name '*.so' -o -name '*.dylib' -o -path '*/runtimes/*' \) -printf '%P\n' | sort
}

has_marks() {
    grep -qa -e TlsRecords "$1"
}

product_version() {
    sed -n "s/.*ModuleVersion *= *'\([0-9.]*\)'.*/\1/p" "$repository/ScanEngineAdmin.psd1"
}

shipped() {
    local folder=$work/shipped/ScanEngineAdmin.Service program product data
    program=$folder/scanengineadmin.exe
    product=$(product_version)
    publish shipped src/ScanEngineAdmin.Service
    verdict $? "the service host is built for Windows" || return
    [ "$(natives "$folder")" = e_sqlite3.dll ]
    verdict $? "it has the native code of Windows and no other's" || natives "$folder"
    ! has_marks "$folder/ScanEngineAdmin.Channel.dll"
    verdict $? "it has nothing of the keys and the TLS for tests"
    [ "$(run 120 "$program" --version | tr -d '\r')" = "$product" ]
    verdict $? "scanengineadmin --version"
    run 120 "$program" --help | grep -q 'scanengineadmin status'
    verdict $? "scanengineadmin --help"
    data=$work/data
    mkdir "$data"
    run 120 "$program" status --data "Z:$data" >"$work/status.txt" 2>&1
    [ $? -lt 4 ] && [ -s "$work/status.txt" ]
    verdict $? "scanengineadmin status" || cat "$work/status.txt"
}

single() {
    local folder=$work/single/ScanEngineAdmin.Service product
    product=$(product_version)
    publish single src/ScanEngineAdmin.Service -p:PublishSingleFile=true
    verdict $? "the service host is built as a single file" || return
    [ "$(natives "$folder")" = e_sqlite3.dll ] && ! find "$folder" -name '*.dll' ! -name e_sqlite3.dll | grep -q .
    verdict $? "the single file has the native code of Windows beside it, and no other library" || ls "$folder"
    [ "$(run 120 "$folder/scanengineadmin.exe" --version | tr -d '\r')" = "$product" ]
    verdict $? "the single file: scanengineadmin --version"
}

# A test assembly of xunit 3 is a program.
suite() {
    local name=ScanEngineAdmin.$1.Tests limit=$2 folder=$3
    shift 3
    (cd "$results" && run "$limit" "$folder/$name.exe" -noLogo -noColor -result-trx "$name.trx" "$@" ${SCANENGINEADMIN_WINE_OPTIONS:-}) >"$results/$name.log" 2>&1
    local code=$?
    grep -aE ' Total: |\[FAIL\]' "$results/$name.log" | tr -d '\r' | tail -n 60
    # A line for each result, as others write them; and why tests were skipped.
    sed -i 's/<UnitTestResult /\n&/g; s/<Counters /\n&/' "$results/$name.trx"
    sed -n '/outcome="NotExecuted"/s/.*<StdOut>\(.*\)<\/StdOut>.*/SKIPPED: \1/p' "$results/$name.trx" | sort | uniq -c
    [ $code -eq 0 ] && [ -s "$results/$name.trx" ]
    verdict $? "$name under Wine" || tail -n 5 "$results/$name.log"
}

storage() {
    local folder=$work/plain/ScanEngineAdmin.Storage.Tests
    publish plain tests/ScanEngineAdmin.Storage.Tests -p:RunAnalyzers=false
    verdict $? "Storage.Tests is built for Windows, unchanged" || return
    # Where the module keeps it, which a test is about.
    mkdir -p "$folder/runtimes/win-x64/native"
    cp "$folder/e_sqlite3.dll" "$folder/runtimes/win-x64/native"
    suite Storage 300 "$folder"
}

channel() {
    for_tests tests/ScanEngineAdmin.Channel.Tests && suite Channel 600 "$work/tests/ScanEngineAdmin.Channel.Tests"
}

core() {
    for_tests tests/ScanEngineAdmin.Core.Tests && suite Core 2100 "$work/tests/ScanEngineAdmin.Core.Tests"
}

demo() {
    local folder=$work/tests/ScanEngineAdmin.Service
    for_tests src/ScanEngineAdmin.Service || return
    has_marks "$folder/ScanEngineAdmin.Channel.dll"
    verdict $? "what is for tests is found where it is"
    run 300 "$folder/scanengineadmin.exe" demo >"$results/demo.log" 2>&1 \
        && grep -aq 'Both processes stopped cleanly.' "$results/demo.log"
    verdict $? "the demo under Wine" || tail -n 20 "$results/demo.log"
}

echo "$version"
# The prefix, and the version of Windows that it says it is.
run 120 reg add 'HKCU\Software\Wine' /v Version /d win10 /f >"$work/prefix.log" 2>&1
verdict $? "a Windows of Wine's" || { cat "$work/prefix.log"; exit 1; }
for step in "${steps[@]}"; do
    "$step"
done
[ "$failed" -eq 0 ]
