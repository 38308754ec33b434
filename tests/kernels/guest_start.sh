#!/bin/sh
# Runs in the guest of script/vm: how soon whydrop and bpftrace have their probes attached, in turn,
# five times each, in ms, to /out/start.
# Both count drops by place; whydrop by more than that.
mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
uname -r > /out/kernel
{
  echo "whydrop bpftrace"
  for _ in 1 2 3 4 5; do
    ours=$(/startup whydrop diagnose -t 60 -q)
    theirs=$(/startup bpftrace -e 'tracepoint:skb:kfree_skb { @[ksym(args->location)] = count(); }')
    echo "${ours:--} ${theirs:--}"
  done
} > /out/start 2> /out/start.err
