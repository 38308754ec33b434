#!/bin/bash
# What `whydrop diagnose` costs traffic that loses nothing:
#   bench/healthy.sh [--pairs N] [--seconds S]
#
# TCP throughput (iperf3) and request/response latency (sockperf, 99th percentile) between two network
# namespaces, with diagnose running and without, in ABBA order; prints the ratio of each pair's
# figures, their median and spread. Bar: with / without >= 0.98 for throughput, and without / with
# >= 0.98 for p99. Needs the packages of `script/bootstrap bench`.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
pairs=10 seconds=4
while [ $# -gt 0 ]; do
    case $1 in
        --pairs)   pairs=$2 ;;
        --seconds) seconds=$2 ;;
        *)         echo "healthy: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
for program in iperf3 sockperf ip python3; do
    command -v "$program" > /dev/null || { echo "healthy: $program is not installed" >&2; exit 77; }
done

a=wdtest-$$-a b=wdtest-$$-b work=$(mktemp -d)
clean_up() {
    local pid
    for pid in $(ip netns pids "$a" 2> /dev/null; ip netns pids "$b" 2> /dev/null); do
        kill "$pid" 2> /dev/null || true
    done
    ip netns del "$a" 2> /dev/null || true
    ip netns del "$b" 2> /dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
ip netns add "$a"
ip netns add "$b"
ip link add va netns "$a" type veth peer name vb netns "$b"
for side in "$a va 10.199.7.1" "$b vb 10.199.7.2"; do
    read -r name device address <<< "$side"
    ip -n "$name" link set lo up
    ip -n "$name" link set "$device" up
    ip -n "$name" addr add "$address/24" dev "$device"
done
ip netns exec "$b" iperf3 -s > /dev/null 2>&1 &
ip netns exec "$b" sockperf server -i 10.199.7.2 --tcp > /dev/null 2>&1 &
sleep 0.5

throughput() {  # bits per second
    ip netns exec "$a" iperf3 -c 10.199.7.2 -t "$seconds" -J |
        python3 -c 'import json,sys; print(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"])'
}
p99() {  # microseconds
    ip netns exec "$a" sockperf ping-pong -i 10.199.7.2 --tcp -t "$seconds" 2> /dev/null |
        sed -n 's/.*percentile 99.000 *= *\([0-9.]*\).*/\1/p'
}
measure() {  # with|without throughput|p99
    local figure pid=''
    if [ "$1" = with ]; then
        "$whydrop" diagnose -t $((seconds + 2)) --exit-zero > "$work/report" 2>&1 &
        pid=$!
        sleep 0.7
    fi
    figure=$("$2")
    [ -z "$pid" ] || wait "$pid"
    echo "$1 $figure" >> "$work/$2"
}
for figure in throughput p99; do
    for ((pair = 0; pair < pairs; pair++)); do
        if ((pair % 2)); then
            measure with "$figure"; measure without "$figure"
        else
            measure without "$figure"; measure with "$figure"
        fi
    done
done
python3 - "$work" <<'PYTHON'
import statistics, sys
for figure, better in (("throughput", "high"), ("p99", "low")):
    runs = [line.split() for line in open(f"{sys.argv[1]}/{figure}")]
    ratios = []
    for first, second in zip(runs[::2], runs[1::2]):
        pair = {first[0]: float(first[1]), second[0]: float(second[1])}
        ratio = pair["with"] / pair["without"]
        ratios.append(ratio if better == "high" else 1 / ratio)
    ratios.sort()
    quarter = len(ratios) // 4
    print(f"{figure:<12} with diagnose / without: median {statistics.median(ratios):.3f}, "
          f"middle half {ratios[quarter]:.3f}..{ratios[-1 - quarter]:.3f}, "
          f"all {ratios[0]:.3f}..{ratios[-1]:.3f} ({len(ratios)} pairs, 1 = no cost, bar 0.98)")
PYTHON
