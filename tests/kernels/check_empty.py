#!/usr/bin/env python3
"""Judges what empty_init.c left in FOLDER: tests/kernels/check_empty.py FOLDER. Exit 0 or 1."""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
failures = 0


def check(what, holds, seen=""):
    global failures
    failures += not holds
    print(f"  {'ok' if holds else 'FAILED'}: {what}" + (f" (saw {seen})" if seen != "" else ""))


class Part:
    """What one part of the run left: PART.NAME.{json,err,status} and PART.NAME."""

    def __init__(self, name, missing):
        self.name = name
        self.missing = missing  # check of the doctor -> words that say what would help
        print(f"{name}:")

    def text(self, name):
        return (folder / f"{self.name}.{name}").read_text()

    def status(self, name):
        return int(self.text(f"{name}.status"))

    def answer(self, name):
        check(f"{name} complains of nothing", self.text(f"{name}.err") == "",
              self.text(f"{name}.err")[-300:])
        return json.loads(self.text(f"{name}.json"))

    def check_doctor(self):
        checks = self.answer("doctor")["checks"]
        found = {c["id"]: c for c in checks if c["state"] == "missing"}
        check("doctor misses what is missing, and nothing else", set(found) == set(self.missing),
              sorted(found))
        check("and ends so", self.status("doctor") == (1 if self.missing else 0))
        for name, words in self.missing.items():
            enable = found.get(name, {}).get("enable", "")
            check(f"says what {name} needs", words in enable, enable)

    def check_idle(self):
        idle = self.answer("idle")
        whole = not self.missing
        check("idle: healthy where all is seen, else inconclusive",
              (self.status("idle"), idle["verdict"]) ==
              ((0, "healthy") if whole else (3, "inconclusive")), idle["headline"])
        check("idle: nothing lost, nothing unexplained",
              idle["totals"]["lost"] == 0 and idle["totals"]["unexplained"] == 0, idle["totals"])

    def check_loss(self, traced):
        lost = int(self.text("lost"))
        sent = self.answer("sent")["sent"]
        received = self.answer("received")["received"]
        check("the kernel counted the losses that we made", lost == sent - received > 100, lost)
        loss = self.answer("loss")
        check("diagnose of a loss ends with 1", self.status("loss") == 1, self.status("loss"))
        check("lost is what the kernel counted, and nothing is unexplained",
              (loss["totals"]["lost"], loss["totals"]["unexplained"]) == (lost, 0), loss["totals"])
        accounts = [a for a in loss["accounts"] if a["class"] in ("loss", "unknown")]
        check("on one account", [a["account"] for a in accounts] == ["udp.receive-buffer-full"],
              [a["account"] for a in accounts])
        account = accounts[0]
        check("with all packets", account["packets"] == lost, account["packets"])
        check("in the socket of the reader",
              (account["at"]["socket"], [h["comm"] for h in account["hits"]]) ==
              ("udp 127.0.0.1:5353", ["reader"]))
        trace = sum(w["packets"] for w in account["witnesses"] if w["kind"] == "trace")
        check("the trace saw them all, or there is none", trace == (lost if traced else 0), trace)

    def check_lab(self, reason):
        run = self.answer("lab")["runs"][0]
        if reason:
            check("the lab says in one sentence what it lacks",
                  self.status("lab") == 77 and reason in run["reason"], run["reason"])
            return
        fault = run["fault"]
        broken = [e["what"] for e in fault["expectations"] if not e["held"]] if fault else run
        check("lab run udp.receive-buffer-full holds", self.status("lab") == 0 and not broken, broken)

    def check_traces(self):
        before, after = (set(self.text(when).splitlines()) for when in ("before", "after"))
        # `ip netns add` makes /run/netns and leaves it, as on every host.
        left = after - before - {"/run", "/run/netns"}
        check("no file was left behind", not left and before <= after, sorted(left))


sock_diag = {"sources.sockets": "modprobe"}
part = Part("proc", {"kernel.btf": "mkdir /sys", "tracing.drops": "mkdir /sys"} | sock_diag)
part.check_doctor()
part.check_idle()
part.check_loss(traced=False)
part.check_lab("/bin/sh")
part.check_traces()
part = Part("sys", sock_diag)
part.check_doctor()
part.check_idle()
part.check_loss(traced=True)
part.check_lab("/bin/sh")
part.check_traces()
part = Part("full", {})
part.check_doctor()
part.check_idle()
part.check_loss(traced=True)
part.check_lab(None)
part.check_traces()
sys.exit(failures > 0)
