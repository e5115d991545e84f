"""Makes the outlines of countries that maps of the console show, from the package `world-atlas` on npm.

`world-atlas` (ISC) has Natural Earth's countries at 1:110 million (public domain) as TopoJSON:
https://github.com/topojson/topojson-specification. Each ring becomes differences of whole tenths of a degree.

    npm pack world-atlas && tar xzf world-atlas-*.tgz
    python -m scripts.make_outlines package/countries-110m.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale

TARGET = Path("pipeline/console/charts/outlines.json")
TENTHS = 10  # of a degree
LEFT_OUT = "Antarctica"  # its ring is no area on this projection
#: Names that Natural Earth shortens or has otherwise than CLDR. What has no code of its own has none here either.
CODES = {
    "United States of America": "US", "W. Sahara": "EH", "Dem. Rep. Congo": "CD", "Congo": "CG", "Dominican Rep.": "DO",
    "Falkland Is.": "FK", "Fr. S. Antarctic Lands": "TF", "Central African Rep.": "CF", "Eq. Guinea": "GQ",
    "eSwatini": "SZ", "Palestine": "PS", "Myanmar": "MM", "Czechia": "CZ", "Solomon Is.": "SB", "Macedonia": "MK",
    "Bosnia and Herz.": "BA", "Trinidad and Tobago": "TT", "S. Sudan": "SS", "Turkey": "TR", "Côte d'Ivoire": "CI",
    "Bahamas": "BS", "Gambia": "GM", "Kosovo": "XK",
}  # fmt: skip

Ring = list[tuple[int, int]]


def main() -> None:
    """Write the outlines of the file that is named."""
    topology = json.loads(Path(sys.argv[1]).read_text())
    arcs = [list(_absolute(arc, topology["transform"])) for arc in topology["arcs"]]
    codes = {name: code for code, name in Locale.parse("en").territories.items() if len(code) == 2}
    found: dict[str, list[list[int]]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        name = country["properties"]["name"]
        if name == LEFT_OUT:
            continue
        code = CODES.get(name) or codes.get(name) or ""
        if not code:
            print(f"no code: {name}", file=sys.stderr)
        rings = [_tenths(ring, arcs) for ring in _rings(country)]
        found.setdefault(code, []).extend(_differences(ring) for ring in rings if len(ring) > 3)
    TARGET.write_text(json.dumps(dict(sorted(found.items())), separators=(",", ":")) + "\n")


def _absolute(arc: list[list[int]], transform: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """The points of an arc in degrees."""
    x = y = 0
    (wide, high), (left, low) = transform["scale"], transform["translate"]
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield x * wide + left, y * high + low


def _rings(country: dict[str, Any]) -> Iterator[list[int]]:
    """The rings of a country, as numbers of arcs."""
    kind, arcs = country["type"], country.get("arcs", [])
    for polygon in [arcs] if kind == "Polygon" else arcs if kind == "MultiPolygon" else []:
        yield from polygon


def _tenths(ring: list[int], arcs: list[list[tuple[float, float]]]) -> Ring:
    """The points of a ring, without repeated ones. A negative number is an arc in the other direction. A ring over the
    180th meridian goes on beyond it."""
    points: Ring = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        for lon, lat in arc:
            turns = round((points[-1][0] / TENTHS - lon) / 360) if points else 0
            point = round((lon + 360 * turns) * TENTHS), round(lat * TENTHS)
            if not points or points[-1] != point:
                points.append(point)
    return points


def _differences(ring: Ring) -> list[int]:
    """Longitude and latitude of the first point, then the steps to the next ones."""
    flat, x, y = list[int](), 0, 0
    for lon, lat in ring:
        flat += [lon - x, lat - y]
        x, y = lon, lat
    return flat


if __name__ == "__main__":
    main()
