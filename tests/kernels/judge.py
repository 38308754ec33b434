#!/usr/bin/env python3
"""Judges what matrix.sh left: judge.py [--quiet] [--page FILE] build/matrix/KERNEL/RUNG...

Exit status 0; 1 if a scenario failed, was traced in another way than asked for, or its machine died; 77 if
a kernel is missing. --quiet says nothing of the scenarios; --page writes FILE.
"""
import argparse
import json
import pathlib
import sys

SMALL_LIMIT = "backlog.queue-full.small-limit"
ENOUGH_SCENARIOS = 20


class Cell:
    """What one kernel showed on one rung."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.asked, self.rung = self.folder.parts[-2:]
        self.status = int(self.text("status") or 1)
        self.kernel = self.text("kernel").strip() or self.asked
        self.failures = []
        self.runs = []
        if self.status == 0:
            self.read_runs()
            self.judge()
        elif not self.is_missing:
            self.failures.append(f"the machine ended with status {self.status}: {self.text('log')[-300:]}")

    @property
    def is_missing(self):
        return self.status == 77

    def text(self, name):
        file = self.folder / name
        return file.read_text(errors="replace") if file.exists() else ""

    def document(self, name):
        try:
            return json.loads(self.text(name))
        except ValueError:
            self.failures.append(f"{name} is not JSON: {self.text(name)[:200]!r} {self.text('lab.err')[-200:]}")
            return {"runs": []}

    def read_runs(self):
        self.runs = self.document("lab.json")["runs"]
        if (self.folder / "limit.json").exists():
            self.runs = [run for run in self.runs if run["name"] != SMALL_LIMIT]
            self.runs += self.document("limit.json")["runs"]

    def judge(self):
        if not self.made():
            self.failures.append("no scenario was made")
        for run in self.runs:
            if run["status"] in ("failed", "unmeasured"):
                broken = [f"{check['what']} {check['expected']}: found {check['found']}"
                          for check in checks_of(run) if not check["held"] and not check["unseen"]]
                self.failures.append(f"{run['name']}: {run['reason'] or '; '.join(broken) or run['status']}")
            elif run["status"] == "passed":
                self.judge_rung(run)

    def judge_rung(self, run):
        """A report of another rung than the one asked for would be no proof of this one."""
        traced_by = run["fault"]["diagnosis"]["window"]["traced_by"]
        if (traced_by or "none") != self.rung:
            self.failures.append(f"{run['name']}: traced by {traced_by}")

    def made(self):
        return [run for run in self.runs if run["status"] != "skipped"]

    def passed(self):
        return [run for run in self.runs if run["status"] == "passed"]

    def in_part(self):
        return [run for run in self.passed() if unseen(run)]

    def skipped(self):
        return [run for run in self.runs if run["status"] == "skipped"]

    def summary(self):
        if self.is_missing:
            return f"skipped: {self.text('log').strip()[-200:]}"
        return (f"{len(self.passed())} of {len(self.made())} right, {len(self.in_part())} of them in part; "
                f"{len(self.skipped())} could not be made")


def checks_of(run):
    return run["fault"]["expectations"] if run["fault"] else []


def unseen(run):
    return [check["what"] for check in checks_of(run) if check["unseen"]]


def code(text):
    return f"`{text}`"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def matrix_table(cells):
    rungs = list(dict.fromkeys(cell.rung for cell in cells))
    rows = []
    for kernel in dict.fromkeys(cell.asked for cell in cells):
        of_kernel = {cell.rung: cell for cell in cells if cell.asked == kernel}
        any_cell = next(iter(of_kernel.values()))
        where = "the build host" if kernel == "host" else f"Debian's {kernel}, qemu"
        row = [f"{any_cell.kernel} ({where})"]
        for rung in rungs:
            cell = of_kernel.get(rung)
            row.append(cell_text(cell) if cell else "–")
        rows.append(row)
    return table(["kernel", *map(code, rungs)], rows)


def cell_text(cell):
    if cell.is_missing:
        return "not run"
    right, part, made = len(cell.passed()), len(cell.in_part()), len(cell.made())
    text = str(right) if right == made else f"**{right} of {made}**"
    return text + (f", {part} in part" if part else "")


def skipped_table(cells):
    """Scenarios that a kernel cannot make; those of one reason together."""
    reasons = {}
    for cell in cells:
        for run in cell.skipped():
            names = reasons.setdefault((cell.kernel, run["reason"].split(" (")[0]), [])
            if run["name"] not in names:
                names.append(run["name"])
    rows = [[kernel, ", ".join(map(code, names)), reason] for (kernel, reason), names in reasons.items()]
    return table(["kernel", "scenarios", "why"], rows)


def unseen_table(cells):
    rows = []
    for rung in dict.fromkeys(cell.rung for cell in cells):
        counts = {}
        for cell in cells:
            for run in cell.in_part() if cell.rung == rung else []:
                for what in set(unseen(run)):
                    counts[what] = counts.get(what, 0) + 1
        made = sum(len(cell.made()) for cell in cells if cell.rung == rung)
        ordered = sorted(counts.items(), key=lambda pair: -pair[1])
        rows.append([code(rung), str(made), ", ".join(f"{what} {count}" for what, count in ordered) or "nothing"])
    return table(["rung", "runs", "not seen, in so many of them"], rows)


def start_table(cells):
    rows = []
    for kernel in dict.fromkeys(cell.asked for cell in cells if cell.asked != "host"):
        folder = next(cell.folder for cell in cells if cell.asked == kernel).parent / "start"
        if not (folder / "start").exists():
            continue
        pairs = [line.split() for line in (folder / "start").read_text().splitlines()[1:]]
        pairs = [(float(a), float(b)) for a, b in pairs if "-" not in (a, b)]
        release = (folder / "kernel").read_text().strip()
        if not pairs:
            rows.append([release, "not measured: one of them attached nothing", "", ""])
            continue
        ratios = [b / a for a, b in pairs]
        rows.append([release, spread([a for a, _ in pairs]), spread([b for _, b in pairs]),
                     f"{middle(ratios):.1f} ({min(ratios):.1f}..{max(ratios):.1f}, {len(pairs)} pairs)"])
    return table(["kernel", "whydrop, ms", "bpftrace, ms", "times faster"], rows)


def middle(values):
    return sorted(values)[len(values) // 2]


def spread(values):
    return f"{middle(values):.0f} ({min(values):.0f}..{max(values):.0f})"


def page(cells):
    version = json.loads(next(cell for cell in cells if cell.runs).text("lab.json"))["version"]
    blind = next((cell for cell in cells if cell.rung == "tracepoint" and cell.asked == "6.1"), None)
    text = f"""# Kernels and rungs

Written by `tests/kernels/matrix.sh --page` (`script/test --kernels`): whydrop {version}. Debian's kernels run in
qemu's software emulation with the static binary and a few programs; the build host's runs as it is.

## Every scenario of the lab, on every rung

{matrix_table(cells)}
A number is of scenarios that were made and diagnosed as they should be; *in part*: a rung below `tp_btf` said
less than was expected, and nothing that is wrong. `tp_btf` is chosen by whydrop itself, `tracepoint` too, on a
machine where BTF is hidden; the others are asked for (`--tracer`). –: the kernel has no drop monitor. What the
rungs are: [diagnose](diagnose.md#how-drops-are-traced).

## What a rung does not see

{unseen_table(cells)}
*because* is the root, *hits* the flows and processes, *beside* a second finding.

## What could not be made

{skipped_table(cells)}
On the build host scenarios that touch the whole host are left out besides: they run in qemu alone.

## From start to attached

{start_table(cells)}
Beside bpftrace, which only counts by place, in turns, in qemu: an emulated CPU is about twenty times slower than
a real one, and the ratio is what counts.
"""
    if blind:
        text += f"\n## `whydrop doctor` without BTF\n\n```\n{blind.text('doctor.txt')}```\n"
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    cells = [Cell(folder) for folder in arguments.folders]
    for cell in [] if arguments.quiet else cells:
        print(f"{cell.asked} {cell.rung}: {cell.summary()}")
        for failure in cell.failures:
            print(f"  FAILED {failure}")
    if arguments.page:
        thin = [cell for cell in cells if not cell.is_missing and len(cell.made()) < ENOUGH_SCENARIOS]
        for cell in thin:
            cell.failures.append("too few scenarios for the page")
            print(f"{cell.asked} {cell.rung}: {cell.failures[-1]}")
        arguments.page.write_text(page(cells))
    if any(cell.failures for cell in cells):
        return 1
    return 77 if any(cell.is_missing for cell in cells) else 0


sys.exit(main())
