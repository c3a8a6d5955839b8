"""Gives a font with CFF outlines TrueType ones of as few points as a small tolerance allows.

A PDF needs a subset of the font for every report: numbers of CFF outlines are read and written anew for it, and points
of TrueType outlines are measured and packed. The Fandol faces come from tracing, with three times the points that
their shapes need.

    python3 to_truetype.py IN.otf OUT.ttf        needs fontTools and numba; a quarter of an hour on two cores

Every contour is sampled, and the cheapest chain of lines and quadratic splines between its nodes is taken of all
chains that are nowhere further from the samples than the tolerance, in both directions.
"""

import math
import sys
from array import array
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program
from numba import njit

# Furthest distance of the new outline from the old one, in thousandths of an em: 0.006 mm in the size of a report's text.
TOLERANCE = 1.0
# How many control points one spline may have, and how many nodes of the old outline it may span.
CONTROLS, SPAN = 6, 16
# Distance of the samples along the old outline (four times as far on lines), and points compared on each quadratic.
STEP, DENSE = 5.0, 12
# A curve of more samples than this gets further nodes; where splines between them do not do, of more than the next.
LONG = (16, 8, 4, 2, 1)
# How often a spline is fitted anew to better places of the samples on it.
TURNS = 8


@njit(cache=True)
def draw(controls, count, first, last, line):
    """Fills `line` with points of a chain of `count` quadratics, DENSE of each; they meet halfway between the controls."""
    for i in range(len(line)):
        at = min(i // DENSE, count - 1)
        u = i / DENSE - at
        for axis in range(2):
            control = controls[at, axis]
            begin = first[axis] if at == 0 else (controls[at - 1, axis] + control) / 2
            end = last[axis] if at == count - 1 else (controls[at + 1, axis] + control) / 2
            line[i, axis] = (1 - u) * (1 - u) * begin + 2 * u * (1 - u) * control + u * u * end


@njit(cache=True)
def project(points, line, places):
    """Finds the place of each point on a polyline, in segments from its beginning; returns the largest squared distance."""
    worst = 0.0
    for i in range(len(points)):
        nearest, place = 1e18, 0.0
        for j in range(len(line) - 1):
            ax, ay = line[j]
            dx, dy = line[j + 1, 0] - ax, line[j + 1, 1] - ay
            px, py = points[i, 0] - ax, points[i, 1] - ay
            length = dx * dx + dy * dy
            part = min(1.0, max(0.0, (px * dx + py * dy) / length)) if length > 0 else 0.0
            distance = (px - part * dx) ** 2 + (py - part * dy) ** 2
            if distance < nearest:
                nearest, place = distance, j + part
        places[i] = place
        worst = max(worst, nearest)
    return worst


@njit(cache=True)
def solve(matrix, right):
    """Puts the solution of positive definite equations in place of their right side; False if there is none."""
    count = len(matrix)
    for i in range(count):
        if matrix[i, i] < 1e-9:
            return False
        for row in range(i + 1, count):
            factor = matrix[row, i] / matrix[i, i]
            for column in range(i, count):
                matrix[row, column] -= factor * matrix[i, column]
            for axis in range(2):
                right[row, axis] -= factor * right[i, axis]
    for i in range(count - 1, -1, -1):
        for axis in range(2):
            for column in range(i + 1, count):
                right[i, axis] -= matrix[i, column] * right[column, axis]
            right[i, axis] /= matrix[i, i]
    return True


@njit(cache=True)
def least_squares(points, count, places, right):
    """Puts into `right` the controls of the chain closest to the points, given their places on it; False if there is none."""
    last = len(points) - 1
    matrix, weights = np.zeros((count, count)), np.empty(count)
    right[:] = 0.0
    for i in range(1, last):
        at = min(int(places[i]), count - 1)
        u = places[i] - at
        before, after = (1 - u) * (1 - u), u * u
        weights[:] = 0.0
        weights[at] = 2 * u * (1 - u)
        if at > 0:
            weights[at] += before / 2
            weights[at - 1] += before / 2
        if at < count - 1:
            weights[at] += after / 2
            weights[at + 1] += after / 2
        for row in range(count):
            for column in range(count):
                matrix[row, column] += weights[row] * weights[column]
            for axis in range(2):
                rest = points[i, axis]
                if at == 0:
                    rest -= before * points[0, axis]
                if at == count - 1:
                    rest -= after * points[last, axis]
                right[row, axis] += weights[row] * rest
    return solve(matrix, right)


@njit(cache=True)
def fit(points, count, controls):
    """Puts into `controls` those of a chain of `count` quadratics, a line for 0; False if it strays from the points."""
    limit = TOLERANCE * TOLERANCE
    places = np.empty(len(points))
    if count == 0:
        ends = np.empty((2, 2))
        ends[0], ends[1] = points[0], points[-1]
        return project(points, ends, places) <= limit
    places[0] = 0.0
    for i in range(1, len(points)):
        places[i] = places[i - 1] + math.hypot(points[i, 0] - points[i - 1, 0], points[i, 1] - points[i - 1, 1])
    places *= count / places[-1]
    exact = np.empty((count, 2))
    line, back = np.empty((count * DENSE + 1, 2)), np.empty(count * DENSE + 1)
    for turn in range(TURNS):
        if not least_squares(points, count, places, exact):
            return False
        # What a font stores is whole units.
        for i in range(count):
            for axis in range(2):
                controls[i, axis] = math.floor(exact[i, axis] + 0.5)
        draw(controls, count, points[0], points[-1], line)
        worst = project(points, line, places)
        if worst <= limit and project(line, points, back) <= limit:
            return True
        if turn > 1 and worst > 100 * limit:
            return False
        places /= DENSE
    return False


@njit(cache=True)
def cheapest(points, nodes):
    """The chain with the fewest points: for each node the node before it and the control points between the two."""
    count = len(nodes)
    cost, before = np.full(count, 1 << 30), np.full(count, -1)
    sizes, chains = np.zeros(count, np.int64), np.zeros((count, CONTROLS, 2))
    cost[0] = 0
    controls = np.zeros((CONTROLS, 2))
    for i in range(count - 1):
        if cost[i] == 1 << 30:
            continue
        failed, least = 0, 0
        for j in range(i + 1, min(count, i + SPAN + 1)):
            part = points[nodes[i] : nodes[j] + 1]
            size = least
            while size <= CONTROLS and not fit(part, size, controls):
                size += 1
            if size > CONTROLS:
                failed += 1
                if failed == 3:
                    break
                continue
            # A longer part needs hardly ever fewer.
            least = max(0, size - 1)
            if cost[i] + size + 1 < cost[j]:
                cost[j], before[j], sizes[j] = cost[i] + size + 1, i, size
                chains[j] = controls
    return before, sizes, chains


def segments(glyphs, name: str) -> list[list[tuple]]:
    """The contours of a glyph as closed chains of (from, to) or (from, control, control, to), without empty ones."""
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    contours = []
    for operation, points in pen.value:
        if operation == "moveTo":
            contours.append([])
            start = here = points[0]
        elif operation in ("lineTo", "curveTo"):
            contours[-1].append((here, *points))
            here = points[-1]
        elif here != start:
            contours[-1].append((here, start))
    kept = ([piece for piece in contour if any(p != piece[0] for p in piece)] for contour in contours)
    return [contour for contour in kept if contour]


def turns(contour: list[tuple]) -> list[float]:
    """By how much the contour turns at the beginning of each segment."""
    directions = []
    for piece in contour:
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(piece, piece[1:]) if a != b]
        directions.append([math.atan2(y, x) for x, y in (steps[0], steps[-1])])
    return [abs(math.remainder(directions[i][0] - directions[i - 1][1], math.tau)) for i in range(len(contour))]


def sample(contour: list[tuple], long: int) -> tuple[np.ndarray, np.ndarray]:
    """Points along a contour from its sharpest corner around to it, and which of them are its nodes."""
    corners = turns(contour)
    first = corners.index(max(corners))
    points, nodes = [contour[first][0]], [0]
    for piece in contour[first:] + contour[:first]:
        length = sum(math.dist(a, b) for a, b in zip(piece, piece[1:]))
        count = max(1, int(length / STEP / 4)) if len(piece) == 2 else max(4, int(length / STEP))
        degree = len(piece) - 1
        for i in range(1, count + 1):
            t = i / count
            weights = [math.comb(degree, k) * t**k * (1 - t) ** (degree - k) for k in range(degree + 1)]
            points.append(tuple(sum(w * p[axis] for w, p in zip(weights, piece)) for axis in (0, 1)))
            if i == count or degree > 1 and i % long == 0 and count - i > long // 2:
                points[-1] = tuple(map(round, points[-1]))
                nodes.append(len(points) - 1)
    return np.array(points, float), np.array(nodes)


def outline(contour: list[tuple]) -> list[tuple[int, int, int]]:
    """The points of the new contour, as (x, y, on the curve), the other way around: TrueType's contours run so."""
    for long in LONG:
        points, nodes = sample(contour, long)
        before, sizes, chains = cheapest(points, nodes)
        if before[-1] >= 0:
            break
    out, at = [], len(nodes) - 1
    while at > 0:
        x, y = points[nodes[at]]
        out.append((round(x), round(y), 1))
        out += [(round(x), round(y), 0) for x, y in chains[at][: sizes[at]][::-1]]
        at = before[at]
    return out


def glyph(contours: list[list[tuple]]) -> Glyph:
    """A TrueType glyph of the contours."""
    out = Glyph()
    outlines = [outline(contour) for contour in contours]
    out.numberOfContours = len(outlines)
    if outlines:
        points = [p for one in outlines for p in one]
        out.coordinates = GlyphCoordinates([(x, y) for x, y, _ in points])
        out.flags = array("B", [on for _, _, on in points])
        out.endPtsOfContours = [sum(map(len, outlines[: i + 1])) - 1 for i in range(len(outlines))]
        out.program = Program()
        out.program.fromBytecode(b"")
    return out


def main(source: str, target: str) -> None:
    """Converts."""
    font = TTFont(source)
    outlines, order = font.getGlyphSet(), font.getGlyphOrder()
    with ProcessPoolExecutor() as pool:
        glyphs = dict(zip(order, pool.map(glyph, [segments(outlines, name) for name in order], chunksize=64)))
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    font["glyf"].compile(font)
    for name, new in glyphs.items():
        width, _ = font["hmtx"][name]
        font["hmtx"][name] = (width, getattr(new, "xMin", 0))
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
