# What every scenario may use. The runner puts it before the script and calls setup, traffic, cure.
#
#   LAB_ID    the run: namespaces are called wdlab-$LAB_ID-NAME
#   LAB_DIR   a directory of the run: counts of the traffic, process ids of the servers
#   WHYDROP   this binary, which sends and receives
#
# Every server is stopped, and has written its counts, before cure runs.

# netns NAME...: makes network namespaces. IPv6 is off in them: its neighbour discovery would be
# traffic that nobody asked for.
netns() {
  for name in "$@"; do
    ip netns add "wdlab-$LAB_ID-$name"
    [ ! -d /proc/sys/net/ipv6 ] || inside "$name" sh -c \
      'for scope in all default; do echo 1 >/proc/sys/net/ipv6/conf/$scope/disable_ipv6; done'
    inside "$name" ip link set lo up
  done
}

# inside NAME COMMAND...: runs a command in a namespace.
inside() {
  netns_name=$1
  shift
  ip netns exec "wdlab-$LAB_ID-$netns_name" "$@"
}

# link A B: joins two namespaces by a veth pair. Device to-B in A has 10.199.N.1, device to-A in B
# has 10.199.N.2; N is 1 for the first link, 2 for the second.
links=0
link() {
  links=$((links + 1))
  ip link add "to-$2" netns "wdlab-$LAB_ID-$1" type veth peer name "to-$1" netns "wdlab-$LAB_ID-$2"
  inside "$1" ip addr add "10.199.$links.1/24" dev "to-$2"
  inside "$2" ip addr add "10.199.$links.2/24" dev "to-$1"
  inside "$1" ip link set "to-$2" up
  inside "$2" ip link set "to-$1" up
}

# or_skip WHAT COMMAND...: runs a command of setup without which there is no fault; where the kernel
# refuses it, the scenario is skipped, with the reason.
or_skip() {
  what=$1
  shift
  refusal=$("$@" 2>&1) || {
    echo "this kernel has no $what ($(echo $refusal))"
    exit 77
  }
}

# serve NAME PROCESS WHAT...: starts a receiver in a namespace (`whydrop lab receive WHAT...`), as
# a process of that name; comes back when its socket is bound.
serve() {
  where=$1
  who=$2
  shift 2
  inside "$where" "$WHYDROP" lab receive "$@" --name "$who" --pid-file "$LAB_DIR/server-$who" \
    >>"$LAB_DIR/counts"
}

# send NAME PROCESS WHAT...: sends from a namespace (`whydrop lab send WHAT...`) until it is done.
send() {
  where=$1
  who=$2
  shift 2
  inside "$where" "$WHYDROP" lab send "$@" --name "$who" >>"$LAB_DIR/counts"
}

# setting NAME PATH VALUE: writes a setting below /proc/sys of a namespace ("net/ipv4/ip_forward").
setting() {
  inside "$1" sh -c "echo '$3' >/proc/sys/$2"
}

# ipv6 NAME...: switches IPv6 on again, before links are made. Without duplicate address detection
# (addresses can be used at once) and without router solicitations.
ipv6() {
  for name in "$@"; do
    for scope in all default; do
      setting "$name" "net/ipv6/conf/$scope/disable_ipv6" 0
      setting "$name" "net/ipv6/conf/$scope/accept_dad" 0
      setting "$name" "net/ipv6/conf/$scope/accept_ra" 0
      setting "$name" "net/ipv6/conf/$scope/router_solicitations" 0
    done
  done
}

# link6 N A B: gives the Nth link IPv6 addresses too: fd99:N::1 in A, fd99:N::2 in B.
link6() {
  inside "$2" ip addr add "fd99:$1::1/64" dev "to-$3"
  inside "$3" ip addr add "fd99:$1::2/64" dev "to-$2"
}

# path NAME...: namespaces in a row, each linked to the next: `path client router server`.
path() {
  netns "$@"
  links_of_path "$@"
}

# path6 NAME...: the same, with IPv6 addresses beside those of IPv4.
path6() {
  netns "$@"
  ipv6 "$@"
  links_of_path "$@"
  hop=0
  here=$1
  shift
  for there in "$@"; do
    hop=$((hop + 1))
    link6 "$hop" "$here" "$there"
    here=$there
  done
}

links_of_path() {
  here=$1
  shift
  for there in "$@"; do
    link "$here" "$there"
    here=$there
  done
}
