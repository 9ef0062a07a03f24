#!/bin/sh
# Runs every fuzz target for so many seconds (20), on the stable compiler: no sanitizer, only coverage.
# What it finds, and what it learned, stays in the cache folder, not here.
set -eu
cd "$(dirname "$0")/.."
cache="${CACHE:-$HOME/.cache/trailsight}"
PATH="$cache/tools/bin:$PATH"
for target in fuzz/fuzz_targets/*.rs; do
  name=$(basename "$target" .rs)
  corpus="$cache/fuzz/$name"
  mkdir -p "$corpus"
  RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$cache/target-fuzz" \
    cargo fuzz run -s none "$name" "$corpus" -- -max_total_time="${1:-20}" -artifact_prefix="$corpus-" -verbosity=0 -print_final_stats=1
done
