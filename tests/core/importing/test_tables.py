"""Tables of keywords as clippings services and spreadsheets export them."""

from __future__ import annotations

import pytest

from pipeline.core.importing.tables import is_table, read_table


def rules(text: str) -> list[dict[str, object]]:
    return [dict(rule) for rule in read_table("table", text).rules]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters(delimiter: str, mark: str) -> None:
    rows = [["Keyword", "Name", "Severity", "Language", "Exclude"], ["zebra", "Animals", "high", "en", "zoo"]]
    text = mark + "\r\n".join(delimiter.join(row) for row in rows)
    assert is_table(text)
    assert rules(text) == [{"name": "Animals", "query": "zebra -zoo", "severity": "high", "languages": ["en"]}]


def test_a_cell_may_hold_the_delimiter_quotes_and_lines() -> None:
    text = 'Name;Suchbegriff\r\n"Tiere; alle";"(zebra OR ""New York"")"\r\n"Orte";"Lima\r\nBogotá"\r\n'
    assert rules(text) == [
        {"name": "Tiere alle", "query": '((zebra OR "New York"))'}, {"name": "Orte", "query": "(Lima OR Bogotá)"}
    ]  # fmt: skip


def test_rows_of_a_group_become_one_rule() -> None:
    text = "client,keyword\nAcme,zebra\nAcme,New York\nZenith,lion\nAcme,zebra\n"
    assert rules(text) == [
        {"name": "Acme", "query": '(zebra OR "New York")'}, {"name": "Zenith", "query": "lion"}
    ]  # fmt: skip
    assert [left.what for left in read_table("t", text).left] == ["1 repeated: zebra"]


def test_rows_that_differ_otherwise_become_rules_of_their_own() -> None:
    text = "group,keyword,language,priority,active\nA,zebra,en,1,yes\nA,cebra,es,1,yes\nA,Zebra,en,3,no\n"
    assert rules(text) == [
        {"name": "A", "query": "zebra", "severity": "critical", "languages": ["en"]},
        {"name": "A (es)", "query": "cebra", "severity": "critical", "languages": ["es"]},
        {"name": "A (en)", "query": "Zebra", "severity": "medium", "languages": ["en"], "enabled": False},
    ]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Palabra clave;Prioridad;Idioma;Excluir", "cebra;alta;es;zoo"),
        ("Mot-clé;Priorité;Langue;Exclure", "cebra;haute;es;zoo"),
        ("Schlüsselwort;Priorität;Sprache;Ausschluss", "cebra;hoch;es;zoo"),
        ("KEYWORD;PRIORITY;LANGUAGE;NEGATIVE_KEYWORDS", "cebra;P2;es-MX;-zoo"),
    ],
)
def test_headers_and_words_of_other_languages(header: str, row: str) -> None:
    assert rules(f"sep=;\n{header}\n{row}\n") == [
        {"name": "table", "query": "cebra -zoo", "severity": "high", "languages": ["es"]}
    ]


def test_a_table_without_a_header_of_keywords() -> None:
    found = read_table("animals", "zebra,black\nlion,yellow\n")
    assert [rule["query"] for rule in found.rules] == ["(zebra OR lion)"]
    assert [left.why for left in found.left] == ["no column is called keyword; the first was read as keywords"]
    assert not is_table("zebra, giraffe\nlion, tiger\n")


def test_what_has_no_counterpart_is_listed() -> None:
    text = "keyword,severity,language,recipients,empty\nzebra,purple,Klingon,a@example.org,\n,high,en,,\nlion AND,,,,\n"
    found = read_table("animals", text)
    assert [rule["query"] for rule in found.rules] == ["zebra"]
    assert {left.what: left.place for left in found.left} == {
        "column recipients": "", "severity purple": "line 2", "language Klingon": "line 2", "animals": "line 3",
        "lion AND": "line 4",
    }  # fmt: skip


def test_thousands_of_rows_become_one_rule_with_a_list() -> None:
    found = read_table("big", "keyword,group\n" + "".join(f"word{n},All of it\n" for n in range(5_000)))
    assert [(rule["name"], rule["query"]) for rule in found.rules] == [("All of it", "@all-of-it")]
    assert len(found.lists["all-of-it"]) == 5_000
