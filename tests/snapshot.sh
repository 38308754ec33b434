#!/bin/bash
# Does snapshot show the numbers that the tools show which it replaces: live/snapshot.py.
exec python3 "$(dirname "$0")/live/snapshot.py"
