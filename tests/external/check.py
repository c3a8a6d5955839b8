"""Reads finished documents with programs and code that are not ours, and prints JSON for the tests to compare.

    TOOLS_DIR/venv/bin/python tests/external/check.py COMMAND FILE

    docx-tables FILE.docx    top-level tables as rows of {text, colspan, rowspan}
    odt-tables FILE.odt      the same from what LibreOffice made of the .docx
    pdf-numbers FILE.pdf     text and tables of each page, found by pdfplumber from ink and rulings
    pdf-facts FILE.pdf       pages, fonts, catalogue entries and what qpdf says of the file's syntax
    pdf-structure FILE.pdf   headings and tables of the structure tree

Exit code 0: read and sound. 1: the file is broken, and one line on stderr says in which way. 2: could not be run.
Nothing here shares code or a library with the program under test.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


class Broken(Exception):
    """The file is not what it should be; the message is for the person who reads the test's output."""


@dataclass
class Cell:
    """One visible cell: a merged area counts once, at its upper left corner."""

    text: str
    colspan: int = 1
    rowspan: int = 1


Row = list[Cell]
Table = list[Row]


def part(file: str, name: str) -> Element:
    """The root element of one XML part of a zip package."""
    try:
        with zipfile.ZipFile(file) as package:
            damaged = package.testzip()
            if damaged is not None:
                raise Broken(f"{file}: {damaged} has a wrong checksum")
            return ElementTree.fromstring(package.read(name))
    except zipfile.BadZipFile as error:
        raise Broken(f"{file}: not a zip package: {error}") from error
    except KeyError as error:
        raise Broken(f"{file}: there is no {name} in it") from error
    except ElementTree.ParseError as error:
        raise Broken(f"{file}: {name} is not well-formed: {error}") from error


def text_of(element: Element, emit: Callable[[Element], str | None]) -> str:
    """Text in document order. `emit` gives an element's own text, or None to look into its children."""
    own = emit(element)
    return own if own is not None else "".join(text_of(child, emit) for child in element)


def paragraphs(element: Element, emit: Callable[[Element], str | None], tags: tuple[str, ...], stop: str) -> str:
    """The texts of all paragraphs under `element`, one a line, nested tables included; `stop` is looked past."""
    lines: list[str] = []

    def walk(at: Element) -> None:
        for child in at:
            if child.tag in tags:
                lines.append(text_of(child, emit))
            elif child.tag != stop:
                walk(child)

    walk(element)
    return "\n".join(lines).strip()


# ---- Word ------------------------------------------------------------------------------------------------------


def through(parent: Element, wanted: str, wrappers: tuple[str, ...]) -> Iterator[Element]:
    """Children called `wanted`, also those inside the given wrappers."""
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag in wrappers:
            yield from through(child, wanted, wrappers)


WORD_WRAPPERS = tuple(W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"))


def word_text(element: Element) -> str | None:
    """What a reader of the Word document sees of this element."""
    match element.tag.removeprefix(W):
        case "t":
            return element.text or ""
        case "tab":
            return "\t"
        case "br" | "cr":
            return "\n"
        case "noBreakHyphen":
            return "\u2011"
        # Properties hold no text (but w:tab of tab stops); deleted text and the older copy of a drawing are not shown.
        case "pPr" | "rPr" | "del" | "moveFrom":
            return ""
    return "" if element.tag == MC + "Fallback" else None


def number(element: Element | None, path: str, default: int) -> int:
    """The w:val of the element at `path` as a number."""
    found = element.find(path) if element is not None else None
    return default if found is None else int(found.get(W + "val", default))


@dataclass
class GridCell:
    """A cell as Word stores it: every row of a vertical merge has one."""

    column: int
    cell: Cell
    merge: str | None  # None, "restart" or "continue"


def word_row(row: Element) -> list[GridCell]:
    """The cells of one w:tr with the grid column in which each starts."""
    column = number(row.find(W + "trPr"), W + "gridBefore", 0)
    cells: list[GridCell] = []
    for cell in through(row, W + "tc", WORD_WRAPPERS):
        properties = cell.find(W + "tcPr")
        span = number(properties, W + "gridSpan", 1)
        merged = properties.find(W + "vMerge") if properties is not None else None
        merge = None if merged is None else merged.get(W + "val", "continue")
        text = paragraphs(cell, word_text, (W + "p",), MC + "Fallback")
        cells.append(GridCell(column, Cell(text, colspan=span), merge))
        column += span
    return cells


def word_table(table: Element) -> Table:
    """A w:tbl with its vertical merges resolved to rowspans."""
    rows: Table = []
    open_merges: dict[int, Cell] = {}
    for index, row in enumerate(through(table, W + "tr", WORD_WRAPPERS), start=1):
        visible: Row = []
        above, open_merges = open_merges, {}
        for at in word_row(row):
            if at.merge != "continue":
                visible.append(at.cell)
                if at.merge == "restart":
                    open_merges[at.column] = at.cell
                continue
            start = above.get(at.column)
            if start is None or start.colspan != at.cell.colspan:
                raise Broken(f"row {index}, grid column {at.column + 1}: a vertical merge continues no cell above")
            if at.cell.text:
                raise Broken(f"row {index}, grid column {at.column + 1}: hidden text in a merged cell: {at.cell.text}")
            start.rowspan += 1
            open_merges[at.column] = start
        rows.append(visible)
    return rows


def docx_tables(file: str) -> list[Table]:
    """The top-level tables of the main document part."""
    body = part(file, "word/document.xml").find(W + "body")
    if body is None:
        raise Broken(f"{file}: word/document.xml has no body")
    return [word_table(table) for table in through(body, W + "tbl", WORD_WRAPPERS)]


# ---- OpenDocument ----------------------------------------------------------------------------------------------

ODT_WRAPPERS = (TEXT + "section",)
ROW_WRAPPERS = tuple(TABLE + name for name in ("table-header-rows", "table-rows", "table-row-group"))


def odt_text(element: Element) -> str | None:
    """What a reader of the OpenDocument text sees of this element; spaces, tabs and breaks are elements there."""
    inner = "".join(text_of(child, odt_text) + (child.tail or "") for child in element)
    match element.tag:
        case tag if tag == TEXT + "s":
            return " " * int(element.get(TEXT + "c", "1"))
        case tag if tag == TEXT + "tab":
            return "\t"
        case tag if tag == TEXT + "line-break":
            return "\n"
        case tag if tag in (TEXT + "note", OFFICE + "annotation"):
            return ""
    return (element.text or "") + inner


def repeated(element: Element, attribute: str) -> range:
    """OpenDocument writes equal neighbours once, with a count."""
    return range(int(element.get(TABLE + attribute, "1")))


def odt_row(row: Element) -> Row:
    """The visible cells of one table:table-row."""
    cells: Row = []
    for cell in row:
        if cell.tag != TABLE + "table-cell":
            continue
        if cell.find(f"{TABLE}table[@{TABLE}is-sub-table='true']") is not None:
            raise Broken("LibreOffice split a cell into a sub-table: its rows do not fit one grid")
        text = paragraphs(cell, odt_text, (TEXT + "p", TEXT + "h"), TEXT + "tracked-changes")
        colspan = int(cell.get(TABLE + "number-columns-spanned", "1"))
        rowspan = int(cell.get(TABLE + "number-rows-spanned", "1"))
        cells.extend(Cell(text, colspan, rowspan) for _ in repeated(cell, "number-columns-repeated"))
    return cells


def odt_tables(file: str) -> list[Table]:
    """The top-level tables of an OpenDocument text."""
    body = part(file, "content.xml").find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise Broken(f"{file}: content.xml holds no text document")
    return [
        [odt_row(row) for row in through(table, TABLE + "table-row", ROW_WRAPPERS)
         for _ in repeated(row, "number-rows-repeated")]
        for table in through(body, TABLE + "table", ODT_WRAPPERS)
    ]


# ---- PDF -------------------------------------------------------------------------------------------------------


def run(*command: str, accept: tuple[int, ...] = (0,)) -> str:
    """Standard output of a command; a status that is not accepted means that the file is broken."""
    done = subprocess.run(command, capture_output=True, check=False)
    output, errors = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
    if done.returncode not in accept:
        message = "; ".join((errors or output).strip().splitlines())
        raise Broken(f"{command[0]} ended with {done.returncode}: {message}")
    return output


def without_space(text: str | None) -> str | None:
    """Layout breaks lines inside cells, so white space says nothing. None is a cell hidden by a merge."""
    return None if text is None else re.sub(r"\s+", "", text)


def pdf_numbers(file: str) -> dict[str, Any]:
    """Text and tables of each page as they are drawn, without the structure tree."""
    import pdfplumber  # the only third-party module, and only here

    pages = []
    try:
        with pdfplumber.open(file) as pdf:
            for page in pdf.pages:
                tables = [[[without_space(cell) for cell in row] for row in table] for table in page.extract_tables()]
                pages.append({"number": page.page_number, "text": page.extract_text(), "tables": tables})
    except Exception as error:  # pdfminer's errors have no common base
        raise Broken(f"{file}: pdfplumber cannot read it: {error!r}") from error
    if not pages:
        raise Broken(f"{file}: there is no page in it")
    return {"pages": pages}


FONT_LINE = re.compile(
    r"^(?P<name>.*?)\s+(?P<type>Type 1C? ?(?:\(OT\))?|Type 3|TrueType(?: \(OT\))?|CID Type 0C?(?: \(OT\))?"
    r"|CID TrueType(?: \(OT\))?|unknown)\s+(?P<encoding>\S+)\s+(?P<embedded>yes|no)\s+(?P<subset>yes|no)"
    r"\s+(?P<unicode>yes|no)\s+\d+\s+\d+$"
)


def fonts(file: str) -> list[dict[str, Any]]:
    """The fonts of the file by `pdffonts`."""
    found = []
    for line in run("pdffonts", file).splitlines()[2:]:
        match = FONT_LINE.match(line.strip())
        if match is None:
            raise Broken(f"pdffonts printed a line that is not understood: {line}")
        font: dict[str, Any] = {key: match[key].strip() for key in ("name", "type", "encoding")}
        found.append(font | {key: match[key] == "yes" for key in ("embedded", "subset", "unicode")})
    return found


def page_sizes(file: str) -> list[list[float]]:
    """Width and height of each page in points, by `pdfinfo`."""
    lines = run("pdfinfo", "-f", "1", "-l", "-1", file)
    return [[float(width), float(height)] for width, height in
            re.findall(r"^Page\s+\d+ size:\s+([\d.]+) x ([\d.]+) pts", lines, re.MULTILINE)]


def info_lines(file: str) -> dict[str, str]:
    """What `pdfinfo` prints as `Key: value`."""
    pairs = (line.partition(":") for line in run("pdfinfo", file).splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def catalogue(file: str) -> dict[str, Any]:
    """The document catalogue by `qpdf --json`."""
    objects = json.loads(run("qpdf", "--json", "--json-key=qpdf", file, accept=(0, 3)))["qpdf"][1]
    return objects["obj:" + objects["trailer"]["value"]["/Root"]]["value"]


def pdf_string(value: object) -> str | None:
    """qpdf marks text strings by `u:` and byte strings by `b:`."""
    return str(value)[2:] if value is not None else None


def pdf_facts(file: str) -> dict[str, Any]:
    """Facts that need no reading of the page contents; broken syntax is a failure."""
    check = run("qpdf", "--check", file)  # 2: errors, 3: warnings; neither may be
    info, root, sizes = info_lines(file), catalogue(file), page_sizes(file)
    mark_info = root.get("/MarkInfo", {})
    return {
        "pages": len(sizes),
        "sizes": sizes,
        "pdf_version": info.get("PDF version"),
        "title": info.get("Title"),
        "author": info.get("Author"),
        "creation_date": info.get("CreationDate"),
        "lang": pdf_string(root.get("/Lang")),
        "tagged": info.get("Tagged") == "yes",
        "structure_tree": "/StructTreeRoot" in root,
        "marked": mark_info.get("/Marked", False),
        "suspects": mark_info.get("/Suspects", False),
        "display_doc_title": root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False),
        "output_intents": "/OutputIntents" in root,
        "outlines": "/Outlines" in root,
        "qpdf_check": " ".join(check.strip().splitlines()[-2:]),
        "fonts": fonts(file),
    }


# ---- the structure tree ----------------------------------------------------------------------------------------


@dataclass
class Node:
    """One element of the structure tree."""

    role: str
    depth: int
    attributes: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def text(self) -> str:
        """All text below, without white space: pdfinfo cuts it at every change of font."""
        return "".join(self.texts + [child.text() for child in self.children])

    def find(self, role: re.Pattern[str]) -> Iterator[Node]:
        """Nodes of a role in document order, not looking inside them."""
        for child in self.children:
            if role.fullmatch(child.role):
                yield child
            else:
                yield from child.find(role)


ROLES = ("Document|DocumentFragment|Part|Art|Sect|Div|Aside|BlockQuote|Caption|TOC|TOCI|Index|NonStruct|Private|Title"
         "|H|H[1-9]|P|L|LI|Lbl|LBody|Table|TR|TH|TD|THead|TBody|TFoot|Span|Quote|Note|FENote|Reference|BibEntry|Code"
         "|Link|Annot|Em|Strong|Sub|Ruby|RB|RT|RP|Warichu|WT|WP|Figure|Formula|Form|Artifact")
ELEMENT_LINE = re.compile(rf"^( *)({ROLES})(?=[ :]|$)")
ATTRIBUTE_LINE = re.compile(r"^ +/(\w+) (.*)$")
TEXT_LINE = re.compile(r'^ +"(.*)"$')


def structure(file: str) -> Node:
    """The structure tree as `pdfinfo -struct-text` prints it: two spaces a level, attributes as `/Key value`."""
    root = Node("", -1)
    stack = [root]
    for line in run("pdfinfo", "-struct-text", file).splitlines():
        if match := TEXT_LINE.match(line):
            stack[-1].texts.append(without_space(match[1]) or "")
        elif match := ATTRIBUTE_LINE.match(line):
            stack[-1].attributes[match[1]] = match[2]
        elif match := ELEMENT_LINE.match(line):
            node = Node(match[2], len(match[1]) // 2)
            while stack[-1].depth >= node.depth:
                stack.pop()
            stack[-1].children.append(node)
            stack.append(node)
        # Any other line is the rest of an element's title, which pdfinfo prints as raw UTF-16.
    return root


def structure_table(table: Node) -> dict[str, Any]:
    """Counts and cells of one Table element."""
    rows = list(table.find(re.compile("TR")))
    cells = [list(row.find(re.compile("TH|TD"))) for row in rows]
    count = [cell.role for row in cells for cell in row].count
    return {
        "TR": len(rows),
        "TH": count("TH"),
        "TD": count("TD"),
        "rows": [[{"role": cell.role, "text": cell.text(), "colspan": int(cell.attributes.get("ColSpan", "1")),
                   "rowspan": int(cell.attributes.get("RowSpan", "1"))} for cell in row] for row in cells],
    }


def pdf_structure(file: str) -> dict[str, Any]:
    """Headings and top-level tables of the structure tree in reading order."""
    root = structure(file)
    if not root.children:
        raise Broken(f"{file}: it has no structure tree")
    headings = root.find(re.compile("H[1-9]?|Title"))
    return {
        "headings": [{"role": heading.role, "text": heading.text()} for heading in headings],
        "tables": [structure_table(table) for table in root.find(re.compile("Table"))],
    }


# ---- the command line ------------------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[str], Any]] = {
    "docx-tables": docx_tables,
    "odt-tables": odt_tables,
    "pdf-numbers": pdf_numbers,
    "pdf-facts": pdf_facts,
    "pdf-structure": pdf_structure,
}


def main(arguments: list[str]) -> int:
    """Runs one command and prints its result."""
    if len(arguments) != 2 or arguments[0] not in COMMANDS:
        print(f"usage: check.py {{{'|'.join(COMMANDS)}}} FILE", file=sys.stderr)
        return 2
    command, file = arguments
    try:
        open(file, "rb").close()  # the programs asked each have their own words for a missing file
        result = COMMANDS[command](file)
    except Broken as broken:
        print(f"check.py {command}: {broken}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"check.py {command}: {error}", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    json.dump(result, sys.stdout, ensure_ascii=False, default=asdict)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
