#!/bin/bash
# Is a name explained however the user's tool spells it?
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
whydrop=${WHYDROP:-$root/build/release/whydrop}
faults=0
explains() {  # NAME TITLE
    "$whydrop" explain "$1" | head -n 1 | grep -qF "$2" && return
    echo "explain $1 does not begin with $2: $("$whydrop" explain "$1" 2>&1 | head -n 2)"
    faults=$((faults + 1))
}
explains NO_SOCKET NO_SOCKET
explains SKB_DROP_REASON_NO_SOCKET NO_SOCKET
explains no_socket NO_SOCKET
explains UdpRcvbufErrors RcvbufErrors
explains 'snmp.Udp.RcvbufErrors{netns="4026531840"}' RcvbufErrors
explains tcp_v4_rcv+0x1a2 tcp_v4_rcv
explains udp.receive-buffer-full udp.receive-buffer-full
# A slip of the finger is answered with the name that was meant.
said=$("$whydrop" explain NO_SOKCET 2>&1)
[[ $said == *"did you mean NO_SOCKET"* ]] || { echo "no proposal: $said"; faults=1; }
exit "$((faults > 0))"
