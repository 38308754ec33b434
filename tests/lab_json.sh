#!/bin/bash
# Is what `whydrop lab run --json` prints a whydrop.lab/1 document, with a whole diagnosis inside,
# and does each exit status mean what the contract says? Exit 77: no namespaces here.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

expect() {  # STATUS COMMAND...
  local wanted=$1 status=0
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  [ "$status" != 77 ] || [ "$wanted" = 77 ] || { cat "$scratch/out"; exit 77; }
  [ "$status" = "$wanted" ] || {
    echo "lab_json: $* ended with $status, not $wanted" >&2
    cat "$scratch/out" "$scratch/err" >&2
    exit 1
  }
}

valid() {  # DOCUMENT SCHEMA
  local status=0
  "$root/tests/schema/validate.py" "$1" "$root/docs/schema/$2" || status=$?
  [ "$status" = 0 ] || exit "$status"
}

expect 0 "$whydrop" lab run udp.receive-buffer-full --cure --json
valid "$scratch/out" lab.json
for phase in fault cured; do
  python3 -c 'import json, sys
run = json.load(open(sys.argv[1]))["runs"][0]
print(json.dumps(run[sys.argv[2]]["diagnosis"]))' "$scratch/out" "$phase" >"$scratch/$phase"
  valid "$scratch/$phase" diagnosis.json
done

expect 2 "$whydrop" lab run no.such-scenario
grep -q "there is no scenario 'no.such-scenario'" "$scratch/err"
expect 2 "$whydrop" lab send udp --to nowhere
grep -q "not an address" "$scratch/err"
expect 77 setpriv --reuid=65534 --clear-groups "$whydrop" lab run udp.no-listener --json
valid "$scratch/out" lab.json
grep -q '"status": "skipped", "reason": "it takes root' "$scratch/out"
