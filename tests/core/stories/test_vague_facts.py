"""Vague numbers and bounds, from documents to what a story says that its reports differ on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pipeline.core.stories.consolidated import differences
from pipeline.core.stories.record import with_document
from pipeline.records import Document, Facts, Personnel, Stated
from tests.builders import document


def counted(**numbers: int | str) -> Personnel:
    return Personnel(**{
        name: Stated(value=value, sentence=f"It is {value}.", start=0, end=1, field="text")
        for name, value in numbers.items()
    })  # fmt: skip


def report(n: int, personnel: Personnel, language: str = "en") -> Document:
    one = document(f"Report {n}", id=f"a{n}", seq=n, story_id="a1", source=f"S{n}", language=language)
    return replace(one, tags=replace(one.tags, facts=(Facts(topic="t", personnel=personnel),)))


@pytest.mark.parametrize(
    ("one", "other", "language", "found"),
    [
        (counted(min=600, max=600), counted(vague="decenas"), "es", ("personnel: 600 | decenas",)),
        (counted(min=600, max=600), counted(vague="数百"), "zh", ()),
        (counted(min=40, max=40), counted(vague="dozens"), "en", ()),
        (counted(min=40, max=40), counted(vague="plusieurs centaines"), "fr", ("personnel: 40 | plusieurs centaines",)),
        (counted(max=300), counted(min=450, max=450), "en", ("personnel: 300 | 450",)),
        (counted(max=300), counted(min=250, max=250), "en", ()),
        (counted(min=200, max=300), counted(min=250, max=250), "en", ()),
        (counted(min=430), counted(min=450, max=450), "en", ()),
    ],
)
def test_a_story_says_where_numbers_differ(
    one: Personnel, other: Personnel, language: str, found: tuple[str, ...]
) -> None:
    reports = [report(1, one), report(2, other, language)]
    story = with_document(with_document(None, reports[0]), reports[1])
    assert differences(story.facts) == found


def test_so_do_tolls_as_reports_count_them() -> None:
    texts = ["600 people were killed in the quake.", "Decenas de personas murieron en el sismo."]
    made = [
        document("Quake", text, id=f"a{n}", seq=n + 1, story_id="a0", source=f"S{n}", language=language,
                 version=2 * n or 1, kind="version" if n else "new")
        for n, (text, language) in enumerate(zip(texts, ("en", "es"), strict=True))
    ]  # fmt: skip
    later = replace(made[1], article=replace(made[1].article, seen=made[0].article.seen.replace(hour=23)))
    story = with_document(with_document(None, made[0]), later)
    assert differences(story.facts) == ("killed: 600 | decenas",)
