#!/bin/bash
# Do Wireshark's tools read what whydrop writes, and the other way round: formats/pcapng.py.
exec python3 "$(dirname "$0")/formats/pcapng.py"
