"""The terms of a document: everything about it that queries can require, as members of one set.

| term | stands for |
|---|---|
| `army` | a token in title or text, base or extra |
| `("armed", "forces")` | two tokens side by side in one block of title or text |
| `arm*`, `~authorise` | a token with this prefix; a word with the stem of this one in the document's language |
| `language:en` | a value of a keyword field |
| `title:army`, `text:arm*`, `text:~authorise` | the same in one text field |
| `list:us-forces:HASH` | a token of a list of names, of which every occurrence of a name has one |

No token has a colon, a star or a tilde at its start, so terms of different kinds are never equal. All are exact but the
last. Only terms that some query asks for are made, except for tokens and pairs of base tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from pipeline.core.documents.fields import TEXT_FIELDS
from pipeline.core.matching.vocabulary import Term, Vocabulary
from pipeline.core.query.document_view import DocumentView
from pipeline.core.text.field_words import FieldWords


def terms_of(view: DocumentView, vocabulary: Vocabulary) -> set[Term]:
    """The terms of a document that the queries of `vocabulary` may ask for."""
    by_field = {field: _tokens(view.words(field)) for field in TEXT_FIELDS}
    tokens = set[str]().union(*by_field.values())
    terms = set[Term](tokens)
    for field in TEXT_FIELDS:
        terms.update(_pairs(view.words(field), vocabulary))
        terms.update(_in_field(field, by_field[field], vocabulary))
    for tag in tokens & vocabulary.tags.keys():
        terms |= vocabulary.tags[tag]
    if vocabulary.prefixes:
        terms.update(_prefixes(tokens, vocabulary))
    if vocabulary.lists:
        terms.update(_lists(tokens, vocabulary))
    if vocabulary.stems:
        for field in TEXT_FIELDS:
            terms.update(_stems(field, view, vocabulary))
    for field, known in vocabulary.keywords.items():
        terms.update(known[value] for value in view.keywords(field) & known.keys())
    return terms


def _tokens(words: FieldWords) -> set[str]:
    tokens = set(words.base)
    tokens.update(extra.token for extra in words.extras)
    tokens.discard("")
    return tokens


def _pairs(words: FieldWords, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """What stands side by side. Pairs with an extra are made only if a query has a pair with its token."""
    base, blocks = words.base, [*words.blocks, len(words.base)]
    for first, end in pairwise(blocks):
        yield from zip(base[first:end], base[first + 1 : end], strict=False)
    extras = [extra for extra in words.extras if extra.token in vocabulary.paired]
    if not extras:
        return
    starting: dict[int, list[str]] = {}
    for token, first, _ in extras:
        starting.setdefault(first, []).append(token)
    edges = set(blocks)
    for token, first, last in extras:
        if first not in edges:
            yield base[first - 1], token
        if last + 1 not in edges:
            yield token, base[last + 1]
            yield from ((token, other) for other in starting.get(last + 1, ()))


def _in_field(field: str, tokens: set[str], vocabulary: Vocabulary) -> Iterator[str]:
    """The terms of one text field."""
    known = vocabulary.fielded[field]
    yield from (f"{field}:{token}" for token in tokens & known)
    if vocabulary.prefixes:
        yield from (f"{field}:{prefix}" for prefix in _prefixes(tokens, vocabulary) & known)
    if vocabulary.lists:
        yield from (f"{field}:{name}" for name in _lists(tokens, vocabulary) & known)


def _prefixes(tokens: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    return set[str]().union(*map(vocabulary.prefixes_of.__getitem__, tokens))


def _lists(tokens: set[str], vocabulary: Vocabulary) -> set[str]:
    return set[str]().union(*(vocabulary.lists[token] for token in tokens & vocabulary.lists.keys()))


def _stems(field: str, view: DocumentView, vocabulary: Vocabulary) -> Iterator[str]:
    known = vocabulary.stems_in[view.language]
    for token in view.stems(field) & known.keys():
        for term in known[token]:
            yield term
            yield f"{field}:{term}"
