"""Fingerprints: the same everywhere, near for near texts, bounded for hostile ones; and the traits read off a text."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from pipeline.core.stories import fingerprint as module
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.stories.traits import NAMES, NUMBERS, traits
from pipeline.core.text.encoder import DIMENSIONS
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


def likeness(one: str, other: str) -> float:
    """Estimated Jaccard similarity of two texts."""
    first, second = (np.frombuffer(make_fingerprint(article(text), TAGS).signature, "<u2") for text in (one, other))
    return float((first == second).mean())


def cosine(one: tuple[str, str], other: tuple[str, str]) -> float:
    a, b = (
        np.frombuffer(make_fingerprint(article(text, title), TAGS).vector, np.int8).astype(float)
        for title, text in (one, other)
    )
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_the_signature_never_changes() -> None:
    """A change here makes every stored fingerprint worthless for a window: only with good reason."""
    fingerprint = make_fingerprint(article(TEXT), TAGS)
    assert np.frombuffer(fingerprint.signature, "<u2")[:6].tolist() == [17560, 13668, 5941, 39988, 59025, 45603]
    assert fingerprint.shingles == 58
    assert fingerprint.traits.words == "25b2c9c2e01982522f85fc7b"


SCRIPT = """
import json, sys
from tests.core.stories.test_fingerprint import TAGS, TEXT, article
from pipeline.core.stories.fingerprint import make_fingerprint
p = make_fingerprint(article(TEXT), TAGS)
print(json.dumps([p.signature.hex(), p.features.hex(), p.shingles, p.traits.words]))
"""


@pytest.mark.slow
def test_another_process_gives_the_same() -> None:
    """Not even the seed of Python's own hashes matters."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={"PYTHONHASHSEED": "77"}, capture_output=True, text=True, check=True
    )
    fingerprint = make_fingerprint(article(TEXT), TAGS)
    expected = [fingerprint.signature.hex(), fingerprint.features.hex(), fingerprint.shingles, fingerprint.traits.words]
    assert json.loads(run.stdout) == expected


def test_typography_does_not_count() -> None:
    other = TEXT.replace("council", "Council").replace("'", "’").replace(". ", ".  ").replace("to 12", "to\u00a012")
    one, two = make_fingerprint(article(TEXT), TAGS), make_fingerprint(article(other), TAGS)
    assert one.signature == two.signature
    assert one.traits.words == two.traits.words


def test_near_texts_have_near_signatures() -> None:
    edited = TEXT.replace("critics from the", "opponents in the")
    assert likeness(TEXT, TEXT) == 1
    assert 0.6 < likeness(TEXT, edited) < 0.95
    assert likeness(TEXT, "Rain is expected in the north of the country. " * 3) < 0.05


def test_word_order_counts() -> None:
    words = TEXT.split(" ")
    assert likeness(TEXT, " ".join(reversed(words))) < 0.1


def test_characters_that_are_words_make_longer_shingles() -> None:
    chinese = "議會周四以七十三票對二十五票通過決議，允許外國軍隊入境參加聯合演習。總統已經簽署該決議，並在首都公布。"
    fingerprint = make_fingerprint(article(chinese, "議會允許外國軍隊入境", "zh"), TAGS)
    assert fingerprint.shingles == len(body(chinese).words) - module.SHINGLE_SINGLE + 1


@pytest.mark.parametrize("text", ["", "Two words", "…", "\n\n", "!!! ???"])
def test_a_text_of_next_to_nothing(text: str) -> None:
    fingerprint = make_fingerprint(article(text, title="" if text != "Two words" else "T"), TAGS)
    assert fingerprint.signature == b""
    assert fingerprint.shingles == 0
    assert len(fingerprint.vector) == DIMENSIONS


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
    module._signature(module._shingles(prose.words))
    assert time.process_time() - start < 1.5
    assert len(found.numbers) <= NUMBERS
    assert len(found.names) <= NAMES
    assert sum(len(value) for values in (found.numbers, found.names) for value in values) < 4_000
