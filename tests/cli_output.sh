#!/bin/bash
# Does the result reach stdout whole, and is it said when it cannot?
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
fault() { echo "$*"; [ ! -s "$work/err" ] || cat "$work/err"; faults=$((faults + 1)); }

# A reader that goes away is no trouble: nothing on stderr, and the status of the result.
"$whydrop" explain NO_SOCKET 2> "$work/err" | true
[ "${PIPESTATUS[0]}" = 0 ] && [ ! -s "$work/err" ] || fault "a closed pipe is taken for a trouble"
[ "$("$whydrop" --help 2> "$work/err" | head -n 1 | wc -l)" = 1 ] && [ ! -s "$work/err" ] ||
    fault "--help | head"

# A full disk and a closed stdout are.
for arguments in 'explain NO_SOCKET' '--help' '--version' 'doctor'; do
    # shellcheck disable=SC2086
    "$whydrop" $arguments > /dev/full 2> "$work/err"
    [ $? = 2 ] && grep -q '^whydrop: write the result to stdout: No space left' "$work/err" ||
        fault "$arguments > /dev/full"
    # shellcheck disable=SC2086
    "$whydrop" $arguments 2> "$work/err" >&-
    [ $? = 2 ] && grep -q '^whydrop: write the result to stdout' "$work/err" || fault "$arguments >&-"
done

# Without a stderr the status alone tells.
"$whydrop" nosuch 2>&-
[ $? = 2 ] || fault "a closed stderr changes the status"
"$whydrop" nosuch 2> /dev/full
[ $? = 2 ] || fault "a full stderr changes the status"
"$whydrop" explain NO_SOCKET < /dev/null 2>&- | grep -q NO_SOCKET || fault "a closed stderr takes the result"

# Colour: never in a pipe, but where it was asked for.
"$whydrop" doctor > "$work/out"
! grep -q $'\033' "$work/out" || fault "colour in a pipe"
"$whydrop" doctor --color=always | grep -q $'\033' || fault "--color=always without colour"
"$whydrop" doctor --color=always | sed $'s/\033\\[[0-9;]*m//g' | head -n 1 | cmp -s - <(head -n 1 "$work/out") ||
    fault "colour changes more than the colour"

"$whydrop" --version | grep -qE '^whydrop [0-9]+\.[0-9]+\.[0-9]+$' || fault "--version"
for command in diagnose doctor explain; do
    "$whydrop" --help | grep -q "$command" || fault "--help does not list $command"
    "$whydrop" "$command" --help | grep -qiE '^(usage|[a-z].*$)' || fault "$command --help"
done
exit "$((faults > 0))"
