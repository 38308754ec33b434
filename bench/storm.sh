#!/bin/bash
# What watching every drop costs a host that drops as fast as it can:
#   bench/storm.sh [--pairs N] [--seconds S] [--only NAME]...
#
# One sender, pinned to CPU 0, floods a netfilter DROP at the input hook over `lo` of a namespace of
# its own. Each tracer is compared with nothing attached, in ABBA order; the figure is the throughput
# with it divided by the throughput without, of each pair. Then the books are checked: booked +
# recursion misses + outside the table = packets sent, exactly. Bar: diagnose and probe >= 0.91.
# Needs the packages of `script/bootstrap bench`; what is not installed is left out and said.
set -euo pipefail

# perf and bpftrace find the tracepoint in tracefs: it is mounted where only we see it.
if [ "${1:-}" != --private ]; then exec unshare -m "$0" --private "$@"; fi
shift
[ -d /sys/kernel/tracing/events ] || mount -t tracefs none /sys/kernel/tracing || true

root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
storm=${STORM:-$root/build/release/bench/storm}
[ -n "${STORM:-}" ] || cmake --build "$root/build/release" --target storm > /dev/null
pairs=15 seconds=2 only=()
while [ $# -gt 0 ]; do
    case $1 in
        --pairs)   pairs=$2 ;;
        --seconds) seconds=$2 ;;
        --only)    only+=("$2") ;;
        *)         echo "storm: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
[ -x "$storm" ] || { echo "storm: $storm is not built" >&2; exit 77; }
for program in nft ip python3; do
    command -v "$program" > /dev/null || { echo "storm: $program is not installed" >&2; exit 77; }
done

space=wdtest-storm-$$ work=$(mktemp -d) tracer=
stop_tracer() {
    [ -z "$tracer" ] || { kill -INT "$tracer" 2> /dev/null || true; wait "$tracer" || true; }
    tracer=
}
clean_up() {
    stop_tracer
    ip netns del "$space" 2> /dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
ip netns add "$space"
ip -n "$space" link set lo up
ip netns exec "$space" nft -f - <<'NFT'
table inet storm {
    chain input { type filter hook input priority 0; udp dport 9999 drop; }
}
NFT
inode=$(stat -L -c %i "/run/netns/$space")

flood() { ip netns exec "$space" "$storm" send 127.0.0.1 9999 "$seconds" 0; }

# The tracers. Each runs until it is interrupted, or a little longer than the flood.
life=$((seconds + 2))
start_empty()    { exec "$storm" empty "$life"; }
start_probe()    { exec "$storm" probe "$life"; }
start_pinned()   { exec "$storm" probe "$life" 0; }
start_diagnose() { exec "$whydrop" diagnose -t "$life" --exit-zero --json; }
start_trace() { exec "$whydrop" trace -t "$life" --json -q; }
start_trace_stack() { exec "$whydrop" trace -t "$life" --json --stack -q; }
start_trace_flows() { exec "$whydrop" trace -t "$life" --json --flows -q; }
start_trace_filter() { exec "$whydrop" trace -t "$life" --json -q 'udp dst port 9999'; }
start_bpftrace_count() {
    exec bpftrace -e 'tracepoint:skb:kfree_skb { @[args->reason, args->location] = count(); }'
}
start_bpftrace_stacks() { exec bpftrace -e 'tracepoint:skb:kfree_skb { @[kstack] = count(); }'; }
start_perf() { exec perf record -q -e skb:kfree_skb -a -g -o "$work/perf.data"; }

needs() {
    case $1 in
        bpftrace-*) command -v bpftrace ;;
        perf)       command -v perf ;;
        diagnose | trace*) [ -x "$whydrop" ] ;;
    esac > /dev/null
}
wait_until_attached() {
    local tries=0
    case $1 in
        empty | probe | pinned)
            until grep -qs attached "$work/out"; do
                sleep 0.02
                [ $((tries += 1)) -lt 500 ] || return 1
            done ;;
        bpftrace-*) sleep 1.5 ;;
        *)          sleep 0.7 ;;
    esac
}
with() {
    rm -f "$work/out"
    "start_${1//-/_}" > "$work/out" 2> "$work/err" &
    tracer=$!
    wait_until_attached "$1" || { echo "storm: $1 did not start: $(cat "$work/err")" >&2; exit 2; }
    flood > "$work/sent"
    case $1 in
        empty | probe | pinned | diagnose | trace*) wait "$tracer" || true; tracer= ;;
        *)                                 stop_tracer; rm -f "$work/perf.data" ;;
    esac
    echo "with $(cat "$work/sent")" >> "$work/$1.runs"
    case $1 in probe | pinned | diagnose | trace*) python3 "$root/bench/storm_books.py" "$1" "$inode" \
        "$(cat "$work/sent")" "$work/out" >> "$work/$1.books" ;; esac
}
without() { echo "without $(flood)" >> "$work/$1.runs"; }

names=(empty probe pinned diagnose trace trace-stack trace-filter trace-flows bpftrace-count bpftrace-stacks perf)
[ ${#only[@]} -eq 0 ] || names=("${only[@]}")
for name in "${names[@]}"; do
    needs "$name" || { echo "storm: $name left out, its program is not there" >&2; continue; }
    for ((pair = 0; pair < pairs; pair++)); do
        if ((pair % 2)); then with "$name"; without "$name"; else without "$name"; with "$name"; fi
    done
    python3 "$root/bench/storm_books.py" table "$name" "$work/$name.runs" "$work/$name.books"
done
