"""Turns our Word template and its data into an equal template and data for docxtpl (Jinja).

    python jinja.py TEMPLATE.docx CONTEXT.json OUT_TEMPLATE.docx OUT_CONTEXT.json

CONTEXT.json is what the tags of TEMPLATE look up. Understood, in paragraphs, cells, headers and footers:

    {{requests.received.total}}            ->  {{ c17 }}         ids hold hyphens, which Jinja takes for minus signs
    {{fit organ.name 20}}                  ->  {{ c18 }}         the value; our squeezing of long ones has no equal
    {{markdown text.lead}}   alone         ->  {%p for p in c3 %} / {{ p }} / {%p endfor %}, three paragraphs
    {{#if draft}} … {{else}} … {{/if}}     ->  {% if c1 %} … {% else %} … {% endif %}; {%p … %} where it stands alone

Anything else stops the script: a comparison of unequal documents is worth nothing.
Runs in the environment of docxtpl, which brings lxml.
"""

from __future__ import annotations

import copy
import json
import re
import sys
import zipfile
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TAG = re.compile(r"\{\{\{?\s*(.*?)\s*\}?\}\}")
PATH = re.compile(r"[^\s(){}#/^&>!*\"']+")
FIT = re.compile(r"fit\s+(\S+)\s+\d+")
# What Markdown is turned into: the item's number touches its text, an address stands alone, marks are gone.
MARKDOWN = [(r"^(\d+\.)\s+", r"\1"), (r"^[-*+]\s+", "• "), (r"^#{1,6}\s+", ""),
            (r"<((?:https?|mailto):[^<>\s]+)>", r"\1"), (r"\*\*|__|`", "")]
ITEM = re.compile(r"\n(?=(?:\d+\.|[-*+])\s)")
# The parts that docxtpl renders, beside the core properties.
STORY = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
CORE = "docProps/core.xml"


class Context:
    """The looked-up values under names that both template languages take."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.names: dict[tuple[str, str], str] = {}
        self.values: dict[str, Any] = {}

    def look_up(self, path: str) -> Any:
        """The value at a path such as requests.received.total; a missing one is a fault of the template."""
        value: Any = self.data
        for step in path.removeprefix("@root.").split("."):
            step = step.strip("[]")
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (KeyError, IndexError, TypeError, ValueError):
                sys.exit(f"jinja.py: the data has no {path}")
        return value

    def name(self, path: str, kind: str = "value") -> str:
        """c1, c2, …: one name for each path and kind (value, condition or list of paragraphs)."""
        if (path, kind) not in self.names:
            value = self.look_up(path)
            if kind == "paragraphs":
                value = plain_paragraphs(value)
            elif kind == "condition":
                value = bool(value)
            elif isinstance(value, (dict, list)):
                sys.exit(f"jinja.py: {path} is no single value")
            name = f"c{len(self.names) + 1}"
            self.names[path, kind] = name
            self.values[name] = "" if value is None else value
        return self.names[path, kind]


def plain_paragraphs(markdown: str) -> list[str]:
    """The text of each paragraph, heading and list item of a Markdown text, as the Word template shows it."""
    found = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        for paragraph in ITEM.split(block):
            text = re.sub(r"\s*\n\s*", "", paragraph)
            for pattern, plain in MARKDOWN:
                text = re.sub(pattern, plain, text)
            # An empty value leaves no paragraph.
            if text:
                found.append(text)
    return found


def jinja(tag: str, context: Context, statement: str) -> str:
    """One Handlebars tag (without braces) in Jinja; `statement` opens statements: `{%` or `{%p`."""
    word, _, rest = tag.partition(" ")
    if word == "#if" and PATH.fullmatch(rest.strip()):
        return f"{statement} if {context.name(rest.strip(), 'condition')} %}}"
    if tag in ("else", "^"):
        return f"{statement} else %}}"
    if tag == "/if":
        return f"{statement} endif %}}"
    if fit := FIT.fullmatch(tag):
        tag = fit.group(1)
    if PATH.fullmatch(tag):
        return f"{{{{ {context.name(tag)} }}}}"
    sys.exit(f"jinja.py: there is no equal for {{{{{tag}}}}}")


def texts(paragraph: etree._Element) -> list[etree._Element]:
    """The w:t of a paragraph without those of paragraphs nested in it."""
    return [text for text in paragraph.iter(W + "t") if next(text.iterancestors(W + "p")) is paragraph]


def replace_tags(paragraph: etree._Element, context: Context) -> None:
    """Rewrites the tags of one paragraph in place. A tag split over runs goes to the run where it starts."""
    parts = texts(paragraph)
    whole = "".join(part.text or "" for part in parts)
    tags = list(TAG.finditer(whole))
    if not tags:
        return
    alone = len(tags) == 1 and tags[0].group(0) == whole.strip()
    if alone and (found := re.fullmatch(r"markdown\s+(\S+)", tags[0].group(1))):
        loop_over(paragraph, context.name(found.group(1), "paragraphs"))
        return
    statement = "{%p" if alone else "{%"
    start = 0
    for part in parts:
        text = part.text or ""
        end = start + len(text)
        pieces, at = [], start
        for tag in tags:
            pieces.append(whole[at : max(at, min(tag.start(), end))])
            if start <= tag.start() < end:
                pieces.append(jinja(tag.group(1), context, statement))
            at = max(at, min(tag.end(), end))
        pieces.append(whole[at:end])
        set_text(part, "".join(pieces))
        start = end


def set_text(part: etree._Element, text: str) -> None:
    """Gives a w:t its text and keeps spaces at the ends."""
    part.text = text
    part.set(XML_SPACE, "preserve")


def loop_over(paragraph: etree._Element, name: str) -> None:
    """Makes `paragraph` the body of a loop and puts the loop's two lines around it."""
    for line, add in ((f"{{%p for p in {name} %}}", paragraph.addprevious), ("{%p endfor %}", paragraph.addnext)):
        other = copy.deepcopy(paragraph)
        fill(other, line)
        add(other)
    fill(paragraph, "{{ p }}")


def fill(paragraph: etree._Element, text: str) -> None:
    """Puts `text` into the first run and empties the others."""
    for index, part in enumerate(texts(paragraph)):
        set_text(part, text if index == 0 else "")


def convert_part(name: str, xml: bytes, context: Context) -> bytes:
    """One part of the package; parts without tags stay as they are, byte for byte."""
    if b"{{" not in xml:
        return xml
    root = etree.fromstring(xml)
    if STORY.fullmatch(name):
        for paragraph in list(root.iter(W + "p")):
            replace_tags(paragraph, context)
    elif name == CORE:
        for element in root.iter():
            element.text = TAG.sub(lambda tag: jinja(tag.group(1), context, "{%"), element.text or "") or None
    else:
        sys.exit(f"jinja.py: docxtpl fills no tags in {name}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def main(template: str, data: str, out_template: str, out_data: str) -> None:
    """Converts the package part by part."""
    with open(data, encoding="utf-8") as file:
        context = Context(json.load(file))
    with zipfile.ZipFile(template) as source, zipfile.ZipFile(out_template, "w", zipfile.ZIP_DEFLATED) as out:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith(".xml"):
                content = convert_part(entry.filename, content, context)
            out.writestr(entry.filename, content)
    with open(out_data, "w", encoding="utf-8") as file:
        json.dump(context.values, file, ensure_ascii=False)
    print(f"{len(context.names)} names", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: jinja.py TEMPLATE.docx CONTEXT.json OUT_TEMPLATE.docx OUT_CONTEXT.json")
    main(*sys.argv[1:])
