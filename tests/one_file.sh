#!/bin/bash
# Is the release binary one static file of at most 8 MiB, and does it run on a system that has nothing but
# a kernel, /proc and an empty /sys? Exit status 77 where a root directory of one's own may not be made.
#
# EMULATOR=qemu-aarch64-static runs a WHYDROP of another processor. It stands between that and the
# kernel, so only what needs no kernel is then tried.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
emulator=${EMULATOR:+$(command -v "$EMULATOR")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

holds() {  # WHAT COMMAND...
    local what=$1
    shift
    if "$@" > "$work/said" 2>&1; then return; fi
    echo "does not hold: $what"
    cat "$work/said"
    faults=$((faults + 1))
}

lacks() { ! grep -qE "$1" "$2"; }

readelf -hldW "$whydrop" > "$work/elf"
holds 'it is position independent' grep -q 'Type: *DYN' "$work/elf"
holds 'it needs no interpreter and no library' lacks 'INTERP|NEEDED' "$work/elf"
holds 'no library is looked for elsewhere' lacks 'RPATH|RUNPATH' "$work/elf"
holds 'relocations are read-only' grep -q 'GNU_RELRO' "$work/elf"
holds 'the stack is not executable' grep -qE 'GNU_STACK.* RW +0x' "$work/elf"
readelf -SW "$whydrop" > "$work/sections"
holds 'it is stripped' lacks '\.symtab|\.debug_' "$work/sections"
size=$(stat -c %s "$whydrop")
echo "$size bytes"
holds 'it is at most 8 MiB' test "$size" -le $((8 << 20))

# A root of its own, in namespaces of its own. $1: what stands for /sys.
bare() {  # KIND COMMAND...
    local kind=$1
    shift
    # shellcheck disable=SC2016  # for the inner shell
    unshare --mount --pid --fork --kill-child bash -c '
        set -e
        mount -t tmpfs bare "$1"
        mkdir "$1/proc" "$1/bin"
        [ "$2" = nothing ] || mkdir "$1/sys"
        cp "$3" "$1/bin/whydrop"
        [ -z "$4" ] || cp "$4" "$1/bin/emulator"
        mount -t proc proc "$1/proc"
        mount -o remount,ro "$1"
        cd "$1"
        emulator=${4:+/bin/emulator}
        shift 4
        exec chroot . $emulator /bin/whydrop "$@"' bare "$work/root" "$kind" "$whydrop" "$emulator" "$@" < /dev/null
}

mkdir "$work/root"
if ! bare sys --version > "$work/said" 2>&1; then
    echo "no root directory of one's own: $(tail -n 1 "$work/said")"
    exit 77
fi
status=0
bare sys explain QDISC_DROP > "$work/explain" 2>&1 || status=$?
holds 'explain ends with 0' test "$status" = 0
holds 'explain knows its tables' grep -q 'qdisc.queue-full' "$work/explain"
[ -z "$emulator" ] || exit "$((faults > 0))"
status=0
bare sys diagnose -t 1 --json > "$work/report" 2> "$work/err" || status=$?
holds 'diagnose ends with 0 or 1' test "$status" -le 1
holds 'diagnose complains of nothing' test ! -s "$work/err"
holds 'drops are traced, with a sysfs of our own' grep -q '"traced_by":"tp_btf"' "$work/report"
holds 'nobody sees that sysfs' test ! -e "$work/root/sys/kernel"
status=0
bare nothing diagnose -t 1 --json > "$work/report" 2> "$work/err" || status=$?
holds 'without /sys it ends as could not measure, or found' test "$status" = 3 -o "$status" = 1
holds 'and says that drops could not be traced' grep -q '"the place and reason of each drop"' "$work/report"
holds 'and what would help' grep -q 'mkdir /sys' "$work/report"
holds 'and does not call them traced' grep -q '"traced_by":null' "$work/report"
status=0
bare sys doctor --json > "$work/report" 2> "$work/err" || status=$?
holds 'doctor ends with 0 or 1' test "$status" -le 1
status=0
bare sys lab run udp.receive-buffer-full > "$work/report" 2> "$work/err" || status=$?
holds 'the lab says what it lacks, and skips' test "$status" = 77
holds 'which is ip' grep -q "'ip'" "$work/report"
[ "$faults" = 0 ]
