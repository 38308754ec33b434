"""The tables of bench/snapshot.sh. Both sides run in turn, A B A B; ratios are of each pair."""
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time

ROOT = sys.argv[1]
LOOK = os.path.join(ROOT, "build/release/bench/snapshot")
WHYDROP = os.path.join(ROOT, "build/release/whydrop")

# What shows the numbers, and what shows how things are set. DEV stands for each device with a driver.
COUNTERS = ["ip -s -s link", "nstat -asz", "ethtool -S DEV", "cat /proc/net/softnet_stat", "tc -s qdisc",
            "ss -uanm", "ss -ltn", "vmstat -s", "cat /proc/interrupts", "cat /proc/softirqs", "conntrack -S"]
SETTINGS = ["ethtool -g DEV", "ethtool -l DEV", "ethtool -c DEV", "ethtool -k DEV", "ethtool -x DEV",
            "ethtool -a DEV", "ethtool -i DEV", "ethtool DEV", "ip -d link", "ip neigh", "tc class show dev DEV",
            "tc filter show dev DEV ingress", "tc filter show dev DEV egress", "nft list ruleset",
            "bpftool prog", "bpftool net"]


def lines_of(*command, text=None, within=None):
    run = (["ip", "netns", "exec", within] if within else []) + list(command)
    return subprocess.run(run, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def milliseconds(lines):
    return statistics.median(float(line.split()[0]) for line in lines)


def compare(title, pairs, look, commands, within=None):
    """One row: the median of each side, and the ratio of each pair."""
    text = "\n".join(commands)
    ours, theirs, ratios = [], [], []
    for _ in range(pairs):
        ours.append(milliseconds(lines_of(LOOK, *look, within=within)))
        theirs.append(milliseconds(lines_of(LOOK, "run", "5", text=text, within=within)))
        ratios.append(theirs[-1] / ours[-1])
    print(f"{title:44} {statistics.median(ours):9.3f} ms  {len(commands):4} commands {statistics.median(theirs):9.2f} ms  "
          f"{statistics.median(ratios):6.1f} times faster ({min(ratios):.1f}..{max(ratios):.1f}, {pairs} pairs)", flush=True)


def usable(commands):
    """The commands that are installed, for each device that has a driver."""
    devices = [name for name in os.listdir("/sys/class/net") if os.path.exists(f"/sys/class/net/{name}/device")]
    found = []
    for command in commands:
        if not shutil.which(command.split()[0]):
            print(f"snapshot: `{command}` left out, it is not installed", file=sys.stderr)
            continue
        found += [command.replace("DEV", device) for device in (devices if "DEV" in command else [""])]
    return found


def host(pairs):
    counters, everything = usable(COUNTERS), usable(COUNTERS + SETTINGS)
    compare("host: counters, those that changed told", pairs, ["look", "changes", "50"], counters)
    compare("host: counters, all told", pairs, ["look", "counters", "50"], counters)
    compare("host: with configuration", pairs, ["look", "all", "30"], everything)
    starts = []
    for _ in range(20):
        began = time.monotonic()
        subprocess.run([WHYDROP, "snapshot"], stdout=subprocess.DEVNULL, check=True)
        starts.append((time.monotonic() - began) * 1e3)
    print(f"{'host: `whydrop snapshot` from start to end':44} {statistics.median(starts):9.3f} ms", flush=True)


class Namespaces:
    """Namespaces of five veth pairs each, gone at the end."""

    def __init__(self, pairs):
        self.names = [f"wdbench-{os.getpid()}-{at}" for at in range(max(1, pairs // 5))]
        self.each = min(pairs, 5)

    def __enter__(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            batch = "".join(f"link add a{at} up type veth peer name b{at}\nlink set b{at} up\n" for at in range(self.each))
            subprocess.run(["ip", "-n", name, "-batch", "-"], input=batch, text=True, check=True)
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)


def veth(pairs):
    for amount in (10, 100, 1000):
        with Namespaces(amount) as made:
            commands = [f"ip -n {name} -j -s link" for name in made.names]
            title = f"{amount} veth pairs in {len(made.names)} namespaces"
            compare(f"{title}: counters", pairs, ["look", "changes", "5"], commands)
            compare(f"{title}: all told", pairs, ["look", "counters", "5"], commands)
            if amount == 1000:
                compare(f"{title}: with configuration", 1, ["look", "all", "3"], commands)


HOLDER = r"""
import resource, socket, sys, time
count = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (2 * count + 64,) * 2)
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(256)
held = []
for at in range(count):
    client = socket.socket()
    client.connect(server.getsockname())
    held.append((client, server.accept()[0]))
print("ready", flush=True)
time.sleep(600)
"""


def sockets(pairs, wanted=100000):
    processes = 10
    holders = []
    with Namespaces(1) as made:
        name = made.names[0]
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        try:
            for _ in range(processes):
                holders.append(subprocess.Popen(
                    ["ip", "netns", "exec", name, sys.executable, "-c", HOLDER, str(wanted // processes // 2)],
                    stdout=subprocess.PIPE, text=True))
            for holder in holders:
                holder.stdout.readline()
            compare(f"{wanted:,} TCP sockets", pairs, ["sockets", "3"], ["ss -tinm"], within=name)
        finally:
            for holder in holders:
                holder.send_signal(signal.SIGKILL)
                holder.wait()


def second(_pairs):
    """CPU of one look a second, beside what the host does otherwise."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = 20
    subprocess.run([LOOK, "each-second", str(seconds)], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{'one look a second':44} {used / seconds * 100:.2f} % of a core (bar 0.5), over {seconds} s, start included")


def main():
    pairs, only = 7, []
    arguments = sys.argv[2:]
    while arguments:
        option = arguments.pop(0)
        if option == "--pairs":
            pairs = int(arguments.pop(0))
        elif option == "--only":
            only.append(arguments.pop(0))
        else:
            sys.exit(f"snapshot: unknown option {option}")
    subprocess.run(["cmake", "--build", os.path.join(ROOT, "build/release"), "--target", "bench_snapshot", "whydrop"],
                   stdout=subprocess.DEVNULL, check=True)
    for measure in (host, veth, sockets, second):
        if not only or measure.__name__ in only:
            measure(pairs)


main()
