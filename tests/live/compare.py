"""whydrop baseline and compare: a story. Normal is kept, something is broken, and the comparison says what.

A namespace of its own with a steady load; the baselines are kept in a folder of the test. Run as root. Exit 77: no
namespace can be made here.
"""
import gzip
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest

import diagnose as live

# Datagrams to a reader that keeps up, and to a port that nobody has: both at a steady pace, until told to end.
LOAD = """
import select, socket, sys, time
reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
reader.bind(("127.0.0.1", 5400))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
nowhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print("ready", flush=True)
turn = 0
while not select.select([sys.stdin], [], [], 0.002)[0]:
    turn += 1
    for _ in range(4):
        sender.sendto(b"x" * 100, ("127.0.0.1", 5400))
        reader.recv(2048)
    if turn % 5 == 0:
        nowhere.sendto(b"x", ("127.0.0.1", 5401))
"""


class Compare(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.environment = {**os.environ, "WHYDROP_STATE_DIR": cls.folder.name}
        cls.world = live.World("compare")
        cls.world.__enter__()
        name = cls.world.name
        for command in (f"ip -n {name} link add v0 type veth peer name v1", f"ip -n {name} link set v0 up",
                        f"ip -n {name} link set v1 up", f"ip netns exec {name} sysctl -qw net.ipv4.udp_rmem_min=4096",
                        f"tc -n {name} qdisc add dev v0 root handle 1: pfifo limit 100"):
            subprocess.run(command.split(), check=True)
        cls.load = subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", LOAD],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.load.stdout.readline()
        cls.expect(0, "baseline", "save", "normal", "-t", "3")
        cls.expect(0, "baseline", "save", "again", "-t", "3")
        # Three faults: a receiver that does not read, a queue that was replaced, a changed limit.
        for command in (f"tc -n {name} qdisc replace dev v0 root handle 2: tbf rate 1mbit burst 2kb limit 3kb",
                        f"ip -n {name} link set v1 mtu 1400",
                        f"ip netns exec {name} sysctl -qw net.ipv4.udp_rmem_min=8192"):
            subprocess.run(command.split(), check=True)
        with subprocess.Popen([live.WHYDROP, "baseline", "save", "broken", "-t", "3"], stdout=subprocess.DEVNULL,
                              env=cls.environment) as saving:
            subprocess.run(["sleep", "1"], check=True)
            cls.world.send(600)
            saving.wait()

    @classmethod
    def tearDownClass(cls):
        cls.load.communicate("\n")
        cls.world.__exit__()
        cls.folder.cleanup()

    @classmethod
    def whydrop(cls, *arguments, **more):
        return live.whydrop(*arguments, env={**cls.environment, **more})

    @classmethod
    def expect(cls, status, *arguments):
        done = cls.whydrop(*arguments)
        if done.returncode != status:
            raise AssertionError(f"{arguments}: {done.returncode}, not {status}: {done.stdout} {done.stderr}")
        return done

    def follows(self, text, schema):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(text)
            file.flush()
            done = live.run(sys.executable, os.path.join(live.ROOT, "tests/schema/validate.py"), file.name,
                            os.path.join(live.ROOT, f"docs/schema/{schema}.json"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(text)

    def compared(self, a, b, status):
        return self.follows(self.expect(status, "compare", a, b, "-j").stdout, "compare")

    def counter(self, document, name):
        [found] = [c for c in document["counters"] if c["id"] == f'{name}{{netns="{self.world.inode}"}}']
        return found

    def test_what_was_broken_is_told_and_first(self):
        document = self.compared("normal", "broken", 1)
        lost = self.counter(document, "snmp.Udp.RcvbufErrors")
        self.assertEqual((lost["change"], lost["netns"]), ("more", self.world.name))
        self.assertIn(lost["certainty"], ("few-bursts", "more-than-chance", "far-more-than-chance"))
        self.assertEqual(lost["a"]["count"], "0")
        self.assertGreater(int(lost["b"]["count"]), 400)
        self.assertIsNone(lost["ratio"])
        self.assertTrue(document["counters"][0]["loss"])
        settings = {change["id"].split("{")[0]: (change["a"], change["b"]) for change in document["settings"]
                    if change["netns"] == self.world.name}
        self.assertEqual(settings["qdisc.kind"], ("pfifo 1:", "tbf 2:"))
        self.assertEqual(settings["device.mtu"], ("1500", "1400"))
        self.assertEqual(settings["sysctl.net.ipv4.udp_rmem_min"], ("4096", "8192"))
        text = self.expect(1, "compare", "normal", "broken").stdout
        self.assertIn(f"snmp.Udp.RcvbufErrors in {self.world.name}", text)
        self.assertIn("pfifo 1: → tbf 2:", text)

    def test_the_same_load_is_the_same(self):
        document = self.follows(self.whydrop("compare", "normal", "again", "-j").stdout, "compare")
        here = [c for c in document["counters"] if f'"{self.world.inode}"' in c["id"]]
        self.assertGreater(len(here), 300)
        self.assertGreater(sum(c["change"] == "same" and int(c["a"]["count"]) > 100 for c in here), 10, "a load")
        self.assertEqual([c for c in here if c["change"] in ("more", "less")], [])
        self.assertEqual([c for c in document["settings"] if c["netns"] == self.world.name], [])
        refused = self.counter(document, "snmp.Udp.NoPorts")
        self.assertGreater(int(refused["a"]["count"]), 50)

    def test_a_file_of_evidence_is_a_window_too(self):
        path = os.path.join(self.folder.name, "baselines/normal.json.gz")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        plain = os.path.join(self.folder.name, "plain.json")
        with open(plain, "wb") as file:
            file.write(gzip.open(path).read())
        for one in (path, plain):
            document = self.compared("normal", one, 0)
            self.assertEqual({c["change"] for c in document["counters"]} - {"same"}, set())
        self.assertEqual(self.whydrop("diagnose", "--from", path, "-j").returncode in (0, 1), True)

    def test_kept_listed_shown_and_removed(self):
        listed = self.follows(self.expect(0, "baseline", "list", "-j").stdout, "baselines")["baselines"]
        self.assertEqual([entry["name"] for entry in listed], ["again", "broken", "normal"])
        shown = self.follows(self.expect(0, "baseline", "show", "normal", "-j").stdout, "baseline")
        rates = {rate["id"]: rate["per_second"] for rate in shown["rates"]}
        self.assertGreater(rates[f'snmp.Udp.InDatagrams{{netns="{self.world.inode}"}}'], 300)
        self.assertEqual(shown["settings"][f'sysctl.net.ipv4.udp_rmem_min{{netns="{self.world.inode}"}}'], "4096")
        self.assertIn("net.ipv4.udp_rmem_min", self.expect(0, "baseline", "show", "normal", "-v").stdout)
        self.expect(2, "baseline", "save", "normal", "-t", "1")
        os.link(os.path.join(self.folder.name, "baselines/again.json.gz"),
                os.path.join(self.folder.name, "baselines/spare.json.gz"))
        self.expect(0, "baseline", "rm", "spare")
        self.assertNotIn("spare", self.expect(0, "baseline", "list").stdout)

    def test_a_window_is_judged_by_what_was_normal(self):
        with subprocess.Popen([live.WHYDROP, "diagnose", "--against", "normal", "-t", "3", "-j"], text=True,
                              stdout=subprocess.PIPE, env={**os.environ, "WHYDROP_STATE_DIR": self.folder.name}) as run:
            subprocess.run(["sleep", "1"], check=True)
            self.world.send(600)  # the buffer is full since the window "broken": all are lost
            document = self.follows(run.stdout.read(), "diagnosis")
        self.assertEqual(run.returncode, 1)
        here = {f["cause"]: f for f in document["findings"] if f["at"]["netns"] == self.world.inode}
        buffer, refused = here["udp.receive-buffer-full"], here["udp.no-listener"]
        self.assertEqual((buffer["normal"]["departure"], buffer["normal"]["packets"]), ("new", 0))
        self.assertEqual(buffer["packets"], 600)
        self.assertEqual(refused["normal"]["departure"], "normal")
        self.assertGreater(refused["normal"]["packets"], 50)
        self.assertEqual(document["findings"][0]["cause"], "udp.receive-buffer-full")
        self.assertEqual(document["baseline"]["name"], "normal")
        self.assertIn("where normally none is", document["headline"])

    def test_what_happened_since_is_diagnosed_without_watching(self):
        def lost():
            document = self.follows(self.whydrop("diagnose", "--since-baseline", "again", "-j").stdout, "diagnosis")
            self.assertEqual((document["window"]["origin"], document["window"]["reference"]), ("baseline", "again"))
            return sum(f["packets"] for f in document["findings"] if f["cause"] == "udp.receive-buffer-full"
                       and f["at"]["netns"] == self.world.inode)
        before = lost()
        self.assertGreater(before, 400)
        self.world.send(700)
        self.assertEqual(lost() - before, 700)
        self.expect(2, "diagnose", "--since-baseline", "no-such-thing")
        self.expect(2, "diagnose", "--against", "no-such-thing", "-t", "1")

    def test_bad_windows_are_refused_with_a_reason(self):
        path = os.path.join(self.folder.name, "baselines/damaged.json.gz")
        with open(os.path.join(self.folder.name, "baselines/normal.json.gz"), "rb") as whole:
            packed = whole.read()
        document = json.loads(gzip.decompress(packed))
        for content in (packed[:len(packed) // 2], packed[:200] + b"\0" + packed[201:], b"", b"no json",
                        gzip.compress(b'{"schema": "whydrop.evidence/99"}')):
            with open(path, "wb") as file:
                file.write(content)
            for arguments in (("compare", "normal", "damaged"), ("baseline", "show", "damaged")):
                done = self.expect(2, *arguments)
                self.assertIn("baseline 'damaged'", done.stderr)
                self.assertEqual(done.stdout, "")
            self.assertIn("damaged", self.expect(0, "baseline", "list").stdout)
        os.unlink(path)
        self.expect(2, "compare", "normal", "no-such-thing")
        document["host"]["id"] = "another"
        other = os.path.join(self.folder.name, "other.json")
        with open(other, "w") as file:
            json.dump(document, file)
        done = self.expect(3, "compare", "normal", other)
        self.assertIn("two hosts", done.stderr)
        self.expect(0, "compare", "normal", other, "--force")

    def test_a_name_leads_nowhere_else(self):
        for name in ("../x", "a/b", ".x", ""):
            self.expect(2, "baseline", "save", name, "-t", "1")
        self.assertEqual(sorted(os.listdir(self.folder.name))[0], "baselines")
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "x.json.gz")))


if __name__ == "__main__":
    if os.geteuid() != 0 or live.run("ip", "netns", "add", "wdtest-compare-try").returncode != 0:
        print("needs root and network namespaces")
        sys.exit(77)
    live.run("ip", "netns", "del", "wdtest-compare-try")
    unittest.main()
