"""pcapng of ours read by Wireshark's tools, and theirs read by us, field by field.

The packets go through pcapng_driver, which the dev build makes. Exit 77: tshark or the driver is missing.
"""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRIVER = os.environ.get("PCAPNG_DRIVER", os.path.join(ROOT, "build/dev/tests/formats/pcapng_driver"))
TOOLS = ("tshark", "capinfos", "editcap", "mergecap", "dumpcap")

UDP = bytes.fromhex("4500002100010000401166c90a0000010a0000029c400035000d0000") + b"hello"
ETHERNET = bytes.fromhex("0200000000020200000000010800") + UDP
START_NS = 1700000000123456789


def packet(**fields):
    return {"time_ns": START_NS, "device": "eth0", "netns": "4026532000", "netns_name": "web", "link_type": 1,
            "bytes": ETHERNET.hex(), "original_bytes": len(ETHERNET), "left_out": 0, "comments": []} | fields


LOST = packet(
    original_bytes=1500, direction="receive", queue=3, left_out=36, packet_id=77,
    comments=["whydrop reason=SOCKET_RCVBUFF at=udp_queue_rcv_one_skb+0x437 stage=socket-rx class=loss dev=eth0 "
              'netns=web pid=812 comm="Web Content" n=37', "The receive buffer of Web Content was full."])
SENT = packet(time_ns=START_NS + 1000, direction="send", link_type=101, bytes=UDP.hex(), original_bytes=len(UDP),
              comments=["whydrop reason=IP_OUTNOROUTES n=1"])
BY_XDP = packet(time_ns=START_NS + 2000, device="eth1", netns="4026531840", netns_name="init", verdict=[2, 1])
BY_TC = packet(time_ns=START_NS + 3000, device="eth1", netns="4026531840", netns_name="init", verdict=[1, 2])
# ESC and a byte that is no UTF-8 (the driver's text for 0xff is U+F7FF).
STRANGE = packet(time_ns=START_NS + 4000, device="e\x1b[2J\uf7ff", netns="", netns_name="a b", left_out=2**63,
                 original_bytes=100_000)
PACKETS = [LOST, SENT, BY_XDP, BY_TC, STRANGE]


def run(*command, check=True, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr}")
    return done


def lines(packets):
    return "".join(json.dumps(one) + "\n" for one in packets)


def write(path, packets, *limits, **options):
    return run(DRIVER, "write", path, *limits, input=lines(packets), **options)


def read(path):
    """Packets, statistics and the end of a file, as our reader has them."""
    rows = [json.loads(line) for line in run(DRIVER, "read", path).stdout.splitlines()]
    return ([row for row in rows if "bytes" in row], [row for row in rows if "statistics" in row], rows[-1])


def tshark(path, *arguments):
    return run("tshark", "-n", "-r", path, *arguments).stdout


def fields(path, *names, where=""):
    """One row per packet: the values of each field, as tshark has them."""
    arguments = [word for name in names for word in ("-e", name)]
    found = tshark(path, "-Y", where, "-T", "json", *arguments)
    layers = [row["_source"].get("layers", {}) for row in json.loads(found)]
    return [tuple(row.get(name) for name in names) for row in layers]


class InAFolder(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="whydrop-pcapng-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def at(self, name):
        return os.path.join(self.folder, name)


class OursByWireshark(InAFolder):
    def setUp(self):
        super().setUp()
        self.file = self.at("drops.pcapng")
        write(self.file, PACKETS)

    def test_packets_are_found_by_their_reason(self):
        found = fields(self.file, "frame.number", where='frame.comment contains "reason=SOCKET_RCVBUFF"')
        self.assertEqual(found, [(["1"],)])
        self.assertEqual(fields(self.file, "frame.comment")[0], (LOST["comments"],))

    def test_each_field_has_its_value(self):
        names = ("frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name", "frame.drop_count",
                 "frame.packet_flags_direction", "frame.interface_queue", "frame.packet_id")
        rows = [tuple(value and value[0] for value in row) for row in fields(self.file, *names)]
        strange = r"e\x1b[2J\xff"
        self.assertEqual(rows, [
            ("1700000000.123456789", "1500", "47", "eth0", "36", "0x00000001", "3", "77"),
            ("1700000000.123457789", "33", "33", "eth0", None, "0x00000002", None, None),
            ("1700000000.123458789", "47", "47", "eth1", None, None, None, None),
            ("1700000000.123459789", "47", "47", "eth1", None, None, None, None),
            ("1700000000.123460789", "100000", "47", strange, str(2**63), None, None, None)])

    def test_verdicts(self):
        rows = fields(self.file, "frame.number", "frame.verdict.ebpf_xdp", "frame.verdict.ebpf_tc",
                      where="frame.verdict")
        self.assertEqual(rows, [(["3"], ["1"], None), (["4"], None, ["2"])])

    def test_a_packet_without_ethernet_header_is_dissected_and_said_to_be_one(self):
        rows = fields(self.file, "frame.protocols", "ip.dst", "frame.interface_description", where="frame.number < 3")
        self.assertEqual([row[1] for row in rows], [["10.0.0.2"]] * 2)
        self.assertTrue(rows[0][0][0].startswith("eth:ethertype:ip:udp"), rows[0])
        self.assertTrue(rows[1][0][0].startswith("raw:ip:udp"), rows[1])
        self.assertEqual(rows[0][2], ["eth0 in network namespace web"])
        self.assertIn("begin with the IP header", rows[1][2][0])

    def test_capinfos_counts(self):
        about = run("capinfos", self.file).stdout
        for what in (r"Number of packets: +5\n", r"File timestamp precision: +nanoseconds",
                     r"Capture hardware: +x86_64\n", r"Capture oper-sys: +Linux 6.12.9\n",
                     r"Capture application: +whydrop 0.1.0\n", r"Number of interfaces in file: 4\n",
                     r"(?s)Interface #0.*Capture length = 262144.*Number of stat entries = 1.*Number of packets = 1"):
            self.assertRegex(about, what)

    def test_nothing_is_malformed_and_nothing_is_escaped_to_a_terminal(self):
        done = run("tshark", "-n", "-r", self.file, "-V")
        self.assertNotIn("damaged", done.stderr)
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("Drop Count: 36", done.stdout)

    def test_snaplen(self):
        write(self.file, [LOST], 20)
        self.assertEqual(fields(self.file, "frame.cap_len", "frame.len"), [(["20"], ["1500"])])
        self.assertEqual(read(self.file)[0][0]["bytes"], LOST["bytes"][:40])


class RoundTrips(InAFolder):
    # What Wireshark 4.0 keeps when it writes a file again: not the option of process and thread, and a verdict under
    # a wrong number, which makes its own tools refuse the file.
    KEPT = [LOST, SENT, STRANGE]

    def setUp(self):
        super().setUp()
        self.file = self.at("drops.pcapng")

    def test_ours_come_back_from_ourselves(self):
        packets = [one | {"task": [812, 813]} for one in PACKETS]
        write(self.file, packets)
        found, statistics, end = read(self.file)
        self.assertEqual(found, packets)
        self.assertEqual(end, {"end": 5, "cut_off_at": None, "application": "whydrop 0.1.0"})
        self.assertEqual({(row["statistics"], row["seen"], row["left_out"], row["written"]) for row in statistics},
                         {("eth0", 37, 36, 1), ("eth0", 1, 0, 1), ("eth1", 2, 0, 2),
                          (STRANGE["device"], 2**63 + 1, 2**63, 1)})

    def test_a_process_is_no_trouble_to_wireshark(self):
        write(self.file, [LOST | {"task": [812, 813]}])
        self.assertEqual(len(fields(self.file, "frame.number")), 1)

    def test_editcap_and_tshark_write_again_what_we_wrote(self):
        write(self.file, self.KEPT)
        run("editcap", "-F", "pcapng", self.file, self.at("edited.pcapng"))
        run("tshark", "-r", self.file, "-w", self.at("saved.pcapng"))
        for name in ("edited.pcapng", "saved.pcapng"):
            self.assertEqual(read(self.at(name))[0], self.KEPT, name)

    def test_a_comment_that_somebody_adds(self):
        write(self.file, [LOST])
        run("editcap", "-F", "pcapng", "-a", "1:looked at", self.file, self.at("edited.pcapng"))
        comments = read(self.at("edited.pcapng"))[0][0]["comments"]
        self.assertIn("looked at", comments)

    def test_verdicts_that_wireshark_misnumbers_are_known(self):
        write(self.file, [BY_XDP, BY_TC])
        run("editcap", "-F", "pcapng", self.file, self.at("edited.pcapng"))
        self.assertEqual(read(self.at("edited.pcapng"))[0], [BY_XDP, BY_TC])

    def test_mergecap(self):
        other = [one | {"time_ns": one["time_ns"] + 500, "netns_name": "db", "netns": "4026532001"}
                 for one in self.KEPT]
        write(self.file, self.KEPT)
        write(self.at("other.pcapng"), other)
        run("mergecap", "-w", self.at("merged.pcapng"), self.file, self.at("other.pcapng"))
        expected = sorted(self.KEPT + other, key=lambda one: one["time_ns"])
        self.assertEqual(read(self.at("merged.pcapng"))[0], expected)

    def test_one_file_behind_the_other(self):
        write(self.file, PACKETS)
        with open(self.file, "rb") as file:
            once = file.read()
        with open(self.file, "wb") as file:
            file.write(once * 3)
        self.assertEqual(read(self.file)[0], PACKETS * 3)
        self.assertEqual(len(fields(self.file, "frame.number")), 15)


class Theirs(InAFolder):
    def test_the_other_byte_order(self):
        def option(code, value):
            return struct.pack(">HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

        def block(kind, body):
            body += b"\0" * (-len(body) % 4)
            length = struct.pack(">I", len(body) + 12)
            return struct.pack(">I", kind) + length + body + length

        made = block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, b"by hand"))
        # Units of 2^-20 s, from 10 s on; microseconds.
        made += block(1, struct.pack(">HHI", 1, 0, 96) + option(2, b"en0") + option(9, b"\x94")
                      + option(14, struct.pack(">q", 10)) + option(0, b""))
        made += block(1, struct.pack(">HHI", 101, 0, 0) + option(2, b"en1"))
        made += block(0xBAD, struct.pack(">I", 32473) + b"custom") + block(0x77, b"whatever")
        units = (1_700_000_000 << 20) + (1 << 19)
        data = ETHERNET + b"\0" * (-len(ETHERNET) % 4)
        made += block(6, struct.pack(">IIIII", 0, units >> 32, units & 0xFFFFFFFF, len(ETHERNET), 99) + data
                      + option(1, "größer".encode()) + option(2, struct.pack(">I", 2))
                      + option(4, struct.pack(">Q", 5)) + option(6, struct.pack(">I", 7)))
        data = UDP + b"\0" * (-len(UDP) % 4)
        units = 1_700_000_011_000_001
        made += block(2, struct.pack(">HHIIII", 1, 4, units >> 32, units & 0xFFFFFFFF, len(UDP), len(UDP)) + data)
        path = self.at("big.pcapng")
        with open(path, "wb") as file:
            file.write(made)
        packets, _, end = read(path)
        self.assertEqual(end["application"], "by hand")
        foreign = {"netns": "", "netns_name": ""}
        self.assertEqual(packets, [
            packet(**foreign, device="en0", time_ns=1_700_000_010_500_000_000, original_bytes=99, left_out=5, queue=7,
                   direction="send", comments=["größer"]),
            packet(**foreign, device="en1", time_ns=1_700_000_011_000_001_000, link_type=101, bytes=UDP.hex(),
                   original_bytes=len(UDP), left_out=4)])
        # tshark counts the custom block as a record of its own.
        rows = fields(path, "frame.time_epoch", "frame.interface_name", "frame.drop_count", "frame.len",
                      where="frame.interface_name")
        self.assertEqual([(row[0][0], row[1][0], row[2][0], row[3][0]) for row in rows],
                         [("1700000010.500000000", "en0", "5", "99"), ("1700000011.000001000", "en1", "4", "33")])

    def test_pcap_is_told_apart(self):
        write(self.at("drops.pcapng"), [LOST])
        for kind in ("pcap", "nsecpcap"):
            run("editcap", "-F", kind, self.at("drops.pcapng"), self.at(kind))
            done = run(DRIVER, "read", self.at(kind), check=False)
            self.assertEqual((done.returncode, done.stderr), (1, f"read {self.at(kind)}: a pcap file, not pcapng\n"))
            run("editcap", "-F", "pcapng", self.at(kind), self.at("again.pcapng"))  # what the hint says
            self.assertEqual(read(self.at("again.pcapng"))[0][0]["bytes"], LOST["bytes"])

    def test_dumpcap(self):
        name = f"wdtest-{os.getpid()}-pcapng"
        if os.geteuid() != 0 or run("ip", "netns", "add", name, check=False).returncode != 0:
            self.skipTest("needs root and network namespaces")
        self.addCleanup(run, "ip", "netns", "del", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        path = self.at("live.pcapng")
        sending = ("import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                   "for n in range(200): s.sendto(b'number %d' % n, ('127.0.0.1', 9)); time.sleep(0.02)\n")
        with subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", sending]) as sender:
            run("ip", "netns", "exec", name, "dumpcap", "-q", "-i", "lo", "-f", "udp", "-c", "5", "-a", "duration:20",
                "-w", path)
            sender.kill()
        packets, _, end = read(path)
        self.assertEqual(end["end"], 5)
        self.assertTrue(end["application"].startswith("Dumpcap"), end)
        self.assertEqual({one["device"] for one in packets}, {"lo"})
        theirs = fields(path, "frame.time_epoch", "frame.len")
        self.assertEqual([(f"{one['time_ns'] // 10**9}.{one['time_ns'] % 10**9:09}", str(one["original_bytes"]))
                          for one in packets], [(row[0][0], row[1][0]) for row in theirs])


class Disturbed(InAFolder):
    def test_a_killed_writer_leaves_a_file_that_can_be_read(self):
        path = self.at("drops.pcapng")
        with subprocess.Popen([DRIVER, "write", path], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as writer:
            for number in range(1, 21):
                writer.stdin.write(lines([LOST | {"packet_id": number}]))
                writer.stdin.flush()
                self.assertEqual(writer.stderr.readline(), f"{number}\n")
            writer.send_signal(signal.SIGKILL)
        packets, statistics, end = read(path)
        self.assertEqual([one["packet_id"] for one in packets], list(range(1, 21)))
        self.assertEqual((statistics, end["cut_off_at"]), ([], None))
        self.assertEqual(len(fields(path, "frame.number")), 20)

    def test_the_rest_of_a_block_is_told_and_what_was_before_is_read(self):
        path = self.at("drops.pcapng")
        write(path, [LOST])
        whole = os.path.getsize(path)
        write(path, [LOST])
        with open(path, "ab") as file:
            file.write(struct.pack("<III", 6, 400, 0))
        packets, _, end = read(path)
        self.assertEqual((packets, end["cut_off_at"]), ([LOST], whole))

    def test_a_pipe(self):
        with subprocess.Popen([DRIVER, "write", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as writer:
            reader = subprocess.Popen(["tshark", "-n", "-r", "-", "-T", "fields", "-e", "frame.interface_name"],
                                      stdin=writer.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            writer.stdout.close()
            writer.communicate(lines([LOST, SENT]))
            self.assertEqual(reader.communicate(timeout=30)[0], "eth0\neth0\n")
        self.assertEqual(writer.returncode, 0)

    def test_a_reader_that_leaves(self):
        done = run("bash", "-c", f"set -o pipefail; {DRIVER} write - | head -c 4 > {self.at('head')}", check=False,
                   input=lines([LOST] * 2000))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.splitlines()[-1], "write standard output: Broken pipe")

    def in_a_small_disk(self, script):
        """Runs it where $1 is a disk of 64 KiB, in a mount namespace of its own."""
        os.mkdir(self.at("disk"))
        done = run("unshare", "--mount", "bash", "-c", 'mount -t tmpfs -o size=64k small "$1" || exit 77\n' + script,
                   "bash", self.at("disk"), DRIVER, self.folder, check=False, input=lines([LOST] * 500))
        if done.returncode == 77 or "Operation not permitted" in done.stderr:
            self.skipTest("needs root and mount namespaces")
        return done

    def test_a_full_disk_keeps_what_it_has(self):
        done = self.in_a_small_disk('"$2" write "$1/drops.pcapng"; status=$?; cp "$1/drops.pcapng" "$3"; exit $status')
        self.assertEqual(done.returncode, 1, done.stderr)
        *numbers, error = done.stderr.splitlines()
        self.assertEqual(error, f"write {self.at('disk')}/drops.pcapng: No space left on device")
        path = self.at("drops.pcapng")
        packets, _, end = read(path)
        self.assertGreater(len(packets), 100)
        self.assertEqual((len(packets), end["cut_off_at"]), (len(numbers), None))
        self.assertEqual(len(fields(path, "frame.number")), len(packets))

    def test_a_ring_lives_on_a_small_disk(self):
        done = self.in_a_small_disk('"$2" write "$1/drops.pcapng" 0 12000 4; status=$?; cp "$1"/* "$3"; exit $status')
        self.assertEqual(done.returncode, 0, done.stderr)
        names = sorted(name for name in os.listdir(self.folder) if name.endswith(".pcapng"))
        self.assertEqual(len(names), 4)
        for name in names:
            count = int(re.search(r"Number of packets: +(\d+)", run("capinfos", self.at(name)).stdout)[1])
            packets, [statistics], end = read(self.at(name))
            self.assertEqual((count, end["cut_off_at"]), (len(packets), None), name)
            self.assertEqual((statistics["written"], statistics["left_out"]), (count, count * LOST["left_out"]))
            self.assertLessEqual(os.path.getsize(self.at(name)), 12000)
        run("mergecap", "-w", self.at("all.pcapng"), *map(self.at, names))

    def test_a_folder_that_cannot_be_written(self):
        done = self.in_a_small_disk('mount -o remount,ro "$1"; "$2" write "$1/drops.pcapng"')
        self.assertEqual((done.returncode, done.stderr),
                         (1, f"create {self.at('disk')}/drops.pcapng: Read-only file system\n"))


if __name__ == "__main__":
    missing = [tool for tool in TOOLS if not shutil.which(tool)] + ([] if os.path.exists(DRIVER) else [DRIVER])
    if missing:
        print("not there: " + ", ".join(missing))
        sys.exit(77)
    outcome = unittest.main(exit=False).result
    if outcome.wasSuccessful() and outcome.skipped:
        print("not all could be compared: " + "; ".join(sorted({why for _, why in outcome.skipped})))
        sys.exit(77)
    sys.exit(not outcome.wasSuccessful())
