"""whydrop snapshot against the tools that it replaces, number by number.

A namespace of its own with traffic that lost packets, and then stands still: so both sides must agree to the
last digit. Run as root. Exit 77: no namespace can be made here.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import diagnose as live

SCHEMA = os.path.join(live.ROOT, "docs/schema/snapshot.json")


class InAWorld(unittest.TestCase):
    """A namespace of its own, whose traffic is over before anybody looks."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.world = live.World("snap")
        cls.world.__enter__()
        name = cls.world.name
        for command in (f"ip -n {name} link add left type veth peer name right",
                        f"ip -n {name} addr add 10.77.0.1/24 dev left",
                        f"ip -n {name} link set left up", f"ip -n {name} link set right up",
                        f"tc -n {name} qdisc add dev left root handle 7: tbf rate 1mbit burst 2kb limit 3kb",
                        f"ip -n {name} neigh add 10.77.0.2 lladdr 02:00:00:00:00:02 dev left nud permanent",
                        f"tc -n {name} qdisc add dev left clsact",
                        f"tc -n {name} filter add dev left egress protocol ip pref 7 u32 match ip dst 10.77.0.2/32 "
                        "action mirred egress mirror dev lo",
                        f"tc -n {name} qdisc add dev right root handle 1: htb default 10",
                        f"tc -n {name} class add dev right parent 1: classid 1:10 htb rate 1mbit",
                        f"ip netns exec {name} sysctl -qw net.ipv6.conf.all.disable_ipv6=1"):
            subprocess.run(command.split(), check=True)
        for rules in ("add table ip t; add chain ip t c { type filter hook output priority 0; }",
                      "add rule ip t c ip daddr 10.77.0.2 ct state new,established counter"):
            subprocess.run(["ip", "netns", "exec", name, "nft", rules], check=True)
        cls.world.send(300)
        # To a neighbour that is not there, through a shaper: both lose some.
        subprocess.run(["ip", "netns", "exec", name, sys.executable, "-c",
                        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                        "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
                        "for _ in range(50):\n"
                        "    for end in '.255', '.2':\n"
                        "        try: s.sendto(b'x' * 900, ('10.77.0' + end, 9))\n"
                        "        except OSError: pass"], check=True)
        subprocess.run(["sleep", "1"], check=True)
        cls.document = json.loads(cls.snapshot("-a", "-j").stdout)
        cls.values = {row["id"]: row["value"] for row in cls.document["values"]}

    @classmethod
    def tearDownClass(cls):
        cls.world.__exit__()

    @classmethod
    def snapshot(cls, *arguments):
        done = live.whydrop("snapshot", "-n", cls.world.name, *arguments)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done

    def inside(self, *command):
        return live.run("ip", "netns", "exec", self.world.name, *command, check=True).stdout

    def here(self, name, **labels):
        labels["netns"] = self.world.inode
        inner = ",".join(f'{key}="{labels[key]}"' for key in sorted(labels))
        return self.values.get(f"{name}{{{inner}}}")

    def numbers(self):
        return {row["id"]: row["value"] for row in json.loads(self.snapshot("-a", "-j").stdout)["values"]}


class Snapshot(InAWorld):
    def test_document_follows_its_schema(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.document, file)
            file.flush()
            checker = os.path.join(live.ROOT, "tests/schema/validate.py")
            done = live.run(sys.executable, checker, file.name, SCHEMA)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_only_the_namespace_that_was_asked_for_and_the_host(self):
        others = {netns for netns in re.findall(r'netns="(\d+)"', " ".join(self.values))
                  if netns != self.world.inode}
        self.assertEqual(others, set())
        self.assertIn('softnet.dropped{cpu="0",shared="host"}', self.values)

    def test_protocol_counters_are_those_of_nstat(self):
        shown = json.loads(self.inside("nstat", "-asjz"))["kernel"]
        compared = moved = 0
        for name, value in shown.items():
            group = re.match(r"IpExt|TcpExt|MPTcpExt|Icmp6|IcmpMsg|Icmp|Ip6|UdpLite6|UdpLite|Udp6|Udp|Tcp|Ip", name)
            rest = name[group.end():] if group else ""
            found = [self.here(id_) for id_ in (f"snmp.{group.group()}.{rest}", f"netstat.{group.group()}.{rest}",
                                                f"snmp6.{name}") if group and self.here(id_) is not None] \
                if group else []
            if not found:
                continue
            compared += 1
            moved += value != 0
            self.assertEqual({int(v) for v in found}, {value}, name)
        self.assertGreater(compared, 250)
        self.assertGreater(moved, 10, "traffic moved them")

    def test_lost_datagrams_are_there(self):
        self.assertGreater(int(self.here("snmp.Udp.RcvbufErrors")), 200)

    def test_devices_are_those_of_ip(self):
        links = json.loads(live.run("ip", "-n", self.world.name, "-j", "-s", "-s", "link", check=True).stdout)
        # iproute2's names of the fields of rtnl_link_stats64.
        names = {"bytes": "bytes", "packets": "packets", "errors": "errors", "dropped": "dropped",
                 "over_errors": "over_errors", "multicast": None, "length_errors": "length_errors",
                 "crc_errors": "crc_errors", "frame_errors": "frame_errors", "fifo_errors": "fifo_errors",
                 "missed_errors": "missed_errors", "carrier_errors": "carrier_errors", "collisions": None,
                 "aborted_errors": "aborted_errors", "window_errors": "window_errors",
                 "heartbeat_errors": "heartbeat_errors", "nohandler": "nohandler", "carrier_changes": None}
        compared = moved = 0
        for link in links:
            for way in ("rx", "tx"):
                for field, value in link["stats64"][way].items():
                    if not names.get(field):
                        continue
                    ours = self.here(f"link.{way}_{names[field]}", dev=link["ifname"])
                    self.assertEqual(ours, str(value), f"{link['ifname']} {way} {field}")
                    compared += 1
                    moved += value != 0
        self.assertGreater(compared, 3 * 15)
        self.assertGreater(moved, 6)

    def test_queues_are_those_of_tc(self):
        shown = json.loads(live.run("tc", "-n", self.world.name, "-j", "-s", "qdisc", check=True).stdout)
        compared = 0
        for qdisc in shown:
            if "handle" not in qdisc or not qdisc.get("root"):
                continue
            labels = {"dev": qdisc["dev"], "handle": qdisc["handle"], "kind": qdisc["kind"]}
            for field in ("bytes", "packets", "drops", "overlimits", "requeues", "backlog", "qlen"):
                self.assertEqual(self.here(f"qdisc.{field}", **labels), str(qdisc[field]), (labels, field))
                compared += 1
        self.assertGreater(compared, 6)
        self.assertGreater(int(self.here("qdisc.drops", dev="left", handle="7:", kind="tbf")), 10)

    def test_statistics_of_drivers_are_those_of_ethtool(self):
        if not shutil.which("ethtool"):
            self.skipTest("ethtool is not installed")
        for device in ("left", "right"):
            shown = dict(re.findall(r"^ +(\S+): (\d+)$", self.inside("ethtool", "-S", device), re.M))
            self.assertGreater(len(shown), 3)
            for name, value in shown.items():
                self.assertEqual(self.here(f"ethtool.{name}", dev=device), value, f"{device} {name}")

    def test_settings_of_devices_are_those_of_ethtool(self):
        if not shutil.which("ethtool"):
            self.skipTest("ethtool is not installed")
        on = [line.split(":")[0].strip() for line in self.inside("ethtool", "-k", "left").splitlines()[1:]
              if re.search(r": on\b", line)]
        ours = self.here("ethtool.features", dev="left").split()
        # ethtool has older names of its own for some groups of features.
        plain = {name for name in on if name.startswith(("tx-", "rx-")) and not name.endswith("checksumming")}
        self.assertGreater(len(plain), 5)
        self.assertEqual(plain - set(ours), {name for name in plain - set(ours) if name.endswith(("-offload",))})
        shown = re.findall(r"^(RX|TX|Combined):\s+(\d+)$", self.inside("ethtool", "-l", "left"), re.M)
        self.assertTrue(shown)
        for (name, value), kind in zip(shown, ["_max"] * (len(shown) // 2) + [""] * (len(shown) // 2)):
            self.assertEqual(self.here(f"ethtool.channels.{name.lower()}{kind}", dev="left"), value, (name, kind))

    def test_filters_and_classes_are_those_of_tc(self):
        filters = json.loads(live.run("tc", "-n", self.world.name, "-j", "-s", "filter", "show", "dev", "left", "egress",
                                      check=True).stdout)
        [action] = [action for one in filters for action in one.get("options", {}).get("actions", [])]
        labels = {"dev": "left", "filter": "pref 7 u32 handle 800::800", "hook": "tc-egress", "action": "1 mirred"}
        for field in ("packets", "bytes", "drops", "overlimits"):
            self.assertEqual(self.here(f"tc_action.{field}", **labels), str(action["stats"][field]), field)
        self.assertGreater(action["stats"]["packets"], 40)
        shown = live.run("tc", "-n", self.world.name, "-s", "class", "show", "dev", "right", check=True).stdout
        leaf = re.search(r"class htb 1:10 .*\n Sent (\d+) bytes (\d+) pkt \(dropped (\d+), overlimits (\d+)", shown)
        for field, value in zip(("bytes", "packets", "drops", "overlimits"), leaf.groups()):
            self.assertEqual(self.here(f"class.{field}", **{"class": "1:10", "dev": "right", "kind": "htb"}), value, field)

    def test_rules_and_connections_are_those_of_their_tools(self):
        listed = json.loads(self.inside("nft", "-j", "list", "ruleset"))["nftables"]
        [rule] = [entry["rule"] for entry in listed if "rule" in entry]
        [counter] = [part["counter"] for part in rule["expr"] if "counter" in part]
        labels = {"chain": "c", "family": "ip", "handle": str(rule["handle"]), "table": "t"}
        self.assertEqual(self.here("nft.packets", **labels), str(counter["packets"]))
        self.assertEqual(self.here("nft.bytes", **labels), str(counter["bytes"]))
        self.assertEqual(counter["packets"], 50)
        if not shutil.which("conntrack"):
            self.skipTest("conntrack is not installed")
        compared = 0
        for line in self.inside("conntrack", "-S").splitlines():
            fields = dict(part.split("=") for part in line.split() if "=" in part)
            for name, value in fields.items():
                ours = self.here(f"conntrack.{name}", cpu=fields["cpu"]) if name != "cpu" else None
                if ours is not None:
                    self.assertEqual(ours, value, (line, name))
                    compared += 1
        self.assertGreater(compared, 8)

    def test_how_devices_are_made_is_what_ip_shows(self):
        for link in json.loads(live.run("ip", "-n", self.world.name, "-d", "-j", "link", check=True).stdout):
            name = link["ifname"]
            shown = {"mtu": "mtu", "qdisc": "qdisc", "promiscuity": "promiscuity", "num_tx_queues": "tx_queues",
                     "num_rx_queues": "rx_queues", "gso_max_size": "gso_max_size", "gso_max_segs": "gso_max_segs"}
            for field, ours in shown.items():
                self.assertEqual(self.here(f"link.{ours}", dev=name), str(link[field]), (name, field))
        self.assertEqual(self.here("neighbour.entries", dev="left", family="ip", state="permanent"), "1")

    def test_sockets_are_those_of_proc(self):
        compared = 0
        for line in self.inside("cat", "/proc/net/sockstat").splitlines():
            family, rest = line.split(":")
            words = rest.split()
            for field, value in zip(words[::2], words[1::2]):
                # Those of the whole host move by themselves.
                if family in ("sockets", "TCP") and field != "inuse":
                    continue
                ours = self.here(f"sockstat.{family}.{field}")
                if ours is not None and field == "inuse":
                    self.assertEqual(ours, value, line)
                    compared += 1
        self.assertGreater(compared, 3)

    def test_every_command_runs_and_shows_the_number(self):
        rows = json.loads(self.snapshot("-j", "--show-commands", "snmp.*", "netstat.*", "link.*", "qdisc.*").stdout)
        checked = 0
        outputs = {}
        for row in rows["values"]:
            if row["kind"] == "setting" or "netns" not in row["id"]:
                continue
            command = row["command"]
            self.assertTrue(command, row["id"])
            if command not in outputs:
                done = live.run("sh", "-c", command)
                self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
                outputs[command] = done.stdout
            # iproute2 rounds queues to Kb.
            if row["kind"] == "counter":
                self.assertRegex(outputs[command], rf"(?<!\d){row['value']}(?!\d)", f"{row['id']}: {command}")
                checked += 1
        self.assertGreater(checked, 30)

    def test_what_is_zero_is_left_out_and_names_are_chosen(self):
        rows = json.loads(self.snapshot("-j").stdout)["values"]
        self.assertNotIn("0", {row["value"] for row in rows})
        rows = json.loads(self.snapshot("-j", "rcvbuf").stdout)["values"]
        self.assertTrue(rows)
        self.assertTrue(all("rcvbuf" in row["id"].lower() for row in rows), rows)
        staged = json.loads(self.snapshot("-j", "-a", "--stage", "qdisc").stdout)["values"]
        self.assertEqual({row["stage"] for row in staged}, {"qdisc"})


# Names that a shell, a format string, a label or a path would take for something else.
ODD_NAMES = ["a'b", 'q"q', "$(id)", "sp;ls", "ünï", "-a", "back\\slash", "br{ace},x=y", "-", "*", "ifb0@1"]


def run_all(test, rows):
    """Each command shows something and complains of nothing."""
    # ethtool takes these names for options and a wildcard; nothing in Debian 12 speaks ynl.
    beyond = re.compile(r"ethtool (-\S+ )*(-|-a|'\*')( |$)|\bynl ")
    commands = {row["command"] for row in rows if 'dev="' in row["id"] and not beyond.search(row["command"])}
    test.assertGreater(len(commands), 10)
    for command in sorted(commands):
        shown = live.run("sh", "-c", command)
        test.assertEqual(shown.stderr, "", command)
        test.assertNotEqual(shown.stdout, "", command)


class Unnamed(unittest.TestCase):
    def test_commands_find_a_namespace_that_only_a_process_holds(self):
        setup = ("ip link set lo up; ip link add name v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; "
                 "echo ready; exec cat")
        with subprocess.Popen(["unshare", "-n", "sh", "-c", setup], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as holder:
            holder.stdout.readline()
            done = live.whydrop("snapshot", "-a", "-j", "--show-commands", "-n", str(holder.pid))
            self.assertEqual(done.returncode, 0, done.stderr)
            rows = json.loads(done.stdout)["values"]
            self.assertIn('xps.cpus{dev="v0"', " ".join(row["id"] for row in rows))
            run_all(self, rows)
            holder.stdin.close()


class OddNames(unittest.TestCase):
    def test_devices_with_any_name_are_told_under_it(self):
        with live.World("odd") as world:
            for at, name in enumerate(ODD_NAMES):
                done = live.run("ip", "-n", world.name, "link", "add", "name", name, "type", "veth",
                                "peer", "name", f"peer{at}")
                self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
            done = live.whydrop("snapshot", "-a", "-j", "--show-commands", "-n", world.name)
            self.assertEqual(done.returncode, 0, done.stderr)
            rows = json.loads(done.stdout)["values"]
            told = {row["id"]: row for row in rows}
            for at, name in enumerate(ODD_NAMES):
                label = name.replace("\\", "\\\\").replace('"', '\\"')
                id_ = f'link.rx_packets{{dev="{label}",netns="{world.inode}"}}'
                self.assertIn(id_, told)
                # The command shows this device, and runs nothing else.
                shown = live.run("sh", "-c", told[id_]["command"])
                self.assertEqual((shown.returncode, shown.stderr), (0, ""), told[id_]["command"])
                self.assertIn(f" {name}@peer{at}: <", shown.stdout)
            run_all(self, rows)
            text = live.whydrop("snapshot", "-a", "-n", world.name, "link.*").stdout
            self.assertNotIn("\x1b", text)
            self.assertIn("ünï", text)


class Vanishing(unittest.TestCase):
    def test_namespaces_that_come_and_go_spoil_nothing(self):
        with live.World("stays") as world:
            churn = ("i=0; while [ $i -lt 400 ]; do n=wdtest-$$-$((i % 7)); ip netns add $n && "
                     "ip -n $n link add name v0 type veth peer name v1 && ip netns del $n || exit 1; i=$((i + 1)); done")
            with subprocess.Popen(["sh", "-c", churn]) as process:
                looks = 0
                while process.poll() is None:
                    done = live.whydrop("snapshot", "-j", "-a")
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    document = json.loads(done.stdout)
                    ids = {row["id"] for row in document["values"]}
                    self.assertIn(f'link.rx_packets{{dev="lo",netns="{world.inode}"}}', ids)
                    looks += 1
                self.assertEqual(process.returncode, 0)
            self.assertGreater(looks, 20)


# Sockets that stand still: a connection that sent something each way and one that nobody accepts, datagrams that
# nobody reads, and raw echo replies that nobody reads.
HOLD = """
import socket, struct, sys
listener = socket.create_server(('127.0.0.1', 8080), backlog=5)
first = socket.create_connection(('127.0.0.1', 8080))
accepted, _ = listener.accept()
first.sendall(b'x' * 5000)
while accepted.recv(5000, socket.MSG_DONTWAIT | socket.MSG_PEEK) != b'x' * 5000: pass
accepted.sendall(b'y' * 70)
second = socket.create_connection(('127.0.0.1', 8080))
reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
reader.bind(('127.0.0.1', 5300))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(7): sender.sendto(b'z' * 100, ('127.0.0.1', 5300))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for _ in range(3): raw.sendto(struct.pack('!BBHHH', 8, 0, 0xf7fd, 1, 1), ('127.0.0.1', 0))
print('ready', flush=True)
sys.stdin.read()
"""


class Sockets(InAWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holder = subprocess.Popen(["ip", "netns", "exec", cls.world.name, sys.executable, "-c", HOLD],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.holder.stdout.readline()
        subprocess.run(["sleep", "0.3"], check=True)  # delayed acknowledgements
        cls.sockets = json.loads(cls.snapshot("--sockets", "-a", "-j").stdout)["sockets"]

    @classmethod
    def tearDownClass(cls):
        cls.holder.stdin.close()
        cls.holder.wait()
        cls.holder.stdout.close()
        super().tearDownClass()

    def ours(self, protocol, local, remote):
        ends = local, remote.replace(":*", ":0")
        [found] = [s for s in self.sockets if s["protocol"] == protocol and
                   (f"{s['local']}:{s['local_port']}", f"{s['remote']}:{s['remote_port']}") == ends]
        return found

    def compare_memory(self, socket, text):
        shown = dict(re.findall(r"([a-z]+)(\d+)", re.search(r"skmem:\((.*?)\)", text).group(1)))
        for field, ours in {"r": "receive_memory", "rb": "receive_buffer", "t": "send_memory", "tb": "send_buffer",
                            "d": "drops"}.items():
            self.assertEqual(str(socket[ours]), shown[field], (field, text))

    def test_connections_are_those_of_ss(self):
        fields = {"rto": ("rto_us", 1000), "cwnd": ("cwnd", 1), "mss": ("send_mss", 1), "pmtu": ("path_mtu", 1),
                  "rcvmss": ("receive_mss", 1), "advmss": ("advertised_mss", 1), "bytes_sent": ("bytes_sent", 1),
                  "bytes_acked": ("bytes_acked", 1), "bytes_received": ("bytes_received", 1),
                  "segs_out": ("segments_sent", 1), "segs_in": ("segments_received", 1),
                  "data_segs_out": ("data_segments_sent", 1), "data_segs_in": ("data_segments_received", 1),
                  "delivered": ("delivered", 1), "rcv_space": ("receive_space", 1),
                  "rcv_ssthresh": ("receive_ssthresh", 1), "minrtt": ("min_rtt_us", 1000), "snd_wnd": ("send_window", 1),
                  "ato": ("ato_us", 1000)}
        compared = 0
        for line in self.inside("ss", "-tinmOH").splitlines():
            state, received, sent, local, remote, rest = line.split(None, 5)
            socket = self.ours("tcp", local, remote)
            self.assertEqual((socket["state"], socket["receive_queue"], socket["send_queue"]),
                             ({"ESTAB": "established"}[state], int(received), int(sent)), line)
            self.compare_memory(socket, rest)
            shown = dict(re.findall(r"(\w+):([\d.]+)(?=\s|$)", rest))
            rtt, variance = re.search(r" rtt:([\d.]+)/([\d.]+)", rest).groups()
            self.assertAlmostEqual(socket["tcp"]["rtt_us"], float(rtt) * 1000, places=3)
            self.assertAlmostEqual(socket["tcp"]["rtt_variance_us"], float(variance) * 1000, places=3)
            self.assertIn(f" {socket['tcp']['congestion']} ", rest)
            for name, (ours, factor) in fields.items():
                if name in shown:  # what is 0 is not shown
                    self.assertAlmostEqual(float(socket["tcp"][ours]), float(shown[name]) * factor, places=3,
                                           msg=(name, line))
                    compared += 1
        self.assertGreater(compared, 4 * 12)

    def test_listeners_are_those_of_ss(self):
        [line] = self.inside("ss", "-ltnOH").splitlines()
        state, waiting, most, local, remote = line.split(None, 4)[:5]
        socket = self.ours("tcp", local, remote.strip())
        self.assertEqual((socket["receive_queue"], socket["send_queue"]), (int(waiting), int(most)))
        self.assertEqual(socket["receive_queue"], 1)
        self.assertEqual(socket["owner"]["pid"], self.holder.pid)

    def test_datagrams_and_raw_packets_that_wait_are_those_of_ss(self):
        for option, protocol in (("-uanmOH", "udp"), ("-wanmOH", "raw")):
            lines = self.inside("ss", option).splitlines()
            self.assertTrue(lines)
            for line in lines:
                _, received, sent, local, remote = line.split()[:5]
                local = local.replace(":icmp", ":1")
                socket = self.ours(protocol, local, remote)
                self.assertEqual((socket["receive_queue"], socket["send_queue"]), (int(received), int(sent)), line)
                if protocol == "udp":
                    self.compare_memory(socket, line)
        [raw] = [s for s in self.sockets if s["protocol"] == "raw"]
        self.assertGreater(raw["receive_queue"], 0)
        self.assertEqual(raw["owner"]["comm"], "python3")

    def test_without_all_only_what_holds_or_lost_something_is_shown(self):
        shown = json.loads(self.snapshot("--sockets", "-j").stdout)["sockets"]
        self.assertGreater(len(self.sockets), len(shown))
        self.assertIn(5300, {socket["local_port"] for socket in shown})
        self.assertIsNone(self.document["sockets"], "not asked for is not none")


class NodeExporter(InAWorld):
    def test_node_exporter_agrees(self):
        exporter = next((path for path in (shutil.which("prometheus-node-exporter"),
                                           os.path.join(live.ROOT, ".cache/peers/usr/bin/prometheus-node-exporter"))
                         if path and os.path.exists(path)), None)
        if not exporter:
            self.skipTest("prometheus-node-exporter is not there: script/bootstrap test")
        collectors = ["netstat", "netdev", "softnet", "sockstat", "vmstat", "interrupts", "conntrack"]
        everything = ["--collector.netstat.fields=.*", "--collector.vmstat.fields=.*", "--web.listen-address=127.0.0.1:19100"]
        with subprocess.Popen(["ip", "netns", "exec", self.world.name, exporter, "--collector.disable-defaults",
                               *[f"--collector.{name}" for name in collectors], *everything],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                scrape = ("import time, urllib.request\n"
                          "for _ in range(100):\n"
                          "    try: print(urllib.request.urlopen('http://127.0.0.1:19100/metrics').read().decode()); break\n"
                          "    except OSError: time.sleep(0.05)\n")
                self.inside(sys.executable, "-c", scrape)  # the first scrape waits until it is there
                before, interrupts_before = self.numbers(), self.interrupts()
                text = self.inside(sys.executable, "-c", scrape)
                after, interrupts_after = self.numbers(), self.interrupts()
            finally:
                process.terminate()
        self.compare_interrupts(text, interrupts_before, interrupts_after)
        compared, exact = self.compare(text, before, after)
        self.assertGreater(compared, 300)
        self.assertGreater(exact, 250, "most stood still")

    def interrupts(self):
        """Of each interrupt of the host, over all CPUs."""
        rows = json.loads(live.whydrop("snapshot", "-a", "-j", "interrupts.*").stdout)["values"]
        sums = {}
        for row in rows:
            if row["kind"] == "counter":
                irq = re.search(r'irq="(\w+)"', row["id"]).group(1)
                sums[irq] = sums.get(irq, 0) + int(row["value"])
        return sums

    def compare_interrupts(self, text, before, after):
        theirs = {}
        for labels, value in re.findall(r"^node_interrupts_total\{(.*)\} (\S+)$", text, re.M):
            irq = re.search(r'type="(\w+)"', labels).group(1)
            theirs[irq] = theirs.get(irq, 0) + int(float(value))
        self.assertGreater(len(theirs), 10)
        for irq, value in theirs.items():
            self.assertTrue(before[irq] <= value <= after[irq], f"{irq}: {value}, {before[irq]}..{after[irq]}")
        self.assertGreater(sum(before[irq] == after[irq] for irq in theirs), 5, "most stood still")

    def compare(self, text, before, after):
        """The exporter is asked by TCP, which moves counters: what it says must lie between two looks."""
        here = f'netns="{self.world.inode}"'
        compared = exact = 0
        for line in text.splitlines():
            match = re.match(r"node_(\w+?)(?:\{(.*)\})? (\S+)$", line)
            if not match:
                continue
            metric, inner, value = match.groups()
            labels = dict(re.findall(r'(\w+)="([^"]*)"', inner or ""))
            ours = None
            if netstat := re.match(r"netstat_(Udp6?|Udp(?:Lite)6?|Tcp|TcpExt|Ip|IpExt|Icmp|Icmp6|Ip6|MPTcpExt)_(\w+)$", metric):
                group, field = netstat.groups()
                ours = next((id_ for id_ in (f"snmp.{group}.{field}{{{here}}}", f"netstat.{group}.{field}{{{here}}}",
                                             f"snmp6.{group}{field}{{{here}}}") if id_ in after), None)
            elif device := re.match(r"network_(receive|transmit)_(packets|bytes|errs|fifo|compressed)_total$", metric):
                way, field = {"receive": "rx", "transmit": "tx"}[device.group(1)], device.group(2)
                field = {"errs": "errors", "fifo": "fifo_errors"}.get(field, field)
                ours = f'link.{way}_{field}{{dev="{labels["device"]}",{here}}}'
            elif softnet := re.match(r"softnet_(processed|dropped|times_squeezed)_total$", metric):
                field = {"times_squeezed": "time_squeeze"}.get(softnet.group(1), softnet.group(1))
                ours = f'softnet.{field}{{cpu="{labels["cpu"]}",shared="host"}}'
            elif sockstat := re.match(r"sockstat_(UDP6?|RAW6?|FRAG6?)_inuse$", metric):
                ours = f"sockstat.{sockstat.group(1)}.inuse{{{here}}}"
            elif vmstat := re.match(r"vmstat_(\w+)$", metric):
                ours = f'vmstat.{vmstat.group(1)}{{shared="host"}}'
            elif metric == "nf_conntrack_entries":
                ours = f"conntrack.entries{{{here}}}"
            # Not what rises and falls between two looks: it counts the connection that asks.
            if metric.endswith("CurrEstab") or ours is None or ours not in before or ours not in after:
                continue
            low, high, theirs = int(before[ours]), int(after[ours]), int(float(value))
            self.assertTrue(min(low, high) <= theirs <= max(low, high), f"{line}: {ours} {low}..{high}")
            compared += 1
            exact += low == high
        return compared, exact


if __name__ == "__main__":
    if os.geteuid() != 0 or live.run("ip", "netns", "add", "wdtest-snap-try").returncode != 0:
        print("needs root and network namespaces")
        sys.exit(77)
    live.run("ip", "netns", "del", "wdtest-snap-try")
    outcome = unittest.main(exit=False).result
    if outcome.wasSuccessful() and outcome.skipped:
        print("not all could be compared: " + "; ".join(sorted({why for _, why in outcome.skipped})))
        sys.exit(77)
    sys.exit(not outcome.wasSuccessful())
