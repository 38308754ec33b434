#!/bin/bash
# What a look at everything costs, against the commands that people type for it:
#   bench/snapshot.sh [--pairs N] [--only host|veth|sockets|second]...
# host: this host as it is, counters and with configuration. veth: 10, 100, 1,000 veth pairs in
# namespaces of five pairs each. sockets: 100,000 connected TCP sockets. second: one look a second.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
exec python3 "$root/bench/snapshot.py" "$root" "$@"
