"""whydrop trace, checked against what the programs themselves count.

Each test makes its own network namespace and removes it. Run as root. Exit 77: no namespace can be made here.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import diagnose as live

CLOSED = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for turn in range(int(sys.argv[2])):
    s.sendto(b"x" * 40, ("127.0.0.1", int(sys.argv[1])))
    time.sleep(float(sys.argv[3]))
"""


# 800 flows of 7 datagrams each, to closed ports of four networks.
FLOWS = """
import socket
for sender in range(100):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 20000 + sender))
    for net in range(4):
        for port in range(6000, 6002):
            for _ in range(7):
                s.sendto(b"x", (f"127.0.{net}.1", port))
    s.close()
"""

# A connection that is not answered, one that loses some of what it sends, one that is refused.
TCP = """
import socket, threading
server = socket.socket()
server.bind(("127.0.0.1", 82))
server.listen(5)
def read():
    peer, _ = server.accept()
    while peer.recv(65536):
        pass
reader = threading.Thread(target=read)
reader.start()
lost = socket.socket()
lost.settimeout(1.5)
try:
    lost.connect(("127.0.0.1", 81))
except OSError:
    pass
client = socket.create_connection(("127.0.0.1", 82))
for _ in range(400):
    client.sendall(b"x" * 20000)
client.close()
reader.join()
try:
    socket.create_connection(("127.0.0.1", 99))
except OSError:
    pass
"""


def start(*arguments, **options):
    process = subprocess.Popen([live.WHYDROP, "trace", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, **options)
    time.sleep(1.0)
    return process


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


class Trace(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.world = live.World("trace")
        self.world.__enter__()
        self.addCleanup(self.world.__exit__)

    def closed(self, port, count, pause=0.0):
        subprocess.run(["ip", "netns", "exec", self.world.name, sys.executable, "-c", CLOSED, str(port), str(count),
                        str(pause)], check=True)

    def traced(self, *arguments, send=None, ends=None):
        process = start("-n", self.world.name, *arguments)
        if send:
            send()
        if ends is not None:
            time.sleep(0.5)
            process.send_signal(ends)
        out, errors = process.communicate(timeout=60)
        self.assertEqual(errors, "")
        self.assertEqual(process.returncode, 0)
        return out

    def test_each_drop_of_a_trickle_is_a_line_with_flow_owner_and_place(self):
        out = self.traced("-t", "4", "-j", send=lambda: self.closed(5401, 20, 0.05))
        *events, sums = lines_of(out)
        here = [e for e in events if e["reason"] == "NO_SOCKET"]
        self.assertEqual(len(here), 20)
        self.assertEqual({e["packets"] for e in here}, {1})
        self.assertEqual({tuple(e["flow"][i] for i in (0, 1, 3, 4)) for e in here}, {("udp", "127.0.0.1", "127.0.0.1", 5401)})
        self.assertEqual({(e["stage"], e["class"], e["account"], e["dev"], e["netns"], e["netns_name"]) for e in here},
                         {("transport", "refused", "udp.no-listener", "lo", self.world.inode, self.world.name)})
        self.assertTrue(all(e["stack"][0].startswith("__udp4_lib_rcv+0x") for e in here))
        [place] = [p for p in sums["places"] if p["account"] == "udp.no-listener"]
        self.assertEqual((place["packets"], sum(place["by_cpu"])), (20, 20))
        self.assertEqual(sums["packets"], sum(p["packets"] for p in sums["places"]))
        times = [int(e["time_ns"]) for e in events]
        self.assertEqual(times, sorted(times))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            for document in (*events[:3], sums):
                file.seek(0)
                file.truncate()
                file.write(json.dumps(document))
                file.flush()
                checked = live.run(sys.executable, os.path.join(live.ROOT, "tests/schema/validate.py"), file.name,
                                   os.path.join(live.ROOT, "docs/schema/event.json"))
                self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_a_storm_is_counted_exactly_and_told_by_lines_that_add_up(self):
        out = self.traced("-t", "3", "-j", send=lambda: self.world.send(20000))
        *events, sums = lines_of(out)
        lost = 20000 - self.world.received()
        [place] = [p for p in sums["places"] if p["account"] == "udp.receive-buffer-full"]
        self.assertEqual(place["packets"], lost)
        told = sum(e["packets"] for e in events)
        self.assertEqual(told + sums["packets_without_line"], sums["packets"])
        self.assertLess(len(events), 5000)
        owners = {(e["owner"] or {}).get("pid") for e in events if e["reason"] == "SOCKET_RCVBUFF"}
        self.assertEqual(owners, {self.world.receiver.pid})
        [flow] = [f for f in sums["flows"] if f["what"][4] == "5001"]
        self.assertLessEqual(abs(flow["packets"] - lost), flow["error"] + sums["packets_without_line"])
        [owner] = sums["owners"]
        self.assertEqual(owner["what"][1], str(self.world.receiver.pid))

    def test_only_what_was_asked_for(self):
        def both():
            self.closed(5401, 10)
            self.world.send(100)
        for arguments, reasons in ((("--reason", "no_socket"), {"NO_SOCKET"}), (("--stage", "socket-rx"), {"SOCKET_RCVBUFF"}),
                                   (("--comm", "python3"), {"SOCKET_RCVBUFF"}),
                                   (("--pid", str(self.world.receiver.pid)), {"SOCKET_RCVBUFF"}),
                                   (("-i", "lo"), {"NO_SOCKET", "SOCKET_RCVBUFF"}), (("-i", "eth9"), set())):
            *events, sums = lines_of(self.traced("-t", "2", "-j", *arguments, send=both))
            self.assertEqual({e["reason"] for e in events}, reasons, arguments)
            if "--comm" not in arguments and "--pid" not in arguments:
                self.assertEqual({p["reason"] for p in sums["places"]}, reasons, arguments)

    def test_ends_after_a_count_on_a_signal_and_when_nobody_reads(self):
        out = self.traced("-c", "3", "-j", send=lambda: self.closed(5401, 10, 0.02))
        self.assertEqual([e["event"] for e in lines_of(out)], ["drop"] * 3 + ["summary"])
        for number in (signal.SIGINT, signal.SIGTERM):
            out = self.traced(send=lambda: self.closed(5401, 3), ends=number)
            self.assertIn("3 packets dropped at", out)
        process = start("-n", self.world.name)
        process.stdout.close()
        self.closed(5401, 3)
        self.assertEqual(process.wait(timeout=10), 0)
        process.stderr.close()

    def test_text_has_a_line_an_event_and_tables(self):
        out = self.traced("-t", "2", "--stack", send=lambda: self.closed(5401, 5, 0.02))
        lines = [line for line in out.splitlines() if "127.0.0.1:5401" in line and "⊖" in line]
        self.assertEqual(len(lines), 5)
        self.assertIn("NO_SOCKET at __udp4_lib_rcv+0x", lines[0])
        for title in ("places", "reasons", "devices", "CPUs", "flows", "stacks"):
            self.assertIn(f"\n{title}\n", out)
        folded = self.traced("-t", "2", "--folded", send=lambda: self.closed(5401, 5, 0.02))
        stacks = [line for line in folded.splitlines() if ";__udp4_lib_rcv " in line]
        self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in stacks), 5)

    def test_a_file_for_wireshark_that_is_told_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "drops.pcapng")
            out = self.traced("-t", "3", "-w", path, send=lambda: (self.closed(5401, 12, 0.02), self.world.send(30)))
            self.assertIn("TRACE", out)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            *events, sums = lines_of(live.whydrop("trace", "-r", path, "-j").stdout)
            here = [e for e in events if e["reason"] == "NO_SOCKET"]
            self.assertEqual(len(here), 12)
            self.assertEqual({(e["account"], e["dev"], e["netns"], e["netns_name"], e["flow"][4], e["class"]) for e in here},
                             {("udp.no-listener", "lo", self.world.inode, self.world.name, 5401, "refused")})
            self.assertEqual({e["owner"]["pid"] for e in events if e["reason"] == "SOCKET_RCVBUFF"},
                             {self.world.receiver.pid})
            *fewer, _ = lines_of(live.whydrop("trace", "-r", path, "-j", "--reason", "SOCKET_RCVBUFF", "-c", "3").stdout)
            self.assertEqual([e["reason"] for e in fewer], ["SOCKET_RCVBUFF"] * 3)
            if live.run("sh", "-c", "command -v tshark").returncode == 0:
                found = live.run("tshark", "-r", path, "-Y", 'frame.comment contains "reason=NO_SOCKET"', "-T", "fields",
                                 "-e", "udp.dstport", "-e", "frame.interface_name")
                self.assertEqual({line.split("\t")[0] for line in found.stdout.splitlines()}, {"5401"}, found.stderr)
                self.assertEqual(len(found.stdout.splitlines()), 12)

    def test_files_that_cannot_be_written_or_read(self):
        self.assertEqual(live.whydrop("trace", "-t", "1", "-w", "/no/such/folder/x.pcapng").returncode, 2)
        self.assertEqual(live.whydrop("trace", "-r", "/no/such/file").returncode, 2)
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"no capture file at all")
            file.flush()
            done = live.whydrop("trace", "-r", file.name)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("not a capture file", done.stderr)
        full = start("-n", self.world.name, "-t", "5", "-w", "/dev/full")
        self.closed(5401, 3)
        _, errors = full.communicate(timeout=30)
        self.assertEqual(full.returncode, 2)
        self.assertIn("No space left on device", errors)

    def test_flows_are_counted_each_packet(self):
        def many():
            subprocess.run(["ip", "netns", "exec", self.world.name, sys.executable, "-c", FLOWS], check=True)
        *_, sums = lines_of(self.traced("-t", "5", "-j", "--flows", "--received", send=many))
        counted = {}
        for row in sums["flows"]:
            key = (row["what"][3], row["what"][4])
            counted[key] = counted.get(key, 0) + row["packets"]
        self.assertEqual(counted, {(f"127.0.{net}.1", str(port)): 100 * 7 for net in range(4) for port in range(6000, 6002)})
        self.assertEqual(len(sums["flows"]), 800)
        self.assertEqual({(row["packets"], row["error"]) for row in sums["flows"]}, {(7, 0)})
        self.assertEqual([(row["what"], row["packets"], row["error"]) for row in sums["sources"]],
                         [(["127.0.0.0/24"], 5600, 0)])
        received = sum(row["packets"] for row in sums["received_flows"] if row["what"][0] == "udp")
        self.assertEqual(received, 5600)

    def test_stacks_are_counted_and_their_error_holds(self):
        *_, sums = lines_of(self.traced("-t", "3", "-j", "--stack", "-q", send=lambda: self.world.send(60000)))
        lost = 60000 - self.world.received()
        [row] = [r for r in sums["stacks"] if r["what"][0].startswith("udp_queue_rcv_one_skb+")]
        self.assertLessEqual(abs(row["packets"] - lost), row["error"])
        self.assertLess(row["error"], lost / 3)
        self.assertTrue(any(frame.startswith("ip_rcv") or "ip_local_deliver" in frame for frame in row["what"]))

    def test_a_filter_is_decided_in_the_kernel(self):
        def both():
            self.closed(5401, 30)
            self.closed(5402, 40)
        for words, count in ((("udp dst port 5402",), 40), (("udp", "and", "port", "5401"), 30), (("ip6",), 0),
                             (("udp[4:2] = 48 and host 127.0.0.1",), 70)):
            *events, sums = lines_of(self.traced("-t", "2", "-j", *words, send=both))
            self.assertEqual(sums["packets"], count, words)
            self.assertTrue(all(e["account"] == "udp.no-listener" for e in events))
        done = live.whydrop("trace", "udp prt 53")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("prt", done.stderr)

    def test_retransmissions_add_up_to_the_kernels_own_count(self):
        name = self.world.name
        if live.run("ip", "netns", "exec", name, "nft", "add table ip f").returncode != 0:
            self.skipTest("no nftables")
        for rule in ("add chain ip f i { type filter hook input priority 0; }", "add rule ip f i tcp dport 81 drop",
                     "add rule ip f i tcp dport 82 numgen random mod 100 < 3 drop"):
            subprocess.run(["ip", "netns", "exec", name, "nft", rule], check=True)

        subprocess.run(["ip", "-n", name, "link", "set", "lo", "mtu", "1500"], check=True)

        def counted():
            rows = live.run("ip", "netns", "exec", name, "grep", "^Tcp:", "/proc/net/snmp").stdout.splitlines()
            return int(dict(zip(rows[0].split(), rows[1].split()))["RetransSegs"])

        before = counted()
        out = self.traced("-t", "5", "-j", "--retransmits", "--resets", "--drops", send=lambda: subprocess.run(
            ["ip", "netns", "exec", name, sys.executable, "-c", TCP], check=True))
        *events, sums = lines_of(out)
        self.assertEqual(sums["retransmitted_segments"] + sums["retransmitted_outside_table"], counted() - before)
        self.assertEqual(sum(kind["packets"] for kind in sums["retransmission_kinds"]), sums["retransmitted_segments"])
        by_port = {row["what"][4]: row["packets"] for row in sums["retransmitting"]}
        self.assertGreaterEqual(by_port["81"], 1)
        self.assertGreater(by_port["82"], 5)
        lost = sum(p["packets"] for p in sums["places"] if p["account"] == "netfilter.rule-drop")
        self.assertGreater(lost, 5)
        kinds = {e["reason"] for e in events if e["event"] == "retransmission"}
        self.assertIn("syn", kinds)
        self.assertIn(("sent", "NO_SOCKET"), {(r["what"][0], r["what"][1]) for r in sums["resets"]})
        only = lines_of(self.traced("-t", "1", "-j", "--retransmits"))[-1]
        self.assertEqual((only["packets"], only["places"]), (0, []))

    def test_two_at_once_and_one_that_was_stopped(self):
        first = start("-n", self.world.name, "-j")
        second = start("-n", self.world.name, "-j")
        first.send_signal(signal.SIGSTOP)
        self.closed(5401, 8, 0.02)
        first.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        for process in (first, second):
            process.send_signal(signal.SIGINT)
            *events, sums = lines_of(process.communicate(timeout=30)[0])
            self.assertEqual(sum(e["packets"] for e in events if e["reason"] == "NO_SOCKET"), 8)
            self.assertEqual(sum(p["packets"] for p in sums["places"] if p["reason"] == "NO_SOCKET"), 8)

    def test_nothing_stays_attached_after_sigkill(self):
        def programs():
            listed = live.run("bpftool", "prog", "list", "-j")
            return sum(program.get("name") == "count_drop" for program in json.loads(listed.stdout))
        before = programs()
        process = start("-n", self.world.name)
        self.assertEqual(programs(), before + 1)
        process.kill()
        process.communicate()
        deadline = time.time() + 5
        while programs() != before and time.time() < deadline:
            time.sleep(0.1)
        self.assertEqual(programs(), before)

    def test_bad_options_are_refused_with_a_sentence(self):
        for arguments in (("-n", "no-such-namespace"), ("--stage", "nowhere"), ("-t", "x"), ("--tracer", "none")):
            done = live.whydrop("trace", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr.startswith("whydrop: "), done.stderr)


if __name__ == "__main__":
    if os.geteuid() != 0 or live.run("ip", "netns", "add", "wdtest-trace-try").returncode != 0:
        print("needs root and network namespaces")
        sys.exit(77)
    live.run("ip", "netns", "del", "wdtest-trace-try")
    unittest.main()
