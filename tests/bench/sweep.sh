#!/bin/bash
# SPDX-License-Identifier: MIT
# How long the sweep takes in offices of two sizes. "tests/bench/sweep.sh BIN" takes the programs from BIN.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -x "$1/practice-locator" ]; then
    echo "usage: tests/bench/sweep.sh BIN, where BIN holds the programs, such as build/release/bin" >&2
    exit 2
fi
PRACTICE_BIN=$(realpath "$1") exec /usr/bin/python3 -B "$(dirname "$0")/bench_sweep.py"
