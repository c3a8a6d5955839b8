#!/usr/bin/env bash
# Makes the pictures of the three ways of a letterhead anew, from cases of tests/external/letterheads.
#
#   docs/img/letterheads.sh NIANBAO_BINARY                       e.g. target/release/nianbao
#
# Needs what tests/external/install.sh installs (it is run first). letterhead-upward.png is the first and the last page
# of the PDF; the other two show a page of Word, as LibreOffice sets it, beside one of the PDF.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/target/external
external=$root/tests/external
fail() { echo "letterheads.sh: $*" >&2; exit 2; }
[ "$#" -eq 1 ] && [ -x "$1" ] || fail "usage: letterheads.sh NIANBAO_BINARY"
nianbao=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
"$external/install.sh" "$tools" >&2
python=$tools/venv/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The report of a case in both formats: $work/CASE.pdf, and $work/CASE-word.pdf for the Word document.
make_case() {
  local case=$external/letterheads/$1 letterhead=upward dir=$work/$1
  cp -r "$root/samples/yunyan-2025" "$dir"
  cp "$root/templates/letterhead/seal.png" "$dir/"
  { echo; cat "$case/more.toml"; } >>"$dir/report.toml"
  if [ -e "$case/letterhead.txt" ]; then
    letterhead=$dir/head
    mkdir "$letterhead"
    cp "$case/letterhead.typ" "$letterhead/"
    "$python" "$external/word.py" "$case/letterhead.txt" "$root/templates/letterhead/logo.png" "$letterhead/letterhead.docx"
  fi
  "$nianbao" --fonts "$root/fonts" build "$dir" -o "$dir/out" --letterhead "$letterhead" >&2
  mv "$dir"/out/*.pdf "$work/$1.pdf"
  mv "$dir"/out/*.docx "$work/$1-word.docx"
  "$external/soffice.sh" "$tools" "$work" pdf "$work/$1-word.docx" >&2
}

# Two pages side by side in few colours: OUT HEIGHT FILE PAGE FILE PAGE; page `last` is the last one.
pair() {
  "$python" - "$@" <<'PYTHON'
import subprocess, sys
from PIL import Image
import pdfplumber
out, height, *rest = sys.argv[1:]
pages = []
for file, page in zip(rest[::2], rest[1::2]):
    if page == "last":
        with pdfplumber.open(file) as pdf:
            page = str(len(pdf.pages))
    picture = f"{out}.page"
    subprocess.run(["pdftoppm", "-r", "150", "-f", page, "-l", page, "-singlefile", "-png", file, picture], check=True)
    image = Image.open(f"{picture}.png").convert("RGB")
    pages.append(image.resize((round(image.width * int(height) / image.height), int(height)), Image.LANCZOS))
whole = Image.new("RGB", (sum(page.width for page in pages) + 8, int(height)), "#c8c8c8")
whole.paste(pages[0], (0, 0))
whole.paste(pages[1], (pages[0].width + 8, 0))
# Greys, and ramps from white to the red of a mark and to the blue of a heading, so that colours stay what they are.
ramps = [((0, 0, 0), 10), ((230, 0, 18), 6), ((54, 95, 145), 5)]
colours = [(255, 255, 255), (200, 200, 200)]
for colour, steps in ramps:
    for step in range(1, steps + 1):
        colours.append(tuple(round(255 + (part - 255) * step / steps) for part in colour))
palette = Image.new("P", (1, 1))
flat = [part for colour in colours for part in colour]
palette.putpalette(flat + flat[:3] * (256 - len(colours)))
few = whole.quantize(palette=palette, dither=Image.Dither.NONE)
few.save(f"{out}.png", optimize=True, bits=5)
PYTHON
  mv "$1.png" "$here/"
}

for case in a-upward b-own c-full; do make_case "$case"; done
pair "$work/letterhead-upward" 702 "$work/a-upward.pdf" 1 "$work/a-upward.pdf" last
pair "$work/letterhead-own" 527 "$work/b-own-word.pdf" 1 "$work/b-own.pdf" 1
pair "$work/letterhead-full" 495 "$work/c-full-word.pdf" 1 "$work/c-full.pdf" 1
ls -l "$here"/letterhead-*.png
