"""Fills templates of other engines with them and, translated, with us, and compares the texts.

    python peers.py TOOLS NIANBAO WORK

docxtpl: the templates of docxtpl.toml, translated by `nianbao template convert`; its packages carry none of their own.
docxtemplater: the templates in the tests that its package carries, as far as their data is data and no program, translated
here. easy-template-x fills those, too, where it knows their tags; its package carries none. What is not the same stands in different.toml, each line with its reason. A template that differs and
is not named there is an error, and so is one that is named and does not differ. TOOLS holds what install.sh installed.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docx
from docxtpl import DocxTemplate
from lxml import etree

HERE = Path(__file__).resolve().parent
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml'
    '.document.main+xml"/></Types>'
)


def w(name: str) -> str:
    """The name of an element of WordprocessingML."""
    return f"{{{W}}}{name}"


@dataclass
class Outcome:
    """What a peer and we made of a template: the texts, or why there are none; and the rules that were told."""

    theirs: list[str] | str
    ours: list[str] | str
    told: set[str] = field(default_factory=set)

    def is_same(self) -> bool:
        """Whether both gave the same text."""
        return isinstance(self.theirs, list) and self.theirs == self.ours


def texts(document: bytes) -> list[str]:
    """The texts of the paragraphs of a body, with line ends and tabs; those that are empty say nothing."""
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    signs = {w("tab"): "\t", w("br"): "\n"}
    out = []
    for paragraph in root.iter(w("p")):
        pieces = (signs.get(node.tag, node.text if node.tag == w("t") else "") for node in paragraph.iter())
        out.append("".join(piece or "" for piece in pieces))
    return [text for text in out if text.strip()]


def fill(nianbao: str, template: Path, data: object) -> list[str] | str:
    """Fills a template with us."""
    source, out = template.with_suffix(".json"), template.with_suffix(".filled.docx")
    source.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    args = [nianbao, "fill", str(template), str(source), "-o", str(out), "--allow-missing", "--overwrite", "--lang", "en"]
    ran = subprocess.run(args, capture_output=True, text=True, check=False)
    return texts(out.read_bytes()) if ran.returncode == 0 else f"exit {ran.returncode}: {ran.stdout}{ran.stderr}"


def build(body: str) -> bytes:
    """Makes the document of a case of docxtpl.toml."""
    document = docx.Document()
    rows: list[list[str]] = []

    def end_table() -> None:
        if not rows:
            return
        table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
        for cells, words in zip(table.rows, rows, strict=True):
            for cell, text in zip(cells.cells, words, strict=True):
                first, *rest = text.split("⏎")
                add_runs(cell.paragraphs[0], first)
                for line in rest:
                    add_runs(cell.add_paragraph(), line)
        rows.clear()

    for line in body.strip("\n").split("\n"):
        if line.startswith("| "):
            rows.append([cell.strip() for cell in re.split(r" \|(?= |$)", line[2:])][:-1])
            continue
        end_table()
        add_runs(document.add_paragraph(), line)
    end_table()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_runs(paragraph: docx.text.paragraph.Paragraph, text: str) -> None:
    """Adds the runs of a line."""
    for run in text.split("¦"):
        paragraph.add_run(run)


def docxtpl(nianbao: str, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Fills every case of docxtpl.toml."""
    cases = tomllib.loads((HERE / "docxtpl.toml").read_text(encoding="utf-8"))["case"]
    for number, case in enumerate(cases):
        template = work / f"docxtpl-{number}.docx"
        template.write_bytes(build(case["body"]))
        data = json.loads(case["data"])
        peer = DocxTemplate(template)
        peer.render(data, autoescape=True)
        theirs = io.BytesIO()
        peer.save(theirs)
        converted = work / f"docxtpl-{number}-converted.docx"
        args = [nianbao, "template", "convert", str(template), "-o", str(converted), "--overwrite", "--message-format", "json"]
        ran = subprocess.run(args, capture_output=True, text=True, check=False)
        lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
        told = {json.loads(line)["rule"] for line in lines}
        if (ran.returncode == 1) != ("docxtpl-stays" in told) or ran.returncode > 1:
            sys.exit(f"docxtpl {case['name']}: exit {ran.returncode}, told {told}\n{ran.stderr}")
        yield case["name"], Outcome(texts(theirs.getvalue()), fill(nianbao, converted, data), told)


def package(content: str) -> bytes:
    """A document with a body; texts get the paragraphs, runs and tables that they lack."""
    if "<w:p" not in content:
        content = f"<w:p><w:r>{content}</w:r></w:p>" if "<w:r>" not in content else f"<w:p>{content}</w:p>"
    if content.startswith("<w:tr"):
        content = f"<w:tbl>{content}</w:tbl>"
    root = etree.fromstring(f"<w:document {NAMESPACES}><w:body>{content}<w:p/></w:body></w:document>")
    for node in list(root.iter()):
        if node.tag != w("t"):
            node.text = None
        node.tail = None
        if node.tag == w("t") and node.getparent().tag != w("r"):
            run = etree.Element(w("r"))
            node.addprevious(run)
            run.append(node)
        if node.tag == w("tbl") and node.find(w("tblGrid")) is None:
            count = max((len(row.findall(w("tc"))) for row in node.iter(w("tr"))), default=1)
            grid = etree.Element(w("tblGrid"))
            grid.extend(etree.Element(w("gridCol"), {w("w"): "1000"}) for _ in range(count))
            node.insert(0, grid)
            node.insert(0, etree.Element(w("tblPr")))
    return zipped(etree.tostring(root))


def zipped(document: bytes) -> bytes:
    """A package that holds nothing but a document."""
    links = (f'<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="rId1" Type="{OFFICE}" Target="word/document.xml"/>'
             "</Relationships>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", links)
        archive.writestr("word/document.xml", document)
    return out.getvalue()


# Marks around tags that are being translated: characters of the private use area.
OPEN, CLOSE = "\ue000", "\ue001"


class Untranslated(Exception):
    """A tag of docxtemplater that has no equal."""


def translate(document: bytes) -> bytes:
    """Translates the tags of docxtemplater in a document into ours."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    open_names: list[str] = []
    around: list[etree._Element | None] = []
    for paragraph in list(root.iter(w("p"))):
        nodes = list(paragraph.iter(w("t")))
        joined = "".join(node.text or "" for node in nodes)
        if "{=" in joined or "=}" in joined:
            raise Untranslated("other delimiters")
        for match in reversed(list(re.finditer(r"\{([^{}]*)\}", joined))):
            splice(nodes, match.span(), f"{OPEN}{match[1]}{CLOSE}")
        for node in nodes:
            node.text = re.sub(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}", lambda tag: ours(tag[1], node, open_names, around), node.text or "")
            node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return zipped(etree.tostring(root))


def splice(nodes: list[etree._Element], span: tuple[int, int], text: str) -> None:
    """Replaces a range of the joined text of nodes; the new text stands where the old one began."""
    at = 0
    for node in nodes:
        own = node.text or ""
        start, end = max(span[0] - at, 0), min(span[1] - at, len(own))
        if start < end:
            node.text = own[:start] + (text if span[0] >= at else "") + own[end:]
        at += len(own)


def ours(tag: str, node: etree._Element, names: list[str], around: list[etree._Element | None]) -> str:
    """Our tag for one of docxtemplater's. A loop that names the element that it repeats gets tags around that element."""
    if tag.startswith("@"):
        raise Untranslated("raw XML")
    if dashed := re.fullmatch(r"-w:(p|tr) (\w+)", tag):
        element = next(node.iterancestors(w(dashed[1])))
        element.addprevious(alone(dashed[1], f"{{{{#{dashed[2]}}}}}"))
        names.append(dashed[2])
        around.append(element)
        return ""
    if tag.startswith("-"):
        raise Untranslated("a loop over another element")
    if tag[:1] in ("#", "^"):
        names.append(path(tag[1:]))
        around.append(None)
        return f"{{{{{tag[0]}{names[-1]}}}}}"
    if tag.startswith("/"):
        name, element = names.pop(), around.pop()
        if element is None:
            return f"{{{{/{name}}}}}"
        kind = "tr" if element.tag == w("tr") else "p"
        element.addnext(alone(kind, f"{{{{/{name}}}}}"))
        return ""
    return "{{this}}" if tag == "." else f"{{{{{path(tag)}}}}}"


def path(name: str) -> str:
    """A name as we write it."""
    plain = re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name) and name not in ("true", "false")
    return name if plain else f"[{name}]"


def alone(kind: str, tag: str) -> etree._Element:
    """A paragraph or row that holds nothing but a tag."""
    paragraph = f"<w:p><w:r><w:t>{tag}</w:t></w:r></w:p>"
    row = f"<w:tr><w:tc>{paragraph}</w:tc></w:tr>"
    return etree.fromstring(f"<w:x {NAMESPACES}>{row if kind == 'tr' else paragraph}</w:x>")[0]


def node_peers(nianbao: str, tools: Path, work: Path) -> Iterator[tuple[str, str, Outcome]]:
    """Fills the templates in docxtemplater's tests with it and with easy-template-x."""
    modules = tools / "npm" / "node_modules"
    script = ["node", str(HERE / "node_peers.cjs")]
    listed = subprocess.run([*script, "fixtures", str(modules)], capture_output=True, check=True).stdout
    cases = [case for case in json.loads(listed) if case["usable"]]
    jobs: list[dict[str, object]] = []
    of_job = []
    for number, case in enumerate(cases):
        content = case["content"] if case["content"] is not None else f"<w:t>{case['text']}</w:t>"
        template = work / f"docxtemplater-{number}.docx"
        template.write_bytes(package(content))
        # The other one knows loops and names, and no other kind of tag.
        both = not re.search(r"\{[\^\-.=@ ]", content)
        for peer in ("docxtemplater", "easy-template-x") if both else ("docxtemplater",):
            out = work / f"{peer}-{number}.theirs.docx"
            job = {"peer": peer, "template": str(template), "data": case["data"], "options": case["options"], "out": str(out)}
            jobs.append(job)
            of_job.append(case)
    file = work / "jobs.json"
    file.write_text(json.dumps(jobs), encoding="utf-8")
    subprocess.run([*script, "fill", str(modules), str(file)], check=True)
    filled: dict[str, list[str] | str] = {}
    for job, case in zip(jobs, of_job, strict=True):
        template = Path(job["template"])
        if job["template"] not in filled:
            try:
                converted = template.with_suffix(".converted.docx")
                converted.write_bytes(translate(template.read_bytes()))
                filled[job["template"]] = fill(nianbao, converted, job["data"])
            except Untranslated as why:
                filled[job["template"]] = f"not translated: {why}"
        out = Path(job["out"])
        theirs = texts(out.read_bytes()) if out.exists() else Path(f"{out}.error").read_text(encoding="utf-8")
        content = case["text"] if case["text"] is not None else case["content"]
        yield job["peer"], f"{case['name']}: {' '.join(content.split())[:60]}", Outcome(theirs, filled[job["template"]])


def main(tools: Path, nianbao: str, work: Path) -> None:
    """Compares all, and holds different.toml to what was found."""
    known = tomllib.loads((HERE / "different.toml").read_text(encoding="utf-8"))
    found = [("docxtpl", name, outcome) for name, outcome in docxtpl(nianbao, work)]
    found += node_peers(nianbao, tools, work)
    faults = []
    for peer, lines in known.items():
        names = {name for other, name, _ in found if other == peer}
        faults += [f"{peer}: no template “{line['name']}”" for line in lines if line["name"] not in names]
    for peer, name, outcome in found:
        line = next((line for line in known.get(peer, []) if line["name"] == name), None)
        what = f"{peer}: “{name}”\n  theirs: {outcome.theirs}\n  ours:   {outcome.ours}\n  told:   {sorted(outcome.told)}"
        if outcome.is_same() and line:
            faults.append(f"does not differ, but different.toml says so: {what}")
        elif not outcome.is_same() and not line:
            faults.append(f"differs: {what}")
        elif line and "told" in line and line["told"] not in outcome.told:
            faults.append(f"{line['told']} is not told: {what}")
    for peer in ("docxtpl", "docxtemplater", "easy-template-x"):
        own = [outcome for other, _, outcome in found if other == peer]
        print(f"{peer}: {sum(outcome.is_same() for outcome in own)} of {len(own)} templates give the same text")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
