"""Tests of the charts: that they are valid, say the numbers, and let nothing through."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.console.charts.histogram import HIGH, Column, histogram
from pipeline.console.charts.places import WIDE as MAP_WIDE
from pipeline.console.charts.places import Point, place_map
from pipeline.console.charts.plot import HIGH as PLOT_HIGH
from pipeline.console.charts.plot import Plot
from pipeline.console.charts.spark import sparkline
from pipeline.console.language import Reader

HOSTILE = '"/><script>alert(1)</script>&'


def parsed(svg: str) -> ElementTree.Element:
    assert "<script" not in svg
    assert "style=" not in svg
    return ElementTree.fromstring(svg)


def test_a_sparkline_has_a_column_for_each_count() -> None:
    root = parsed(sparkline([0, 1, 4, 2], "7 reports in 4 hours"))
    assert root.get("role") == "img"
    assert root.get("aria-label") == "7 reports in 4 hours"
    some, none = (re.findall(r"M(\d+) 20v-(\d+)h3", path.get("d", "")) for path in root.iter("path"))
    assert some == [("4", "5"), ("8", "20"), ("12", "10")]
    assert none == [("0", "1")]


@given(st.lists(st.integers(0, 10**9), max_size=50), st.text(max_size=40))
def test_sparklines_of_anything_are_valid(counts: list[int], label: str) -> None:
    printable = "".join(char for char in label if char.isprintable())
    root = parsed(sparkline(counts, printable))
    drawn = [int(high) for path in root.iter("path") for high in re.findall(r"v-(\d+)", path.get("d", ""))]
    assert len(drawn) == len(counts)
    assert all(1 <= high <= 20 for high in drawn)


def test_columns_of_a_histogram_are_links() -> None:
    root = parsed(histogram([Column("Mon", 3, "/search?q=a&since=x"), Column(HOSTILE, 0, "/?q=%22")]))
    links = list(root.iter("a"))
    assert [one.get("href") for one in links] == ["/search?q=a&since=x", "/?q=%22"]
    assert [one.findtext("title") for one in links] == ["Mon: 3", f"{HOSTILE}: 0"]
    assert [one.get("height") for one in root.iter("rect") if "some" in one.get("class", "")] == [str(float(HIGH))]


def test_an_empty_histogram_is_a_picture() -> None:
    assert list(parsed(histogram([])).iter("a")) == []


def test_a_map_shows_its_points_and_names() -> None:
    points = [Point("Lyon", 45.75, 4.85, 3), Point(HOSTILE, 48.85, 2.35), Point("Bern", 46.95, 7.45)]
    root = parsed(place_map(points, "Places", shaded={"FR"}))
    titles = [one.findtext("title") for one in root.iter("g") if one.get("class") == "point"]
    assert sorted(filter(None, titles)) == sorted(["Lyon: 3", f"{HOSTILE}: 1", "Bern: 1"])
    assert [one.get("class") for one in root.iter("path")].count("shaded") == 2  # with Corsica
    assert {one.text for one in root.iter("text")} >= {"Lyon", "Bern"}


def test_no_points_make_no_map() -> None:
    assert place_map([], "Places") == ""


_points = st.lists(
    st.builds(
        Point, st.text("abc é", max_size=12), st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 500)
    ), min_size=1, max_size=12,
)  # fmt: skip


@given(_points)
@example([Point("A", 80, -170), Point("B", 0, -60), Point("C", -40, 60), Point("D", -90, 180)])
def test_every_point_is_in_the_picture_from_side_to_side(points: list[Point]) -> None:
    root = parsed(place_map(points, "Places"))
    circles = list(root.iter("circle"))
    assert len(circles) == len(points)
    assert all(-1 <= float(one.get("cx", "")) <= MAP_WIDE + 1 for one in circles)


def test_a_map_over_the_180th_meridian_stays_small() -> None:
    root = parsed(place_map([Point("Suva", -18.1, 178.4), Point("Apia", -13.8, -171.8)], "Places"))
    xs = sorted(float(one.get("cx", "")) for one in root.iter("circle"))
    assert 100 < xs[1] - xs[0] < 620
    assert any("translate" in (one.get("transform") or "") for one in root.iter("path"))


def test_a_map_is_small() -> None:
    world = [Point("A", 60, -150), Point("B", -40, 170), Point("C", 0, 20)]
    assert len(place_map(world, "Places")) < 75_000
    assert len(place_map([Point("Paris", 48.9, 2.3)], "Places")) < 12_000


DAYS = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3)]
READER = Reader(datetime(2026, 3, 3, 12, tzinfo=UTC), "en", "UTC", "auto", True)


def test_a_plot_draws_the_counts_of_each_step() -> None:
    plot = Plot(DAYS, timedelta(days=1), [("Articles", [4, 0, 2]), (HOSTILE, [1, 0, 0])])
    root = parsed(plot.picture(READER))
    steps = [
        (step.findtext("title"), [float(one.get("height", "")) / PLOT_HIGH for one in step.iter("rect")])
        for step in root.iter("g")
    ]
    assert steps == [("1 Mar: 4 / 1", [1.0, 0.25]), ("2 Mar: 0 / 0", []), ("3 Mar: 2 / 0", [0.5])]
    assert [one.get("class") for one in root.iter("rect")] == ["bar series-1", "bar series-2", "bar series-1"]


def test_a_plot_gives_scripts_the_same_counts() -> None:
    plot = Plot(DAYS, timedelta(days=1), [(HOSTILE, [4, 0, 2])])
    assert json.loads(plot.data) == {
        "times": [int(day.timestamp()) for day in DAYS], "step": 86_400,
        "series": [{"label": HOSTILE, "counts": [4, 0, 2]}],
    }  # fmt: skip


def test_a_small_count_can_be_seen_beside_a_large_one() -> None:
    root = parsed(Plot(DAYS, timedelta(days=1), [("Articles", [100_000, 1, 0])]).picture(READER))
    assert [float(one.get("height", "")) for one in root.iter("rect")] == [PLOT_HIGH, 2.0]
