"""How many independent sources a story has when an article comes."""

from __future__ import annotations

import numpy as np

from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.parse import parse
from pipeline.core.stories.features import Rows
from pipeline.core.stories.place import Probabilities
from pipeline.core.stories.rarity import Rarity
from pipeline.records import Tagged
from tests.stages.relate.house import HOUR, T0, House, document, tagged


class One:
    """A score by which everything is one story."""

    threshold = 0.5

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        return np.ones(len(others))


def report(outlet: str, words: str, hour: int, *agency: str) -> Tagged:
    """A report of `outlet`; those with the same `words` have one text."""
    text = " ".join(f"{words}{n}" for n in range(60)) + "."
    return tagged(
        f"https://{outlet}.example/{words}/{hour}", text, title=f"{words}1 {outlet}", vector="v", agency=agency,
        seen=T0 + HOUR * hour,
    )  # fmt: skip


#: outlet, words, agencies -> independent sources then
DAY = [
    (("a", "wire", "afp"), 1),
    (("b", "wire"), 1),  # a copy
    (("c", "other", "afp"), 1),  # another text of the agency
    (("d", "own"), 2),
    (("d", "more"), 2),  # the same outlet again
    (("e", "own"), 2),  # a copy of d's
    (("f", "bulletin", "dpa"), 3),
    (("g", "mixed", "dpa", "afp"), 3),
    (("h", "report"), 4),
]


async def test_sources_are_counted_as_they_come_also_after_a_restart() -> None:
    house = House(score=One())
    for hour, ((outlet, words, *agency), expected) in enumerate(DAY):
        found = document(await house.feed(report(outlet, words, hour, *agency)))
        assert found.relation.independent == expected, (outlet, words)
        for query, holds_now in (("independent:>=2", expected >= 2), (f"independent:{expected}", True)):
            assert holds(parse(query).node, DocumentView(found)) is holds_now
        if hour == 4:
            await house.restart()


async def test_a_version_says_how_many_there_are_now() -> None:
    house = House(score=One())
    first = report("a", "own", 0)
    await house.feed(first)
    await house.feed(report("b", "other", 1))
    edited = tagged(first.article.url, f"{first.article.text} It was 14.", title=first.article.title.value, vector="v")
    found = document(await house.feed(edited)).relation
    assert (found.kind, found.independent) == ("version", 2)
