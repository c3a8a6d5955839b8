#!/usr/bin/env bash
# Compares nianbao with docxtpl, docxtpl-rs and LibreOffice on one document, in one run and in turns.
#
#   benches/peers/run.sh NIANBAO_BINARY > table.md        e.g. target/release/nianbao; `-` times the peers alone
#
# Needs what tests/external/install.sh installs (it is run first), PyPI and crates.io. Works in target/peers.
# Variables, with their defaults below: DATA, TEMPLATE, CONTEXT (the job), ROUNDS, DOCUMENTS, and NIANBAO_BENCH: the
# built benchmark (target/release/deps/render-*), so that nothing is compiled here; without it cargo builds it.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/peers
tools=$root/target/external
fail() { echo "run.sh: $*" >&2; exit 2; }
[ "$#" -eq 1 ] || fail "usage: run.sh NIANBAO_BINARY"

# The job: a data file, our Word template, and what the template's tags look up in the data, as JSON.
DATA=${DATA:-$root/samples/ansha-2020}
TEMPLATE=${TEMPLATE:-$root/templates/2019/report.docx}
CONTEXT=${CONTEXT:-$work/context.json}
ROUNDS=${ROUNDS:-10}
DOCUMENTS=${DOCUMENTS:-20}

# How nianbao is called: {nianbao}, {data} and the folder {out} are filled in by measure.py.
NIANBAO_DOCX=${NIANBAO_DOCX:-"{nianbao} build {data} --to docx -o {out} --force"}
NIANBAO_PDF=${NIANBAO_PDF:-"{nianbao} build {data} -o {out} --force"}

# Our own benchmark: the program that cargo built, or cargo itself.
NIANBAO_BENCH=${NIANBAO_BENCH:-}
if [ -n "$NIANBAO_BENCH" ]; then
  [ -x "$NIANBAO_BENCH" ] || fail "there is no program $NIANBAO_BENCH"
  bench=("$(cd "$(dirname "$NIANBAO_BENCH")" && pwd)/$(basename "$NIANBAO_BENCH")")
else
  bench=(cargo bench --quiet --manifest-path "$root/Cargo.toml" --bench render --)
fi

[ -f "$TEMPLATE" ] || fail "there is no $TEMPLATE"
nianbao=
if [ "$1" != - ]; then
  [ -x "$1" ] || fail "there is no program $1"
  [ -e "$DATA" ] || fail "there is no $DATA"
  nianbao=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
fi
mkdir -p "$work"

{
  "$root/tests/external/install.sh" "$tools"
  [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check docxtpl==0.20.2
  cargo build --quiet --locked --release --manifest-path "$here/docxtpl-rs/Cargo.toml" --target-dir "$work/docxtpl-rs"
  # Also builds it before the clock runs.
  "${bench[@]}" --context >"$CONTEXT"
  "$work/venv/bin/python" "$here/jinja.py" "$TEMPLATE" "$CONTEXT" "$work/jinja.docx" "$work/jinja.json"
} </dev/null >&2

exec "$work/venv/bin/python" "$here/measure.py" --work "$work" --tools "$tools" \
  --docxtpl-rs "$work/docxtpl-rs/release/docxtpl-rs-job" \
  --nianbao "$nianbao" --nianbao-bench "$(printf "%q " "${bench[@]}")" \
  --nianbao-docx "$NIANBAO_DOCX" --nianbao-pdf "$NIANBAO_PDF" --data "$DATA" \
  --rounds "$ROUNDS" --documents "$DOCUMENTS"
