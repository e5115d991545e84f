"""Writes the tables of docs/fields.md, each between its markers, from the table of fields.

    ./test python scripts/make_docs.py [--check]

With --check it writes nothing and exits with 1 if the page is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.core.alerts.ecs import alert_leaves
from pipeline.core.documents.fields import FIELDS, Field, Kind
from pipeline.core.documents.mapping import document_leaves
from pipeline.core.documents.story_ecs import story_leaves

PAGE = Path(__file__).parents[1] / "docs" / "fields.md"

_TYPES = {
    Kind.TEXT: "text", Kind.KEYWORD: "text", Kind.DATE: "time", Kind.NUMBER: "number", Kind.FLAG: "true/false",
    Kind.OBJECT: "object",
}  # fmt: skip
#: Before what a field means in an index, if it means something else in the one before.
OF = {"documents": "", "alerts": "of an alert ", "stories": "of a story "}
_QUERY_KINDS = {Kind.TEXT: "words", Kind.KEYWORD: "keyword", Kind.DATE: "date", Kind.NUMBER: "number"}
_ORDER = list(_QUERY_KINDS)


def json_table() -> list[str]:
    """Keys of the JSON format and columns of the CSV."""
    rows = [
        (f"`{field.name}`", json_type(field) if field.flat else "—", "yes" if field.csv else "", field.about)
        for field in FIELDS
        if field.flat or field.csv
    ]
    return table(("key", "JSON", "CSV", "what it is"), rows)


def json_type(field: Field) -> str:
    """The type of the field's value in JSON, in words."""
    if field.empty == ():
        return "list" if field.kind is Kind.OBJECT else f"list of {_TYPES[field.kind]}"
    return _TYPES[field.kind] + (" or null" if field.empty is None else "")


def query_table() -> list[str]:
    """Fields of the query language, by kind."""
    fields = sorted((field for field in FIELDS if field.query), key=lambda field: _ORDER.index(field.kind))
    rows = [
        (
            f"`{field.query}`", _QUERY_KINDS[field.kind], f"`{field.filter}`" if field.filter else "",
            f"`{field.example}`", field.about,
        )
        for field in fields
    ]  # fmt: skip
    return table(("field", "kind", "filter", "example", "what it is"), rows)


def elasticsearch_table() -> list[str]:
    """Mapped fields, with the indices that have them; the fields of each language and of each key in one row."""
    found: dict[str, tuple[str, list[str], list[str]]] = {}
    kinds = (("documents", document_leaves()), ("alerts", alert_leaves()), ("stories", story_leaves()))
    for index, leaves in kinds:
        for leaf in leaves:
            name, about = leaf.name, leaf.about
            if name.startswith("news.stemmed."):
                name = "news.stemmed.LANGUAGE"
            if leaf.type == "keyword" and name.startswith("key.") and name != "key.day":
                name, about = "key.FIELD", "each keyword field of the query language, folded; not stored"
            _, indices, abouts = found.setdefault(name, (leaf.type, [], []))
            indices.extend([index] if index not in indices else [])
            if about and about not in abouts:
                abouts.append(f"{OF[index]}{about}" if abouts else about)
            for sub, inner in leaf.options.get("fields", {}).items():
                found.setdefault(f"{name}.{sub}", (inner["type"], indices, [f"`{name}` whole, for tables"]))
    rows = [
        (f"`{name}`", kind, ", ".join(indices), "; ".join(abouts))
        for name, (kind, indices, abouts) in sorted(found.items())
    ]
    return table(("field", "type", "in", "what it is"), rows)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    return [_row(header), "|" + "---|" * len(header), *(_row(cells) for cells in rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


TABLES = {"json": json_table, "queries": query_table, "elasticsearch": elasticsearch_table}


def with_tables(page: str) -> str:
    """The page with every table as it is now. Raises ValueError where a marker is missing."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        lines = "\n".join(make())
        page, found = re.subn(f"({begin}).*?({end})", lambda m, lines=lines: f"{m[1]}{lines}\n{m[2]}", page, flags=re.S)  # type: ignore[misc]
        if found != 1:
            raise ValueError(f"the markers of the table {name} are missing")
    return page


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = with_tables(page)
    if "--check" in sys.argv[1:]:
        if made != page:
            sys.exit(f"{PAGE} is out of date: run `./test python scripts/make_docs.py`")
        return
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
