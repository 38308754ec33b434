#!/bin/bash
# Is every file at most 400 lines, every line at most 100 columns? Exceptions, each with its reason, are
# listed in size.exceptions.
set -euo pipefail
cd "$(dirname "$0")/../.."
fault=0
while read -r file; do
    lines=$(wc -l < "$file")
    if [ "$lines" -gt 400 ] && ! grep -q "^$file " tests/lint/size.exceptions; then
        echo "$file has $lines lines"
        fault=1
    fi
    if LC_ALL=C.UTF-8 grep -HnP '^.{101,}' "$file"; then
        echo "over 100 columns"
        fault=1
    fi
done < <(git ls-files -co --exclude-standard -- 'src/*.h' 'src/*.cpp' 'src/*.c' 'bench/*.cpp')
while read -r file _; do
    case $file in '' | '#'*) continue ;; esac
    [ -f "$file" ] && [ "$(wc -l < "$file")" -gt 400 ] || { echo "$file needs no exception"; fault=1; }
done < tests/lint/size.exceptions
exit $fault
