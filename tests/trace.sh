#!/bin/bash
# Does the trace tell each drop, whose packet it was, and do its sums come out even? live/trace.py.
exec python3 "$(dirname "$0")/live/trace.py"
