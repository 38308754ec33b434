"""whydrop diagnose --sosreport and compare on reports that were really made, while packets were lost.

Debian's sos and script/collect.sh report on a namespace in which a receiver lost datagrams; the
receiver's own count is the truth. Run as root. Exit 77: this machine cannot make a namespace.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from diagnose import ROOT, World, run, whydrop  # noqa: E402

COLLECT = os.path.join(ROOT, "script/collect.sh")
CAPTURED = os.path.join(ROOT, "tests/captures/sosreport/4.0.tar.xz")
GOLDEN = os.path.join(ROOT, "tests/golden/report.txt")


def inside(world, *command, **options):
    return run("ip", "netns", "exec", world.name, *command, timeout=300, **options)


def collect(world, target, *shell):
    made = inside(world, *shell, COLLECT, target)
    assert made.returncode == 0, made.stderr
    return target


def sos(world, folder):
    """A report as a folder, and packed by xz as sos sends it."""
    os.mkdir(folder)
    # sos would report a second time on the namespace that it is in, by its name.
    made = inside(world, "sh", "-c", 'mount -t tmpfs none /run/netns && exec "$@"', "sh",
                  "sos", "report", "--batch", "--build", "-q", "--tmp-dir", folder,
                  "-o", "networking,kernel,host,memory,processor")
    assert made.returncode == 0, made.stdout + made.stderr
    report = os.path.join(folder, os.listdir(folder)[0])
    archive = report + ".tar.xz"
    subprocess.run(["tar", "-C", folder, "-cJf", archive, os.path.basename(report)], check=True)
    return report, archive


def diagnosis(report):
    answer = whydrop("diagnose", "--sosreport", report, "-j")
    return answer.returncode, json.loads(answer.stdout) if answer.stdout else answer.stderr


class Reports(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        at = lambda name: os.path.join(cls.folder.name, name)  # noqa: E731
        with World("reports") as world:
            cls.name, cls.inode, cls.pid = world.name, world.inode, world.receiver.pid
            cls.before = collect(world, at("before.tar.gz"))
            world.send(500)
            cls.collected = [collect(world, at("folder")), collect(world, at("packed.tar.gz")),
                             collect(world, at("plain.tar"), "dash")]
            if shutil.which("busybox"):
                cls.collected.append(collect(world, at("busybox.tar"), "busybox", "sh"))
            cls.sos = list(sos(world, at("sos"))) if shutil.which("sos") else []
            cls.lost = 500 - world.received()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def finding_in(self, document, netns):
        """The finding of the namespace: other losses of this machine are not ours."""
        lost = [a for a in document["accounts"] if a["at"].get("netns") == netns and
                a["class"] in ("loss", "unknown")]
        self.assertEqual(sum(a["packets"] for a in lost), self.lost)
        return next(f for f in document["findings"] if f["at"].get("netns") == netns)

    def assert_finds_the_loss(self, report, netns=None):
        status, document = diagnosis(report)
        self.assertEqual(status, 1, document)
        self.assertEqual(document["verdict"], "loss")
        self.assertEqual(document["window"]["kind"], "since_boot")
        finding = self.finding_in(document, netns or document["netns"][0]["id"])
        self.assertEqual(finding["cause"], "udp.receive-buffer-full")
        self.assertEqual(finding["packets"], self.lost)
        self.assertIn(":5001", finding["at"]["socket"])
        self.assertEqual(finding["hits"][0]["pid"], self.pid)
        self.assertNotEqual(finding["confidence"], "high")
        self.assertIn("since the host was started", document["headline"])
        return document

    def test_of_collect(self):
        self.assertGreater(self.lost, 400)
        for report in self.collected[:3]:
            with self.subTest(report=report):
                document = self.assert_finds_the_loss(report, self.inode)
                self.assertEqual(document["window"]["origin"], "file")
                self.assertIn({"id": self.inode, "name": self.name},
                              [{"id": n["id"], "name": n["name"]} for n in document["netns"]])

    def test_of_collect_with_nothing_but_busybox(self):
        if len(self.collected) < 4:
            self.skipTest("no busybox")
        status, document = diagnosis(self.collected[3])
        self.assertEqual(status, 1, document)
        self.assertEqual(self.finding_in(document, self.inode)["packets"], self.lost)

    def test_of_sos(self):
        if not self.sos:
            self.skipTest("no sos")
        for report in self.sos:
            with self.subTest(report=report):
                document = self.assert_finds_the_loss(report)
                self.assertEqual(document["window"]["origin"], "sosreport")

    def test_what_a_report_lacks_is_a_blind_spot(self):
        _, document = diagnosis(self.collected[0])
        spots = {spot["what"]: spot for spot in document["blind_spots"]}
        self.assertIn("the place and reason of each drop", spots)
        self.assertIn("compare", spots["when packets were lost, and whether any still are"]["enable"])

    def test_compare_of_two_reports_tells_what_came_between(self):
        answer = whydrop("compare", self.before, self.collected[1], "-j")
        self.assertEqual(answer.returncode, 1, answer.stderr)
        document = json.loads(answer.stdout)
        self.assertEqual(document["b"]["kind"], "increment")
        changes = {c["id"]: c for c in document["counters"]}
        change = changes[f'snmp.Udp.RcvbufErrors{{netns="{self.inode}"}}']
        self.assertEqual(change["change"], "more")
        self.assertEqual(int(change["b"]["count"]), self.lost)
        self.assertEqual(int(change["a"]["count"]), 0)

    def test_collecting_changes_nothing(self):
        with World("still") as world:
            before = inside(world, "sh", "-c", "ip addr; ip route; cat /proc/net/udp | wc -l").stdout
            collect(world, os.path.join(self.folder.name, "still.tar"))
            after = inside(world, "sh", "-c", "ip addr; ip route; cat /proc/net/udp | wc -l").stdout
            self.assertEqual(before, after)
        left = [name for name in os.listdir(self.folder.name) if name.startswith(".")]
        self.assertEqual(left, [])

    def test_collect_refuses_what_it_would_overwrite(self):
        again = run(COLLECT, self.collected[1])
        self.assertEqual(again.returncode, 2)
        self.assertIn("there already", again.stderr)

    def test_the_captured_report_reads_as_it_did(self):
        answer = whydrop("diagnose", "--sosreport", CAPTURED, "--color", "never")
        self.assertEqual(answer.returncode, 1, answer.stderr)
        if os.environ.get("UPDATE_GOLDEN"):
            with open(GOLDEN, "w") as golden:
                golden.write(answer.stdout)
        with open(GOLDEN) as golden:
            self.assertEqual(answer.stdout, golden.read())
        self.assertFalse(re.search(r"\x1b", answer.stdout))


if __name__ == "__main__":
    probe = run("ip", "netns", "add", f"wdtest-{os.getpid()}-probe")
    if probe.returncode != 0:
        print(f"skipped: no network namespace can be made: {probe.stderr.strip()}")
        sys.exit(77)
    subprocess.run(["ip", "netns", "del", f"wdtest-{os.getpid()}-probe"], check=True)
    unittest.main()
