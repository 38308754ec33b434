#!/bin/sh
# Runs in the guest of script/vm: the commands of whydrop that run.sh judges, their answers to /out.
# The guest has the static binary, ip and nothing of the build machine besides.
ran() { # NAME COMMAND...: keeps what it said and its exit status
  name=$1; shift
  "$@" > "/out/$name.json" 2> "/out/$name.err"
  echo $? > "/out/$name.status"
}

lost_in_receive_buffers() {
  awk '/^Udp:/ { if (!seen++) { for (i = 2; i <= NF; i++) if ($i == "RcvbufErrors") at = i }
                 else print $at }' /proc/net/snmp
}

uname -r > /out/kernel
whydrop doctor > /out/doctor.txt 2>&1
ran doctor whydrop doctor --json
ran idle whydrop diagnose --json -t 2

# A loss that whydrop's own lab has no hand in, while it looks: see capture.c. An emulated processor
# may take five seconds to load the probes.
before=$(lost_in_receive_buffers)
(sleep 7; /capture /tmp/capture 3) &
ran loss whydrop diagnose --json -t 12 --save /out/loss.evidence
echo $(($(lost_in_receive_buffers) - before)) > /out/lost
wait

ran lab whydrop lab run udp.receive-buffer-full --json
# Fills a queue that a whole host shares: here that is nobody but us.
ran backlog whydrop lab run backlog.queue-full --allow-shared --json
ran refused whydrop lab run tcp.no-listener --json
