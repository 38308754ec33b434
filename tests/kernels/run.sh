#!/bin/bash
# The static binary under other kernels: tests/kernels/run.sh [KERNEL]... (default: 6.1). Under
# 6.1-arm64 that is the binary of script/build arm64.
#
# Boots each (script/vm), runs guest.sh there and judges its answers (check.py). Exit status 0, 1 if
# a check failed, 77 if a kernel or qemu is missing, with the reason. What the guest said stays in
# build/kernels/KERNEL/.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ $# -gt 0 ] || set -- 6.1

worst=0
for kernel in "$@"; do
    preset=release compiler=cc
    case $kernel in *-arm64) preset=arm64 compiler=aarch64-linux-gnu-gcc ;; esac
    binary=${WHYDROP:-$root/build/$preset/whydrop}
    [ -x "$binary" ] || { echo "kernels: no $binary (script/build $preset)" >&2; exit 77; }
    out=$root/build/kernels/$kernel capture=$root/build/kernels/capture-$preset
    rm -rf "$out"
    mkdir -p "$root/build/kernels"
    $compiler -std=gnu17 -O2 -static -o "$capture" "$here/capture.c"
    status=0
    "$root/script/vm" "$kernel" --program ip --out "$out" --timeout 240 \
        --file "$binary:/bin/whydrop" --file "$capture:/capture" \
        --file "$here/guest.sh:/guest.sh" -- sh /guest.sh || status=$?
    [ $status -ne 0 ] || python3 "$here/check.py" "$out" "$root/build/release/whydrop" || status=1
    # A failure says more than a missing kernel.
    case $status in
        0)  ;;
        77) [ $worst -ne 0 ] || worst=77 ;;
        *)  echo "kernels: $kernel failed ($status)"; worst=1 ;;
    esac
done
exit $worst
