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
import json, os, statistics, subprocess, sys, time

whydrop, pairs = sys.argv[1], int(sys.argv[2])

def attached_after(command, descriptor):
    """Seconds from the start of the command until it holds such a descriptor: the attached probe."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = f"/proc/{process.pid}/fd"
    try:
        while time.monotonic() - start < 20:
            for name in os.listdir(folder):
                try:
                    if os.readlink(f"{folder}/{name}") == descriptor:
                        return time.monotonic() - start
                except OSError:
                    pass
            time.sleep(0.0005)
        raise SystemExit(f"start: {command[0]} attached nothing")
    finally:
        process.kill()
        process.wait()

def own():
    return attached_after([whydrop, "diagnose", "-t", "5", "-q"], "anon_inode:bpf_link")

def other():
    """bpftrace shows no sign when it is attached (BEGIN fires earlier): the kernel is asked. The
    question takes some milliseconds, which count against bpftrace."""
    start = time.monotonic()
    process = subprocess.Popen(
        ["bpftrace", "-e", "tracepoint:skb:kfree_skb { @[args->reason, ksym(args->location)] = count(); }"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - start < 20:
            shown = subprocess.run(["bpftool", "perf", "list"], capture_output=True, text=True).stdout
            if f"pid {process.pid} " in shown and "kfree_skb" in shown:
                return time.monotonic() - start
        raise SystemExit("start: bpftrace attached nothing")
    finally:
        process.kill()
        process.wait()

ratios, ours, theirs = [], [], []
for pair in range(pairs):
    if pair % 2:
        b = other(); a = own()
    else:
        a = own(); b = other()
    ours.append(a * 1e3); theirs.append(b * 1e3); ratios.append(b / a)
print(f"start to attached: whydrop median {statistics.median(ours):.0f} ms "
      f"({min(ours):.0f}..{max(ours):.0f}), bpftrace {statistics.median(theirs):.0f} ms "
      f"({min(theirs):.0f}..{max(theirs):.0f}); {statistics.median(ratios):.1f} times faster "
      f"({min(ratios):.1f}..{max(ratios):.1f}, {pairs} pairs, bar 5)")

start = time.monotonic()
report = subprocess.run([whydrop, "diagnose", "-t", "1", "--exit-zero", "-j"], capture_output=True)
took = time.monotonic() - start
cost = json.loads(report.stdout)["cost"]
print(f"diagnose -t 1: report after {took:.2f} s (bar 1.5); peak memory "
      f"{cost['max_rss_kib'] / 1024:.1f} MiB (bar 48); BPF maps {cost['map_bytes'] / 1024:.0f} KiB "
      f"with {os.cpu_count()} CPUs; {cost['cpu_ms']:.0f} ms of CPU")
PYTHON
