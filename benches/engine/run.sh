#!/usr/bin/env bash
# Compares our template engine with others on one document, in one run and in turns; prints Markdown.
#
#   benches/engine/run.sh > table.md
#
# Needs cargo, cmake (for docxtplrs), python3 (with venv), node and npm; fetches the others from PyPI, crates.io and npm.
# Works in target/engine.
# Variables, with their defaults below: ROUNDS, DOCUMENTS (a warm run), SLOW_DOCUMENTS (the same for docxtpl), and
# ENGINES (some of: nianbao floor docxtpl rust-docxtpl docxtpl-rs docxtplrs docxtemplater easy-template-x carbone).
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/engine
ROUNDS=${ROUNDS:-5}
DOCUMENTS=${DOCUMENTS:-200}
SLOW_DOCUMENTS=${SLOW_DOCUMENTS:-40}
ENGINES=${ENGINES:-nianbao floor docxtpl rust-docxtpl docxtpl-rs docxtplrs docxtemplater easy-template-x carbone}

docxtpl=docxtpl==0.20.2
rust_docxtpl=rust-docxtpl==0.1.2
node_packages=(docxtemplater@3.71.0 pizzip@3.3.0 easy-template-x@7.2.8 carbone@3.8.2)

# A virtual environment with one package; what is there already is kept.
python_with() {
  local folder=$work/$1 package=$2
  [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check "$package"
}

# The path of our built benchmark.
bench_program() {
  cargo bench --quiet --locked --manifest-path "$root/crates/docx-fill/Cargo.toml" --target-dir "$work/cargo" \
    --bench engine --no-run --message-format json | python3 -c '
import json, sys
found = [json.loads(line).get("executable") for line in sys.stdin if "compiler-artifact" in line]
print([program for program in found if program][-1])'
}

mkdir -p "$work"
{
  python_with docxtpl "$docxtpl"
  python_with rust-docxtpl "$rust_docxtpl"
  mkdir -p "$work/npm"
  npm install --prefix "$work/npm" --no-audit --no-fund --loglevel=error "${node_packages[@]}"
  for peer in docxtpl-rs docxtplrs; do
    cargo build --quiet --locked --release --manifest-path "$root/benches/peers/$peer/Cargo.toml" \
      --target-dir "$work/cargo"
  done
  cargo build --quiet --locked --release --manifest-path "$root/Cargo.toml" --no-default-features --features cli \
    --target-dir "$work/cargo"
  bench=$(bench_program)
  python3 "$here/job.py" "$work/job" "$DOCUMENTS" >"$work/job.txt"
} </dev/null >&2

# shellcheck disable=SC2086 # ENGINES are several words.
exec python3 "$here/measure.py" --work "$work" --bench "$bench" --rounds "$ROUNDS" --documents "$DOCUMENTS" \
  --slow-documents "$SLOW_DOCUMENTS" $ENGINES
