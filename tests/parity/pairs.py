"""Writes the queries of the parity test that put every operator beside every other, from words of its articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations, combinations_with_replacement, product
from random import Random
from typing import Any

from tests.parity.corpus import articles
from tests.parity.places import STEMMERS
from tests.parity.splitting import cut, ends_alone, fold

Article = dict[str, Any]
OPERATORS = ("and", "or", "not", "to", "sentence", "paragraph", "adj", "same", "near", "pre", "w")

#: Words that are written in several ways, as they are typed.
TYPED = (
    "3500", "3,500", "3.500", '"3 500"', '"3,500 troops"', '"3500 soldats"', "500", "12345678", "$500", '"500 €"', "5%",
    "3.5", "3,5", "U.S.", "us", "US", '"U.S. officials"', "=US", "=WHO", "who", "=NATO", "nato", "EE.UU.", '"EE. UU."',
    "I.A.E.A.", "IAEA", "=IAEA", "Su-27", "Su27", '"Su 27"', '"Su-27 over"', "27", "su", "cease-fire", "ceasefire",
    '"cease fire"', '"a cease-fire"', '"tropas fuera"', "#TropasFuera", "#tropasfuera", "tropas", '"fuera de Lima"',
    "peru", '"Peru congress"', "Peru's", "O'Brien", "OBrien", ".NET", "Canal+", "G20+", "G20", "C++", "C#", "c",
    r"AT\&T", "X&Y",
    '"@user"', "#tag", "می\u200cگوید", "میگوید", "soft\u00adhyphen", "softhyphen", "=LOUD", "loud", "٣٥٠٠",
    "COVID-19", "covid19", "vote-by-mail", '"vote by mail"', "votebymail", "F-16", "MiG29", "צה״ל", "צהל",
    "１２３４５６７８", "ＮＡＴＯ",
)  # fmt: skip
STEMS = ("authorise", "autorizar", "vote", "soldiers", "tropas", "discuss", "elección", "étrangères", "Truppen",
         "войска", "στρατιωτική", "bases", "approved", "rejected", "troop")  # fmt: skip
FACTS = ("personnel:>150", "personnel:[210 TO 250]", "votes_for:<40", "votes_for:>=35", "period_end:2026-02",
         "period_end:>now-40d", "instrument:decreto", "armed:yes", "weapon:rifles",
         'instrument:"legislative resolution"')  # fmt: skip
RANGES = ("published:[2026-01-10 TO 2026-02-20}", "first_seen:>now-30d", "word_count:{5 TO 25]", "version:[2 TO *]",
          "seq:>400", "published:<2026-02", "first_seen:2026-03", "published:>=2026-02-01T10:00Z")  # fmt: skip
VALUES = ("language:en", "language:(es OR fr OR fa)", "country:PE", "kind:copy", "topic:bases", "-kind:new",
          "site:example.com", 'source:"The Example"', "place:Lima", "section:world", "host:US",
          "sender:us")  # fmt: skip
EXISTING = ("author:*", "_exists_:section", "_exists_:published", "_exists_:title", "personnel:*", "_exists_:weapon",
            "_exists_:place", "outcome:*", "_exists_:duplicate_of", "language:*")  # fmt: skip
NEARNESS = ("NEAR/1", "NEAR/4", "NEAR/12", "PRE/1", "PRE/3", "ADJ", "SENTENCE", "PARAGRAPH", "PRE/s", "PRE/p",
            "NOT NEAR/3", "NOT PRE/2", "NOT SENTENCE", "NOT PARAGRAPH")  # fmt: skip


def _line(dice: Random, article: Article, least: int = 1) -> list[str]:
    """The words of one paragraph of the article that can be typed as they are."""
    lines = [_typable(line) for line in f"{article['title']}\n{article['text']}".split("\n")]
    return dice.choice([line for line in lines if len(line) >= least] or [["the", "foreign", "troops", "in", "lima"]])


@cache
def _typable(line: str) -> list[str]:
    return [word for word in cut(line) if fold(word) and len(word) < 60 and word.lower() not in OPERATORS]


def _word(dice: Random, article: Article) -> str:
    return dice.choice(_line(dice, article))


def _prefix(dice: Random, article: Article) -> str:
    long = [word for word in _line(dice, article) if len(word) > 3 and word.isalpha() and not ends_alone(word[:3])]
    return f"{dice.choice(long)[: dice.randrange(2, 4)]}*" if long else "tro*"


def _phrase(dice: Random, article: Article) -> str:
    line = _line(dice, article, 4)
    start, length = dice.randrange(len(line) - 1), dice.randrange(2, 5)
    return f'"{" ".join(line[start : start + length])}"'


def _sloppy(dice: Random, article: Article) -> str:
    line = _line(dice, article, 4)
    start = dice.randrange(len(line) - 2)
    some = dice.sample(line[start : start + 5], dice.randrange(2, 4))
    return f'"{" ".join(some)}"~{dice.randrange(1, 7)}'


def _stem(dice: Random, article: Article) -> str:
    long = [word for word in _line(dice, article) if len(word) > 4 and re.fullmatch(r"[^\W\d_]+", word)]
    return f"~{dice.choice(long if article['language'] in STEMMERS and long else STEMS)}"


def _list(dice: Random, article: Article) -> str:
    return dice.choice(("@forces", "@houses"))


def _either(dice: Random, article: Article) -> str:
    makers = (_word, _phrase, _prefix, _stem, _typed, _list)
    return f"({' OR '.join(dice.choice(makers)(dice, article) for _ in range(dice.randrange(2, 4)))})"


def _near(dice: Random, article: Article) -> str:
    left, right = (dice.choice((_word, _word, _typed, _phrase))(dice, article) for _ in range(2))
    return f"({left} {dice.choice(NEARNESS[:10])} {right})"


def _apart(dice: Random, article: Article) -> str:
    return f"({_word(dice, article)} {dice.choice(NEARNESS[10:])} {dice.choice((_word, _typed))(dice, article)})"


def _in_field(dice: Random, article: Article) -> str:
    make = dice.choice((_word, _phrase, _sloppy, _prefix, _stem, _typed, _list, _either, _near, _apart))
    return f"{dice.choice(('title', 'text'))}:{make(dice, article)}"


def _typed(dice: Random, article: Article) -> str:
    return dice.choice(TYPED)


def _one_of(values: tuple[str, ...]) -> Callable[[Random, Article], str]:
    return lambda dice, article: dice.choice(values)


_capitals = _one_of(("=US", "=WHO", "=NATO", "=IAEA", "=ABC", "=LOUD"))
PLACED = (_word, _typed, _capitals, _prefix, _phrase, _sloppy, _stem, _list, _either, _near, _apart)
KINDS = (*PLACED, _in_field, *map(_one_of, (FACTS, RANGES, VALUES, EXISTING)))


#: One query with each of the newer operators; others with all of the older ones, to put after it.
NEWER = ("troops NEAR/6 foreign", "en PRE/4 Lima", "in ADJ Lima", "tropas SENTENCE Lima", "the PARAGRAPH congress",
         "the NOT NEAR/3 troops", "=US", "~approved", "@forces", "_exists_:author")  # fmt: skip
OLDER = (
    "AND +title:(troops OR tropas OR the) AND NOT published:[2026-01 TO *}",
    '-"troops entry"~3 version:[1 TO 3] first_seen:>=now-60d (sen* OR "in lima")',
    "AND (kind:new OR published:2026-02 OR published:>2026-01-10T10:00Z) AND NOT EE.UU.",
)  # fmt: skip


def queries(number: int) -> Iterator[str]:
    """Different queries, always the same: every two kinds of conditions together, every two operands of nearness."""
    dice, seen = Random(14), set[str]()
    while True:
        for query in (*_mixed(), *_pairs(dice), *_nearness(dice)):
            if query not in seen:
                seen.add(query)
                yield query
            if len(seen) == number:
                return


def _mixed() -> Iterator[str]:
    yield from (f"{newer} {older}" for newer, older in product(NEWER, OLDER))
    yield from (f"({one}) AND NOT ({other})" for one, other in combinations(NEWER, 2))


def _pairs(dice: Random) -> Iterator[str]:
    for n, (one, other) in enumerate(combinations_with_replacement(KINDS, 2)):
        for joint in (("AND", "OR"), ("OR", "AND NOT"), ("AND NOT", "AND"))[n % 3]:
            article = dice.choice(articles())
            left, right = one(dice, article), other(dice, dice.choice((article, dice.choice(articles()))))
            if left.startswith("-"):
                left = left[1:]
            if right.startswith("-"):
                right = right[1:]
            yield f"{left} {joint} {right}"


def _nearness(dice: Random) -> Iterator[str]:
    for one, other in product(PLACED, repeat=2):
        article = dice.choice(articles())
        for joint in dice.sample(NEARNESS, 1):
            yield f"{one(dice, article)} {joint} {other(dice, article)}"
