#!/usr/bin/env bash
# Makes the documents of this folder that LibreOffice saved again: our report of each edition, on a detour
# over .odt. The clock and the version of LibreOffice are in the bytes, so they differ at each run; what is
# read from them does not.
#
#   tests/import/libreoffice.sh [TOOLS_DIR]          after tests/external/install.sh; default: target/external
#
# NIANBAO=PROGRAM takes a program that is built already.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
tools=${1:-$root/target/external}
program=(cargo run --quiet --release --locked --manifest-path "$root/Cargo.toml" --)
[ -z "${NIANBAO:-}" ] || program=("$NIANBAO")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

resave() {
  local sample=$1 edition=$2 name=libreoffice-$2
  "${program[@]}" build "$root/samples/$sample" -o "$work/$edition" --to docx
  mv "$work/$edition"/*.docx "$work/$name.docx"
  "$here/../external/soffice.sh" "$tools" "$work/odt" odt "$work/$name.docx"
  "$here/../external/soffice.sh" "$tools" "$here" docx "$work/odt/$name.odt"
}

resave ansha-2020 2019
resave lanxi-2025 2021
