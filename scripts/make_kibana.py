"""Generates config/kibana/almenara.ndjson, Kibana's saved objects, from kibana.toml beside it.

    ./test python scripts/make_kibana.py

The same definition gives the same bytes. The objects have the versions that Kibana 9.0 writes; later versions upgrade
them on import. `almenara kibana import` sends the file to Kibana.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1] / "config" / "kibana"
PREFIX = "almenara-"  # of every id and index; `almenara kibana import` replaces it with the prefix in the settings
CORE = "8.8.0"
VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "lens": "8.9.0", "dashboard": "10.2.0"}
SHAPES = {"bar": "bar_stacked", "bars": "bar_horizontal"}

Object = dict[str, Any]


def objects(definition: Mapping[str, Any]) -> list[Object]:
    """Every saved object; those that others refer to come first."""
    return [
        *(view(one) for one in definition["view"]),
        *(search(one) for one in definition["search"]),
        *(chart(one) for one in definition["chart"]),
        dashboard(definition["dashboard"]),
    ]


def saved(kind: str, name: str, attributes: Object, references: Sequence[Object] = ()) -> Object:
    return {
        "attributes": attributes,
        "coreMigrationVersion": CORE,
        "id": PREFIX + name,
        "managed": False,
        "references": list(references),
        "type": kind,
        "typeMigrationVersion": VERSIONS[kind],
    }


def reference(name: str, kind: str, to: str) -> Object:
    return {"id": PREFIX + to, "name": name, "type": kind}


def source(query: str, **more: Any) -> Object:
    return {"searchSourceJSON": text({"filter": [], "query": {"language": "kuery", "query": query}, **more})}


def text(value: Any) -> str:
    """JSON as a string within JSON, as Kibana stores it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def view(one: Mapping[str, Any]) -> Object:
    links = {field: {"id": "url", "params": {}} for field in one["links"]}
    return saved(
        "index-pattern",
        one["id"],
        {
            "allowHidden": False, "fieldAttrs": "{}", "fieldFormatMap": text(links), "fields": "[]",
            "name": one["title"], "runtimeFieldMap": "{}", "sourceFilters": "[]", "timeFieldName": "@timestamp",
            "title": PREFIX + one["id"],
        },
    )  # fmt: skip


def search(one: Mapping[str, Any]) -> Object:
    index = "kibanaSavedObjectMeta.searchSourceJSON.index"
    return saved(
        "search",
        f"search-{one['id']}",
        {
            "breakdownField": one["split"], "columns": one["columns"], "description": one["about"], "grid": {},
            "hideChart": False, "isTextBasedQuery": False,
            "kibanaSavedObjectMeta": source(one["query"], indexRefName=index),
            "sort": [["@timestamp", "desc"]], "timeRestore": False, "title": one["title"],
        },
        [reference(index, "index-pattern", one["view"])],
    )  # fmt: skip


# -- charts


def chart(one: Mapping[str, Any]) -> Object:
    layer = one["id"]
    groups = {f"group-{n}": group(given) for n, given in enumerate(one["groups"])}
    values = {f"value-{n}": value(given) for n, given in enumerate(one["values"])}
    columns = groups | values
    drawn = table(layer, columns) if one["shape"] == "table" else bars(layer, groups, values, SHAPES[one["shape"]])
    form = {
        "columnOrder": list(columns), "columns": columns, "ignoreGlobalFilters": False, "incompleteColumns": {},
        "sampling": 1,
    }  # fmt: skip
    state = {
        "adHocDataViews": {},
        "datasourceStates": {
            "formBased": {"layers": {layer: form}}, "indexpattern": {"layers": {}}, "textBased": {"layers": {}},
        },
        "filters": [], "internalReferences": [], "query": {"language": "kuery", "query": ""}, "visualization": drawn,
    }  # fmt: skip
    return saved(
        "lens",
        f"chart-{one['id']}",
        {
            "description": "", "state": state, "title": one["title"],
            "visualizationType": "lnsDatatable" if one["shape"] == "table" else "lnsXY",
        },
        [reference(f"indexpattern-datasource-layer-{layer}", "index-pattern", one["view"])],
    )  # fmt: skip


def group(given: Mapping[str, Any]) -> Object:
    if "time" in given:
        return {
            "dataType": "date", "isBucketed": True, "label": given["time"], "operationType": "date_histogram",
            "params": {"dropPartials": False, "includeEmptyRows": True, "interval": "auto"}, "scale": "interval",
            "sourceField": given["time"],
        }  # fmt: skip
    params = {
        "exclude": [], "excludeIsRegex": False, "include": [], "includeIsRegex": False, "missingBucket": False,
        "orderBy": {"columnId": "value-0", "type": "column"}, "orderDirection": "desc",
        "otherBucket": given.get("rest", False), "parentFormat": {"id": "terms"}, "size": given["most"],
    }  # fmt: skip
    return {
        "customLabel": True, "dataType": "string", "isBucketed": True, "label": given["label"],
        "operationType": "terms", "params": params, "scale": "ordinal", "sourceField": given["terms"],
    }  # fmt: skip


def value(given: Mapping[str, Any]) -> Object:
    column = {"customLabel": True, "isBucketed": False, "label": given["label"]}
    if "last" in given:
        field, kind = given["last"], given.get("type", "string")
        return column | {
            "dataType": kind, "filter": {"language": "kuery", "query": f'"{field}": *'},
            "operationType": "last_value", "params": {"sortField": "@timestamp"},
            "scale": "interval" if kind == "date" else "ordinal", "sourceField": field,
        }  # fmt: skip
    operation, field = ("count", "___records___") if "count" in given else ("unique_count", given["distinct"])
    return column | {
        "dataType": "number", "operationType": operation, "params": {"emptyAsNull": True}, "scale": "ratio",
        "sourceField": field,
    }  # fmt: skip


def table(layer: str, columns: Mapping[str, Object]) -> Object:
    return {
        "columns": [{"columnId": name, "isTransposed": False} for name in columns],
        "layerId": layer, "layerType": "data", "sorting": {"columnId": "value-0", "direction": "desc"},
    }  # fmt: skip


def bars(layer: str, groups: Mapping[str, Object], values: Mapping[str, Object], series: str) -> Object:
    axes = dict(zip(("xAccessor", "splitAccessor"), groups, strict=False))
    drawn = axes | {
        "accessors": list(values), "layerId": layer, "layerType": "data", "position": "top", "seriesType": series,
        "showGridlines": False,
    }  # fmt: skip
    everywhere = {"x": True, "yLeft": True, "yRight": True}
    return {
        "axisTitlesVisibilitySettings": dict.fromkeys(everywhere, False), "fittingFunction": "None",
        "gridlinesVisibilitySettings": everywhere, "labelsOrientation": dict.fromkeys(everywhere, 0),
        "layers": [drawn],
        "legend": {"isVisible": len(groups) > 1, "position": "right"}, "preferredSeriesType": series,
        "tickLabelsVisibilitySettings": everywhere, "valueLabels": "hide",
    }  # fmt: skip


# -- the dashboard


def dashboard(one: Mapping[str, Any]) -> Object:
    panels, references = [], []
    for number, given in enumerate(one["panels"]):
        kind, to = ("lens", f"chart-{given['chart']}") if "chart" in given else ("search", f"search-{given['search']}")
        x, y, width, height = given["at"]
        name = str(number)
        panels.append(
            {
                "embeddableConfig": {"enhancements": {}},
                "gridData": {"h": height, "i": name, "w": width, "x": x, "y": y},
                "panelIndex": name, "panelRefName": f"panel_{name}", "title": given["title"], "type": kind,
            }
        )  # fmt: skip
        references.append(reference(f"{name}:panel_{name}", kind, to))
    names = [f"control-{n}" for n, _ in enumerate(one["controls"])]
    references += [
        reference(f"controlGroup_{name}:optionsListDataView", "index-pattern", "documents") for name in names
    ]
    options = {
        "hidePanelTitles": False, "syncColors": False, "syncCursor": True, "syncTooltips": False, "useMargins": True,
    }  # fmt: skip
    return saved(
        "dashboard",
        "dashboard",
        {
            "controlGroupInput": controls(dict(zip(names, one["controls"], strict=True))), "description": one["about"],
            "kibanaSavedObjectMeta": source(""), "optionsJSON": text(options), "panelsJSON": text(panels),
            "refreshInterval": {"pause": True, "value": 60000}, "timeFrom": one["from"], "timeRestore": True,
            "timeTo": "now", "title": one["title"], "version": 3,
        },
        references,
    )  # fmt: skip


def controls(given: Mapping[str, Mapping[str, str]]) -> Object:
    lists = {
        name: {
            "explicitInput": {
                "dataViewId": f"{PREFIX}documents", "fieldName": one["field"], "id": name,
                "searchTechnique": "wildcard", "selectedOptions": [], "sort": {"by": "_count", "direction": "desc"},
                "title": one["title"],
            },
            "grow": True, "order": order, "type": "optionsListControl", "width": "medium",
        }
        for order, (name, one) in enumerate(given.items())
    }  # fmt: skip
    nothing = ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations")
    return {
        "chainingSystem": "HIERARCHICAL", "controlStyle": "oneLine",
        "ignoreParentSettingsJSON": text(dict.fromkeys(nothing, False)), "panelsJSON": text(lists),
        "showApplySelections": False,
    }  # fmt: skip


def ndjson(definition: Mapping[str, Any]) -> str:
    return "".join(text(one) + "\n" for one in objects(definition))


def main() -> None:
    definition = tomllib.loads((HERE / "kibana.toml").read_text(encoding="utf-8"))
    (HERE / "almenara.ndjson").write_text(ndjson(definition), encoding="utf-8")


if __name__ == "__main__":
    main()
