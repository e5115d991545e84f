"""Records as Elasticsearch keeps them: nothing is lost, and what is sent is mapped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from pipeline.core.alerts.ecs import SEVERITY, alert_of, alert_source, alert_template
from pipeline.core.alerts.rules import SEVERITIES
from pipeline.core.documents import ecs
from pipeline.core.documents.fields import DATE_FIELDS, FACETS, KEYWORD_FIELDS, NUMBER_FIELDS
from pipeline.core.documents.mapping import document_template
from pipeline.records import (
    Change,
    Dated,
    Document,
    Evidence,
    Facts,
    Fetched,
    Instrument,
    Period,
    Personnel,
    Place,
    SchemaError,
    Stated,
    StatedPlace,
    Topic,
    Vote,
)
from tests.builders import SEEN, alert, document
from tests.core.query.queries import DOCUMENTS

TEMPLATES = {"documents": document_template(), "alerts": alert_template()}


def stored(source: dict[str, Any]) -> Any:
    """What Elasticsearch gives back of a source: after JSON, without what is only indexed."""
    kept = msgspec.json.decode(msgspec.json.encode(source))
    kept.pop("key", None)
    kept["news"].pop("stemmed", None)
    return kept


def facts() -> Facts:
    """An event with a value in every field."""

    def stated(value: str | int) -> Stated:
        return Stated(value=value, sentence="Perú: tropas", start=0, end=4, field="title")

    site = StatedPlace(
        value="Lima", sentence="Lima", start=0, end=4, field="text", name="Lima", country="PE", lat=-12.0, lon=-77.0,
        geoname=1, ambiguous=True,
    )  # fmt: skip
    return Facts(
        topic="coup", outcome=stated("authorised"), host=stated("PE"), senders=(stated("US"), stated("CL")),
        body=stated("Pleno"), mandate=stated("ONU"),
        armed=stated("yes"), weapons=(stated("fusiles"),), units=(stated("SEAL Team"),),
        instrument=Instrument(kind=stated("ley"), number=stated("1"), date=stated("2026-03-01"), published=stated("G")),
        vote=Vote(for_=stated(71), against=stated(34), abstain=stated(4)), places=(site,), purpose=stated("ejercicios"),
        period=Period(start=stated("2026-04-01"), end=stated("2026-12-31")),
        personnel=Personnel(min=stated(200), max=stated(430), vague=stated("decenas"), unit=stated("militares")),
    )  # fmt: skip


def whole() -> Document:
    """A document with a value in every field."""
    one = document(
        "Perú: “tropas”", "Text\nwith\u2028lines \x02 and 𐐷", topics=("coup",), countries=("PE", "US"),
        author="Ana Ruiz", section="World", published=SEEN - timedelta(days=1, microseconds=1), language="es",
        duplicate_of="a0", kind="version", seq=7, version=2,
    )  # fmt: skip
    article = msgspec.structs.replace(
        one.article, byline="Ana Ruiz, AFP",
        partial="paid", description="What it says", image="https://img.example.org/1", guid="g",
        aliases=("b1",),
        published=Dated(SEEN - timedelta(days=1, microseconds=1), "feed", "", zone="UTC", zone_from="nothing"),
        updated=Dated(value=SEEN, source="json-ld", raw="now"),
        fetched=Fetched(at=SEEN, status=200, bytes=3, sha256="s", extractor="x 1", refused="paywall"),
    )  # fmt: skip
    evidence = Evidence(concept="troops", text="tropas", field="title", start=7, end=13, sentence="Perú: tropas")
    place = Place(name="Lima", country="PE", lat=-12.0, lon=-77.0, geoname=1, field="text", start=0, end=4)
    tags = msgspec.structs.replace(
        one.tags, topics=(Topic(id="coup", score=0.5, evidence=(evidence,)),), places=(place,),
        facts=(facts(),), untagged=("sanctions",), agency=("afp",),
    )  # fmt: skip
    changes = (Change(kind="number", before="1", after="2"), Change(kind="date", before="", after="2026"))
    relation = msgspec.structs.replace(
        one.relation,
        changes=changes,
        removed_at=SEEN,
        removed="http_410",
        differs=("vote: 73-25 | 75-25",),
        merged=("s2",),
    )
    return msgspec.structs.replace(one, article=article, tags=tags, relation=relation)


@settings(deadline=None)  # the first reads the list of public suffixes
@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was(one: Document) -> None:
    assert ecs.document_of(stored(ecs.document_source(one))) == one


def test_all_of_a_document_comes_back_and_its_text_is_there_once() -> None:
    source = stored(ecs.document_source(whole()))
    assert ecs.document_of(source) == whole()
    assert json.dumps(source).count(json.dumps(whole().article.text)) == 1


def test_an_alert_comes_back_as_it_was() -> None:
    one = alert(published=Dated(value=SEEN, source="feed", raw="x"), topics=("coup",), countries=("PE",), language=None)
    assert alert_of(stored(alert_source(one))) == one


def test_a_record_of_a_newer_version_is_refused() -> None:
    source = stored(ecs.document_source(whole()))
    source["record"]["v"] = 99
    with pytest.raises(SchemaError, match="upgrade"):
        ecs.document_of(source)


def test_facts_are_plain_values() -> None:
    [found] = stored(ecs.document_source(whole()))["news"]["facts"]
    assert found == {
        "topic": "coup", "outcome": "authorised", "host": "PE", "senders": ["US", "CL"], "body": "Pleno",
        "mandate": "ONU",
        "instrument": {"kind": "ley", "number": "1", "date": "2026-03-01", "published": "G"},
        "vote": {"for": 71, "against": 34, "abstain": 4}, "period": {"start": "2026-04-01", "end": "2026-12-31"},
        "armed": "yes", "weapons": ["fusiles"],
        "personnel": {"min": 200, "max": 430, "vague": "decenas", "unit": "militares"},
        "units": ["SEAL Team"], "places": ["Lima"], "purpose": "ejercicios",
    }  # fmt: skip


def test_what_is_not_known_is_left_out() -> None:
    source = ecs.document_source(document("Title"))
    assert "author" not in source["news"]
    assert "places" not in source["news"]
    assert "published" not in source["key"]
    assert "published_after" not in source["key"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC), "2026.03"),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026.04"),
        (datetime(2026, 3, 31, 23, tzinfo=timezone(-timedelta(hours=3))), "2026.04"),
    ],
)
def test_a_month_is_one_of_utc(moment: datetime, expected: str) -> None:
    assert ecs.month(moment) == expected


def test_keywords_are_cut_to_what_elasticsearch_takes() -> None:
    """It counts UTF-16 units for `ignore_above`, and bytes for a term."""
    long = "𐐷" * 50_000
    source = ecs.document_source(document(source=long, section=long))
    assert len(source["news"]["source"].encode("utf-16-le")) // 2 <= 1024
    [compared] = source["key"]["section"]
    assert len(compared.encode("utf-16-le")) // 2 <= 8191
    assert len(compared.encode()) < 32_766


@pytest.mark.parametrize("url", ["https://[::1]/x", "https://localhost/x", "https://10.0.0.1:8080/x", "http://[bad/x"])
def test_any_url_can_be_stored(url: str) -> None:
    assert ecs.document_source(document(url=url))["url"]["full"] == url


# -- the mapping


def leaves(properties: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in properties.items():
        if "properties" in field:
            yield from leaves(field["properties"], f"{path}{name}.")
        else:
            yield path + name, field
            for inner, about in field.get("fields", {}).items():
                yield f"{path}{name}.{inner}", about


def mapped(name: str) -> dict[str, dict[str, Any]]:
    """Field -> mapping, of an index of documents or alerts."""
    return dict(leaves(TEMPLATES[name]["mappings"]["properties"]))


def sent(value: Any, path: str = "") -> Iterator[str]:
    """The fields of a source; lists count for what is in them."""
    if isinstance(value, dict) and not path.endswith((".location.", "record.")):
        for name, inner in value.items():
            yield from sent(inner, f"{path}{name}.")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from sent(inner, path)
    else:
        yield path.rstrip(".")


@pytest.mark.parametrize("name", ["documents", "alerts"])
def test_every_field_that_is_sent_is_mapped_and_the_other_way_round(name: str) -> None:
    published = Dated(value=SEEN, source="x", raw="")
    one = alert(
        published=published, topics=("a",), countries=("PE",), duplicate_of="a0", feed="f", fact_lines=("PE",),
        outlet_country="PE",
    )  # fmt: skip
    source = ecs.document_source(whole()) if name == "documents" else alert_source(one)
    fields = {field for field in sent(source) if not field.startswith("news.stemmed.")}
    mappings = mapped(name)
    needless = {field for field, about in mappings.items() if about["type"] == "alias" or field.endswith(".keyword")}
    stems = {field for field in mappings if field.startswith("news.stemmed.")}
    assert fields == set(mappings) - needless - stems


@pytest.mark.parametrize("name", ["documents", "alerts"])
def test_no_field_is_mapped_by_itself(name: str) -> None:
    mappings = TEMPLATES[name]["mappings"]
    assert mappings["dynamic"] is False
    assert mappings["properties"]["record"] == {"type": "object", "enabled": False}
    assert json.dumps(TEMPLATES[name]).count("dynamic") == 1


def test_a_field_of_both_indices_has_one_mapping() -> None:
    documents, alerts = mapped("documents"), mapped("alerts")
    assert {name for name in alerts if alerts[name] != documents.get(name, alerts[name])} == set()


def test_every_keyword_has_a_limit_that_its_values_keep() -> None:
    for name in ("documents", "alerts"):
        for field, about in mapped(name).items():
            if about["type"] == "keyword":
                compared = field.startswith("key.") and field != "key.day"
                assert about["ignore_above"] == (8191 if compared or field == "url.full" else 1024), field


def test_every_field_of_the_query_language_has_its_key() -> None:
    keys = {name.removeprefix("key.") for name in mapped("documents") if name.startswith("key.")}
    after = {f"{name}_after" for name in DATE_FIELDS if name != "first_seen"}
    assert keys == {*KEYWORD_FIELDS, *DATE_FIELDS, *NUMBER_FIELDS, *after, "day"}


def test_every_facet_can_be_counted() -> None:
    for facet in FACETS.values():
        about = mapped("documents")[facet.elastic[0]]
        assert about["type"] == "keyword"
        assert about.get("doc_values", True)


def test_every_severity_has_a_number() -> None:
    assert set(SEVERITY) == set(SEVERITIES)
