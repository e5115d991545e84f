"""Why a query matches a document or not, part by part, with the nearest miss."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.core.alerts.explaining import NAMED, Part, explained
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.names import name_list
from pipeline.core.query.parse import parse
from pipeline.core.query.snippets import CLOSE, OPEN
from tests.builders import SEEN, document

TITLE = "Congress meets"
TEXT = (
    "The senate will authorise foreign troops to enter. On Monday the united nations and the states met.\n"
    "Marines came. The us army left the port of Callao."
)
DOCUMENT = document(TITLE, TEXT, topics=("coup",), countries=("PE",), published=SEEN)

ENTER = "The senate will authorise foreign [troops] to enter."

#: query, whether it holds, why not, the first sentence shown
CASES = [
    ("troops", True, "", ENTER),
    ("authorise*", True, "", "The senate will [authorise] foreign troops to enter."),
    ("troops PARAGRAPH nations", True, "", ENTER),
    # another form, another spelling
    ("authorises", False, "it is there in another form: write ~authorises",
     "The senate will [authorise] foreign troops to enter."),
    ("tropps", False, "it is not there; the nearest word is 'troops'", ENTER),
    ("~soldier", False, "no form of it is there (its stem in en is 'soldier')", ""),
    ("zebra", False, "it is not there", ""),
    ("autonom*", False, "no word starts so", ""),
    # capitals
    ("=US", False, "it is there, but not in capitals", "The [us] army left the port of Callao."),
    ("=UN", False, "it is not there", ""),
    # the other field
    ("title:senate", False, "it is in the text, not in the title",
     "The [senate] will authorise foreign troops to enter."),
    ("text:congress", False, "it is in the title, not in the text", "[Congress] meets"),
    # phrases
    ('"united states"', False, "its words are there, but not side by side in this order",
     "On Monday the [united] nations and the [states] met."),
    ('"foreign army"', False, "its words are there, but far from each other",
     "The senate will authorise [foreign] troops to enter."),
    ('"foreign legion"', False, "'legion' is not there", "The senate will authorise [foreign] troops to enter."),
    # distance, order, sentence, paragraph, field
    ("troops NEAR/2 senate", False, "they are at distance 4, more than 2",
     "The [senate] will authorise foreign [troops] to enter."),
    ("troops PRE/5 senate", False, "they are at distance 4, but in the other order",
     "The [senate] will authorise foreign [troops] to enter."),
    ("troops SENTENCE nations", False, "they are in different sentences of one paragraph", ENTER),
    ("senate NEAR/3 marines", False, "they are in different paragraphs",
     "The [senate] will authorise foreign troops to enter."),
    ("congress NEAR/5 senate", False, "one is in the title only, the other in the text", "[Congress] meets"),
    ("troops NEAR/5 zebra", False, "zebra is not there", ENTER),
    ("zebra NEAR/5 lion", False, "zebra and lion are not there", ""),
    ("marines NOT NEAR/3 came", False, "each marines has came near it", "[Marines] [came]."),
    # values
    ("topic:strike", False, "topic is coup", ""),
    ("country:US", False, "country is PE", ""),
    ("language:es", False, "language is en", ""),
    ("section:politics", False, "the article has no section", ""),
    ("_exists_:author", False, "the article has no author", ""),
    ("published:>=2026-04", False, "published is 2026-03-02T12:00+00:00", ""),
    ("removed_at:>=2026-04", False, "the article has no removed_at", ""),
]  # fmt: skip


@pytest.mark.parametrize(("query", "held", "why", "quote"), CASES, ids=[case[0] for case in CASES])
def test_parts(query: str, held: bool, why: str, quote: str) -> None:
    part = explained(parse(query).node, DOCUMENT)
    shown = [one.replace(OPEN, "[").replace(CLOSE, "]") for one in part.quotes]
    assert (part.holds, part.why, next(iter(shown), "")) == (held, why, quote)


def parts_of(part: Part) -> Iterator[Part]:
    yield part
    for inner in part.parts:
        yield from parts_of(inner)


def test_every_part_says_what_the_evaluator_says() -> None:
    view = DocumentView(DOCUMENT)
    for query in ("troops -marines (zebra OR senate) country:PE", "(a OR troops) NEAR/9 senate -(x y)"):
        node = parse(query).node
        part = explained(node, DOCUMENT, view)
        assert part.holds == holds(node, view)
        assert len(list(parts_of(part))) > 1


def test_of_many_alternatives_those_that_hold_or_nearly_do_are_shown() -> None:
    many = " OR ".join(f"zebra{chr(97 + n)}" for n in range(20))
    missed = explained(parse(f"{many} OR tropps").node, DOCUMENT)
    assert (missed.why, len(missed.parts), missed.left_out) == ("none of these holds", NAMED, 21 - NAMED)
    assert missed.parts[0].query == "tropps"
    found = explained(parse(f"{many} OR troops").node, DOCUMENT)
    assert ([part.query for part in found.parts], found.left_out) == (["troops"], 20)


def test_what_excludes_it_is_quoted() -> None:
    part = explained(parse("troops -marines -zebra").node, DOCUMENT)
    troops, marines, zebra = part.parts
    assert [troops.holds, marines.holds, zebra.holds] == [True, False, True]
    assert (marines.why, marines.quotes) == ("the article has it", (f"{OPEN}Marines{CLOSE} came.",))


def test_names_of_a_list() -> None:
    names = name_list("ships", [(((("fox",),),)), (((("anne",),),))])
    part = explained(parse("@ships", lists={"ships": names}).node, DOCUMENT)
    assert (part.kind, part.why) == ("list", "none of its 2 names is there")
