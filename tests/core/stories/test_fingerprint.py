"""Fingerprints: the same everywhere, near for near texts, bounded for hostile ones; and the traits read off a text."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from pipeline.core.stories.copies import text_row, texts_of
from pipeline.core.stories.features import rows_of
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.stories.traits import NAMES, NUMBERS, traits
from pipeline.core.stories.vectors import components, cosines
from pipeline.core.text.prose import body
from pipeline.records import Article, Tags
from tests import builders

TEXT = (
    "The harbour council of Valmora voted 31 to 12 on Tuesday to reopen the old ferry line to Isla Brenta. "
    "Council leader Irene Sandoval said the first boat would sail on 4 March 2027 with room for 1,250 passengers.\n"
    "The line was not profitable before it closed, and critics from the Free Quays party expect losses of 12.5%."
)


TAGS = Tags(rules="")


def article(text: str, title: str = "Ferry line to Isla Brenta to reopen", language: str | None = "en") -> Article:
    return builders.article(title, text, language=language)


def cosine(one: tuple[str, str], other: tuple[str, str]) -> float:
    a, b = (
        components(rows_of([make_fingerprint(article(text, title), TAGS).features])["vector"])
        for title, text in (one, other)
    )
    return float(cosines(a[0], b)[0])


def test_the_sample_never_changes() -> None:
    """A change here makes every stored fingerprint worthless for a window: only with good reason."""
    fingerprint = make_fingerprint(article(TEXT), TAGS)
    (text,) = texts_of([fingerprint.text])
    assert text["sample"][:4].tolist() == [29385527, 36429730, 48196554, 141381644]
    assert text["runs"] == 57
    assert fingerprint.traits.words == "25b2c9c2e01982522f85fc7b"


SCRIPT = """
import json, sys
from tests.core.stories.test_fingerprint import TAGS, TEXT, article
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.stories.vectors import components, cosines
p = make_fingerprint(article(TEXT), TAGS)
print(json.dumps([p.features.hex(), p.text.hex(), p.traits.words]))
"""


@pytest.mark.slow
def test_another_process_gives_the_same() -> None:
    """Not even the seed of Python's own hashes matters."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={"PYTHONHASHSEED": "77"}, capture_output=True, text=True, check=True
    )
    fingerprint = make_fingerprint(article(TEXT), TAGS)
    expected = [fingerprint.features.hex(), fingerprint.text.hex(), fingerprint.traits.words]
    assert json.loads(run.stdout) == expected


def test_typography_does_not_count() -> None:
    other = TEXT.replace("council", "Council").replace("'", "’").replace(". ", ".  ").replace("to 12", "to\u00a012")
    one, two = make_fingerprint(article(TEXT), TAGS), make_fingerprint(article(other), TAGS)
    assert texts_of([one.text])["sample"].tolist() == texts_of([two.text])["sample"].tolist()
    assert one.traits.words == two.traits.words


@pytest.mark.parametrize("text", ["", "Two words", "…", "\n\n", "!!! ???"])
def test_a_text_of_next_to_nothing(text: str) -> None:
    fingerprint = make_fingerprint(article(text, title="" if text != "Two words" else "T"), TAGS)
    assert texts_of([fingerprint.text])["runs"][0] == 0
    assert len(rows_of([fingerprint.features])) == 1


def test_one_story_in_two_languages_is_nearer_than_a_look_alike() -> None:
    english = ("Ferry line to Isla Brenta to reopen", TEXT)
    spanish = (
        "Vuelve a funcionar la línea de transbordador a Isla Brenta",
        "El consejo portuario de Valmora aprobó el martes por 31 votos contra 12 reabrir la línea a Isla Brenta.",
    )
    other = (
        "Airline drops its route to the capital",
        "The company said on Tuesday that it would end the daily flight because too few passengers had booked it.",
    )
    assert cosine(english, spanish) > 0.55
    assert cosine(english, other) < 0.45


@pytest.mark.parametrize(
    "text",
    ["9" * 200_000, "A" * 200_000, "A " * 100_000, "Aa-" * 60_000, "1,000," * 33_000, "n't " * 50_000, "no " * 60_000,
     "1/1/" * 50_000, "\n" * 200_000, "de " * 60_000, "May " * 50_000, "Ünion de la " * 16_000, "(" * 200_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_texts_cost_no_more_than_others(text: str) -> None:
    start = time.process_time()
    prose = body(text)
    found = traits("T", prose, "en")
    text_row(article(text), (), prose, found)
    assert time.process_time() - start < 1.5
    assert len(found.numbers) <= NUMBERS
    assert len(found.names) <= NAMES
    assert sum(len(value) for values in (found.numbers, found.names) for value in values) < 4_000
