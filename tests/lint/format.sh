#!/bin/bash
# Is all C++ formatted as .clang-format says?
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard -- 'src/*.h' 'src/*.cpp' 'bench/*.cpp' |
    grep -v '\.bpf\.h$\|\.wire\.h$' | xargs clang-format-19 --dry-run -Werror
