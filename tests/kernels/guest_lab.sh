#!/bin/sh
# Runs in the guest of script/vm: scenarios of the lab, diagnosed on one rung of the ladder.
#
#     guest_lab.sh TRACER [PATTERN]...
#
# TRACER is that of `whydrop lab all --tracer`; the patterns are of scenarios, none are all. What the
# lab says goes to /out/lab.json, and what it says of the scenario for which a setting of the whole
# host has to be changed first to /out/limit.json.
tracer=$1
shift
filters=
for pattern in "$@"; do filters="$filters --filter $pattern"; done
set -f  # the patterns are for whydrop

uname -r > /out/kernel
whydrop doctor > /out/doctor.txt 2>&1
# shellcheck disable=SC2086  # one word each
whydrop lab all $filters --allow-shared --tracer "$tracer" --json > /out/lab.json 2> /out/lab.err

# Every CPU of the machine takes this limit, so the lab leaves it alone.
small=backlog.queue-full.small-limit
if grep -q "\"name\": \"$small\"" /out/lab.json; then
  echo 20 > /proc/sys/net/core/netdev_max_backlog
  whydrop lab run $small --allow-shared --tracer "$tracer" --json > /out/limit.json 2> /out/limit.err
fi
exit 0
