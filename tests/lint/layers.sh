#!/bin/bash
# Does every #include follow the table "Who may use whom" of docs/architecture.md?
#   tests/lint/layers.sh [SOURCE-TREE]
# Without an argument it also checks itself: a tree with one forbidden include must be refused.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

check() {
    python3 - "$root/docs/architecture.md" "$1" <<'PYTHON'
import pathlib, re, sys

page, tree = sys.argv[1], pathlib.Path(sys.argv[2])
table = pathlib.Path(page).read_text().split("## Who may use whom")[1].split("\n## ")[0]
allowed = {}
for line in table.splitlines():
    row = re.fullmatch(r"\| (\w+) \| ?([\w ]*) ?\|", line)
    if row and row[1] != "room":
        allowed[row[1]] = set(row[2].split())
faults = []
for path in sorted(tree.rglob("*")):
    if path.suffix not in (".h", ".cpp", ".c"):
        continue
    room = path.relative_to(tree).parts[0]
    if room not in allowed:
        faults.append(f"{path}: room '{room}' is not in the table")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'\s*#include "(\w+)/', line)
        if include and include[1] != room and include[1] not in allowed[room]:
            faults.append(f"{path}:{number}: {room} may not include {include[1]}")
print("\n".join(faults))
sys.exit(bool(faults))
PYTHON
}

if [ $# -gt 0 ]; then check "$1"; exit; fi
bad=$(mktemp -d)
trap 'rm -rf "$bad"' EXIT
mkdir -p "$bad/model"
echo '#include "host/symbols.h"' > "$bad/model/bad.h"
if check "$bad" > /dev/null; then echo "the lint does not see a forbidden include"; exit 1; fi
check "$root/src"
