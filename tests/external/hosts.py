"""Makes three Word documents such as people bring as letterheads, each with `{{report}}` in a paragraph.

    TOOLS_DIR/venv/bin/python tests/external/hosts.py OUT_DIR PICTURE.png

    python-docx.docx   python-docx's default template, with a header and a table above the report
    wps.docx           as WPS writes them: fonts by theme, Chinese style names, a picture in the header
    plain.html         for LibreOffice to convert: soffice.sh TOOLS_DIR OUT_DIR "docx:MS Word 2007 XML" plain.html
"""

from __future__ import annotations

import sys
from pathlib import Path

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

HTML = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>便笺</title></head><body>
<h1>云砚镇人民政府便笺</h1><p>文号：{{letterhead.number}}</p><p>{{report}}</p><p>特此报告。</p></body></html>
"""


def python_docx(out: Path) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{organ.name}}  {{#if draft}}草稿{{/if}}"
    table = document.add_table(rows=1, cols=2, style="Table Grid")
    table.cell(0, 0).text, table.cell(0, 1).text = "文号", "{{letterhead.number}}"
    document.add_paragraph("{{report}}")
    document.add_paragraph("特此报告。")
    document.save(str(out / "python-docx.docx"))


def wps(out: Path, picture: str) -> None:
    document = Document()
    names = {"Heading 1": "标题 1", "Heading 2": "标题 2", "Title": "标题"}
    for style in document.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH and style.name in names:
            style.element.find(qn("w:name")).set(qn("w:val"), names[style.name])
    normal = document.styles["Normal"]
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for kind, theme in [("ascii", "minorHAnsi"), ("hAnsi", "minorHAnsi"), ("eastAsia", "minorEastAsia")]:
        fonts.set(qn(f"w:{kind}Theme"), theme)
    normal.font.size = Pt(10.5)
    section = document.sections[0]
    section.page_width, section.page_height, section.left_margin = Mm(210), Mm(297), Mm(30)
    section.header.paragraphs[0].add_run().add_picture(picture, width=Mm(15))
    section.header.paragraphs[0].add_run("  云砚镇人民政府")
    document.add_paragraph("{{letterhead.mark}}")
    document.add_paragraph("{{report}}")
    document.add_paragraph("{{letterhead.signature}}  {{letterhead.date}}")
    document.save(str(out / "wps.docx"))


def main(out: str, picture: str) -> None:
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    python_docx(folder)
    wps(folder, picture)
    (folder / "plain.html").write_text(HTML, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
