"""Reads what bench/storm.sh measured.

    storm_books.py probe|pinned|diagnose INODE "SENT LINE" OUTPUT   does one run's book add up?
    storm_books.py table NAME RUNS BOOKS                            one line of the table
"""
import json
import os
import statistics
import sys


def books_of_probe(path, inode):
    booked = misses = outside = 0
    for line in open(path):
        words = line.split()
        if line.startswith("booked") and words[3] == inode and words[5] == "NETFILTER_DROP":
            booked += int(words[1])
        if line.startswith("misses"):
            misses, outside = int(words[1]), int(words[3])
    return booked, misses, outside


def books_of_diagnose(path, inode):
    diagnosis = json.load(open(path))
    booked = sum(
        witness["packets"]
        for account in diagnosis["accounts"]
        if account["at"].get("netns") == inode
        for witness in account["witnesses"]
        if witness["kind"] == "trace" and witness["reason"] == "NETFILTER_DROP"
    )
    cost = diagnosis["cost"]
    return booked, cost["recursion_misses"], cost["outside_table"]


def books_of_trace(path, inode):
    for line in open(path):
        summary = json.loads(line)
    booked = sum(place["packets"] for place in summary["places"]
                 if place["netns"] == inode and place["reason"] == "NETFILTER_DROP")
    return booked, summary["recursion_misses"], summary["outside_table"]


def check(kind, inode, sent_line, path):
    sent = int(sent_line.split()[1])
    books = books_of_diagnose if kind == "diagnose" else books_of_probe
    if kind.startswith("trace"):
        books = books_of_trace
    booked, misses, outside = books(path, inode)
    exact = booked + misses + outside == sent
    verdict = "exact" if exact else "WRONG"
    print(f"{verdict} sent {sent} booked {booked} misses {misses} outside {outside}")


def ratios_of_pairs(runs, figure):
    """Figure with the tracer divided by the figure without, of each pair of neighbouring runs, sorted."""
    ratios = []
    for first, second in zip(runs[::2], runs[1::2]):
        pair = {first[0]: first, second[0]: second}
        ratios.append(figure(pair["with"]) / figure(pair["without"]))
    return sorted(ratios)


def table(name, runs_path, books_path):
    # with|without sent N seconds S pps R cpu_ns C
    runs = [line.split() for line in open(runs_path)]
    ratios = ratios_of_pairs(runs, lambda run: float(run[6]))
    work = ratios_of_pairs(runs, lambda run: 1 / float(run[8]))
    quarter = len(ratios) // 4
    alone = statistics.median(float(run[6]) for run in runs if run[0] == "without")
    line = (
        f"{name:<16} throughput with / without: median {statistics.median(ratios):.3f}, middle half "
        f"{ratios[quarter]:.3f}..{ratios[-1 - quarter]:.3f}, all {ratios[0]:.3f}..{ratios[-1]:.3f}; "
        f"packets per CPU second of the sender {statistics.median(work):.3f} "
        f"({len(ratios)} pairs, alone {alone / 1e6:.2f} Mpps)"
    )
    if os.path.exists(books_path):
        books = open(books_path).read().splitlines()
        wrong = [text for text in books if not text.startswith("exact")]
        line += f"; books exact in {len(books) - len(wrong)} of {len(books)} runs"
        line += "".join(f"\n    {text}" for text in wrong)
    print(line, flush=True)


if sys.argv[1] == "table":
    table(*sys.argv[2:])
else:
    check(*sys.argv[1:])
