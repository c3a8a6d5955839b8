"""Makes a Word document such as an office has, with python-docx, from a text of one paragraph a line.

    TOOLS_DIR/venv/bin/python tests/external/word.py LETTERHEAD.txt PICTURE.png OUT.docx

A line that begins so is something else than a paragraph:

    header:    the header;  header+picture:  the header with the picture before it
    title:     a paragraph in the style Title
    row:       a row of a table, its cells between |
    keep:      a paragraph that stays on the page of the next
"""

from __future__ import annotations

import sys
from pathlib import Path

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt


def main(source: str, picture: str, out: str) -> None:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(28)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋")
    table = None
    for line in Path(source).read_text(encoding="utf-8").splitlines():
        kind, _, words = line.partition(": ")
        if kind in ("header", "header+picture"):
            paragraph = section.header.paragraphs[0]
            if kind == "header+picture":
                paragraph.add_run().add_picture(picture, height=Mm(12))
            paragraph.add_run(words)
        elif kind == "title":
            document.add_paragraph(words, style="Title")
        elif kind == "row":
            cells = words.split(" | ")
            table = table or document.add_table(rows=0, cols=len(cells), style="Table Grid")
            for cell, text in zip(table.add_row().cells, cells, strict=True):
                cell.text = text
        elif kind == "keep":
            document.add_paragraph(words).paragraph_format.keep_with_next = True
        else:
            document.add_paragraph(line)
    document.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
