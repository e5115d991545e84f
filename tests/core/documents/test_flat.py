"""The public form and its export."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.documents.export import BOM, COLUMNS, cell, csv_lines, json_lines
from pipeline.core.documents.fields import iso
from pipeline.core.documents.flat import EMPTY, dropped, flat
from pipeline.records import (
    Change,
    Correction,
    Dated,
    Document,
    Evidence,
    Facts,
    Fetched,
    Place,
    Sourced,
    Stated,
    Topic,
)
from tests.builders import SEEN, document


def whole() -> Document:
    """A document with something in every field."""
    one = document("Congress votes", "Troops may enter.", author="Ana Ruiz", section="World", duplicate_of="a0")
    moment = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    dated = Dated(
        value=moment, source="json-ld", raw="2026-03-01T23:30-05:00", zone="America/Lima", zone_from="domain"
    )  # fmt: skip
    evidence = Evidence(concept="entry", text="enter", field="text", start=11, end=16, sentence="Troops may enter.")
    place = Place(name="Lima", country="PE", lat=-12.04, lon=-77.03, geoname=3936456, field="text", start=0, end=4)
    article = msgspec.structs.replace(
        one.article, published=dated, updated=dated, description="Short.", image="https://example.org/i.jpg", guid="g1",
        aliases=("b1", "b2"), truncated=True, partial="paid", garbled=True, backlog=True, revisit=2, site_lines=3,
        byline="Ana Ruiz, AFP",
        fetched=Fetched(at=SEEN, status=200, bytes=5000, sha256="ff", extractor="trafilatura 2.3.1"),
    )  # fmt: skip
    tags = msgspec.structs.replace(
        one.tags, topics=(Topic(id="troops", score=0.9, evidence=(evidence,)),), countries=("PE", "US"),
        places=(place, msgspec.structs.replace(place, name="Quito", country="EC")),
        facts=(Facts(topic="t", armed=Stated(value="yes", sentence="s", start=0, end=1, field="text")),),
        untagged=("sanctions",), agency=("afp",),
    )  # fmt: skip
    relation = msgspec.structs.replace(
        one.relation, changes=(Change(kind="number", before="70", after="73"),), removed_at=SEEN, removed="http_410",
        differs=("vote: 73-25 | 75-25",), corrections=(Correction(kind="merge", story="s2", into="s1"),),
        merged=("s2",),
    )  # fmt: skip
    return Document(article=article, tags=tags, relation=relation)


def test_every_key_is_filled_and_in_order() -> None:
    form = flat(whole())
    assert list(form) == list(EMPTY)
    assert [key for key, value in form.items() if value == EMPTY[key] or value == []] == ["drop"]
    assert form["published"] == "2026-03-02T04:30:00Z"
    assert (form["published_source"], form["published_raw"]) == ("json-ld", "2026-03-01T23:30-05:00")
    evidence = {"concept": "entry", "text": "enter", "field": "text", "start": 11, "end": 16}
    evidence["sentence"] = "Troops may enter."
    assert form["topics"] == [{"id": "troops", "score": 0.9, "by": "patterns", "evidence": [evidence]}]
    assert form["fetched"]["at"] == "2026-03-02T12:00:00Z"
    assert form["changes"] == [{"kind": "number", "before": "70", "after": "73", "what": ""}]


def test_the_form_is_json_and_nothing_else() -> None:
    for one in (whole(), document("t")):
        assert json.loads(json.dumps(flat(one))) == flat(one)


def test_every_field_of_a_document_is_in_the_form() -> None:
    """A field added to the records must be shown or left out on purpose."""
    shown = set(EMPTY) | {
        "country",
        "v",
        "profile",
        "noted",
    }  # how the page is fetched; what only the log has
    for record in (whole().article, whole().tags, whole().relation):
        assert set(record.__struct_fields__) <= shown


def test_a_dropped_article_has_the_same_form() -> None:
    form = dropped("paywall", {"id": "a1", "url": "https://example.org/1", "title": "Half"})
    assert list(form) == list(EMPTY)
    assert (form["drop"], form["id"], form["text"], form["topics"]) == ("paywall", "a1", None, [])
    form["topics"].append("x")
    assert dropped("paywall", {})["topics"] == []
    with pytest.raises(KeyError, match="mood"):
        dropped("paywall", {"mood": "bad"})


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"),
        (datetime(2026, 3, 1, 1, 2, 3, 40, tzinfo=timezone(timedelta(hours=1))), "2026-03-01T00:02:03.000040Z"),
    ],
)
def test_times_are_in_utc(moment: datetime, text: str) -> None:
    assert iso(moment) == text


def test_json_lines_are_one_line_each() -> None:
    lines = list(json_lines([whole(), document("two\nlines", "a\u2028b")]))
    assert [json.loads(line)["title"] for line in lines] == ["Congress votes", "two\nlines"]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)


def test_csv_is_read_back_by_a_reader() -> None:
    text = "".join(csv_lines([whole(), document('He said "no", then\nleft', "x")], bom=True))
    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    assert rows[1]["title"] == 'He said "no", then\nleft'
    first = rows[0]
    assert (first["topics"], first["countries"], first["places"]) == ("troops", "PE; US", "Lima (PE); Quito (EC)")
    assert (first["changes"], first["truncated"], first["version"]) == ("number: 70 → 73", "true", "1")
    assert json.loads(first["facts"])["armed"]["value"] == "yes"
    assert rows[1]["published"] == ""


def test_columns_can_be_chosen() -> None:
    assert list(csv_lines([document("Hi")], ["seq", "title"])) == ["seq,title\r\n", "1,Hi\r\n"]
    with pytest.raises(ValueError, match="mood"):
        list(csv_lines([], ["title", "mood"]))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "－"])
def test_no_cell_is_a_formula(start: str) -> None:
    evil = start + "HYPERLINK(1)"
    assert cell("title", evil) == "'" + evil
    assert cell("countries", [evil, "PE"]) == f"'{evil}; PE"
    assert cell("title", "\0" + evil) == "'" + evil


EVIL = [
    "Lima;=HYPERLINK(1)", "Lima; =1+1", "Lima;\t@SUM(1)", "a\t=1", "a|-2+3", 'a;"=1+1"', "a\n+1", "a;＝1", "a;\xa0-1",
    " =1+1",
    'Meeting"=1+1', "a,=1", "a;;=1", "a;'=1",
]  # fmt: skip


@pytest.mark.parametrize("title", EVIL)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_spreadsheet_finds_a_formula_wherever_it_splits(title: str, separator: str) -> None:
    (_, *rows) = csv.reader(io.StringIO("".join(csv_lines([document(title, f"Text\n{title}")]))), delimiter=separator)
    for row in rows:
        for found in row:
            assert not found.lstrip(" \xa0\u3000").startswith(tuple("=+-@＝＋－＠")), found


@given(st.text())
def test_a_cell_keeps_its_text(text: str) -> None:
    assert cell("text", text).replace("'", "") == text.replace("\0", "").replace("'", "")


@pytest.mark.parametrize(("value", "text"), [(None, ""), (True, "true"), (-1.5, "-1.5"), (0, "0"), ([], "")])
def test_plain_values_in_cells(value: Any, text: str) -> None:
    assert cell("seq", value) == text


def test_sources_stand_beside_their_values() -> None:
    one = document("T")
    article = msgspec.structs.replace(one.article, author=Sourced(value="A", source="meta"))
    form = flat(msgspec.structs.replace(one, article=article))
    assert (form["title_source"], form["author"], form["author_source"]) == ("feed", "A", "meta")
    assert (form["published"], form["published_source"]) == (None, None)
