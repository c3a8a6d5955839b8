"""What `fill` takes for a JSON file of 51 MB of which a template uses 100 rows, beside docxtpl; prints Markdown.

    python3 benches/large/measure.py PROGRAM [ROUNDS]

PROGRAM is nianbao, built with optimisation and without PDF:

    cargo build --locked --release --no-default-features --features cli --target-dir target/large

Needs docxtpl for this Python. The two take turns; each run is a process of its own, whose memory and CPU the system
tells when it ends (`wait4`). The data is written by a process of its own: a child counts what its parent held when it
was started, too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

USED, UNUSED = 100, 176_000
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMES = ("number", "name", "amount", "date", "note")

JINJA_JOB = """
import json, sys
from docxtpl import DocxTemplate
template = DocxTemplate(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    data = json.load(file)
template.render(data, autoescape=True)
template.save(sys.argv[3])
"""


def row(number: int) -> dict[str, object]:
    """A row of the data; the same for every run."""
    return {"number": number, "name": f"单位{number % 977}", "amount": f"{number * 37 % 100_000}.{number % 100:02}",
            "date": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}", "note": f"第{number % 64}号卷宗，已归档：" + "经办人已核对，无异议。" * 5}


def write_data(path: Path) -> None:
    """The rows that are used, and many that are not."""
    data = {"title": "清单", "rows": [row(number) for number in range(USED)],
            "archive": [row(number) for number in range(UNUSED)]}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def paragraph(text: str) -> str:
    """A paragraph of one run."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table_row(cells: list[str]) -> str:
    """A row of a table."""
    return f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in cells)}</w:tr>"


def write_template(path: Path, title: str, rows: str) -> None:
    """A document with a title and a table."""
    grid = '<w:gridCol w:w="1800"/>' * len(NAMES)
    body = f"{paragraph(title)}<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>{paragraph('')}"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{OFFICE}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{R}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text)


def write_templates(folder: Path) -> tuple[Path, Path]:
    """Ours and that of docxtpl."""
    ours, theirs = folder / "ours.docx", folder / "jinja.docx"
    cells = [f"{{{{{name}}}}}" for name in NAMES]
    cells[0], cells[-1] = "{{#each rows}}" + cells[0], cells[-1] + "{{/each}}"
    write_template(ours, "{{title}}", table_row(cells))
    cells = [f"{{{{ r.{name} }}}}" for name in NAMES]
    loop = table_row(["{%tr for r in rows %}"]) + table_row(cells) + table_row(["{%tr endfor %}"])
    write_template(theirs, "{{ title }}", loop)
    return ours, theirs


def run(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and the most memory in MB of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"measure.py: {command[0]} failed")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row_count(path: Path) -> int:
    """The rows of the table that was written."""
    with zipfile.ZipFile(path) as package:
        return package.read("word/document.xml").decode().count("<w:tr>")


def main() -> None:
    """A line for each program: median wall and CPU time, least and greatest peak."""
    if sys.argv[1] == "--write":
        return write_data(Path(sys.argv[2]))
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, job = folder / "data.json", folder / "job.py"
        subprocess.run([sys.executable, __file__, "--write", str(data)], check=True)
        job.write_text(JINJA_JOB, encoding="utf-8")
        ours, theirs = write_templates(folder)
        outputs = {"nianbao fill": folder / "ours.out.docx", "docxtpl": folder / "jinja.out.docx"}
        commands = {
            "nianbao fill": [program, "fill", str(ours), str(data), "-o", str(outputs["nianbao fill"])],
            "docxtpl": [sys.executable, str(job), str(theirs), str(data), str(outputs["docxtpl"])],
        }
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
        load = os.getloadavg()[0]
        for _ in range(rounds):
            for name, command in commands.items():
                found[name].append(run(command))
        counts = {row_count(path) for path in outputs.values()}
        if counts != {USED}:
            sys.exit(f"measure.py: rows {counts} instead of {USED}")
        print(f"{data.stat().st_size / 1e6:.1f} MB of JSON, {USED} of {USED + UNUSED:,} rows used; {rounds} rounds in turns, "
              f"load at the start {load:.1f}.\n")
        print("| | wall s | CPU s | peak MB |\n|---|--:|--:|--:|")
        for name, samples in found.items():
            wall, cpu = (statistics.median(sample[at] for sample in samples) for at in (0, 1))
            peaks = [sample[2] for sample in samples]
            print(f"| {name} | {wall:.2f} | {cpu:.2f} | {min(peaks):.0f} to {max(peaks):.0f} |")


if __name__ == "__main__":
    main()
