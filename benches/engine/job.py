"""Makes the document of the engine comparison: one template for each language of tags, and the data.

    python job.py FOLDER [DOCUMENTS]

About eight A4 pages: 25 narrative tags, a loop over 6 subsections, 19 figures in the text and 212 in three tables
(18×4, 28×10, 4×15) with spans and vertical merges. Writes handlebars.docx, jinja.docx, curly.docx (docxtemplater and
easy-template-x), carbone.docx, data.jsonl (one data set a line), and expected.json with the paragraphs of the
first document. The same bytes on every run; nothing but the standard library.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

NARRATIVES, INLINE, SECTIONS = 25, 19, 6
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FANGSONG, SIMSUN = ('<w:rFonts w:eastAsia="仿宋_GB2312"/>', '<w:rFonts w:eastAsia="宋体"/>')


@dataclass(frozen=True)
class Language:
    """How a language writes a value of the data, a value of the loop's item, and the loop's two lines."""

    value: Callable[[str], str]
    item: Callable[[str], str]
    begin: str
    end: str
    # carbone repeats what stands between the item and "the next item", which it then drops.
    ends_with_item: bool = False


LANGUAGES = {
    "handlebars": Language("{{{{{}}}}}".format, "{{{{{}}}}}".format, "{{#each sections}}", "{{/each}}"),
    "jinja": Language("{{{{ {} }}}}".format, "{{{{ s.{} }}}}".format, "{%p for s in sections %}", "{%p endfor %}"),
    "curly": Language("{{{}}}".format, "{{{}}}".format, "{#sections}", "{/sections}"),
    "carbone": Language("{{d.{}}}".format, "{{d.sections[i].{}}}".format, "", "{d.sections[i+1].title}", True),
}


class Body:
    """The document's blocks, in one language or, with data, filled."""

    def __init__(self, language: Language, data: dict[str, Any] | None = None) -> None:
        self.language, self.data = language, data
        self.blocks: list[str] = []
        self.texts: list[str] = []
        self.used = dict.fromkeys("nkc", 0)
        self.spans = self.merges = 0

    def tag(self, kind: str) -> str:
        """The next value of a kind: n narrative, k figure in the text, c figure in a cell."""
        self.used[kind] += 1
        return self.value(f"{kind}{self.used[kind]}")

    def value(self, name: str, item: dict[str, str] | None = None) -> str:
        """A tag, or its value once there is data."""
        if self.data is not None:
            return str((item or self.data)[name])
        return self.language.item(name) if name in ("title", "body") else self.language.value(name)

    def run(self, text: str, font: str, size: int, bold: bool = False) -> str:
        """A run of one look."""
        weight = "<w:b/><w:bCs/>" if bold else ""
        return (f'<w:r><w:rPr>{font}{weight}<w:sz w:val="{size}"/></w:rPr>'
                f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>')

    def paragraph(self, *texts: str, style: str = "BodyText", bold: bool = False) -> None:
        """A paragraph of the narrative, one run for each text."""
        self.texts.append("".join(texts))
        runs = "".join(self.run(text, FANGSONG, 32, bold) for text in texts)
        self.blocks.append(f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:spacing w:line="560" w:lineRule="exact"/>'
                           f'<w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/></w:pPr>{runs}</w:p>')

    def sections(self) -> None:
        """The loop: a heading and a text for each subsection."""
        items = self.data["sections"] if self.data is not None else [None]
        if self.data is None and self.language.begin:
            self.paragraph(self.language.begin)
        for item in items:
            self.paragraph(self.value("title", item), style="Heading2", bold=True)
            self.paragraph(self.value("body", item))
        if self.data is None:
            self.paragraph(self.language.end, style="Heading2" if self.language.ends_with_item else "BodyText")

    def cell(self, text: str, width: int, span: int = 1, merge: str = "") -> str:
        """A cell; merge is restart or continue."""
        self.texts.append(text)
        self.spans += span > 1
        self.merges += bool(merge)
        more = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        more += f'<w:vMerge w:val="{merge}"/>' if merge else ""
        run = self.run(text, SIMSUN, 18) if text else ""
        return (f'<w:tc><w:tcPr><w:tcW w:w="{width * span}" w:type="dxa"/>{more}</w:tcPr>'
                f'<w:p><w:pPr><w:spacing w:line="240" w:lineRule="auto"/><w:jc w:val="center"/></w:pPr>{run}</w:p></w:tc>')

    def table(self, columns: int, rows: list[Callable[[int], list[str]]]) -> None:
        """A table from functions that make the cells of a row when their turn comes."""
        width = 9000 // columns
        grid = f'<w:gridCol w:w="{width}"/>' * columns
        edges = "".join(f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
                        for edge in ("top", "left", "bottom", "right", "insideH", "insideV"))
        body = "".join(f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="400" w:hRule="atLeast"/></w:trPr>'
                       f'{"".join(row(width))}</w:tr>' for row in rows)
        self.blocks.append(f'<w:tbl><w:tblPr><w:tblW w:w="9000" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{edges}'
                           f'</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>')
        self.paragraph("注：本表数据按年度统计。")

    def disclosures(self) -> None:
        """18 rows of 4: six headings over the whole width, each with two rows of figures below."""
        rows: list[Callable[[int], list[str]]] = []
        for part in range(6):
            rows.append(lambda width, part=part: [self.cell(f"第二十条第（{part + 1}）项", width, 4)])
            rows += [lambda width, name=name: [self.cell(name, width), *(self.cell(self.tag("c"), width) for _ in range(3))]
                     for name in ("行政许可", "其他对外管理服务事项")]
        self.table(4, rows)

    def requests(self) -> None:
        """28 rows of 10: a head of three rows, 23 rows of figures beside merged labels, two notes."""
        heads = [
            lambda width: [self.cell("申请情况", width, 3, "restart"), self.cell("申请人情况", width, 7)],
            lambda width: [self.cell("", width, 3, "continue"), self.cell("自然人", width, 1, "restart"),
                           self.cell("法人或其他组织", width, 5), self.cell("总计", width, 1, "restart")],
            lambda width: [self.cell("", width, 3, "continue"), self.cell("", width, 1, "continue"),
                           *(self.cell(name, width) for name in ("商业企业", "科研机构", "公益组织", "法律机构", "其他")),
                           self.cell("", width, 1, "continue")],
        ]

        def row(number: int) -> Callable[[int], list[str]]:
            def cells(width: int) -> list[str]:
                labels = [self.cell(f"办理{number // 12 + 1}" if number % 12 == 0 else "", width, 1,
                                    "continue" if number % 12 else "restart"),
                          self.cell(f"结果{number // 4 + 1}" if number % 4 == 0 else "", width, 1,
                                    "continue" if number % 4 else "restart"),
                          self.cell(f"第{number + 1}种情形", width)]
                return labels + [self.cell(self.tag("c"), width) for _ in range(7)]

            return cells

        notes = [lambda width, note=note: [self.cell(note, width, 3), self.cell("见正文", width, 7)] for note in ("备注一", "备注二")]
        self.table(10, [*heads, *map(row, range(23)), *notes])

    def reviews(self) -> None:
        """4 rows of 15: a head of three rows and one row of figures."""
        kinds = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
        self.table(15, [
            lambda width: [self.cell("行政复议", width, 5, "restart"), self.cell("行政诉讼", width, 10)],
            lambda width: [self.cell("", width, 5, "continue"), self.cell("未经复议直接起诉", width, 5), self.cell("复议后起诉", width, 5)],
            lambda width: [self.cell(kind, width) for _ in range(3) for kind in kinds],
            lambda width: [self.cell(self.tag("c"), width) for _ in range(15)],
        ])


def body(language: Language, data: dict[str, Any] | None = None) -> Body:
    """The whole document."""
    doc = Body(language, data)
    doc.paragraph(doc.tag("n"), style="Title", bold=True)
    for _ in range(4):
        doc.paragraph(doc.tag("n"))
        doc.paragraph("本年度共制作信息", doc.tag("k"), "条，其中主动公开", doc.tag("k"), "条，占比", doc.tag("k"), "%。")
    doc.paragraph("一、总体情况", style="Heading1", bold=True)
    doc.sections()
    doc.paragraph("二、主动公开政府信息情况", style="Heading1", bold=True)
    doc.disclosures()
    for _ in range(7):
        doc.paragraph(doc.tag("n"), "本项共", doc.tag("k"), "件。")
    doc.paragraph("三、收到和处理政府信息公开申请情况", style="Heading1", bold=True)
    doc.requests()
    for _ in range(7):
        doc.paragraph(doc.tag("n"))
    doc.paragraph("四、行政复议、行政诉讼情况", style="Heading1", bold=True)
    doc.reviews()
    while doc.used["n"] < NARRATIVES:
        doc.paragraph(doc.tag("n"))
    assert doc.used == {"n": NARRATIVES, "k": INLINE, "c": 212}, doc.used
    return doc


def package(document: str) -> list[tuple[str, str]]:
    """The parts of the file."""
    office = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    kinds = {"styles": "styles", "settings": "settings", "fontTable": "fontTable", "header1": "header", "footer1": "footer"}
    types = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{office}.{kind}+xml"/>' for name, kind in kinds.items())
    relations = "".join(f'<Relationship Id="rId{number}" Type="{R}/{kind}" Target="{name}.xml"/>'
                        for number, (name, kind) in enumerate(kinds.items(), 1))
    styles = "".join(f'<w:style w:type="paragraph" {"w:default=" + chr(34) + "1" + chr(34) if name == "Normal" else ""} w:styleId="{name}">'
                     f'<w:name w:val="{name}"/><w:qFormat/><w:rPr>{FANGSONG}<w:sz w:val="32"/></w:rPr></w:style>'
                     for name in ("Normal", "BodyText", "Title", "Heading1", "Heading2"))
    line = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr>{SIMSUN}</w:rPr><w:t>年度报告</w:t></w:r></w:p>'
    return [(name, HEAD + text) for name, text in [
        ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
         '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         f'<Default Extension="xml" ContentType="application/xml"/>'
         f'<Override PartName="/word/document.xml" ContentType="{office}.document.main+xml"/>{types}'
         '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'),
        ("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
         f'<Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" '
         'Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
         '</Relationships>'),
        ("word/_rels/document.xml.rels",
         f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'),
        ("word/document.xml", f'<w:document {W} xmlns:r="{R}"><w:body>{document}<w:sectPr><w:headerReference w:type="default" r:id="rId4"/>'
         '<w:footerReference w:type="default" r:id="rId5"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" '
         'w:bottom="1984" w:left="1587" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>'),
        ("word/styles.xml", f'<w:styles {W}>{styles}</w:styles>'),
        ("word/settings.xml", f'<w:settings {W}><w:zoom w:percent="100"/></w:settings>'),
        ("word/fontTable.xml", f'<w:fonts {W}><w:font w:name="宋体"/><w:font w:name="仿宋_GB2312"/></w:fonts>'),
        ("word/header1.xml", f'<w:hdr {W}>{line}</w:hdr>'),
        ("word/footer1.xml", f'<w:ftr {W}>{line}</w:ftr>'),
        ("docProps/core.xml", '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
         'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>年度报告</dc:title></cp:coreProperties>'),
    ]]


def data_set(number: int) -> dict[str, Any]:
    """One data set, different from all others in every value."""
    sentence = "坚持以公开为常态、不公开为例外，及时回应群众关切，共办理{}件，<全部>按期办结 & 归档。"
    data: dict[str, Any] = {f"n{n}": "".join(sentence.format(number * 7 + n * 3 + s) for s in range(1 if n == 1 else 4))
                            for n in range(1, NARRATIVES + 1)}
    data["n1"] = f"某某市人民政府第{number}号政府信息公开工作年度报告"
    data["sections"] = [{"title": f"（{n + 1}）第{number}年工作情况之{n + 1}",
                         "body": "".join(sentence.format(number + n * 11 + s) for s in range(7))} for n in range(SECTIONS)]
    data |= {f"k{n}": (number * 31 + n * 17) % 9973 for n in range(1, INLINE + 1)}
    data |= {f"c{n}": (number * 13 + n * 29) % 997 for n in range(1, 213)}
    return data


def main(folder: Path, documents: int) -> None:
    """Writes everything."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, language in LANGUAGES.items():
        doc = body(language)
        with zipfile.ZipFile(folder / f"{name}.docx", "w", zipfile.ZIP_DEFLATED) as out:
            for part, text in package("".join(doc.blocks)):
                out.writestr(zipfile.ZipInfo(part, (2020, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
                if name == "handlebars" and part.endswith("document.xml"):
                    size = len(text.encode())
    sets = [data_set(number) for number in range(documents + 1)]
    lines = [json.dumps(data, ensure_ascii=False) for data in sets]
    (folder / "data.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "one.jsonl").write_text(lines[0] + "\n", encoding="utf-8")
    (folder / "data.json").write_text(lines[0], encoding="utf-8")
    filled = body(LANGUAGES["handlebars"], sets[0])
    (folder / "expected.json").write_text(json.dumps(filled.texts, ensure_ascii=False), encoding="utf-8")
    final = package("".join(filled.blocks))[3][1]
    prose = sum(len(value) for key, value in sets[0].items() if key.startswith("n"))
    prose += sum(len(item["title"] + item["body"]) for item in sets[0]["sections"])
    print(f"document.xml: {size:,} bytes as a template, {len(final.encode()):,} filled; {NARRATIVES} narrative tags, a loop over "
          f"{SECTIONS}, {INLINE} + 212 figures, {prose:,} characters of prose, {doc.spans} spans, {doc.merges} merged cells")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
