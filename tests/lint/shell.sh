#!/bin/bash
# What does shellcheck say of our scripts? Scenarios of the lab are read by sh, after lab/prelude.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
ours=$(git ls-files -co --exclude-standard -- script .ci tests bench |
    xargs grep -lsE '^#!/bin/(ba)?sh' || true)
# SC2010: names of network namespaces and devices are safe to read from ls.
xargs shellcheck --severity=warning --exclude=SC2010 <<< "$ours"
shellcheck --shell=dash --severity=warning lab/*.sh lab/*/*.sh
