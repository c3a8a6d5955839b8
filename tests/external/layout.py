"""Tells where things stand in a PDF, page by page, as pdfplumber reads it; lengths in millimetres.

    TOOLS_DIR/venv/bin/python tests/external/layout.py FILE.pdf...

A line of text:   TOP BOTTOM LEFT RIGHT | its words without spaces
A table:          TOP BOTTOM LEFT RIGHT | [table]       what is in it is left out
A rule, picture:  TOP BOTTOM LEFT RIGHT | [rule] or [picture]

`tests/external/letterheads.rs` compares this with golden files; nothing here shares code with the program under
test. Several files are told apart by a line `file NAME`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pdfplumber

Box = tuple[float, float, float, float]
# A table has at least so many cells; two lines with rules around them are none.
CELLS = 4
# A rule is so wide.
WIDE = 100.0


def mm(points: float) -> float:
    return round(points / 72 * 25.4, 1)


def box(thing: Any) -> Box:
    return (mm(thing["top"]), mm(thing["bottom"]), mm(thing["x0"]), mm(thing["x1"]))


def inside(one: Box, other: Box, slack: float = 0.5) -> bool:
    """Whether the middle of one lies in the other."""
    middle = (one[0] + one[1]) / 2
    return other[0] - slack <= middle <= other[1] + slack


def tables(page: Any) -> list[Box]:
    found = [table for table in page.find_tables() if len(table.cells) >= CELLS]
    return [(mm(t.bbox[1]), mm(t.bbox[3]), mm(t.bbox[0]), mm(t.bbox[2])) for t in found]


def rules(page: Any, taken: list[Box]) -> list[Box]:
    """Wide horizontal strokes outside tables; the edges of one stroke count as one."""
    edges = [box(edge) for edge in page.edges if edge["orientation"] == "h"]
    wide = sorted(edge for edge in edges if edge[3] - edge[2] > WIDE)
    out: list[Box] = []
    for edge in wide:
        if any(inside(edge, table) for table in taken):
            continue
        if out and edge[0] - out[-1][1] < 1.2:
            out[-1] = (out[-1][0], edge[1], out[-1][2], out[-1][3])
        else:
            out.append(edge)
    return out


def page_lines(page: Any) -> list[tuple[Box, str]]:
    # What a reader does not see, such as a mark outside the paper, is left out.
    taken = tables(page)
    out = [(table, "[table]") for table in taken]
    out += [(rule, "[rule]") for rule in rules(page, taken)]
    out += [(box(image), "[picture]") for image in page.images]
    for line in page.extract_text_lines():
        place = box(line)
        if not any(inside(place, table, 0.0) for table in taken):
            out.append((place, "".join(line["text"].split())))
    return sorted(out)


def main(files: list[str]) -> None:
    for file in files:
        if len(files) > 1:
            print(f"file {Path(file).name}")
        with pdfplumber.open(file) as pdf:
            for number, page in enumerate(pdf.pages, 1):
                print(f"page {number}")
                for place, words in page_lines(page):
                    print(" ".join(f"{value:5.1f}" for value in place), "|", words)


if __name__ == "__main__":
    main(sys.argv[1:])
