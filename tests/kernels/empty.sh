#!/bin/bash
# One file in an empty system: tests/kernels/empty.sh [KERNEL] (default: 6.1).
#
# Boots the kernel with an initramfs of the static whydrop, `ip` with its libraries and an init of
# our own (empty_init.c): no shell, no busybox, no /sys, /tmp or /etc, of /dev the console alone.
# Judges what whydrop answers there (check_empty.py). Exit status 0, 1 if a check failed, 77 if a
# kernel or qemu is missing, with the reason. What the guest said stays in build/kernels/empty-KERNEL/.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
kernel=${1:-6.1}
binary=${WHYDROP:-$root/build/release/whydrop}
skip() { echo "empty: $1" >&2; exit 77; }
[ -x "$binary" ] || skip "no $binary (script/build)"
modules=$root/.cache/kernels/$kernel/lib/modules
[ -d "$modules" ] || skip "no kernel $kernel (script/fetch-kernel $kernel)"
shell=$(command -v dash) || skip "dash is not installed (Debian package dash)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=gnu17 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -static \
    -o "$work/init" "$here/empty_init.c"
mkdir "$work/held"
cp "$shell" "$work/held/sh"
for name in inet_diag tcp_diag udp_diag veth; do
    find "$modules/" -name "$name.ko*" -exec cp {} "$work/held/" \;
done
! compgen -G "$work/held/*.xz" > /dev/null || xz -d "$work/held"/*.xz
out=$root/build/kernels/empty-$kernel
rm -rf "$out"
"$root/script/vm" "$kernel" --init "$work/init" --program ip --file "$binary:/bin/whydrop" \
    --file "$work/held:/held" --out "$out" --timeout 240
python3 "$here/check_empty.py" "$out"
