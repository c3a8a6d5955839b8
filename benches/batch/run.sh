#!/usr/bin/env bash
# Builds many different reports, beside docxtpl and LibreOffice on the same ones, and prints Markdown.
#
#   benches/batch/run.sh NIANBAO_BINARY > table.md        e.g. target/release/nianbao
#
# Needs what benches/peers/run.sh needs; works in target/batch. Variables, with their defaults below:
#   REPORTS    how many reports are built to Word and PDF
#   SUBSET     how many of them docxtpl fills and LibreOffice converts; 0 leaves the two out
#   JOBS       with how many workers, one run for each in every round
#   ROUNDS     how many rounds of these, in turns; the median is told
#   GROWTH     numbers of reports for the growth of time and memory, with the most workers; empty leaves it out
#   GROWTH_TO  what is built for the growth: docx, or docx,pdf
#   NIANBAO_BENCH  the built benchmark (target/release/deps/render-*), so that nothing is compiled here
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/batch
fail() { echo "run.sh: $*" >&2; exit 2; }
[ "$#" -eq 1 ] && [ -x "$1" ] || fail "usage: run.sh NIANBAO_BINARY"
nianbao=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")

REPORTS=${REPORTS:-1000}
SUBSET=${SUBSET:-50}
JOBS=${JOBS:-"1 2"}
ROUNDS=${ROUNDS:-3}
GROWTH=${GROWTH-"10 100 1000 10000"}
GROWTH_TO=${GROWTH_TO:-docx,pdf}

NIANBAO_BENCH=${NIANBAO_BENCH:-}
if [ -n "$NIANBAO_BENCH" ]; then
  bench=("$(cd "$(dirname "$NIANBAO_BENCH")" && pwd)/$(basename "$NIANBAO_BENCH")")
else
  bench=(cargo bench --quiet --locked --manifest-path "$root/Cargo.toml" --bench render --)
fi

most=$REPORTS
for count in $GROWTH; do [ "$count" -le "$most" ] || most=$count; done
rm -rf "$work/in" "$work/out" "$work/peers"
mkdir -p "$work/peers"
python=python3
{
  "${bench[@]}" --reports "$most" "$work/in"
  # One thread, so that the benchmark's wall times are CPU times.
  RAYON_NUM_THREADS=1 "${bench[@]}" --split >"$work/split.txt"
  if [ "$SUBSET" -gt 0 ]; then
    python=$work/venv/bin/python
    [ -x "$python" ] || python3 -m venv "$work/venv"
    "$python" -m pip install --quiet --no-input --disable-pip-version-check docxtpl==0.20.2
    "${bench[@]}" --contexts "$SUBSET" >"$work/contexts.jsonl"
  fi
} </dev/null >&2

# shellcheck disable=SC2086 # JOBS and GROWTH are several words.
exec "$python" "$here/measure.py" --work "$work" --nianbao "$nianbao" --bench "$(printf '%q ' "${bench[@]}")" --reports "$REPORTS" --subset "$SUBSET" \
  --growth-to "$GROWTH_TO" --rounds "$ROUNDS" --jobs $JOBS --growth $GROWTH
