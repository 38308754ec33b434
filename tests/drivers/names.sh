#!/bin/bash
# Does every statistic of a driver that whydrop knows stand in the driver's source (check_names.py)? Fetches
# Debian's linux-source-6.1 (140 MB) once and keeps what lies in drivers/net. Exit status 0, 1, or 77 without
# that package.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../../.cache
package=linux-source-6.1
tree=$cache/$package
if [ ! -d "$tree" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    (cd "$work" && apt-get download "$package" > /dev/null 2> log) ||
        { echo "drivers: no $package: $(tail -n 1 "$work/log")" >&2; exit 77; }
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" "./usr/src/$package.tar.xz"
    tar -x -C "$work" -f "$work/usr/src/$package.tar.xz" "$package/drivers/net"
    mkdir -p "$cache"
    mv "$work/$package" "$tree"
fi
exec python3 "$here/check_names.py" "$tree"
