#!/bin/sh
# Runs in the guest of script/vm: one network card after the other is overrun while whydrop looks.
#
#     nic_guest.sh NAME:DRIVER:RING:COUNT:LENGTH...
#
# The card NAME, the N-th of the list (from 0), has the address 52:54:00:00:0N:02, and a virtio card on the
# same wire 52:54:00:00:0N:01. RING is the length of the receive ring to ask for, 0 leaves it. With a COUNT
# of 0 there is no wire, and the card is only captured. Everything is left in /out/NAME.
device() { # ADDRESS: its name
  for folder in /sys/class/net/*; do
    [ "$(cat "$folder/address")" != "$1" ] || echo "${folder##*/}"
  done
}

uname -r > /out/kernel
modprobe virtio_pci
modprobe virtio_net
number=0
for card in "$@"; do
  IFS=: read -r name driver ring count length << CARD
$card
CARD
  mkdir "/out/$name"
  modprobe "$driver"
  sleep 1
  out=$(device "52:54:00:00:0$number:01")
  in=$(device "52:54:00:00:0$number:02")
  echo "$in" > "/out/$name/device"
  [ "$ring" = 0 ] || /nic ring "$in" "$ring"
  mkdir "/out/$name/driver"
  if [ "$count" = 0 ]; then
    ip link set "$in" up
    sleep 1
    /nic capture "$in" "/out/$name/driver"
    continue
  fi
  ip link set "$out" up
  ip addr add "10.9.$number.1/24" dev "$in"
  ip link set "$in" up
  sleep 3
  # An emulated processor may take five seconds to load the probes.
  (sleep 7; /nic burst "$out" "$in" "$count" "$length" > "/out/$name/received") &
  whydrop diagnose --json -t 13 > "/out/$name/diagnosis.json" 2> "/out/$name/err"
  echo $? > "/out/$name/status"
  wait
  /nic capture "$in" "/out/$name/driver"
  number=$((number + 1))
done
exit 0
