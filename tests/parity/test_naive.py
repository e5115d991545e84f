"""The naive evaluator on examples: it must be right before it can judge others."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.core.text.words_table import TABLE
from tests.parity.corpus import NOW
from tests.parity.naive import Reader
from tests.parity.places import Span, arrangements
from tests.parity.reading import FIELDS, Refused, read
from tests.parity.splitting import split


def test_it_shares_no_code_with_the_program() -> None:
    for name in ("naive", "places", "reading", "splitting", "ways"):
        tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert {name for name in imported if name.startswith("tests.")} <= {
            "tests.parity.places",
            "tests.parity.reading",
            "tests.parity.splitting",
            "tests.parity.ways",
        }
        assert not {name.split(".")[0] for name in imported} & {"pipeline", "regex", "tantivy"}


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_words_are_those_of_the_table(text: str, expected: tuple[str, ...]) -> None:
    assert tuple(split(text)) == expected


def test_a_word_too_long_keeps_its_place() -> None:
    assert split(f"a {'b' * 256} c") == ["a", "", "c"]
    assert split("b" * 255) == ["b" * 255]


@pytest.mark.parametrize(
    ("phrase", "text", "moves"),
    [
        # Lucene's examples for PhraseQuery.
        ("quick fox", "quick brown fox", 1),
        ("quick fox", "the fox is quick", 3),
        ("quick fox", "quick fox", 0),
        ("fox quick", "quick fox", 2),
        ("a b", "b a", 2),
        ("a b c", "a x b x x c", 3),
        ("a b c", "c b a", 4),
        ("c a", "a b c", 3),
        ("a a", "a x a", 1),
        ("a b a", "a a b", 2),
    ],
)
def test_moves_are_counted_as_lucene_does(phrase: str, text: str, moves: int) -> None:
    places: dict[str, list[Span]] = {}
    for position, word in enumerate(text.split()):
        places.setdefault(word, []).append((position, position))
    needed = [slop for slop in range(9) if any(arrangements([places[word] for word in phrase.split()], slop))]
    assert needed[0] == moves


ARTICLE: dict[str, Any] = dict.fromkeys(FIELDS) | {
    "title": "Congreso autoriza tropas de EE.UU.",
    "text": "El Perú. Soldados entran; 国会批准.",
    "url": "https://www.noticias.ejemplo.com.pe:8443/x",
    "source": "El País",
    "topic": ("troops", "bases"),
    "country": ("PE",),
    "place": (),
    "published": datetime(2026, 3, 1, 9, tzinfo=UTC),
    "first_seen": None,
    "version": 2,
    "kind": "new",
    "id": "a1",
    "story": "s1",
    "feed": "f",
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tropas peru", True),
        ("tropas soldado", False),
        ("soldad*", True),
        ("title:soldad*", False),
        ("国会*", True),
        ("国批", False),
        ("EE.UU.", True),
        ('"uu el"', False),  # the title's end and the text's beginning are not side by side
        ('"tropas congreso"~2', False),
        ('"tropas congreso"~3', True),
        ("tropas -soldados", False),
        ("tropas NOT marines AND +peru", True),
        ("nada OR tropas AND nada", False),
        ("nada OR tropas AND peru", True),
        ("(nada OR tropas) (peru OR nada)", True),
        ('"autoriza tropas" “EE UU”', True),
        ("title:nada tropas", False),
        ("title:(congreso -soldados)", True),
        ("topic:(nada OR BASES)", True),
        ('source:"el pais"', True),
        ("source:pais", False),
        ("site:com.pe site:pe", True),
        ("site:www.noticias.ejemplo.com.pe", False),
        ("published:2026-03-01", True),
        ("published:>2026-03-01", False),
        ("published:<=2026-03-01", True),
        ("published:[2026-02 TO 2026-03}", False),
        ("published:{2026-02 TO 2026-03]", True),
        ("published:[* TO 2026-03-01T09:00Z}", False),
        ('published:"2026-03-01T10:00+01:00"', True),
        ("published:>=now-31d", False),
        ("published:[now-32d TO now]", True),
        ("first_seen:>1999", False),
        ("tropas -first_seen:>1999", True),
        ("version:2", True),
        ("version:{2 TO 9]", False),
        ("word_count:[8 TO 9}", True),
        ("word_count:>8", False),
        (r"ee\.uu", True),
        ("author:x OR tropas", True),
    ],
)
def test_what_matches(query: str, expected: bool) -> None:
    assert Reader(ARTICLE).matches(read(query, NOW).tree) == expected


@pytest.mark.parametrize("query", ["a OR b c", "nosuch:x", "(a", "a)", '"a', "title:(text:a)", "", "a AND"])
def test_what_it_does_not_understand_it_refuses(query: str) -> None:
    with pytest.raises(Refused):
        read(query, NOW)
