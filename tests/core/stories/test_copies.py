"""Copies: what is shared is estimated in any order and for any lengths, and what makes two texts one."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from pipeline.core.stories.copies import EMPTY, TEXT, Text, is_copy, likely, shared, text_row, texts_of
from pipeline.core.stories.shingles import SAMPLE, runs
from pipeline.core.stories.traits import traits
from pipeline.core.stories.window import TEXTS
from pipeline.core.text.prose import body
from tests.builders import article

WORDS = [f"wort{n}" for n in range(5000)]


def text(prose: str, title: str = "", agency: tuple[str, ...] = (), language: str = "en", **given: Any) -> Text:
    read = body(prose)
    row = text_row(article(title, prose, language=language, **given), agency, read, traits(title, read, language))
    made: Text = texts_of([row])[0]
    return made


def elsewhere(prose: str, title: str = "", **given: Any) -> Text:
    return text(prose, title, url="https://b.example/1", source="B", **given)


def prose_of(rng: random.Random, count: int) -> list[str]:
    """Paragraphs of eight words."""
    return [" ".join(rng.choices(WORDS, k=8)) + "." for _ in range(count // 8)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("short", "long"), [(160, 160), (160, 480), (240, 800), (800, 240), (400, 400)])
def test_the_share_is_estimated_for_any_lengths_and_order(seed: int, short: int, long: int) -> None:
    rng = random.Random(seed)
    one, other = prose_of(rng, short), prose_of(rng, long)
    common = rng.sample(one, len(one) // 2)
    mixed = other[: len(other) - len(common)] + common if len(other) > len(common) else other[:1] + common
    rng.shuffle(mixed)
    first, second = "\n".join(one), "\n".join(mixed)
    new, old = text(first), elsewhere(second)
    keys, others = (set(runs(part, body(part).words, most=10**6).keys.tolist()) for part in (first, second))
    exact = len(keys & others) / min(len(keys), len(others))
    assert shared(new, old).all == pytest.approx(exact, abs=0.3)
    if max(len(keys), len(others)) <= SAMPLE:
        assert shared(new, old).all == pytest.approx(exact)


def test_estimates_are_right_on_average() -> None:
    errors = []
    for seed in range(60):
        rng = random.Random(seed)
        one = prose_of(rng, 400)
        other = "\n".join([*one[:20], *prose_of(rng, 240)])
        keys, others = (set(runs(part, body(part).words, most=10**6).keys.tolist()) for part in ("\n".join(one), other))
        errors.append(shared(text("\n".join(one)), elsewhere(other)).all - len(keys & others) / len(keys))
    assert abs(float(np.mean(errors))) < 0.04  # of the shorter sample: a little too high
    assert float(np.std(errors)) < 0.08


def test_paragraphs_in_another_order_are_the_same_text() -> None:
    paragraphs = prose_of(random.Random(1), 320)
    new, old = text("\n".join(reversed(paragraphs))), elsewhere("\n".join(paragraphs))
    assert shared(new, old).all > 0.6
    assert is_copy(new, old)


@pytest.mark.parametrize("marks", ['"{}"', "“{}”", "«{}»", "„{}“", "»{}«"])
def test_a_statement_that_both_quote_is_no_copy(marks: str) -> None:
    rng = random.Random(3)
    statement = " ".join(rng.choices(WORDS, k=60))
    one, other = ("\n".join([*prose_of(rng, 64), marks.format(statement)]) for _ in range(2))
    assert shared(text(one), elsewhere(other)).all > 0.3
    assert not is_copy(text(one), elsewhere(other))
    unquoted = (f"{part}".replace(marks.format(statement), statement) for part in (one, other))
    assert is_copy(text(next(unquoted)), elsewhere(next(unquoted)))


AGENCY = (
    "Eleven sailors were taken off the freighter Brigitta on Sunday after its 4,200 tonnes of timber shifted.\n"
    "The ship lists by 20 degrees and drifts towards the Skerry of Hallmar, the coast guard in Torsund said.\n"
    "Two tugs tried in vain to make fast in waves of six metres, captain Olaf Brenner told the harbour radio.\n"
    "The owners, Norden Bulk, have asked a salvage firm from Rotterdam for help."
)


def test_an_agency_lowers_the_bar() -> None:
    plain = credited = 0
    for seed in range(30):
        rng = random.Random(seed)
        one, other = prose_of(rng, 240), prose_of(rng, 240)
        other[:7] = one[:7]
        new, title = elsewhere("\n".join(other), "Wort"), " ".join(one[0].split()[:3])
        plain += is_copy(new, text("\n".join(one), title))
        credited += is_copy(new, text("\n".join(one), title, agency=("afp",)))
    assert plain < 15 < credited


def test_a_little_of_an_article_is_no_copy() -> None:
    rng = random.Random(8)
    long = "\n".join([*prose_of(rng, 800), AGENCY])
    assert not is_copy(elsewhere(long, "The week at sea"), text(AGENCY, "Freighter adrift off Hallmar"))
    assert is_copy(elsewhere(AGENCY, "Freighter adrift off Hallmar"), text(long, "The week at sea"))


def test_a_template_with_other_names_and_numbers_is_no_copy() -> None:
    other = AGENCY
    for old, new in (("Brigitta", "Solveig"), ("4,200", "950"), ("Hallmar", "Ostvik"), ("Torsund", "Lien"),
                     ("Eleven", "Seven"), ("20 degrees", "35 degrees"), ("Olaf Brenner", "Nils Aune"),
                     ("Norden Bulk", "Fjord Line"), ("Rotterdam", "Hamburg")):  # fmt: skip
        other = other.replace(old, new)
    assert shared(elsewhere(other), text(AGENCY)).all > 0.25
    assert not is_copy(elsewhere(other, "Freighter adrift"), text(AGENCY, "Freighter adrift"))


def test_texts_of_one_outlet_or_site_need_to_be_nearly_the_same() -> None:
    half = "\n".join(AGENCY.split("\n")[:2])
    places: list[dict[str, Any]] = [
        {"source": "A", "url": "https://b.example/2"},
        {"source": "B", "url": "https://x.site.org/2"},
    ]
    for place in places:
        old = text(AGENCY, "Freighter adrift", url="https://site.org/1", source="A")
        assert not is_copy(text(half, "Freighter adrift", **place), old)
        assert is_copy(text(AGENCY + "\nMore soon.", "Freighter adrift", **place), old)


def test_all_copies_are_among_the_likely_ones() -> None:
    rng = random.Random(5)
    paragraphs = prose_of(rng, 480)
    prints = [elsewhere("\n".join(rng.sample(paragraphs, rng.randint(8, 60)))) for _ in range(40)]
    rows = np.array(prints, TEXT)
    new = text("\n".join(paragraphs))
    chosen = likely(new, rows)
    for row, near in zip(rows, chosen, strict=True):
        assert near or not is_copy(new, row)
        if is_copy(row, new):
            assert np.isin(row["sample"], new["sample"][:TEXTS]).any() or np.isin(new["sample"], row["sample"]).any()


def test_a_row_never_changes() -> None:
    """A change here makes every stored fingerprint worthless for a window: only with good reason."""
    row = text(AGENCY, "Freighter adrift off Hallmar", agency=("afp",))
    assert (TEXT.itemsize, row["runs"], row["numbers"][row["numbers"] > 0].size) == (409, 67, 2)
    assert row["sample"][:3].tolist() == SAMPLE_OF_AGENCY
    assert (row["sample"] != EMPTY).sum() == SAMPLE
    assert [int(row[mark]).bit_count() for mark in ("open", "telling", "titled")] == MARKS_OF_AGENCY


SAMPLE_OF_AGENCY = [99750586, 102832767, 124630270]
MARKS_OF_AGENCY = [64, 36, 8]


def test_a_row_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="409 bytes"):
        texts_of([b"x" * 10])


@pytest.mark.parametrize("prose", ["", "Two words", "…", "「" * 1000, '"' * 1000, "„“" * 500])
def test_a_text_of_next_to_nothing_is_no_copy(prose: str) -> None:
    assert not is_copy(text(prose), elsewhere(prose))


@pytest.mark.parametrize(
    "prose", ['"' * 100_000, "« a " * 50_000, "A" * 200_000, "A " * 100_000, "“" * 100_000, "“a" * 99_000]
)
def test_hostile_texts_cost_no_more_than_others(prose: str) -> None:
    runs(prose, body(prose).words)


def test_characters_that_are_words_make_longer_runs() -> None:
    chinese = "議會周四以七十三票對二十五票通過決議，允許外國軍隊入境參加聯合演習。總統已經簽署該決議，並在首都公布。"
    assert runs(chinese, body(chinese).words).total == len(body(chinese).words) - 5
