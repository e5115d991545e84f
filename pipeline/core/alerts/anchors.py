"""Finds the anchors of a query: literals and keywords, at least one of which is in every matching document."""

from __future__ import annotations

from pipeline.core.documents.fields import keyword
from pipeline.core.query.names import hashtag
from pipeline.core.query.tree import And, Equal, Node, Or, Phrase, Prefix, Word
from pipeline.core.query.wider import wider

#: A literal in the joined words of a document, or a keyword field and its value.
Anchor = str | tuple[str, str]

#: Rough share of the documents for which a keyword condition holds; other fields: RARE.
RARE = 0.03
_SHARES = {"kind": 0.9, "language": 0.3, "outlet_country": 0.1, "country": 0.1, "site": 0.05, "section": 0.05}


def anchors(node: Node) -> tuple[float, frozenset[Anchor]] | None:
    """The rough share of documents that have an anchor (0 to 1 and more), and the anchors of `node`. None if there are
    none: for a range, a negation, or an OR with one of these.

    Of the parts of an AND, the rarest gives the anchors.
    """
    found = wider(node)
    return None if found is None else _anchors(found)


def _anchors(node: Node) -> tuple[float, frozenset[Anchor]] | None:
    match node:
        case Word(word):
            return _rarity(word), frozenset((f" {word} ",))
        case Prefix(prefix):
            return _rarity(prefix), frozenset((f" {prefix}",))
        case Phrase(parts):
            rarest, tag = min((part[0][0] for part in parts), key=_rarity), hashtag(parts)
            literals = {f" {rarest} "} | ({f" {tag} "} if tag else set())
            return _rarity(rarest), frozenset(literals)
        case Equal(name, value):
            return _SHARES.get(name, RARE), frozenset(((name, keyword(value)),))
        case And(parts):
            known = [found for found in map(_anchors, parts) if found is not None]
            return min(known, key=lambda found: found[0], default=None)
        case Or(parts):
            every = [_anchors(part) for part in parts]
            sure = [found for found in every if found is not None]
            if len(sure) == len(every):
                return sum(found[0] for found in sure), frozenset().union(*(found[1] for found in sure))
    return None


def _rarity(literal: str) -> float:
    """A guess at the share of documents that have the literal. Short words are common; a Han or Thai character is rarer
    than a letter."""
    letters = len(literal) if literal.isascii() else sum(2.5 if char > "\u0dff" else 1 for char in literal)
    return float(min(0.9, 8 / letters**2.5))
