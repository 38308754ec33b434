"""whydrop diagnose on a real loss, checked against the receiver's own count.

Python's sockets make the fault and count, so that nothing of whydrop checks itself. Run as root;
each test makes its own network namespace and removes it. Exit 77: this machine cannot make one.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WHYDROP = os.environ.get("WHYDROP", os.path.join(ROOT, "build/release/whydrop"))

RECEIVER = """
import signal, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(sys.argv[1]))
s.bind(("127.0.0.1", 5001))
print("ready", flush=True)
sys.stdin.readline()
s.setblocking(False)
count = 0
try:
    while True:
        s.recv(2048)
        count += 1
except BlockingIOError:
    pass
print(count, flush=True)
"""

SENDER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[1])):
    s.sendto(b"x" * 500, ("127.0.0.1", 5001))
"""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def whydrop(*arguments, **options):
    return run(WHYDROP, *arguments, timeout=60, **options)


class World:
    """One namespace with a receiver that does not read until it is told to."""

    def __init__(self, name):
        self.name = f"wdtest-{os.getpid()}-{name}"

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)
        self.inode = str(os.stat(f"/run/netns/{self.name}").st_ino)
        self.receiver = subprocess.Popen(
            ["ip", "netns", "exec", self.name, sys.executable, "-c", RECEIVER, "4096"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.receiver.stdout.readline()
        return self

    def send(self, count):
        subprocess.run(["ip", "netns", "exec", self.name, sys.executable, "-c", SENDER, str(count)],
                       check=True)

    def received(self):
        self.receiver.stdin.write("\n")
        self.receiver.stdin.flush()
        return int(self.receiver.stdout.readline())

    def __exit__(self, *_):
        self.receiver.kill()
        self.receiver.communicate()
        subprocess.run(["ip", "netns", "del", self.name], check=False)


def start_diagnosis(*arguments):
    process = subprocess.Popen([WHYDROP, "diagnose", *arguments], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    time.sleep(0.6)
    return process


class Live(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.saved = os.path.join(cls.folder.name, "evidence.json")
        with World("loss") as world:
            diagnosis = start_diagnosis("-t", "2", "-j", "--save", cls.saved)
            world.send(500)
            cls.text, cls.errors = diagnosis.communicate(timeout=30)
            cls.status = diagnosis.returncode
            cls.lost = 500 - world.received()
            cls.pid = world.receiver.pid
            cls.inode = world.inode
        cls.document = json.loads(cls.text)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_finds_the_loss_with_the_receivers_own_number(self):
        self.assertGreater(self.lost, 400)
        self.assertEqual(self.status, 1, self.errors)
        self.assertEqual(self.document["verdict"], "loss")
        finding = self.document["findings"][0]
        self.assertEqual(finding["cause"], "udp.receive-buffer-full")
        self.assertEqual(finding["packets"], self.lost)
        self.assertEqual(finding["at"]["netns"], self.inode)

    def test_names_socket_and_process(self):
        finding = self.document["findings"][0]
        self.assertIn(":5001", finding["at"]["socket"])
        self.assertEqual(finding["hits"][0]["pid"], self.pid)
        self.assertTrue(finding["hits"][0]["comm"].startswith("python"))

    def test_a_reader_that_never_reads_is_the_root_and_no_buffer_is_offered(self):
        finding = self.document["findings"][0]
        self.assertEqual(finding["because"][0]["cause"], "app.slow-reader")
        self.assertFalse([r for r in finding["remedies"] if r["set"]])

    def test_counter_and_trace_agree(self):
        account = self.document["accounts"][0]
        self.assertEqual({w["kind"] for w in account["witnesses"]}, {"counter", "trace"})
        self.assertEqual(account["reconciliation"]["state"], "agree")
        self.assertEqual(account["echoes"][0]["packets"], self.lost)

    def test_sums_add_up(self):
        totals, accounts = self.document["totals"], self.document["accounts"]
        lost = [a for a in accounts if a["class"] in ("loss", "unknown")]
        self.assertEqual(totals["lost"], sum(a["packets"] for a in lost))
        self.assertEqual(totals["lost"], totals["explained"] + totals["unexplained"])
        self.assertEqual(totals["unexplained"], sum(a["unexplained"] for a in lost))

    def test_replay_without_root_gives_the_same_bytes(self):
        self.assertEqual(os.stat(self.saved).st_mode & 0o777, 0o600)
        copy = os.path.join(self.folder.name, "copy.json")
        with open(self.saved) as source, open(copy, "w") as target:
            target.write(source.read())
        os.chmod(copy, 0o644)
        os.chmod(self.folder.name, 0o755)
        replay = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", WHYDROP,
                     "diagnose", "--from", copy, "-j")
        self.assertEqual(replay.stdout, self.text)
        self.assertEqual(replay.returncode, 1)

    def test_the_file_holds_no_diagnosis_and_an_edited_counter_changes_the_finding(self):
        with open(self.saved) as file:
            text = file.read()
        self.assertNotIn("receive-buffer-full", text)
        evidence = json.loads(text)
        counter = f'snmp.Udp.RcvbufErrors{{netns="{self.inode}"}}'
        step = evidence["timeline"]["counters"][counter]["steps"][-1]
        step[1] = str(int(step[1]) + 1000)
        edited = os.path.join(self.folder.name, "edited.json")
        with open(edited, "w") as file:
            json.dump(evidence, file)
        document = json.loads(whydrop("diagnose", "--from", edited, "-j").stdout)
        self.assertEqual(document["findings"][0]["packets"], self.lost + 1000)

    def test_a_truncated_or_foreign_file_is_refused_in_one_line(self):
        with open(self.saved) as file:
            text = file.read()
        for content in (text[:len(text) // 2], "{}", "hello", ""):
            path = os.path.join(self.folder.name, "broken.json")
            with open(path, "w") as file:
                file.write(content)
            result = whydrop("diagnose", "--from", path)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stdout, "")
            self.assertIn("broken.json", result.stderr)

    def test_redaction_leaves_no_name(self):
        result = whydrop("diagnose", "--from", self.saved, "--redact", "-j")
        self.assertNotIn("python", result.stdout)
        document = json.loads(result.stdout)
        self.assertNotEqual(document["host"]["name"], os.uname().nodename)
        self.assertEqual(document["findings"][0]["packets"], self.lost)


class Selection(unittest.TestCase):
    def test_only_the_namespace_that_was_asked_for(self):
        with World("one") as one, World("two") as two:
            asked = start_diagnosis("-t", "2", "-j", "-n", one.name)
            other = start_diagnosis("-t", "2", "-j", "-n", f"inode:{two.inode}")
            one.send(300)
            asked = json.loads(asked.communicate(timeout=30)[0])
            other_text = other.communicate(timeout=30)[0]
        self.assertEqual(asked["verdict"], "loss")
        self.assertEqual([n["id"] for n in asked["netns"]], [one.inode])
        self.assertEqual(json.loads(other_text)["verdict"], "healthy")
        self.assertEqual(other.returncode, 0)

    def test_unknown_names_are_refused_at_once(self):
        for arguments in (["-n", "wdtest-nowhere"], ["-n", "inode:1"], ["-i", "wdtest-no-such"]):
            result = whydrop("diagnose", "-t", "5", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn("does not exist", result.stderr)
            self.assertEqual(result.stdout, "")

    def test_a_namespace_that_vanishes_inside_the_window_keeps_its_loss(self):
        with World("gone") as world:
            diagnosis = start_diagnosis("-t", "3", "-j", "-n", world.name)
            world.send(300)
            time.sleep(0.5)
        text, errors = diagnosis.communicate(timeout=30)
        finding = json.loads(text)["findings"][0]
        self.assertEqual(finding["cause"], "udp.receive-buffer-full", errors)
        self.assertEqual(finding["at"]["netns"], world.inode)


class Trouble(unittest.TestCase):
    def test_interrupt_ends_the_window_with_a_report(self):
        diagnosis = start_diagnosis("-t", "60", "-j")
        diagnosis.send_signal(signal.SIGINT)
        text, _ = diagnosis.communicate(timeout=5)
        self.assertLess(json.loads(text)["window"]["seconds"], 5)

    def test_nothing_stays_attached(self):
        whydrop("diagnose", "-t", "300ms")
        links = run("bpftool", "link", "list").stdout
        programs = run("bpftool", "prog", "list").stdout
        self.assertNotRegex(links + programs, re.compile("whydrop|on_kfree_skb|kfree_skb"))

    def test_a_reader_that_closes_the_pipe_is_no_trouble(self):
        result = run("bash", "-c", f"'{WHYDROP}' diagnose -t 300ms | head -1")
        self.assertEqual(result.stderr, "")
        self.assertEqual(len(result.stdout.splitlines()), 1)

    def test_a_full_disk_is_said(self):
        result = run("bash", "-c", f"'{WHYDROP}' diagnose -t 300ms > /dev/full")
        self.assertEqual(result.returncode, 2)
        self.assertIn("No space left", result.stderr)

    def test_without_rights_it_says_what_it_cannot_see(self):
        result = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                     "--bounding-set=-all", WHYDROP, "diagnose", "-t", "500ms", "-j")
        document = json.loads(result.stdout)
        self.assertEqual(document["verdict"], "inconclusive")
        self.assertEqual(result.returncode, 3)
        spots = " ".join(s["why"] + s["enable"] for s in document["blind_spots"])
        self.assertIn("CAP_BPF", spots)

    def test_usage_errors_have_their_own_status(self):
        for arguments in (["-t", "never"], ["--frobnicate"], ["-t", "1", "--from", "x"], ["extra"]):
            result = whydrop("diagnose", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    probe = f"wdtest-{os.getpid()}-probe"
    if run("ip", "netns", "add", probe).returncode != 0:
        print("cannot make a network namespace here")
        sys.exit(77)
    run("ip", "netns", "del", probe)
    unittest.main(verbosity=2)
