#!/bin/bash
# The lab under other kernels, on each rung of the ladder of tracers:
#
#     tests/kernels/matrix.sh [--kernels "6.1 sid"] [--rungs "tp_btf none"] [--page] [PATTERN]...
#
# Boots each kernel once for each rung (script/vm), runs the lab's scenarios there (guest_lab.sh) and
# judges what was found (judge.py). The kernel `host` is the running one, of which nothing is booted.
# PATTERN leaves out scenarios of other names. --page also measures how soon whydrop starts, beside
# bpftrace, and writes all of it to docs/kernels.md.
#
# Rung tp_btf is what whydrop chooses, tracepoint what it chooses where BTF is hidden; drop_monitor
# and none are asked for. What the guest said stays in build/matrix/KERNEL/RUNG/. Exit status 0, 1 if
# something was not as it should be, 77 if a kernel or qemu is missing, with the reason.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
binary=${WHYDROP:-$root/build/release/whydrop}
kernels='5.10 6.1 6.12 sid host' rungs='tp_btf tracepoint drop_monitor none' page=()
while [ $# -gt 0 ]; do
    case $1 in
        --kernels) kernels=$2; shift ;;
        --rungs)   rungs=$2; shift ;;
        --page)    page=(--page "$root/docs/kernels.md") ;;
        -*)        echo "matrix: unknown option $1" >&2; exit 2 ;;
        *)         break ;;
    esac
    shift
done
patterns=("$@")
[ -x "$binary" ] || { echo "matrix: no $binary (script/build)" >&2; exit 77; }
mkdir -p "$root/build/matrix"

# What scenarios use; one that is missing here skips those that need it.
programs=() extensions=/usr/lib/x86_64-linux-gnu/xtables
for name in ip tc nft bridge iptables-legacy; do
    ! command -v "$name" > /dev/null || programs+=(--program "$name")
done
[ ! -d $extensions ] || programs+=(--file "$extensions:$extensions")

boot() {  # KERNEL FOLDER OPTION... -- COMMAND...
    local kernel=$1 out=$2 status=0
    shift 2
    "$root/script/vm" "$kernel" --out "$out" --timeout 1800 --file "$binary:/bin/whydrop" "$@" \
        > "$out/log" 2>&1 || status=$?
    echo $status > "$out/status"
}

lab_in_guest() {  # KERNEL RUNG FOLDER
    local tracer=auto options=("${programs[@]}" --memory 1G --file "$here/guest_lab.sh:/guest_lab.sh")
    case $2 in
        tp_btf)     ;;
        tracepoint) options+=(--no-btf) ;;
        *)          tracer=$2 ;;
    esac
    boot "$1" "$3" "${options[@]}" -- sh /guest_lab.sh "$tracer" "${patterns[@]}"
}

lab_here() {  # RUNG FOLDER
    local filters=() pattern
    for pattern in "${patterns[@]}"; do filters+=(--filter "$pattern"); done
    uname -r > "$2/kernel"
    "$binary" doctor > "$2/doctor.txt" 2>&1
    "$binary" lab all "${filters[@]}" --tracer "$1" --json > "$2/lab.json" 2> "$2/log"
    # Expectations are judge.py's to look at.
    case $? in 0 | 1 | 3) echo 0 ;; *) echo 2 ;; esac > "$2/status"
}

start_in_guest() {  # KERNEL FOLDER
    cc -std=gnu17 -O2 -static -o "$root/build/matrix/startup" "$here/startup.c" || return
    # bpftrace reads the types of 5.10 from headers.
    local headers=/usr/include/x86_64-linux-gnu/asm
    boot "$1" "$2" --memory 3G --program bpftrace --file /usr/include/linux:/usr/include/linux \
        --file /usr/include/asm-generic:/usr/include/asm-generic --file $headers:/usr/include/asm \
        --file "$root/build/matrix/startup:/startup" \
        --file "$here/guest_start.sh:/guest_start.sh" -- sh /guest_start.sh
}

fresh() { rm -rf "$1"; mkdir -p "$1"; }

folders=()
for kernel in $kernels; do
    for rung in $rungs; do
        # The build host's kernel has none.
        [ "$kernel/$rung" != host/drop_monitor ] || continue
        out=$root/build/matrix/$kernel/$rung
        fresh "$out"
        if [ "$kernel" = host ]; then lab_here "$rung" "$out"; else lab_in_guest "$kernel" "$rung" "$out"; fi
        python3 "$here/judge.py" "$out"
        folders+=("$out")
    done
    [ ${#page[@]} -gt 0 ] && [ "$kernel" != host ] || continue
    fresh "$root/build/matrix/$kernel/start"
    start_in_guest "$kernel" "$root/build/matrix/$kernel/start"
done
exec python3 "$here/judge.py" --quiet "${page[@]}" "${folders[@]}"
