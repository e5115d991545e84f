"""Random query trees over words and values of the parity articles."""

from __future__ import annotations

from random import Random

from pipeline.core.query.tree import (
    And,
    Apart,
    Equal,
    Exists,
    Located,
    Near,
    Node,
    Or,
    Prefix,
    Range,
    Stem,
    Word,
    phrase,
)
from tests.core.query.queries import flat, negated

WORDS = ("alpha", "bravo", "charlie", "delta", "troops", "congress", "tropas", "de", "lima", "the", "in", "very",
         "2026", "senate", "u", "s", "ee", "uu", "国", "会", "ロ", "воиск", "войск", "senat")  # fmt: skip
DRILLS = WORDS[:4]
PREFIXES = ("al", "tro", "con", "sen", "pre", "20", "вой", "el", "ga")
VALUES = (
    ("language", "en"), ("language", "ES"), ("topic", "bases"), ("topic", "energy"), ("country", "pe"),
    ("kind", "copy"), ("kind", "new"), ("source", "El País Nuevo"), ("source", 'a "quoted" daily'), ("site", "uk"),
    ("place", "Lima"), ("author", "ana diaz"), ("section", "world"), ("feed", "voz"), ("outlet_country", "GB"),
    ("outcome", "authorised"), ("host", "PE"), ("sender", "us"),
)  # fmt: skip
STEMS = ("troop", "authorise", "votes", "tropas", "войска", "budget", "discussed")
EXISTING = ("author", "section", "published", "place", "outcome", "personnel", "title")
MOMENTS = ("2026-01-10T00:00:00Z", "2026-01-25T13:30:00Z", "2026-02-14T00:00:00Z", "2026-03-01T00:00:00Z")
NUMBERS = {"version": ("1", "2", "3"), "seq": ("50", "120", "300", "640"), "word_count": ("0", "10", "20", "40")}


def tree(dice: Random, leaves: int = 8) -> Node:
    """A random tree of the form the parser gives: flat, no double negation, something that must be present."""
    return flat(And, [_asserting(dice), *(_tree(dice, leaves // 2) for _ in range(dice.randrange(3)))])


def _asserting(dice: Random) -> Node:
    return flat(Or, [_leaf(dice) for _ in range(dice.randrange(1, 4))])


def _tree(dice: Random, leaves: int) -> Node:
    kind = dice.randrange(6) if leaves > 1 else 0
    if kind < 2:
        return _leaf(dice)
    if kind == 2:
        return negated(_tree(dice, leaves - 1))
    return flat(And if kind == 3 else Or, [_tree(dice, leaves // 2) for _ in range(2)])


def _leaf(dice: Random) -> Node:
    field = dice.choice((None, None, None, "title", "text"))
    match dice.randrange(12):
        case 9 | 10:
            return _near(dice, field)
        case 11:
            return Stem(dice.choice(STEMS), field) if dice.randrange(2) else Exists(dice.choice(EXISTING))
        case 0 | 1:
            return Word(dice.choice(WORDS), field)
        case 2 | 3 | 4:
            words = dice.choice((WORDS, DRILLS, DRILLS))
            return phrase(tuple(dice.choice(words) for _ in range(dice.randrange(2, 5))), dice.randrange(7), field)
        case 5:
            return Prefix(dice.choice(PREFIXES), field)
        case 6:
            return Equal(*dice.choice(VALUES))
        case 7:
            return _range(dice, dice.choice(("published", "first_seen")), MOMENTS)
        case _:
            name = dice.choice(tuple(NUMBERS))
            return _range(dice, name, NUMBERS[name])


def _near(dice: Random, field: str | None) -> Node:
    """A pair of near words, phrases or pairs, as the parser gives them: only the outermost has a field."""
    kind = Near if dice.randrange(3) else Apart
    left, right = _operand(dice), _operand(dice)
    if dice.randrange(3) == 0:
        return kind(left, right, None, bool(dice.randrange(2)), dice.choice(("paragraph", "sentence")), field)
    return kind(left, right, dice.choice((1, 2, 4, 9)), bool(dice.randrange(2)), field=field)


def _operand(dice: Random) -> Located | Or:
    words = dice.choice((WORDS, DRILLS, DRILLS))
    match dice.randrange(7):
        case 0:
            return phrase((dice.choice(words), dice.choice(words)))
        case 1:
            return Prefix(dice.choice(PREFIXES))
        case 2:
            return Stem(dice.choice(STEMS))
        case 3:
            return Or(tuple(Word(word) for word in dice.sample(words, 2)))
        case 4:
            return Near(Word(dice.choice(words)), Word(dice.choice(words)), dice.randrange(1, 6))
        case _:
            return Word(dice.choice(words))


def _range(dice: Random, field: str, ends: tuple[str, ...]) -> Range:
    low, high = (dice.randrange(len(ends)) for _ in range(2))
    if low == high:
        return Range(field, ends[low], None, dice.random() < 0.5, True)
    first, last = sorted((low, high))
    return Range(field, ends[first], ends[last], dice.random() < 0.5, dice.random() < 0.5)
