"""Gives a font with CFF outlines TrueType ones: a PDF needs a subset of it for every report, and of CFF outlines that takes
several times as long, because each number in them is read and written anew.

    python3 to_truetype.py IN.otf OUT.ttf        needs fontTools
"""

import sys

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

# Furthest distance of the new outline from the old one, in thousandths of an em: 0.003 mm in the size of a report's text.
ERROR = 0.5


def main(source: str, target: str) -> None:
    """Converts."""
    font = TTFont(source)
    outlines, glyphs = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(outlines)
        # TrueType contours run the other way.
        outlines[name].draw(Cu2QuPen(pen, ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), glyphs
    font["glyf"].compile(font)
    for name, glyph in glyphs.items():
        width, _ = font["hmtx"][name]
        font["hmtx"][name] = (width, getattr(glyph, "xMin", 0))
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    most = font["maxp"]
    most.tableVersion, most.maxZones = 0x00010000, 1
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth", "maxPoints", "maxContours",
        "maxCompositePoints", "maxCompositeContours",
    ):
        setattr(most, field, 0)
    most.compile(font)
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 3.0, [], {}
    font.sfntVersion = "\0\1\0\0"
    font.save(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
