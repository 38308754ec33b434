"""What bench/compare.sh measures: false alarms of `whydrop compare` over windows of one load, and what it costs.

    compare.py pairs N SECONDS     N + 1 windows of one healthy load, each compared with the next
    compare.py doubled N SECONDS   N windows with about 50, 75, 100 lost packets, each beside one with twice the rate
    compare.py cost SERIES RUNS    two files of that many counters: compared, against the time of reading them
"""
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WHYDROP = os.environ.get("WHYDROP", os.path.join(ROOT, "build/release/whydrop"))

# Steady datagrams and bursts of them to a reader that keeps up, short TCP connections, and some for a port that
# nobody has: what a healthy host may look like.
LOAD = """
import random, select, socket, sys, threading, time
random.seed(1)
reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
reader.bind(("127.0.0.1", 5400))
server = socket.socket()
server.bind(("127.0.0.1", 80))
server.listen(100)
def serve():
    while True:
        peer, _ = server.accept()
        peer.sendall(b"y" * 2000)
        peer.close()
def read():
    while True:
        reader.recv(2048)
threading.Thread(target=serve, daemon=True).start()
threading.Thread(target=read, daemon=True).start()
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print("ready", flush=True)
while not select.select([sys.stdin], [], [], random.expovariate(300))[0]:
    out.sendto(b"x" * 200, ("127.0.0.1", 5400))
    if random.random() < 0.02:
        for _ in range(30):
            out.sendto(b"x" * 200, ("127.0.0.1", 5400))
    if random.random() < 0.05:
        out.sendto(b"x", ("127.0.0.1", 5401))
    if random.random() < 0.1:
        peer = socket.create_connection(("127.0.0.1", 80))
        while peer.recv(4096):
            pass
        peer.close()
"""

# Datagrams to a socket that nobody reads and that is full, at the rate that was said last: each is lost, each by itself.
LOSS = """
import random, select, socket, sys
full = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
full.bind(("127.0.0.1", 5402))
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(100):
    out.sendto(b"x" * 500, ("127.0.0.1", 5402))
rate = 1.0
while True:
    if select.select([sys.stdin], [], [], random.expovariate(rate))[0]:
        line = sys.stdin.readline()
        if not line:
            break
        rate = float(line)
    else:
        out.sendto(b"x" * 500, ("127.0.0.1", 5402))
"""


class World:
    def __init__(self):
        self.name = f"wdtest-compare-{os.getpid()}"
        self.folder = tempfile.TemporaryDirectory()
        self.environment = {**os.environ, "WHYDROP_STATE_DIR": self.folder.name}

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)
        self.inode = str(os.stat(f"/run/netns/{self.name}").st_ino)
        self.load = self.start(LOAD)
        self.load.stdout.readline()
        return self

    def start(self, program):
        return subprocess.Popen(["ip", "netns", "exec", self.name, sys.executable, "-c", program],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def save(self, name, seconds):
        return subprocess.Popen([WHYDROP, "baseline", "save", name, "-t", str(seconds), "-q", "--replace"],
                                stdout=subprocess.DEVNULL, env=self.environment)

    def compare(self, a, b):
        done = subprocess.run([WHYDROP, "compare", a, b, "-j"], capture_output=True, env=self.environment)
        document = json.loads(done.stdout)
        return [c for c in document["counters"] if f'"{self.inode}"' in c["id"]]

    def __exit__(self, *_):
        self.load.communicate("\n")
        subprocess.run(["ip", "netns", "del", self.name], check=False)
        self.folder.cleanup()


def changed(counter):
    return counter["change"] in ("more", "less")


def pairs(count, seconds):
    with World() as world:
        moving = false = alarmed = 0
        names = {}
        world.save("w0", seconds).wait()
        for at in range(1, count + 1):
            world.save(f"w{at}", seconds).wait()
            counters = world.compare(f"w{at - 1}", f"w{at}")
            moving += sum(int((c["a"] or {"count": 0})["count"]) > 0 for c in counters)
            wrong = [c for c in counters if changed(c)]
            for c in wrong:
                name = c["id"].split("{")[0]
                names[name] = names.get(name, 0) + 1
            false += len(wrong)
            alarmed += any(c["loss"] for c in wrong)
        print(f"{count} pairs of {seconds} s windows: {false} of {moving} moving counters called changed "
              f"({100 * false / moving:.2f} %), {alarmed} pairs with a loss called changed; {names}")


def doubled(count, seconds):
    with World() as world:
        loss = world.start(LOSS)
        found = {}
        for at in range(count):
            lost = 50 + 25 * (at % 3)
            for name, times in (("one", 1), ("two", 2)):
                loss.stdin.write(f"{lost * times / seconds}\n")
                loss.stdin.flush()
                time.sleep(0.1)
                world.save(name, seconds).wait()
            [counter] = [c for c in world.compare("one", "two") if c["id"].startswith("snmp.Udp.RcvbufErrors{")]
            hits, all_of = found.get(lost, (0, 0))
            found[lost] = (hits + (counter["change"] == "more"), all_of + 1)
        loss.communicate()
        print(f"loss of about N packets in {seconds} s, doubled, found: " +
              ", ".join(f"{lost}: {hits} of {all_of}" for lost, (hits, all_of) in sorted(found.items())))


def cost(series, runs):
    with World() as world:
        world.save("small", 2).wait()
        path = os.path.join(world.folder.name, "baselines/small.json.gz")
        document = json.loads(gzip.open(path).read())
    counters = document["timeline"]["counters"]
    rows = list(counters.items())
    at = 0
    while len(counters) < series:
        name, value = rows[at % len(rows)]
        counters[f'{name.split("{")[0]}{{nth="{at}"}}'] = value
        at += 1
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("a.json", "b.json")]
        for file in files:
            with open(file, "w") as out:
                json.dump(document, out)

        def timed(*arguments):
            began = time.monotonic()
            subprocess.run([WHYDROP, *arguments], stdout=subprocess.DEVNULL, check=False)
            return time.monotonic() - began
        ratios = []
        for _ in range(runs):
            # Diagnosing a file reads it and does more; so this is a bound from above on reading, from below on us.
            read = sum(timed("diagnose", "--from", file, "-q") for file in files)
            ratios.append(timed("compare", *files, "-q") / read)
        print(f"{len(counters):,} series: compare takes {statistics.median(ratios):.2f} times as long as reading both "
              f"({min(ratios):.2f}..{max(ratios):.2f}, {runs} runs)")


if __name__ == "__main__":
    {"pairs": pairs, "doubled": doubled, "cost": cost}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
