#!/usr/bin/env bash
# tests/fuzz/run.sh BUILD_DIR [RUNS [TARGET...]]: runs every fuzz target of a build of the preset `fuzz`
# on its corpus RUNS times (20000), and prints a line for each. New inputs are kept in
# BUILD_DIR/fuzz_corpus, inputs that end a target in BUILD_DIR/fuzz_findings: then it exits with 1.
set -uo pipefail
build=${1:?usage: tests/fuzz/run.sh BUILD_DIR [RUNS [TARGET...]]}
runs=${2:-20000}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
targets=("${@:3}")
if [ ${#targets[@]} -eq 0 ]; then
  for source in "$here"/*_fuzz.cpp; do targets+=("$(basename "$source" _fuzz.cpp)"); done
fi
failed=0
for target in "${targets[@]}"; do
  found=$build/fuzz_corpus/$target
  findings=$build/fuzz_findings/$target
  log=$build/fuzz_$target.log
  mkdir -p "$found" "$findings"
  dictionary=()
  [ -f "$here/$target.dict" ] && dictionary=("-dict=$here/$target.dict")
  # Some inputs are large by nature; most mutations are found on small ones.
  "$build/fuzz_$target" -runs="$runs" -rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=10 -max_len=10000 \
    -artifact_prefix="$findings/" -print_final_stats=1 "${dictionary[@]}" "$found" "$here/corpus/$target" \
    >"$log" 2>&1
  status=$?
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$status" -eq 0 ] && [ -n "$executed" ]; then
    echo "$target: $executed executions, no finding"
  else
    failed=1
    echo "$target: FINDING after ${executed:-an unknown number of} executions (status $status), see $log and $findings"
    grep -aE 'broken promise|ERROR|runtime error|terminate' "$log" | head -n 5
  fi
done
exit "$failed"
