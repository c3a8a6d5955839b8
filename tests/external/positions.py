"""Measures the head, the signature and the imprint of a finished PDF from its ink, and prints JSON in millimetres.

    TOOLS_DIR/venv/bin/python tests/external/positions.py FILE.pdf NAME DATE

NAME and DATE are the signature's two lines. All lengths are from the paper's upper left corner, as poppler draws
the pages; nothing here shares code with the program under test. Exit code 1: something was not found.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pdfplumber
from PIL import Image, ImageChops

DPI = 300
Box = tuple[float, float, float, float]


def mm(pixels: float) -> float:
    return round(pixels / DPI * 25.4, 2)


def page_image(file: str, page: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "page"
        pages = ["-f", str(page), "-l", str(page), "-singlefile", "-png"]
        subprocess.run(["pdftoppm", "-r", str(DPI), *pages, file, str(out)], check=True)
        return Image.open(out.with_suffix(".png")).convert("RGB").copy()


def mask(image: Image.Image, is_red: bool) -> Image.Image:
    """White where there is ink of that colour."""
    channels = image.split()
    low = [channel.point(lambda value: 255 if value < 110 else 0) for channel in channels]
    if is_red:
        bright = channels[0].point(lambda value: 255 if value > 150 else 0)
        low = [bright, *low[1:]]
    return ImageChops.darker(ImageChops.darker(low[0], low[1]), low[2])


def bands(ink: Image.Image, gap: int = 6) -> list[Box]:
    """Horizontal bands of ink: top, bottom, left, right; rows nearer than `gap` pixels belong together."""
    rows = [y for y, inked in enumerate(ink.getprojection()[1]) if inked]
    out: list[list[int]] = []
    for y in rows:
        if out and y - out[-1][1] <= gap:
            out[-1][1] = y + 1
        else:
            out.append([y, y + 1])
    found = []
    for top, bottom in out:
        left, _, right, _ = ink.crop((0, top, ink.width, bottom)).getbbox()
        found.append(tuple(mm(value) for value in (top, bottom, left, right)))
    return found


def dash_of(ink: Image.Image, band: Box) -> Box:
    """The dash at the left of a page number: the ink of its first two millimetres."""
    left, top, bottom = (round(value / 25.4 * DPI) for value in (band[2], band[0], band[1]))
    part = ink.crop((left, top, left + round(2 / 25.4 * DPI), bottom))
    box = part.getbbox()
    return (mm(top + box[1]), mm(top + box[3]), mm(left + box[0]), mm(left + box[2]))


def thin(band: Box) -> bool:
    return band[1] - band[0] < 1.2 and band[3] - band[2] > 100


def line_of(pdf: pdfplumber.PDF, text: str) -> Box:
    wanted = "".join(text.split())
    for page in reversed(pdf.pages):
        for line in page.extract_text_lines():
            if "".join(line["text"].split()) == wanted:
                return tuple(round(line[key] / 72 * 25.4, 2) for key in ("top", "bottom", "x0", "x1"))
    raise SystemExit(f"{text}: not found")


def main(file: str, name: str, date: str) -> None:
    with pdfplumber.open(file) as pdf:
        pages = len(pdf.pages)
        lines = {"name": line_of(pdf, name), "date": line_of(pdf, date)}
    first, last = page_image(file, 1), page_image(file, pages)
    reds = bands(mask(first, True))
    mark = next(band for band in reds if not thin(band))
    rule = next(band for band in reds if thin(band))
    blacks = [band for band in bands(mask(first, False)) if band[0] > mark[1]]
    number = next(band for band in blacks if band[1] <= rule[0] + 0.2)
    title = next(band for band in blacks if band[0] > rule[1])
    ink = mask(last, False)
    below = bands(ink, gap=1)
    rules = [band for band in below if thin(band)]
    foot = [band for band in below if band[0] > 262.6]
    seal = bands(mask(last, True), gap=60)
    out = {
        "pages": pages, "mark": mark, "number": number, "rule": rule, "title": title, **lines,
        "imprint": rules, "page-number": dash_of(ink, foot[0]), "seal": seal[-1] if seal else None,
    }
    print(json.dumps(out, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
