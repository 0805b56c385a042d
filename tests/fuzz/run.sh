#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh FOLDER RUNS: gives each libFuzzer target in the folder that many inputs, starting from its seed corpus. What it
# finds is left beside this script as crash-*, and fails the run; the corpus itself is not changed.
set -euo pipefail
folder=$(realpath "$1")
runs=$2
here=$(dirname "$(realpath "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

targets=("$folder"/fuzz_*)
[ -x "${targets[0]}" ] || {
    echo "no fuzz target in $folder" >&2
    exit 1
}

fuzz() {
    local name=${1##*/fuzz_}
    mkdir "$scratch/$name"
    "$1" -runs="$runs" -max_len=1400 -print_final_stats=1 -artifact_prefix="$here/crash-$name-" "$scratch/$name" \
        "$here/corpus/$name" >"$scratch/$name.log" 2>&1 || {
        tail -40 "$scratch/$name.log"
        return 1
    }
    echo "fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$name.log") inputs, nothing found"
}

export -f fuzz
export runs here scratch
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'fuzz {}'
