#!/bin/sh
# Runs every fuzz target for so many seconds (5), on the stable compiler: no sanitizer, only coverage.
# It begins with seeds/, an input of each kind. What it finds, and what it learned, stays in the cache folder, not here.
set -eu
cd "$(dirname "$0")/.."
cache="${CACHE:-$HOME/.cache/trailsight}"
PATH="$cache/tools/bin:$PATH"
RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$cache/target-fuzz" cargo fuzz build -s none
built="$cache/target-fuzz/$(rustc -vV | sed -n 's/^host: //p')/release"
for target in fuzz/fuzz_targets/*.rs; do
  name=$(basename "$target" .rs)
  corpus="$cache/fuzz/$name"
  seeds="fuzz/seeds/$name"
  mkdir -p "$corpus"
  echo "fuzz: $name"
  "$built/$name" "$corpus" $(test -d "$seeds" && echo "$seeds") -max_total_time="${1:-5}" -artifact_prefix="$corpus-" -verbosity=0 -print_final_stats=1
done
