#!/bin/bash
# Does whydrop work with every set of rights, and give up what it no longer needs: live/rights.py.
exec python3 "$(dirname "$0")/live/rights.py"
