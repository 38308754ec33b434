#!/bin/bash
# How soon it works, and what it holds: start to attached probes against bpftrace's start, start to the
# first right finding with -t 1, resident memory, memory of the BPF maps.
#   bench/start.sh [--pairs N]
set -euo pipefail

# bpftrace finds tracepoints in tracefs: it is mounted where only we see it.
if [ "${1:-}" != --private ]; then exec unshare -m "$0" --private "$@"; fi
shift
[ -d /sys/kernel/tracing/events ] || mount -t tracefs none /sys/kernel/tracing

root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
pairs=10
[ "${1:-}" != --pairs ] || pairs=$2
command -v bpftrace > /dev/null || { echo "start: bpftrace is not installed" >&2; exit 77; }

python3 - "$whydrop" "$pairs" <<'PYTHON'
import json, statistics, subprocess, sys, time

whydrop, pairs = sys.argv[1], int(sys.argv[2])

def seconds(command):
    start = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True)
    return time.monotonic() - start, result

def whydrop_start():
    # The window is 1 ms: what is left is start, attach, two looks at everything, report.
    took, result = seconds([whydrop, "diagnose", "-t", "1ms", "--exit-zero", "-j"])
    return took, json.loads(result.stdout)

def bpftrace_start():
    return seconds(["bpftrace", "-e", "tracepoint:skb:kfree_skb { @ = count(); } BEGIN { exit(); }"])[0]

ratios, own, other = [], [], []
for pair in range(pairs):
    if pair % 2:
        b = bpftrace_start(); a, document = whydrop_start()
    else:
        a, document = whydrop_start(); b = bpftrace_start()
    own.append(a * 1e3); other.append(b * 1e3); ratios.append(b / a)
print(f"start to finish of an empty window: whydrop median {statistics.median(own):.0f} ms "
      f"({min(own):.0f}..{max(own):.0f}), bpftrace {statistics.median(other):.0f} ms "
      f"({min(other):.0f}..{max(other):.0f}); {statistics.median(ratios):.1f} times faster (bar 5)")

first, report = seconds([whydrop, "diagnose", "-t", "1", "--exit-zero", "-j"])
cost = json.loads(report.stdout)["cost"]
print(f"diagnose -t 1: report after {first:.2f} s (bar 1.5); peak memory {cost['max_rss_kib'] / 1024:.1f} MiB "
      f"(bar 48); BPF maps {cost.get('map_bytes', 0) / 1024:.0f} KiB here")
PYTHON
