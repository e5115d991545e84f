"""Explains part by part why a document matches a query or not, with the nearest miss of what fails.

A miss is near if the word is there in another form, in the other field, at a greater distance, in another paragraph, or
in the other order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pipeline.core.alerts.quotes import quotes
from pipeline.core.documents.fields import TEXT_FIELDS
from pipeline.core.query.document_view import BLOCK, DocumentView
from pipeline.core.query.match import holds, match
from pipeline.core.query.places import Occurrence, occurrences
from pipeline.core.query.snippets import OPEN
from pipeline.core.query.tree import (
    And,
    Apart,
    Equal,
    Exists,
    InList,
    Located,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Stem,
    Word,
)
from pipeline.core.query.written import to_text
from pipeline.core.text.stems import stem_token
from pipeline.core.wording import Text
from pipeline.records import Document

NAMED = 6  # alternatives, values and words that are named
ABSENT = Text("it is not there")
PAIRS = 2_000  # pairs of occurrences that are compared to find the nearest


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query. `why`: what it lacks, or what excludes the document; "" if it holds. `quotes`: the sentences
    that show it, or the nearest miss, the words between \\x02 and \\x03. `left_out`: parts that are not listed."""

    query: str
    kind: str
    holds: bool
    why: str = ""
    quotes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    left_out: int = 0


def explained(node: Node, document: Document, view: DocumentView | None = None) -> Part:
    """The query part by part. Of alternatives, those that hold are listed, or those that nearly do."""
    return _explained(node, document, view or DocumentView(document))


def _explained(node: Node, document: Document, view: DocumentView) -> Part:
    part = Part(to_text(node), _kind(node), holds(node, view))
    match node:
        case And(parts):
            return replace(part, parts=tuple(_explained(one, document, view) for one in parts))
        case Or(parts):
            return _alternatives(part, parts, document, view)
        case Not(inner):
            if part.holds:
                return part
            found = _explained(inner, document, view)
            return replace(
                part, why=Text("the article has it"), quotes=_quotes(inner, document, view), parts=found.parts
            )
    if part.holds:
        return replace(part, quotes=_quotes(node, document, view))
    why, near = _miss(node, view)
    return replace(part, why=why, quotes=_quotes(near, document, view) if near else ())


def _kind(node: Node) -> str:
    return {"InList": "list", "Apart": "not near"}.get(type(node).__name__, type(node).__name__.lower())


def _alternatives(part: Part, parts: tuple[Node, ...], document: Document, view: DocumentView) -> Part:
    if part.holds:
        shown = tuple(_explained(one, document, view) for one in parts if holds(one, view))
        return replace(part, parts=shown[:NAMED], left_out=len(parts) - len(shown[:NAMED]))
    every = [_explained(one, document, view) for one in parts]
    near = sorted(every, key=lambda one: not (one.quotes or one.parts))[:NAMED]
    return replace(part, why=Text("none of these holds"), parts=tuple(near), left_out=len(every) - len(near))


def _quotes(node: Node, document: Document, view: DocumentView) -> tuple[str, ...]:
    """The sentences with the words of a node that holds."""
    found = match(node, view)
    if found is None or not found.spans:
        return ()
    shown = quotes(document.article, found.shown, found.spans)
    return tuple(quote.text for quote in shown if OPEN in quote.text)


# -- what is missing


def _miss(node: Node, view: DocumentView) -> tuple[str, Node | None]:
    """Why a node without parts does not hold, and a node that nearly is it and holds."""
    match node:
        case Equal(field):
            values = sorted(map(str, view.value(field)))
            more = " …" if len(values) > NAMED else ""
            return (
                Text("{} is {}", field, ", ".join(values[:NAMED]) + more)
                if values
                else Text("the article has no {}", field)
            ), None
        case Range(field):
            value = view.value(field)
            return (
                Text("the article has no {}", field) if value in (None, ()) else Text("{} is {}", field, _shown(value))
            ), None
        case Exists(field):
            return Text("the article has no {}", field), None
        case InList(names):
            return Text("none of its {:,} names is there", names.size), None
        case Near() | Apart():
            return _miss_of_pair(node, view)
    assert not isinstance(node, And | Or | Not)
    if other := _in_other_field(node, view):
        return other
    if isinstance(node, Phrase):
        return _miss_of_phrase(node, view)
    return _miss_of_word(node, view)


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(_shown, value[:NAMED]))
    return value.isoformat(timespec="minutes") if hasattr(value, "isoformat") else str(value)


def _in_other_field(node: Located, view: DocumentView) -> tuple[str, Node] | None:
    """Whether words asked for in one field are in the other one only."""
    field = node.field
    if field is None:
        return None
    for other in TEXT_FIELDS:
        moved = replace(node, field=other)
        if other != field and holds(moved, view):
            return Text("it is in the {}, not in the {}", Text(other), Text(field)), moved
    return None


def _fields(node: Node) -> tuple[str, ...]:
    field = getattr(node, "field", None)
    return TEXT_FIELDS if field is None else (field,)


def _miss_of_word(node: Node, view: DocumentView) -> tuple[str, Node | None]:
    match node:
        case Word(word) if word.startswith("="):
            plain = Word(word[1:], node.field)
            return (Text("it is there, but not in capitals"), plain) if holds(plain, view) else (ABSENT, None)
        case Word(word):
            stem = Stem(word, node.field)
            if holds(stem, view):
                return Text("it is there in another form: write {}", f"~{word}"), stem
            near = _close(word, node, view)
            return (
                (Text("it is not there; the nearest word is {!r}", near), Word(near, node.field))
                if near
                else (ABSENT, None)
            )
        case Prefix(prefix):
            near = _close(prefix, node, view)
            return (
                (Text("no word starts so; the nearest is {!r}", near), Word(near, node.field))
                if near
                else (Text("no word starts so"), None)
            )
        case Stem(word):
            stemmed = stem_token(word, view.language)
            if not view.language:
                return Text("no form of it is there"), None
            known = stemmed.split(":")[-1]
            return Text("no form of it is there (its stem in {} is {!r})", view.language, known), None
    return ABSENT, None


def _close(word: str, node: Node, view: DocumentView) -> str:
    """The word of the document that is most like `word`; "" if none is."""
    if len(word) < 4:
        return ""
    tokens = {token for field in _fields(node) for token in view.tokens(field) if token[:1].isalnum()}
    same = [token for token in tokens if len(token) > 3 and (word.startswith(token) or token.startswith(word))]
    return next(iter(get_close_matches(word, same or sorted(tokens), 1, 0.8)), next(iter(sorted(same)), ""))


def _miss_of_phrase(node: Phrase, view: DocumentView) -> tuple[str, Node | None]:
    single = [Phrase((part,), 0, node.field) for part in node.parts]
    missing = [_as_typed(part) for part in single if not holds(part, view)]
    if missing:
        there = [part for part in single if holds(part, view)]
        return Text("{} is not there", _listed(missing)), And(tuple(there)) if there else None
    wider = replace(node, slop=node.slop + 5)
    if holds(wider, view):
        return Text("its words are there, but not side by side in this order"), wider
    return Text("its words are there, but far from each other"), And(tuple(single))


def _as_typed(part: Phrase) -> str:
    return to_text(part).strip('"')


def _listed(missing: Iterable[str]) -> str:
    return ", ".join(repr(word) for word in list(missing)[:NAMED])


# -- nearness


def _miss_of_pair(node: Near | Apart, view: DocumentView) -> tuple[str, Node | None]:
    left, right = (_with_field(one, node.field) for one in (node.left, node.right))
    gone = [to_text(one) for one in (left, right) if not holds(one, view)]
    if isinstance(node, Apart):
        if gone and not holds(left, view):
            return Text("{} is not there", to_text(left)), None
        return Text("each {} has {} near it", to_text(left), to_text(right)), Near(
            node.left, node.right, node.distance, node.ordered, node.within, node.field
        )
    if gone:
        there = [one for one in (left, right) if holds(one, view)]
        if there:
            return Text("{} is not there", gone[0]), there[0]
        return Text("{} and {} are not there", *gone), None
    return _apart(node, view), And((left, right))


def _with_field(node: Node, field: str | None) -> Node:
    match node:
        case Or(parts):
            return Or(tuple(_with_field(part, field) for part in parts))
        case Near() | Apart() | Word() | Prefix() | Stem() | Phrase() | InList():
            return replace(node, field=field)
    return node


def _apart(node: Near, view: DocumentView) -> str:
    """How far apart the operands are where they are nearest."""
    best: tuple[int, str] | None = None
    for field in _fields(node):
        for left, right in _pairs(node, field, view):
            first, last = (left, right) if left[0][0] <= right[0][0] else (right, left)
            if first[0][0] >> BLOCK != last[-1][1] >> BLOCK:
                continue
            distance = last[0][0] - first[-1][1]
            why = _how(node, view, field, distance, left, right)
            if best is None or distance < best[0]:
                best = distance, why
    if best is None:
        both = all(
            any(True for _ in occurrences(one, field, view))
            for field in TEXT_FIELDS[-1:]
            for one in (node.left, node.right)
        )
        return (
            Text("they are in different paragraphs")
            if both
            else Text("one is in the title only, the other in the text")
        )
    return best[1]


def _pairs(node: Near, field: str, view: DocumentView) -> Iterator[tuple[Occurrence, Occurrence]]:
    rights = list(occurrences(node.right, field, view))
    tried = 0
    for left in occurrences(node.left, field, view):
        for right in rights:
            tried += 1
            if tried > PAIRS:
                return
            yield left, right


def _how(node: Near, view: DocumentView, field: str, distance: int, left: Occurrence, right: Occurrence) -> str:
    if node.ordered and right[0][0] < left[0][0]:
        return Text("they are at distance {}, but in the other order", distance)
    if node.distance is not None and distance > node.distance:
        return Text("they are at distance {}, more than {}", distance, node.distance)
    if node.within == "sentence" and view.sentence(field, left[0][0]) != view.sentence(field, right[0][0]):
        return Text("they are in different sentences of one paragraph")
    return Text("they overlap")
