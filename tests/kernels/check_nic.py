#!/usr/bin/env python3
"""Judges what nic_guest.sh left in FOLDER: tests/kernels/check_nic.py FOLDER. Exit status 0 or 1.

The truth is the number of datagrams that did not arrive. Beside it stands what the driver counted."""
import json
import pathlib
import struct
import sys

folder = pathlib.Path(sys.argv[1])
failures = 0

# Of each card: how many datagrams were sent, and the statistic of its driver that counts the lost ones.
# None: qemu holds frames back from a full ring of this model, so that nothing can be lost there.
CARDS = {
    "rtl8139": (3000, "rx_missed_errors"),
    "vmxnet3": (6000, "  pkts rx OOB"),
    "e1000e": (3000, None),
    "virtio_net": (3000, None),
}


def check(what, holds, seen=""):
    global failures
    failures += not holds
    print(f"  {'ok' if holds else 'FAILED'}: {what}" + (f" (saw {seen})" if seen != "" else ""))


def statistics(card):
    """Names and values of ethtool's statistics, summed over queues, and of the standard ones."""
    driver = folder / card / "driver"
    names = (driver / "ethtool_gstrings").read_bytes()
    values = (driver / "ethtool_stats").read_bytes()
    count = struct.unpack("=III", names[:12])[2]
    sums = dict.fromkeys(("rx_missed_errors",), 0)
    for i in range(count):
        name = names[12 + 32 * i:44 + 32 * i].split(b"\0")[0].decode()
        sums[name] = sums.get(name, 0) + struct.unpack_from("=Q", values, 8 + 8 * i)[0]
    for line in (driver / "statistics").read_text().splitlines():
        name, value = line.split()
        sums[name] = int(value)
    return sums


for card, (sent, statistic) in CARDS.items():
    print(f"{card}:")
    received = int((folder / card / "received").read_text() or -1)
    lost = sent - received
    document = json.loads((folder / card / "diagnosis.json").read_text())
    device = (folder / card / "device").read_text().strip()
    found = {a["account"]: a for a in document["accounts"] if a["class"] in ("loss", "unknown")}
    if statistic is None:
        check("nothing is lost: qemu waits for a full ring of this card", lost == 0, lost)
        check("nor does whydrop say so", document["verdict"] == "healthy" and not found, document["headline"])
        continue
    check("its ring overflowed", lost > 0, lost)
    counted = statistics(card)[statistic]
    check(f"its driver counted that ({statistic.strip()})", counted == lost, counted)
    account = found.pop("ring.overflow", None)
    check("whydrop finds ring.overflow", account is not None, document["headline"])
    if account:
        check("with as many packets", account["packets"] == lost, account["packets"])
        check("at this device", account["at"]["dev"] == device, account["at"]["dev"])
    check("as the first finding", [f["cause"] for f in document["findings"]][:1] == ["ring.overflow"])
    check("and nothing else", not found, sorted(found))
    check("and ends with 1", int((folder / card / "status").read_text()) == 1)
if (folder / "virtio_multi_queue").exists():
    print("virtio_multi_queue:")
    names = statistics("virtio_multi_queue")
    check("its driver tells queues apart", {"rx_queue_0_drops", "rx_queue_1_drops"} <= names.keys())
sys.exit(1 if failures else 0)
