"""What whydrop sees with each set of rights, and that it gives up what it no longer needs.

setpriv starts it as an ordinary user with ambient capabilities. The same loss is made each time, in
a namespace whose only processes are root's. Run as root. Exit 77: no namespace can be made here.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import diagnose as live

KEPT = {"cap_sys_admin", "cap_sys_ptrace", "cap_dac_read_search", "cap_net_admin", "cap_syslog"}
NUMBERS = {"cap_dac_read_search": 2, "cap_net_admin": 12, "cap_net_raw": 13, "cap_sys_module": 16,
           "cap_sys_ptrace": 19, "cap_sys_admin": 21, "cap_syslog": 34, "cap_perfmon": 38,
           "cap_bpf": 39}
TRACE = ["bpf", "perfmon"]
LADDER = {
    "nobody": [],
    "trace": TRACE,
    "syslog": TRACE + ["syslog"],
    "net_admin": TRACE + ["syslog", "net_admin"],
    "ptrace": TRACE + ["syslog", "net_admin", "sys_ptrace"],
    "owners": TRACE + ["syslog", "net_admin", "sys_ptrace", "dac_read_search"],
    "all": TRACE + ["syslog", "net_admin", "sys_ptrace", "dac_read_search", "sys_admin"],
}


def with_rights(capabilities, *command):
    sets = "".join(f",+{name}" for name in capabilities)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps=-all{sets}",
            f"--ambient-caps=-all{sets}", f"--bounding-set=-all{sets}", *command]


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        os.chmod(cls.folder.name, 0o755)
        # Where an ordinary user can run it.
        cls.whydrop = shutil.copy(live.WHYDROP, cls.folder.name)
        doctor = json.loads(live.run(cls.whydrop, "doctor", "-j").stdout)
        rungs = {check["id"]: check["rung"] for check in doctor["checks"]}
        cls.traced = rungs["tracing.drops"] == "tp_btf"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def diagnosed(self, name, prefix, own):
        """The document of a run in which the receiver lost packets, and how many."""
        with live.World(name) as world:
            inside = ["ip", "netns", "exec", world.name] if own else []
            process = subprocess.Popen([*inside, *prefix, self.whydrop, "diagnose", "-t", "2", "-j"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(0.8)
            world.send(500)
            output, errors = process.communicate(timeout=30)
            lost = 500 - world.received()
        self.assertEqual(process.returncode, 1, errors)
        self.assertGreater(lost, 400)
        return json.loads(output), lost

    def check_loss(self, document, lost):
        self.assertEqual(document["verdict"], "loss")
        self.assertEqual(document["findings"][0]["cause"], "udp.receive-buffer-full")
        self.assertEqual(document["findings"][0]["packets"], lost)
        self.assertEqual(document["totals"]["lost"], lost, "counted once, by whatever witnesses")
        self.assertNotIn("unknown@", json.dumps(document["accounts"]))

    def check_blind_spots(self, document, held):
        enable = [spot["enable"] for spot in document["blind_spots"]]
        for spot in document["blind_spots"]:
            self.assertTrue(spot["enable"], spot)
        named = " ".join(enable)
        for name in ("bpf", "perfmon", "syslog", "sys_admin"):
            word = "CAP_" + name.upper()
            # The messages of the kernel are open to all where kernel.dmesg_restrict is 0.
            if name == "syslog" and name not in held and "dmesg" not in named:
                continue
            self.assertEqual(word in named, name not in held, f"{word}: {enable}")
        for name in ("sys_ptrace", "dac_read_search"):
            if name in held:
                self.assertNotIn("CAP_" + name.upper(), named)

    def test_each_set_finds_the_loss_in_a_namespace_of_root(self):
        for name, held in LADDER.items():
            with self.subTest(rights=name):
                if held and not self.traced:
                    self.skipTest("drops are not traced by tp_btf here")
                document, lost = self.diagnosed(name, with_rights(held), own=False)
                self.check_loss(document, lost)
                self.check_blind_spots(document, held)
                kinds = {w["kind"] for w in document["accounts"][0]["witnesses"]}
                # Without CAP_SYS_PTRACE the trace tells the namespace, and its counters are closed.
                counted = not held or "sys_ptrace" in held
                self.assertEqual("counter" in kinds, counted)
                self.assertEqual("trace" in kinds, bool(held))
                pid = document["findings"][0]["hits"][0]["pid"]
                self.assertEqual(pid is not None, "dac_read_search" in held)

    def test_places_have_names_without_the_right_to_read_kallsyms(self):
        if not self.traced:
            self.skipTest("drops are not traced by tp_btf here")
        document, lost = self.diagnosed("own", with_rights(TRACE), own=True)
        self.check_loss(document, lost)
        account = document["accounts"][0]
        self.assertEqual(account["reconciliation"]["state"], "agree")
        places = [w["location"] for w in account["witnesses"] if w["kind"] == "trace"]
        self.assertTrue(places and places[0].startswith("udp_queue_rcv_one_skb+0x"), places)

    def test_nobody_finds_it_in_its_own_namespace(self):
        document, lost = self.diagnosed("self", with_rights([]), own=True)
        self.check_loss(document, lost)

    def test_the_chain_is_named_to_those_who_may_read_it(self):
        if not self.traced or not shutil.which("nft"):
            self.skipTest("needs nft, and drops traced by tp_btf")
        for held in (TRACE, TRACE + ["net_admin"]):
            with self.subTest(rights=held), live.World("rule") as world:
                rules = "add table inet t; add chain inet t in { type filter hook input priority 0; }; " \
                        "add rule inet t in udp dport 5001 counter drop"
                live.run("ip", "netns", "exec", world.name, "nft", rules, check=True)
                process = subprocess.Popen(
                    ["ip", "netns", "exec", world.name, *with_rights(held), self.whydrop, "diagnose",
                     "-t", "2", "-j"], stdout=subprocess.PIPE, text=True)
                time.sleep(0.8)
                world.send(50)
                document = json.loads(process.communicate(timeout=30)[0])
                self.assertEqual(world.received(), 0)
                finding = document["findings"][0]
                self.assertEqual(finding["cause"], "netfilter.rule-drop")
                self.assertEqual(finding["packets"], 50)
                names_it = "chain in of table inet t" in finding["title"]
                self.assertEqual(names_it, "net_admin" in held, finding)
                blind = "CAP_NET_ADMIN" in [spot["enable"] for spot in document["blind_spots"]]
                self.assertEqual(blind, "net_admin" not in held, document["blind_spots"])

    def test_the_command_that_is_offered_gives_the_rights(self):
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        binary = shutil.copy(self.whydrop, os.path.join(self.folder.name, "given rights"))

        def doctor():
            return json.loads(live.run(*as_nobody, binary, "doctor", "-j").stdout)

        before = doctor()
        command = before["grant"]["command"]
        if command is None or not shutil.which("setcap"):
            self.skipTest(f"setcap is missing or of no use: {before['grant']}")
        subprocess.run(["sh", "-c", command], check=True)
        after = doctor()
        self.assertEqual(after["grant"], {"command": None, "obstacle": None})
        self.assertTrue(all(check["state"] != "missing" for check in after["checks"]
                            if check["group"] == "rights"), after["checks"])
        if self.traced:
            states = {check["id"]: check["state"] for check in after["checks"]}
            self.assertEqual(states["tracing.drops"], "ok")
            self.assertNotEqual({c["id"]: c["state"] for c in before["checks"]}["tracing.drops"], "ok")

    def sets_of(self, pid):
        """Of every thread: the set's name -> numbers of its capabilities."""
        threads = []
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as status:
                threads.append(dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line))
        return threads

    def test_rights_are_given_up_after_attaching(self):
        with live.World("drop") as world:
            process = subprocess.Popen([self.whydrop, "diagnose", "-t", "3", "-j"],
                                       stdout=subprocess.PIPE, text=True)
            time.sleep(1)
            threads = self.sets_of(process.pid)
            world.send(500)
            document = json.loads(process.communicate(timeout=30)[0])
            lost = 500 - world.received()
        self.assertGreater(len(threads), 1, "the thread that enters namespaces")
        allowed = sum(1 << NUMBERS[name] for name in KEPT)
        for thread in threads:
            for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                self.assertEqual(int(thread[field], 16) & ~allowed, 0, f"{field} {thread[field]}")
            self.assertEqual(thread["NoNewPrivs"], "1")
        self.check_loss(document, lost)
        if self.traced:
            kinds = {w["kind"] for w in document["accounts"][0]["witnesses"]}
            self.assertEqual(kinds, {"counter", "trace"})

    def test_root_saves_where_only_its_rights_let_it(self):
        folder = os.path.join(self.folder.name, "of-nobody")
        os.mkdir(folder, 0o700)
        os.chown(folder, 65534, 65534)
        saved = os.path.join(folder, "evidence.json")
        done = live.run(self.whydrop, "diagnose", "-t", "300ms", "-q", "--save", saved)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(os.stat(saved).st_mode & 0o777, 0o600)


if __name__ == "__main__":
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", "wdtest-rights"],
                                           check=False, capture_output=True).returncode != 0:
        print("needs root and network namespaces")
        sys.exit(77)
    subprocess.run(["ip", "netns", "del", "wdtest-rights"], check=False)
    unittest.main()
