"""A map of places as SVG: outlines of countries (outlines.json, see scripts/make_outlines.py) and points on them.

The map shows the part of the world where the points are. Longitudes are shortened as at the middle of that part
(equirectangular projection), so a country keeps its shape.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, log2, radians
from pathlib import Path

from markupsafe import Markup

WIDE, HIGH = 720, 360
TENTHS = 10  # of a degree, the unit of the outlines
LEAST = 14.0  # degrees of latitude that a map shows
SOUTH, NORTH = -58.0, 84.0
NAMED = 8  # points with a name
_LETTER, _LINE = 6.6, 14  # pixels of a letter of a name, and of a line

_MAP = Markup(
    '<svg class="map" role="img" viewBox="0 0 {} {}" aria-label="{}"><title>{}</title>'
    '<g class="land" transform="translate({} {}) scale({} {})">{}</g>{}</svg>'
)
_COUNTRY = Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"{}/>')
_POINT = Markup('<g class="point"><title>{}</title><circle cx="{}" cy="{}" r="{}"/>{}</g>')
_NAME = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')


@dataclass(frozen=True, slots=True)
class Point:
    """A place. `weight`: how often it is named, at least 1."""

    name: str
    lat: float
    lon: float
    weight: int = 1


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of the world that is shown: middle in degrees, pixels of one degree in both directions."""

    lon: float
    lat: float
    across: float
    down: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point is in the picture, in pixels."""
        east = (lon - self.lon + 180) % 360 - 180
        return round(WIDE / 2 + east * self.across, 1), round(HIGH / 2 - (lat - self.lat) * self.down, 1)


def place_map(points: Sequence[Point], label: str, shaded: Collection[str] = ()) -> Markup:
    """The map. `label` says in words what it shows; `shaded`: countries (ISO 3166-1 alpha-2) that stand out. Empty
    without points."""
    if not points:
        return Markup("")
    frame = _frame(points)
    land = Markup("").join(_land(frame, shaded))
    scale = frame.across / TENTHS, frame.down / TENTHS
    left, top = WIDE / 2 - frame.lon * frame.across, HIGH / 2 + frame.lat * frame.down
    drawn = Markup("").join(_points(frame, points))
    return _MAP.format(
        WIDE, HIGH, label, label, round(left, 2), round(top, 2), round(scale[0], 4), round(scale[1], 4), land, drawn
    )


def _frame(points: Sequence[Point]) -> _Frame:
    west, wide = _span([point.lon for point in points])
    south, north = min(point.lat for point in points), max(point.lat for point in points)
    middle = min(max((south + north) / 2, SOUTH + LEAST / 2), NORTH - LEAST / 2)
    narrow = max(0.2, cos(radians(middle)))  # of a degree of longitude, as of one of latitude
    high = min(max(LEAST, (north - south) * 1.4), NORTH - SOUTH)
    across = min(HIGH / high * narrow, WIDE / max(wide * 1.2, 1.0))
    across = max(across, WIDE / 360)
    return _Frame((west + wide / 2 + 180) % 360 - 180, middle, across, across / narrow)


def _span(longitudes: Sequence[float]) -> tuple[float, float]:
    """Where the shortest stretch begins that has all of them, and how long it is, in degrees."""
    ordered = sorted({longitude % 360 for longitude in longitudes})
    gaps = [(after - before, after) for before, after in zip(ordered, [*ordered[1:], ordered[0] + 360], strict=True)]
    gap, begin = max(gaps)
    return begin % 360, 360 - gap


def _land(frame: _Frame, shaded: Collection[str]) -> Iterator[Markup]:
    """The countries that can be seen; one beyond the 180th meridian is drawn again on the other side."""
    half = WIDE / 2 / frame.across, HIGH / 2 / frame.down
    for shape in _shapes():
        for turn in (-360, 0, 360):
            west, east = shape.west + turn - frame.lon, shape.east + turn - frame.lon
            south, north = shape.south - frame.lat, shape.north - frame.lat
            if west < half[0] and east > -half[0] and south < half[1] and north > -half[1]:
                moved = Markup(' transform="translate({} 0)"').format(turn * TENTHS) if turn else ""
                yield _COUNTRY.format("shaded" if shape.code in shaded else "", shape.path, moved)


@dataclass(frozen=True, slots=True)
class _Shape:
    """One ring of a country, with its bounds in degrees; in the path y grows to the south."""

    code: str
    path: str
    west: float
    east: float
    south: float
    north: float


@cache
def _shapes() -> tuple[_Shape, ...]:
    outlines = json.loads((Path(__file__).parent / "outlines.json").read_text(encoding="utf-8"))
    return tuple(_shape(code, ring) for code, rings in outlines.items() for ring in rings)


def _shape(code: str, ring: Sequence[int]) -> _Shape:
    x = y = 0
    lons, lats = [], []
    for dx, dy in zip(ring[::2], ring[1::2], strict=True):
        x, y = x + dx, y + dy
        lons.append(x / TENTHS)
        lats.append(y / TENTHS)
    steps = " ".join(f"{dx} {-dy}" for dx, dy in zip(ring[2::2], ring[3::2], strict=True))
    path = f"M{ring[0]} {-ring[1]}l{steps}z"
    return _Shape(code, path, min(lons), max(lons), min(lats), max(lats))


def _points(frame: _Frame, points: Sequence[Point]) -> Iterator[Markup]:
    """The points, the heaviest on top; names where they do not cover each other."""
    heaviest = sorted(points, key=lambda point: (-point.weight, point.name))
    taken: list[tuple[float, float, float, float]] = []
    drawn = []
    for n, point in enumerate(heaviest):
        x, y = frame.at(point.lon, point.lat)
        radius = round(4 + 1.6 * log2(max(1, point.weight)), 1)
        named = _named(point.name, x, y, radius, taken) if n < NAMED else Markup("")
        drawn.append(_POINT.format(f"{point.name}: {point.weight}", x, y, radius, named))
    return reversed(drawn)


def _named(name: str, x: float, y: float, radius: float, taken: list[tuple[float, float, float, float]]) -> Markup:
    """The name at the right of its point, else at the left; nothing where another one stands."""
    wide = len(name) * _LETTER
    for anchor, left in (("start", x + radius + 3), ("end", x - radius - 3 - wide)):
        box = left, y - _LINE / 2, left + wide, y + _LINE / 2
        inside = box[0] >= 0 and box[2] <= WIDE
        if inside and not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            taken.append(box)
            return _NAME.format(left if anchor == "start" else left + wide, y + 4, anchor, name)
    return Markup("")
