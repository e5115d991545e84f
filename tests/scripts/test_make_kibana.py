"""config/kibana: what is shipped is what the definition makes, and it names only what there is."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.alerts.ecs import alert_leaves
from pipeline.core.alerts.kibana_link import ARTICLE
from pipeline.core.documents.mapping import Leaf, document_leaves
from pipeline.core.documents.story_ecs import story_leaves
from scripts.make_kibana import CORE, VERSIONS, ndjson

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = (CONFIG / "kibana" / "almenara.ndjson").read_text(encoding="utf-8")
OBJECTS: list[dict[str, Any]] = [json.loads(line) for line in SHIPPED.splitlines()]
BY_ID = {one["id"]: one for one in OBJECTS}


def of(kind: str) -> list[dict[str, Any]]:
    return [one for one in OBJECTS if one["type"] == kind]


def test_the_file_is_what_the_definition_makes() -> None:
    definition = tomllib.loads((CONFIG / "kibana" / "kibana.toml").read_text(encoding="utf-8"))
    assert ndjson(definition) == SHIPPED, "run `./test python scripts/make_kibana.py`"


def test_what_there_is() -> None:
    assert Counter(one["type"] for one in OBJECTS) == {"index-pattern": 3, "search": 6, "lens": 4, "dashboard": 1}
    assert len(BY_ID) == len(OBJECTS)
    assert {one["attributes"]["title"] for one in of("index-pattern")} == {
        "almenara-documents", "almenara-alerts", "almenara-stories",
    }  # fmt: skip


@pytest.mark.parametrize("saved", OBJECTS, ids=lambda one: one["id"])
def test_the_shape_of_an_object(saved: dict[str, Any]) -> None:
    assert set(saved) == {
        "attributes", "coreMigrationVersion", "id", "managed", "references", "type", "typeMigrationVersion",
    }  # fmt: skip
    assert saved["coreMigrationVersion"] == CORE
    assert saved["typeMigrationVersion"] == VERSIONS[saved["type"]]
    assert re.fullmatch(r"almenara-[a-z-]+", saved["id"])
    assert saved["attributes"]["title"]


@pytest.mark.parametrize("saved", OBJECTS, ids=lambda one: one["id"])
def test_references(saved: dict[str, Any]) -> None:
    """Each leads to an object before this one, of the type it says, and is used by its name exactly once."""
    names = [reference["name"] for reference in saved["references"]]
    assert len(set(names)) == len(names)
    for reference in saved["references"]:
        target = BY_ID[reference["id"]]
        assert target["type"] == reference["type"]
        assert OBJECTS.index(target) < OBJECTS.index(saved)
    assert sorted(names) == sorted(used_references(saved))


def used_references(saved: dict[str, Any]) -> Iterator[str]:
    attributes = saved["attributes"]
    if saved["type"] == "search":
        yield json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["indexRefName"]
    if saved["type"] == "lens":
        for layer in attributes["state"]["datasourceStates"]["formBased"]["layers"]:
            yield f"indexpattern-datasource-layer-{layer}"
    if saved["type"] == "dashboard":
        for panel in json.loads(attributes["panelsJSON"]):
            yield f"{panel['panelIndex']}:{panel['panelRefName']}"
        for control in json.loads(attributes["controlGroupInput"]["panelsJSON"]):
            yield f"controlGroup_{control}:optionsListDataView"


def test_only_ids_and_indices_carry_the_prefix() -> None:
    """The import puts another prefix in its place wherever `almenara-` stands."""
    for line, saved in zip(SHIPPED.splitlines(), OBJECTS, strict=True):
        meant = 1 + len(saved["references"]) + (saved["type"] == "index-pattern")
        if saved["type"] == "dashboard":
            meant += line.count('\\"dataViewId\\":\\"almenara-documents\\"')
        assert line.count("almenara-") == meant


# -- charts


@pytest.mark.parametrize("saved", of("lens"), ids=lambda one: one["id"])
def test_a_chart_shows_columns_that_it_has(saved: dict[str, Any]) -> None:
    state = saved["attributes"]["state"]
    [(layer, form)] = state["datasourceStates"]["formBased"]["layers"].items()
    columns = form["columns"]
    assert sorted(form["columnOrder"]) == sorted(columns)
    buckets = [columns[name]["isBucketed"] for name in form["columnOrder"]]
    assert buckets == sorted(buckets, reverse=True)  # Kibana has groups first
    for column in columns.values():
        if column["operationType"] == "terms":
            assert not columns[column["params"]["orderBy"]["columnId"]]["isBucketed"]
    drawn = state["visualization"]
    if saved["attributes"]["visualizationType"] == "lnsDatatable":
        assert drawn["layerId"] == layer
        assert {column["columnId"] for column in drawn["columns"]} == set(columns)
        assert drawn["sorting"]["columnId"] in columns
    else:
        [one] = drawn["layers"]
        assert one["layerId"] == layer
        shown = [one["xAccessor"], *one["accessors"], *([one["splitAccessor"]] if "splitAccessor" in one else [])]
        assert sorted(shown) == sorted(columns)


def test_the_panels_fill_the_grid_without_overlap() -> None:
    [saved] = of("dashboard")
    cells: Counter[tuple[int, int]] = Counter()
    for panel in json.loads(saved["attributes"]["panelsJSON"]):
        at = panel["gridData"]
        assert at["i"] == panel["panelIndex"]
        cells.update((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"]))
    assert max(cells.values()) == 1
    assert max(x for x, _ in cells) == 47
    assert len(cells) == 48 * (1 + max(y for _, y in cells))


# -- fields


def mapped_fields(mappings: list[Leaf]) -> dict[str, str]:
    """Field -> type."""
    subfields = {
        f"{one.name}.{sub}": about["type"] for one in mappings for sub, about in one.options.get("fields", {}).items()
    }
    return {one.name: one.type for one in mappings} | subfields


FIELDS = {
    "documents": mapped_fields(document_leaves()), "alerts": mapped_fields(alert_leaves()),
    "stories": mapped_fields(story_leaves()),
}  # fmt: skip
_NAMED = re.compile(r'"?(@?[a-z_]+(?:\.[a-z_]+)*)"?\s*(?::|[<>]=?)')


def view_of(saved: dict[str, Any]) -> str:
    [view] = [one["id"] for one in saved["references"] if one["type"] == "index-pattern"]
    return str(view).removeprefix("almenara-")


def named(saved: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(index, field) for every field that an object names; those that are grouped by and counted end in `!`."""
    attributes, kind = saved["attributes"], saved["type"]
    if kind == "index-pattern":
        for field in (*json.loads(attributes["fieldFormatMap"]), attributes["timeFieldName"]):
            yield saved["id"].removeprefix("almenara-"), field
    if kind == "search":
        source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        plain = [*attributes["columns"], *(field for field, _ in attributes["sort"])]
        for field in (*plain, *_NAMED.findall(source["query"]["query"]), attributes["breakdownField"] + "!"):
            yield view_of(saved), field
    if kind == "lens":
        for layer in attributes["state"]["datasourceStates"]["formBased"]["layers"].values():
            for column in layer["columns"].values():
                for field in _NAMED.findall(column.get("filter", {}).get("query", "")):
                    yield view_of(saved), field
                if column["sourceField"] != "___records___":
                    yield view_of(saved), column["sourceField"] + "!"
    if kind == "dashboard":
        for control in json.loads(attributes["controlGroupInput"]["panelsJSON"]).values():
            for index in FIELDS:  # what is chosen narrows every panel, the alerts too
                yield index, control["explicitInput"]["fieldName"] + "!"


@pytest.mark.parametrize("saved", OBJECTS, ids=lambda one: one["id"])
def test_every_field_is_mapped(saved: dict[str, Any]) -> None:
    found = list(named(saved))
    assert found
    for index, field in found:
        assert field.removesuffix("!") in FIELDS[index], index
        if field.endswith("!"):  # Lens offers no field that cannot be aggregated
            assert FIELDS[index][field[:-1]] in {"keyword", "date", "boolean", "integer", "long"}, field


def test_the_link_of_an_alert_asks_for_a_field_of_both_indices() -> None:
    assert all(FIELDS[index][ARTICLE] == "keyword" for index in ("documents", "alerts"))


def test_the_guide_names_fields_that_there_are() -> None:
    guide = (CONFIG.parent / "docs" / "kibana.md").read_text(encoding="utf-8")
    queries = [
        line.strip() for block in re.findall(r"```kql\n(.*?)```", guide, re.DOTALL) for line in block.split("\n")
    ]
    names = {name for query in queries for name in _NAMED.findall(re.sub(r'"[^"]*"', '""', query))}
    assert len(names) > 8
    assert names <= set(FIELDS["documents"]) | set(FIELDS["alerts"])
