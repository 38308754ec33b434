#!/bin/bash
# Is a window that was kept found again, and what was broken since told: live/compare.py.
exec python3 "$(dirname "$0")/live/compare.py"
