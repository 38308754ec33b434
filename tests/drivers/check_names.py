#!/usr/bin/env python3
"""Does every statistic of src/knowledge/drivers stand in the source of its driver, and what makes them old?

    tests/drivers/check_names.py TREE    TREE is the kernel's, with drivers/net

A name is found as it is. One with a number is found with %u or %d for it, or as what a macro of the driver
puts behind the number: its last words, at least half of them. Exit status 0, 1 with the names that are missing."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tables():
    """Of each driver: its name, its files, and its statistics."""
    for path in sorted((ROOT / "src/knowledge/drivers").glob("*.cpp")):
        text = path.read_text()
        name, files = re.search(r'const Driver \w+ = \{\s*\.name = "(.+?)",\s*\.source =((?:\s*"[^"]*")+)',
                                text).groups()
        table = text[text.index("to_array<Counter>"):text.index("}  // namespace")]
        # A row is a call whose first text is the name.
        rows = re.findall(r'\w\(\s*(?:k\w+,\s*)?"(.+?)"', table)
        yield name, "".join(re.findall(r'"([^"]*)"', files)).split(), rows


def refreshes():
    """Of each driver whose statistics may be old: its name, and the file and the constant that say so."""
    for path in sorted((ROOT / "src/knowledge/drivers").glob("*.cpp")):
        for place in re.findall(r'\.refresh_source = "(.+?)"', path.read_text()):
            yield path.stem, *place.split()


def spellings(name):
    """Expressions of which one has to be found."""
    yield r"(?<!\w)" + re.escape(name) + r"(?!\w)"
    if "*" not in name:
        return
    for number in ("%u", "%d", "%zu"):
        yield re.escape(name.replace("*", number))
    words = re.split(r"[_\W]+", name.rsplit("*", 1)[-1].strip("]: _"))
    for first in range(len(words) - (len(words) + 1) // 2 + 1):
        yield r"(?<!\w)" + r"[_\W]".join(map(re.escape, words[first:])) + r"(?!\w)"


def main():
    tree = pathlib.Path(sys.argv[1])
    missing = checked = 0
    for driver, files, rows in tables():
        source = "".join((tree / "drivers/net" / file).read_text() for file in files)
        for row in rows:
            checked += 1
            if not any(re.search(spelling, source) for spelling in spellings(row)):
                print(f"{driver}: no {row} in {' '.join(files)}")
                missing += 1
    for driver, file, constant in refreshes():
        checked += 1
        if not re.search(rf"#define\s+{constant}\b", (tree / "drivers/net" / file).read_text()):
            print(f"{driver}: no {constant} in {file}")
            missing += 1
    print(f"{checked} statistics looked up, {missing} missing")
    return 1 if missing or not checked else 0


sys.exit(main())
