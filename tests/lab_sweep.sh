#!/bin/bash
# Does a lab run that is killed in the middle leave nothing behind once the next one has run?
#
# The first run is ended by SIGKILL while its traffic flows; another process's run beside it must
# be left alone by the sweep. Exit 77: this machine cannot make network namespaces.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "lab_sweep: $*" >&2
  exit 1
}

namespaces_of() {
  ls /run/netns 2>/dev/null | grep "^wdlab-$1-" || true
}

pids_inside() {  # RUN
  for name in $(namespaces_of "$1"); do ip netns pids "$name"; done
}

processes_of() {  # by the directory of the run, which every shell and server has in its arguments
  grep -la "whydrop-lab/$1/" /proc/[0-9]*/cmdline 2>/dev/null || true
}

start_run() {  # sets pid, and comes back when its traffic flows
  "$whydrop" lab run udp.receive-buffer-full.slow-reader >"$scratch/$1" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    if [ -s "/run/whydrop-lab/$pid/server-reader" ] && [ "$(processes_of "$pid" | wc -l)" -ge 2 ]
    then
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  status=0
  wait "$pid" || status=$?
  cat "$scratch/$1"
  [ "$status" != 77 ] || exit 77
  fail "the run did not get as far as its traffic"
}

start_run killed
killed=$pid
[ "$(namespaces_of "$killed" | wc -l)" = 2 ] || fail "the run has no two namespaces"
inside=$(pids_inside "$killed")
[ -n "$inside" ] || fail "no process is inside the namespaces"
kill -KILL "$killed"
wait "$killed" 2>/dev/null || true
[ -n "$(namespaces_of "$killed")" ] || fail "nothing was left behind: the test proves nothing"

start_run living
living=$pid
[ -z "$(namespaces_of "$killed")" ] || fail "namespaces of the killed run are still there"
[ ! -e "/run/whydrop-lab/$killed" ] || fail "/run/whydrop-lab/$killed is still there"
[ -z "$(processes_of "$killed")" ] || fail "processes of the killed run are still there"
for one in $inside; do
  state=$(sed 's/.*) \(.\) .*/\1/' "/proc/$one/stat" 2>/dev/null || true)
  [ -z "$state" ] || [ "$state" = Z ] || fail "process $one is still there"  # Z: init is slow
done

# A third run sweeps too, while the second still goes on.
"$whydrop" lab run udp.no-listener -q >"$scratch/third" 2>&1 || true
[ -s "$scratch/third" ] || fail "the third run said nothing"
wait "$living" || true
grep -q "slow-reader" "$scratch/living" || fail "the living run was disturbed"
! grep -q "script failed" "$scratch/living" || fail "the living run lost its ground"

for run in "$killed" "$living"; do
  [ -z "$(namespaces_of "$run")" ] || fail "run $run left a namespace"
  [ ! -e "/run/whydrop-lab/$run" ] || fail "run $run left its directory"
  [ -z "$(processes_of "$run")" ] || fail "run $run left a process"
done
# The devices go with their namespace; the host's own must never have seen them.
! ls /sys/class/net | grep -q '^to-' || fail "a veth was left in the host's namespace"
