#!/bin/bash
# Does doctor say the truth about this host, as root, with few rights and with none?
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
[ "$(id -u)" = 0 ] || { echo "needs root, to give rights away"; exit 77; }
work=$(mktemp -d)
chmod 755 "$work"
# Where an ordinary user can run it.
cp "$whydrop" "$work/whydrop"
space=wdtest-doctor-$$
trap 'ip netns del "$space" 2> /dev/null; rm -rf "$work"' EXIT
faults=0
fault() { echo "$*"; faults=$((faults + 1)); }

# Prints "state rung" of a check.
check() {  # FILE ID
    python3 -c 'import json, sys
for check in json.load(open(sys.argv[1]))["checks"]:
    if check["id"] == sys.argv[2]: print(check["state"], check["rung"])' "$1" "$2"
}
expect() {  # FILE ID "STATE RUNG"
    [ "$(check "$1" "$2")" = "$3" ] || fault "$(basename "$1") $2: $(check "$1" "$2"), wanted $3"
}
programs() { bpftool prog show 2> /dev/null | grep -c 'name count_drop' || true; }

ip netns add "$space" || { echo "no network namespaces here"; exit 77; }
before=$(programs)
"$work/whydrop" doctor --json > "$work/root"
as_root=$?
[ "$(programs)" = "$before" ] || fault "the probe was left behind"
[ "$as_root" = 0 ] || [ "$as_root" = 1 ] || fault "as root: status $as_root"
expect "$work/root" namespaces.entered "ok setns"
grep -q "$space" "$work/root" || fault "the namespace $space is not seen"

setpriv --reuid=65534 --regid=65534 --clear-groups "$work/whydrop" doctor -j > "$work/nobody"
[ $? = 1 ] || fault "nobody: status is not 1"
expect "$work/nobody" tracing.drops "missing counters"
expect "$work/nobody" namespaces.entered "missing /proc/PID/net"
expect "$work/nobody" namespaces.owners "missing None"
expect "$work/nobody" rights.CAP_BPF "missing None"
expect "$work/nobody" sources.snmp "ok None"

if [ "$(check "$work/root" tracing.drops)" = "ok tp_btf" ]; then
    few=+bpf,+perfmon,+syslog
    setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=$few --ambient-caps=$few \
        "$work/whydrop" doctor -j > "$work/few"
    [ $? = 1 ] || fault "few rights: status is not 1"
    expect "$work/few" tracing.drops "ok tp_btf"
    expect "$work/few" tracing.symbols "ok kallsyms"
    expect "$work/few" namespaces.entered "missing /proc/PID/net"
    expect "$work/few" rights.CAP_SYS_ADMIN "missing None"
fi

for user in root nobody few; do
    [ -e "$work/$user" ] || continue
    python3 "$root/tests/schema/validate.py" "$work/$user" "$root/docs/schema/doctor.json" ||
        fault "$user: not valid under docs/schema/doctor.json"
done
exit "$((faults > 0))"
