#!/bin/bash
# Can every header be included alone, first?
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=build/lint  # a fixed place, so that ccache knows the files again
mkdir -p "$scratch"
export scratch
check() {
    case $1 in
        *.bpf.h | *.wire.h) return 0 ;;  # kernel side: compiled with the program
    esac
    local alone=$scratch/${1//\//_}.cpp
    echo "#include \"${1#src/}\"" > "$alone.new"
    cmp -s "$alone.new" "$alone" || cp "$alone.new" "$alone"
    rm "$alone.new"
    ccache g++ -std=c++23 -Isrc -DWHYDROP_CAPTURES='""' -c "$alone" -o "$alone.o" ||
        { echo "$1 is not self-contained"; return 1; }
}
export -f check
git ls-files -co --exclude-standard -- 'src/*.h' | xargs -P "$(nproc)" -I{} bash -c 'check {}'
