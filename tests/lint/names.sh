#!/bin/bash
# Is every file named after what it defines, and does every cause have its scenario and its page? No
# file is a link: one that leads out of the tree works on the machine of who made it only.
set -euo pipefail
cd "$(dirname "$0")/../.."
fault=0
if git ls-files -co --exclude-standard -- src |
    grep -E '/(utils?|helpers?|common|misc|manager)[_.]'; then
    echo "these names say nothing"
    fault=1
fi
if git ls-files --stage | grep '^120000'; then
    echo "these are links"
    fault=1
fi
for file in src/diagnose/causes/*/*.cpp; do
    case $file in *_test.cpp) continue ;; esac
    # The Cause is the last thing in its file; remedies above it have ids too.
    id=$(sed -n 's/.*\.id = "\([^"]*\)".*/\1/p' "$file" | tail -n 1)
    stage=$(basename "$(dirname "$file")" | tr _ -)
    [ -n "$id" ] || { echo "$file gives no id"; fault=1; continue; }
    [ -f "docs/reference/$id.md" ] || { echo "$id has no page docs/reference/$id.md"; fault=1; }
    [ -f "lab/$stage/$id.sh" ] || { echo "$id has no scenario lab/$stage/$id.sh"; fault=1; }
done
exit $fault
