#!/usr/bin/env bash
# Damages an official Word template in typical ways, one at a time, and asks `template check` and docxtpl-lint what
# they find. The latter gets the same template with the same tags written for docxtpl (benches/peers/jinja.py).
#
#   benches/lint/run.sh NIANBAO_BINARY > table.md                e.g. target/release/nianbao
#
# Needs Python and PyPI. Works in target/lint. Exit code 1: `template check` missed a damage or was not silent before.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/lint
fail() { echo "run.sh: $*" >&2; exit 2; }
[ "$#" -eq 1 ] || fail "usage: run.sh NIANBAO_BINARY"
[ -x "$1" ] || fail "there is no program $1"
nianbao=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
template=$root/templates/2021/report.docx

mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check docxtpl-lint==2.0.1 >&2
"$nianbao" template tags "$template" --to json >"$work/context.json"
"$work/venv/bin/python" "$here/../peers/jinja.py" "$template" "$work/context.json" "$work/jinja.docx" "$work/jinja.json"
exec "$work/venv/bin/python" "$here/damages.py" "$nianbao" "$template" "$work"
