#!/bin/bash
# Does the binary for arm64, under qemu's user emulation, say byte for byte what the one for this
# machine says, and does it carry the same eBPF programs? Exit status 77 where something is missing.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/build/release/whydrop there=$root/build/arm64/whydrop
for binary in "$here" "$there"; do
    [ -x "$binary" ] || { echo "no $binary (script/build)"; exit 77; }
done
command -v qemu-aarch64-static > /dev/null || { echo "no qemu-aarch64-static (script/bootstrap arm64)"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "needs root, to make a loss in a network namespace"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0 compared=0
fault() { echo "$*"; faults=$((faults + 1)); }

same() {  # ARGUMENT...
    local ours=0 theirs=0
    "$here" "$@" > "$work/here.out" 2> "$work/here.err" || ours=$?
    qemu-aarch64-static "$there" "$@" > "$work/there.out" 2> "$work/there.err" || theirs=$?
    compared=$((compared + 1))
    [ $ours = $theirs ] || fault "whydrop $*: status $ours here, $theirs on arm64"
    diff "$work/here.out" "$work/there.out" && diff "$work/here.err" "$work/there.err" ||
        fault "whydrop $*: other words on arm64"
}

readelf -hW "$there" | grep -q 'Machine: *AArch64' || fault "$there is for another processor"

# What a host with losses says of itself, saved once and diagnosed twice.
cc -std=gnu17 -O2 -static -o "$work/capture" "$root/tests/kernels/capture.c" || exit 1
# shellcheck disable=SC2016  # for the inner shell
unshare --net sh -c '
    ip link set lo up
    (sleep 1; "$1/capture" "$1/captured" 1 > /dev/null) &
    "$2" diagnose -n $$ -t 5 --save "$1/evidence" > "$1/report"
    status=$?
    wait
    exit $status' sh "$work" "$here"
[ $? = 1 ] && grep -q udp.receive-buffer-full "$work/report" || fault "no loss was found: $(head -n 1 "$work/report")"
for how in '' -v -q --json --color=always; do
    same diagnose --from "$work/evidence" $how
done
qemu-aarch64-static "$there" diagnose --from "$work/evidence" > "$work/again"
cmp "$work/report" "$work/again" || fault "arm64 gives other bytes than the live run here"
head -c 5000 "$work/evidence" > "$work/torn"
same diagnose --from "$work/torn"

same --version
same --help
same lab list
same nosuch
for page in "$root"/docs/reference/*.md; do same explain "$(basename "$page" .md)"; done
for name in SOCKET_RCVBUFF NO_SOCKET tcp_v4_rcv+0x1a2 UdpRcvbufErrors softnet.dropped nosuch 'ÿ'; do
    same explain "$name"
done

for program in $(cd "$root/build/arm64/bpf" && find . -name '*.bpf.o'); do
    compared=$((compared + 1))
    cmp "$root/build/release/bpf/$program" "$root/build/arm64/bpf/$program" || fault "another $program"
done
echo "compared $compared outputs and programs"
[ $faults = 0 ]
