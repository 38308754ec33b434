#!/bin/bash
# Captures what a kernel says of a small world with known losses (world.sh, capture.c):
#
#     tests/kernels/capture.sh 6.1 tests/captures/6.1     under a kernel of script/fetch-kernel
#     tests/kernels/capture.sh host tests/captures/6.18   in namespaces of this machine (root)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
vm=$here/../../script/vm
[ $# -eq 2 ] || { echo "usage: tests/kernels/capture.sh KERNEL|host FOLDER" >&2; exit 2; }
kernel=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compiler=cc
case $kernel in *-arm64) compiler=aarch64-linux-gnu-gcc ;; esac
$compiler -std=gnu17 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -static \
    -o "$work/capture" "$here/capture.c"
mkdir -p "$folder"
if [ "$kernel" = host ]; then
    # In a mount namespace of its own: the trace file system may not be mounted here.
    # shellcheck disable=SC2016
    unshare --mount sh -c '
        [ -d /sys/kernel/tracing/events ] || mount -t tracefs tracing /sys/kernel/tracing
        exec "$@"' sh "$here/world.sh" "$work/capture" "$folder"
else
    "$vm" "$kernel" --program ip --program tc --program bpftool \
        --file "$work/capture:/capture" --file "$here/world.sh:/world.sh" \
        --out "$folder" -- sh /world.sh /capture /out
fi
