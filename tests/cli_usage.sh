#!/bin/bash
# Is every misuse answered by exit status 2, one line that says what, and nothing on stdout?
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

refused() {  # WHAT-STDERR-SAYS ARGUMENT...
    local says=$1 status=0
    shift
    timeout 20 "$whydrop" "$@" > "$work/out" 2> "$work/err" || status=$?
    if [ "$status" != 2 ] || [ -s "$work/out" ] || ! head -n 1 "$work/err" | grep -qE "^whydrop: .*$says" ||
        [ "$(grep -vc '^  hint: ' "$work/err")" != 1 ]; then
        echo "whydrop $*: status $status, wanted 2 and '$says'; it said:"
        cat "$work/out" "$work/err"
        faults=$((faults + 1))
    fi
}

refused "no command 'nosuch'" nosuch
refused "no command ''" ''
refused '--nosuch' --nosuch
refused '--nosuch' doctor --nosuch
refused 'udp port 53' diagnose -t 1 udp port 53
refused 'explain' diagnose -t 1 explain
refused 'NAME' explain
refused 'not in the dictionary' explain qqqqqqqqqq
refused 'span of time' -t 0
refused 'span of time' diagnose -t soon
refused '(does not exist|nosuch)' -t 1 -n nosuch
refused "'' does not exist" -t 1 -n ''
refused 'nosuch0' -t 1 -i nosuch0
refused 'No such file' --from "$work/missing"
refused '--color' doctor --color=pink
head -c 100000 /dev/urandom > "$work/foreign"
refused "$work/foreign" --from "$work/foreign"
: > "$work/empty"
refused "$work/empty" --from "$work/empty"
refused 'No such file' diagnose --sosreport "$work/missing"
refused 'is no tar archive' diagnose --sosreport "$work/foreign"
refused 'is no tar archive' diagnose --sosreport "$work/empty"
refused 'neither a file nor a pipe' diagnose --sosreport /dev/null
mkdir "$work/folder"
refused 'is no report' diagnose --sosreport "$work/folder"
refused '--sosreport' diagnose --sosreport "$work/folder" -t 1
refused '--sosreport' diagnose --sosreport "$work/folder" --from "$work/empty"
head -c 9000 "$root/tests/captures/sosreport/4.0.tar.xz" > "$work/cut.tar.xz"
refused 'is cut short' diagnose --sosreport "$work/cut.tar.xz"
tar -C "$work" -cf "$work/other.tar" foreign
refused 'is no report' diagnose --sosreport "$work/other.tar"
refused "no stage 'nosuch'" snapshot --stage nosuch
refused "(does not exist|nosuch)" snapshot -n nosuch
refused '\\x1b' "$(printf 'ev\033il')"
exit "$((faults > 0))"
