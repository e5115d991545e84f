"""Finds queries that can never match, whatever the articles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import reduce

from pipeline.core.documents.fields import DATE_FIELDS, NUMBER_FIELDS, keyword
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.tree import And, Apart, Equal, Exists, Near, Node, Not, Or, Phrase, Prefix, Range, Word
from pipeline.core.query.written import to_text
from pipeline.core.wording import Text
from pipeline.records import OUTCOMES

#: Keyword fields that have at most one value.
_SINGLE = frozenset(
    {"id", "source", "feed", "outlet_country", "language", "author", "section", "story", "duplicate_of", "kind"}
)
#: Fields with a fixed set of values.
_VALUES: dict[str, tuple[str, ...]] = {
    "kind": ("new", "version", "copy"),
    "outcome": OUTCOMES,
    "armed": ("yes", "no"),
}
_SEVERAL = frozenset(
    {"personnel", "votes_for", "votes_against", "votes_abstain", "period_start", "period_end", "instrument_date"}
)
_NOW = datetime(5000, 1, 1, tzinfo=UTC)

Known = Mapping[str, Collection[str]]  # field -> the values that occur, folded


def impossible(node: Node, known: Known | None = None) -> str | None:
    """Why no article can match; None if one can, as far as that is seen.

    `known`: values that fields can have in this configuration, besides those that are fixed.
    """
    match node:
        case Or(parts):
            reasons = [impossible(part, known) for part in parts]
            return next(iter(reasons)) if all(reasons) else None
        case And(parts):
            inner = next((reason for part in parts if (reason := impossible(part, known))), None)
            return inner or _contradiction(parts)
        case Equal(field, value):
            return _unknown(field, value, known or {})
        case Range():
            return _empty(node)
    return None


def dead_branches(node: Node, known: Known | None = None) -> Iterator[str]:
    """Why parts of an OR can never match, where another part can."""
    match node:
        case Or(parts):
            for part in parts:
                reason = impossible(part, known)
                if reason is not None:
                    yield Text("{} can never match: {}", to_text(part), reason)
                else:
                    yield from dead_branches(part, known)
        case And(parts):
            for part in parts:
                yield from dead_branches(part, known)


def _unknown(field: str, value: str, known: Known) -> str | None:
    folded = keyword(value)
    if field in _VALUES and folded not in _VALUES[field]:
        return Text("{} is only ever {}", field, ", ".join(_VALUES[field]))
    if field in known and folded not in known[field]:
        return Text("feeds.toml has no {} {!r}", field, value)
    if field in ("country", "outlet_country", "host", "sender") and not (len(folded) == 2 and folded.isalpha()):
        return Text("{} is a code of two letters, such as PE", field)
    if field == "language" and not (2 <= len(folded) <= 3 and folded.isalpha()):
        return Text("language is a code such as es")
    return None


def _contradiction(parts: tuple[Node, ...]) -> str | None:
    """Why the parts of an AND exclude each other."""
    wanted = {part for part in parts if not isinstance(part, Not)}
    for part in parts:
        if isinstance(part, Not):
            if part.part in wanted:
                return Text("it requires and excludes {}", to_text(part.part))
            if isinstance(part.part, Exists) and any(_about(one, part.part.field) for one in wanted):
                return Text("it compares {} and excludes articles that have it", part.part.field)
            if isinstance(part.part, Or) and (both := wanted & set(part.part.parts)):
                return Text("it requires and excludes {}", to_text(next(iter(both))))
    return _excluded_word(parts) or _two_values(wanted) or _two_ranges(parts)


def _excluded_word(parts: tuple[Node, ...]) -> str | None:
    """Why a word that a phrase or pair needs is excluded."""
    needed = [word for part in parts for word in _needed(part, None)]
    for part in parts:
        if isinstance(part, Not):
            for word, field in needed:
                if _covers(part.part, word, field):
                    return Text('it requires "{}" and excludes {}', word, to_text(part.part))
    return None


def _covers(node: Node, word: str, field: str | None) -> bool:
    """Whether `node` holds wherever `word` is in `field`."""
    match node:
        case Or(parts):
            return any(_covers(part, word, field) for part in parts)
        case Word(found):
            return found == word and node.field in (None, field)
        case Prefix(prefix):
            return word.startswith(prefix) and node.field in (None, field)
    return False


def _needed(node: Node, field: str | None) -> Iterator[tuple[str, str | None]]:
    """The words, each with its field, that are in every match."""
    match node:
        case Word(word):
            yield word, node.field or field
        case Phrase(parts):
            for part in parts:
                if len(part) == 1:
                    yield part[0][0], node.field or field
        case And(parts):
            for one in parts:
                yield from _needed(one, field)
        case Near(left, right):
            yield from _needed(left, node.field or field)
            yield from _needed(right, node.field or field)
        case Apart(left):
            yield from _needed(left, node.field or field)


def _about(node: Node, field: str) -> bool:
    return isinstance(node, Equal | Range | Exists) and node.field == field


def _two_values(wanted: Collection[Node]) -> str | None:
    """Why a field with one value cannot be all that is asked of it."""
    allowed: dict[str, set[str]] = {}
    for node in wanted:
        options = node.parts if isinstance(node, Or) else (node,)
        fields = {one.field if isinstance(one, Equal) else "" for one in options}
        if len(fields) == 1 and (field := fields.pop()) in _SINGLE:
            values = {keyword(one.value) for one in options if isinstance(one, Equal)}
            if field in allowed and not allowed[field] & values:
                first, *others = sorted(allowed[field] | values)
                both = reduce(lambda left, right: Text("{} and {}", left, right), others, first)
                return Text("an article has one {}, which cannot be {}", field, both)
            allowed[field] = allowed.get(field, values) & values
    return None


def _two_ranges(parts: tuple[Node, ...]) -> str | None:
    limits: dict[str, tuple[float, float]] = {}
    for node in parts:
        if isinstance(node, Range) and node.field not in _SEVERAL and (ends := _ends(node)) is not None:
            low, high = limits.get(node.field, (float("-inf"), float("inf")))
            limits[node.field] = max(low, ends[0]), min(high, ends[1])
            if limits[node.field][0] > limits[node.field][1]:
                return Text("the ranges of {} exclude each other", node.field)
    return None


def _empty(node: Range) -> str | None:
    ends = _ends(node)
    if ends is None:
        return None
    if ends[0] > ends[1]:
        return Text("no {} is in this range", node.field)
    if node.field in NUMBER_FIELDS and ends[1] < (1 if node.field == "version" else 0):
        return Text("{} is never so low", node.field)
    return None


def _ends(node: Range) -> tuple[float, float] | None:
    """The lowest and highest value in the range, in whole numbers or microseconds; None if relative to each article."""
    low, high = float("-inf"), float("inf")
    for end, lower in ((node.low, True), (node.high, False)):
        if end is None:
            continue
        if node.field in DATE_FIELDS:
            if end.startswith("now"):
                return None
            number = round(resolve(end, _NOW).timestamp() * 1_000_000)
        else:
            number = int(end)
        if lower:
            low = number + (not node.include_low)
        else:
            high = number - (not node.include_high)
    return low, high


def located(node: Node) -> Iterator[Node]:
    """Every leaf of a query, those of near words too."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from located(part)
        case Not(part):
            yield from located(part)
        case Near(left, right) | Apart(left, right):
            yield from located(left)
            yield from located(right)
        case _:
            yield node
