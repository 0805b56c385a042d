#!/bin/bash
# SPDX-License-Identifier: MIT
# How long a whole "practice-locator find" takes beside avahi-browse, in an office of its own.
# "tests/bench/find.sh BIN" takes the programs from BIN; ends with 1 when they are slower than promised.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -x "$1/practice-locator" ]; then
    echo "usage: tests/bench/find.sh BIN, where BIN holds the programs, such as build/release/bin" >&2
    exit 2
fi
PRACTICE_BIN=$(realpath "$1") exec /usr/bin/python3 -B "$(dirname "$0")/bench_find.py"
