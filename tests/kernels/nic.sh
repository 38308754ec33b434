#!/bin/bash
# Real drivers of network cards, which qemu emulates: tests/kernels/nic.sh [--capture FOLDER] [KERNEL]
# (default: 6.1).
#
# Each card is on a wire of its own with a virtio card, from which a burst overruns it; what whydrop says
# of that is judged by check_nic.py. What the drivers said stays in build/kernels/nic/; --capture
# keeps it in FOLDER. Exit status 0, 1 if a check failed, 77 if the kernel or qemu is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
capture=''
[ "${1:-}" != --capture ] || { capture=$2; shift 2; }
kernel=${1:-6.1}
binary=${WHYDROP:-$root/build/release/whydrop}
[ -x "$binary" ] || { echo "nic: no $binary (script/build)" >&2; exit 77; }
out=$root/build/kernels/nic
rm -rf "$out"
mkdir -p "$out"
cc -std=gnu17 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -static -o "$root/build/kernels/nic.guest" \
    "$here/nic.c"

# Model of qemu, then what nic_guest.sh takes.
cards=(rtl8139=rtl8139:8139cp:0:3000:1000
       vmxnet3=vmxnet3:vmxnet3:32:6000:1000
       e1000e=e1000e:e1000e:64:3000:1000
       virtio-net-pci=virtio_net:virtio_net:0:3000:1000)
wires=() number=0
for card in "${cards[@]}"; do
    for end in 1=virtio-net-pci "2=${card%%=*}"; do
        wires+=(--qemu -netdev --qemu "hubport,id=n$number${end%%=*},hubid=$number" --qemu -device
                --qemu "${end#*=},netdev=n$number${end%%=*},mac=52:54:00:00:0$number:0${end%%=*}")
    done
    number=$((number + 1))
done

# qemu gives a card several queues only on a tap: one in a network namespace that ends with it.
inside=()
if [ -c /dev/net/tun ] && unshare --net true 2> /dev/null; then
    inside=(unshare --net)
    cards+=(virtio-net-pci=virtio_multi_queue:virtio_net:0:0:0)
    wires+=(--qemu -netdev --qemu "tap,id=queues,ifname=queues,queues=2,script=no,downscript=no" --qemu -device
            --qemu "virtio-net-pci,netdev=queues,mq=on,vectors=6,mac=52:54:00:00:0$number:02")
else
    echo "nic: without a card of several queues: no tap can be made here"
fi

"${inside[@]}" "$root/script/vm" "$kernel" --program ip --memory 1G --out "$out" --timeout 240 \
    --file "$binary:/bin/whydrop" --file "$root/build/kernels/nic.guest:/nic" \
    --file "$here/nic_guest.sh:/nic_guest.sh" "${wires[@]}" \
    -- sh /nic_guest.sh "${cards[@]#*=}" 2> >(grep -v 'is not connected to host network' >&2)
python3 "$here/check_nic.py" "$out"
[ -z "$capture" ] || for folder in "$out"/*/driver; do
    name=$(basename "$(dirname "$folder")")
    mkdir -p "$capture/$name-$kernel"
    cp "$folder"/* "$capture/$name-$kernel/"
done
