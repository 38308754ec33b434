#!/bin/bash
# A real loss, found, replayed and selected: tests/live/diagnose.py.
exec python3 "$(dirname "$0")/live/diagnose.py"
