#!/bin/bash
# Is all C++ formatted as .clang-format says?
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard -- 'src/*.h' 'src/*.cpp' 'src/*.c' 'bench/*.cpp' 'bench/*.c' |
    xargs clang-format-19 --dry-run -Werror
