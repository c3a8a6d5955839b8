"""Damages a template in typical ways and prints what two checkers find, as a table in Markdown.

    python damages.py NIANBAO TEMPLATE.docx WORK_DIR

WORK_DIR holds jinja.docx and jinja.json, the same template for docxtpl and data for it (benches/peers/jinja.py).
Runs in an environment with docxtpl-lint; nothing here shares code with either program.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

DOCUMENT, FOOTER = "word/document.xml", "word/footer1.xml"
Damage = Callable[[str, Callable[[str], str]], str]


class Missing(Exception):
    """What is to be damaged is not there."""


def swap(xml: str, old: str, new: str) -> str:
    """The first `old` replaced; there must be one."""
    if old not in xml:
        raise Missing(old)
    return xml.replace(old, new, 1)


def around(xml: str, name: str, text: str) -> str:
    """The innermost element of a name around the first place where a text stands."""
    at = xml.index(text)
    start = max(xml.rfind(f"<{name}>", 0, at), xml.rfind(f"<{name} ", 0, at))
    return xml[start : xml.index(f"</{name}>", at) + len(name) + 3]


def within(xml: str, name: str, text: str, old: str, new: str) -> str:
    """A change within the element around a text."""
    element = around(xml, name, text)
    return swap(xml, element, swap(element, old, new))


ISSUED, REPEALED = "disclosure.regulations.issued", "disclosure.regulations.repealed"
BUSINESS, RESEARCH = "requests.received.business", "requests.received.research"
INS = '<w:ins w:id="1" w:author="a">{}</w:ins>'
MARKS = '<w:commentRangeStart w:id="0"/>{}<w:commentRangeEnd w:id="0"/>'
HIDDEN = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>旧稿</w:t></w:r></w:p>"


def exchanged(xml: str, tag: Callable[[str], str]) -> str:
    one, other = tag(BUSINESS), tag(RESEARCH)
    return xml.replace(one, "\0").replace(other, one).replace("\0", other)


def wrapped(pattern: str) -> Damage:
    """The run of a label within something else."""

    def damage(xml: str, _: Callable[[str], str]) -> str:
        run = around(xml, "w:r", ">行政强制<")
        return swap(xml, run, pattern.format(run))

    return damage


def exact_row(xml: str, _: Callable[[str], str]) -> str:
    row = around(xml, "w:tr", ">1.申请人无正当理由")
    height = re.search(r'<w:trHeight w:val="\d+" w:hRule="atLeast"/>', row)
    return swap(xml, row, swap(row, height[0], '<w:trHeight w:val="300" w:hRule="exact"/>'))


def theme_font(xml: str, _: Callable[[str], str]) -> str:
    theme = '<w:rFonts w:asciiTheme="minorHAnsi" w:eastAsiaTheme="minorEastAsia"/>'
    return within(xml, "w:r", ">行政强制<", '<w:rFonts w:hint="eastAsia"/>', theme)


def bad_name(xml: str, tag: Callable[[str], str]) -> str:
    return swap(xml, tag(ISSUED), re.sub(r"([\w.-]+)(?=( 19)?\s*}})", r"\1x", tag(ISSUED), count=1))


DAMAGES: list[tuple[str, str, Damage]] = [
    ("end of a tag deleted", DOCUMENT, lambda x, t: swap(x, t(ISSUED), t(ISSUED)[:-2])),
    ("block not closed", DOCUMENT, lambda x, t: swap(x, ">行政强制<", ">" + ("{{#if draft}}" if "fit" in t(ISSUED) else "{% if c1 %}") + "行政强制<")),
    ("unknown name", DOCUMENT, bad_name),
    ("beginning of a tag deleted", DOCUMENT, lambda x, t: swap(x, t(ISSUED), t(ISSUED)[2:])),
    ("full-width braces", DOCUMENT, lambda x, t: swap(x, t(ISSUED), t(ISSUED).replace("{", "｛").replace("}", "｝"))),
    ("curly quotes in a tag", DOCUMENT, lambda x, t: swap(x, t(ISSUED), "{{default disclosure.regulations.issued “—”}}" if "fit" in t(ISSUED) else t(ISSUED).replace(" }}", "|default(“—”) }}"))),
    ("row deleted", DOCUMENT, lambda x, t: swap(x, around(x, "w:tr", t("requests.law-forbids.business")), "")),
    ("label changed", DOCUMENT, lambda x, _: swap(x, ">行政强制<", ">行政强制措施<")),
    ("column that cuts numbers off", DOCUMENT, lambda x, _: swap(x, '<w:gridCol w:w="782"/>', '<w:gridCol w:w="300"/>')),
    ("row of fixed height that cuts words off", DOCUMENT, exact_row),
    ("figure twice", DOCUMENT, lambda x, t: swap(x, t(RESEARCH), t(RESEARCH) + t(BUSINESS))),
    ("figure missing", DOCUMENT, lambda x, t: swap(x, t(RESEARCH), "0")),
    ("tags of two cells swapped", DOCUMENT, exchanged),
    ("header row does not repeat", DOCUMENT, lambda x, _: within(x, "w:tr", ">自然人<", "<w:tblHeader/>", "")),
    ("row may break over pages", DOCUMENT, lambda x, t: within(x, "w:tr", t("requests.security-stability.other"), "<w:cantSplit/>", "")),
    ("theme font", DOCUMENT, theme_font),
    ("heading without its style", DOCUMENT, lambda x, _: within(x, "w:p", ">五、存在的主要问题", '<w:pStyle w:val="Heading1"/>', "")),
    ("margins", DOCUMENT, lambda x, _: swap(x, 'w:top="2098"', 'w:top="1440"')),
    ("page number in another font", FOOTER, lambda x, _: x.replace('<w:rFonts w:hint="eastAsia"/>', '<w:rFonts w:ascii="Calibri" w:hint="eastAsia"/>')),
    ("tracked change", DOCUMENT, wrapped(INS)),
    ("comment left", DOCUMENT, wrapped(MARKS)),
    ("hidden text", DOCUMENT, lambda x, _: swap(x, around(x, "w:p", ">一、总体情况<"), around(x, "w:p", ">一、总体情况<") + HIDDEN)),
]


def copy(template: Path, part: str, change: Callable[[str], str], out: Path) -> None:
    """The package with one part changed."""
    with zipfile.ZipFile(template) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content.decode()).encode() if name == part else content)


def tags(template: Path) -> list[str]:
    """The tags in tables, in order."""
    with zipfile.ZipFile(template) as package:
        xml = package.read(DOCUMENT).decode()
    return [tag for table in re.findall(r"<w:tbl>.*?</w:tbl>", xml, re.S) for tag in re.findall(r"\{\{.*?\}\}", table)]


def names(ours: list[str], own: list[str]) -> Callable[[str], str]:
    """The tag of a figure in a template whose tags are `own`, by its name in ours."""
    by_name = {tag.strip("{}").split()[1]: other for tag, other in zip(ours, own, strict=True)}
    return lambda name: by_name[name]


def nianbao(program: str, file: Path) -> list[str]:
    """The rules of what `template check` finds."""
    args = [program, "template", "check", str(file), "--form", "2021", "--message-format", "json"]
    run = subprocess.run(args, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    return sorted({json.loads(line)["rule"] for line in run.stdout.splitlines()})


def docxtpl_lint(file: Path, data: Path) -> list[str]:
    """The rules of what docxtpl-lint finds."""
    args = [sys.executable, "-m", "docxtpl_lint", "--format", "sarif", "--data", str(data), str(file)]
    run = subprocess.run(args, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    return sorted({result["ruleId"] for result in json.loads(run.stdout)["runs"][0]["results"]})


def main(program: str, template: Path, work: Path) -> int:
    """Prints the table."""
    jinja, data, damaged = work / "jinja.docx", work / "jinja.json", work / "damaged.docx"
    of_ours = tags(template)
    both = [(template, names(of_ours, of_ours)), (jinja, names(of_ours, tags(jinja)))]

    def find(part: str, damage: Damage) -> list[list[str]]:
        found = []
        for file, tag in both:
            copy(file, part, lambda xml, tag=tag: damage(xml, tag), damaged)
            found.append(nianbao(program, damaged) if file == template else docxtpl_lint(damaged, data))
        return found

    show = lambda rules: ", ".join(f"`{rule}`" for rule in rules) or "–"  # noqa: E731
    print("| damage | `template check` | docxtpl-lint 2.0.1 |\n|---|---|---|")
    before = find(DOCUMENT, lambda xml, _: xml)
    print(f"| none | {show(before[0])} | {show(before[1])} |")
    counts = [0, 0]
    for name, part, damage in DAMAGES:
        found = find(part, damage)
        counts = [count + bool(rules) for count, rules in zip(counts, found, strict=True)]
        print(f"| {name} | {show(found[0])} | {show(found[1])} |")
    print(f"| **found of {len(DAMAGES)}** | **{counts[0]}** | **{counts[1]}** |")
    return int(bool(before[0]) or counts[0] < len(DAMAGES))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: damages.py NIANBAO TEMPLATE.docx WORK_DIR")
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
