#!/usr/bin/env python3
"""Makes the documents of this folder that python-docx writes: a blank official form of each edition, and a
report typed into one.

    pip install python-docx==1.2.0 && python3 tests/import/blank.py [DIR]

The grids come from `tests/official/form-grids.json`, not from the program.
"""
import html.parser
import json
import pathlib
import re
import sys

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Pt

HERE = pathlib.Path(__file__).resolve().parent
GRIDS = json.loads((HERE.parent / "official" / "form-grids.json").read_text(encoding="utf-8"))
HEADINGS = ["一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况",
            "四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项"]


class Grid(html.parser.HTMLParser):
    """Rows of (text, columns, rows, is a figure)."""

    def __init__(self, text):
        super().__init__()
        self.rows = []
        # `7×<td>{n}</td>` are seven cells.
        self.feed(re.sub(r"(\d+)×(<td>.*?</td>)", lambda found: int(found[1]) * found[2], text))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append(["", int(attrs.get("colspan", 1)), int(attrs.get("rowspan", 1)), tag == "td"])

    def handle_data(self, data):
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1][0] += data.strip()


def add_table(document, key, value):
    grid = Grid(GRIDS[key]["html"])
    columns, count = GRIDS[key]["cols"], len(grid.rows)
    table = document.add_table(count, columns, style="Table Grid")
    taken, number = set(), 0
    for row, cells in enumerate(grid.rows):
        column = 0
        for text, colspan, rowspan, is_figure in cells:
            while (row, column) in taken:
                column += 1
            for r in range(row, row + rowspan):
                for c in range(column, column + colspan):
                    taken.add((r, c))
            cell = table.cell(row, column)
            if colspan > 1 or rowspan > 1:
                cell = cell.merge(table.cell(row + rowspan - 1, column + colspan - 1))
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            shown = value(key, number) if is_figure else text
            number += is_figure
            if shown:
                look(paragraph.add_run(shown))
            elif is_figure:
                # A blank cell remembers its look in its paragraph's mark.
                mark = paragraph._p.get_or_add_pPr()
                size = OxmlElement("w:sz")
                size.set(docx.oxml.ns.qn("w:val"), "21")
                inner = OxmlElement("w:rPr")
                inner.append(size)
                mark.append(inner)
            column += colspan
    return table


def look(run):
    run.font.size = Pt(10.5)


def make(path, keys, title, lead, texts, value):
    document = docx.Document()
    head = document.add_paragraph(title)
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(lead)
    for at, heading in enumerate(HEADINGS):
        document.add_paragraph(heading)
        if 1 <= at <= 3:
            add_table(document, keys[at - 1], value)
        else:
            for text in texts.get(at, [""]):
                document.add_paragraph(text)
    core = document.core_properties
    core.author, core.comments = "", ""
    document.save(path)


def main(out):
    def blank(key, number):
        return ""

    for year, keys in (("2019", ["T2_2019", "T3_2019", "T4"]), ("2021", ["T2_2021", "T3_2021", "T4"])):
        make(out / f"form-{year}.docx", keys, "（单位名称）××××年政府信息公开工作年度报告", "", {}, blank)

    def begun(key, number):
        return "5" if (key, number) == ("T2_2021", 0) else ""

    keys = ["T2_2021", "T3_2021", "T4"]
    make(out / "form-begun.docx", keys, "××镇2025年政府信息公开工作年度报告", "（此处写编制依据）", {}, begun)

    def typed(key, number):
        # Seven columns, the last their sum; fifteen in groups of five.
        if key == "T3_2021":
            row, column = divmod(number, 7)
            values = [(row * 3 + at) % 5 for at in range(6)]
            return str(sum(values) if column == 6 else values[column])
        if key == "T4":
            column = number % 5
            return str(4 * (number // 5) if column == 4 else number // 5)
        return "1.5" if number == 9 else str(number)

    texts = {0: ["2025年，青禾镇做好政府信息公开工作。", "（一）主动公开", "公开信息86条。"], 4: ["公开不够及时，下一步每月检查。"], 5: ["无。"]}
    make(out / "python-docx.docx", keys, "青禾镇人民政府2025年政府信息公开工作年度报告",
         "统计期限自2025年1月1日起至2025年12月31日止。", texts, typed)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
