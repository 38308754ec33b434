#!/bin/bash
# How often `whydrop compare` calls windows of one healthy load changed, how surely it finds a doubled loss,
# and what it costs beside reading its two files:
#   bench/compare.sh [--pairs N]
set -euo pipefail
pairs=200
[ "${1:-}" != --pairs ] || pairs=$2
here=$(dirname "$0")
python3 "$here/compare.py" cost 100000 5
python3 "$here/compare.py" pairs "$pairs" 2
python3 "$here/compare.py" doubled "$pairs" 2
