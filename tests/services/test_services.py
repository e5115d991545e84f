"""The servers that tests run against are real ones, with what the project needs of them."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.slow
#: Elasticsearch's name of the analyzer, a text, its tokens: each shows the language's own stemming or segmentation.
LANGUAGES = [
    ("arabic", "الكتاب", ["كتاب"]),
    ("bulgarian", "градове", ["град"]),
    ("catalan", "l'aigua", ["aigu"]),
    ("cjk", "国会投票", ["国会", "会投", "投票"]),
    ("czech", "knihami", ["knih"]),
    ("danish", "bøgerne", ["bøg"]),
    ("dutch", "katten", ["kat"]),
    ("english", "the elections", ["elect"]),
    ("estonian", "raamatud", ["raama"]),
    ("finnish", "kirjassa", ["kirj"]),
    ("french", "l'élection des députés", ["election", "deput"]),
    ("german", "die Häuser", ["haus"]),
    ("greek", "εκλογές", ["εκλογ"]),
    ("hindi", "किताबें", ["किताब"]),
    ("hungarian", "könyvek", ["könyv"]),
    ("indonesian", "membaca", ["baca"]),
    ("italian", "le elezioni", ["elezion"]),
    ("latvian", "grāmatas", ["grāmat"]),
    ("lithuanian", "knygos", ["knyg"]),
    ("norwegian", "bøkene", ["bøk"]),
    ("persian", "کتاب‌ها", ["كتاب"]),
    ("portuguese", "as eleições", ["eleica"]),
    ("romanian", "alegerile", ["aleger"]),
    ("russian", "выборы", ["выбор"]),
    ("spanish", "las elecciones", ["eleccion"]),
    ("swedish", "böckerna", ["böck"]),
    ("thai", "การเลือกตั้ง", ["เลือกตั้ง"]),
    ("turkish", "kitaplar", ["kitap"]),
]


def ask(url: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def tokens(elasticsearch: str, **body: Any) -> list[tuple[str, int]]:
    answer = ask(f"{elasticsearch}/_analyze", "POST", body)
    return [(token["token"], token["position"]) for token in answer["tokens"]]


@pytest.mark.parametrize(("analyzer", "text", "expected"), LANGUAGES, ids=[name for name, _, _ in LANGUAGES])
def test_languages_are_stemmed(elasticsearch: str, analyzer: str, text: str, expected: list[str]) -> None:
    assert [token for token, _ in tokens(elasticsearch, analyzer=analyzer, text=text)] == expected
