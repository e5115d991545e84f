"""What the queries of a set ask for, collected as they are compiled: a document's terms are made for them."""

from __future__ import annotations

from pipeline.core.documents.fields import TEXT_FIELDS, keyword
from pipeline.core.query.names import NameList
from pipeline.core.text.stems import stem_token

Term = str | tuple[str, str]

REMEMBERED = 1 << 17  # tokens whose prefixes are cached


class Vocabulary:
    """The terms of a set of queries; terms.py says what they mean.

    `paired`: tokens of pairs. `tags`: a hashtag -> the pairs that it is another way to write. `lists`: a token -> the
    terms of the lists it leads to. `keywords`: a field -> its values -> their terms. `fielded`: a text field -> the
    terms in it, without the field.
    """

    def __init__(self) -> None:
        self.terms: dict[Term, Term] = {}
        self.paired = set[str]()
        self.tags: dict[str, set[tuple[str, str]]] = {}
        self.prefixes = set[str]()
        self.lists: dict[str, tuple[str, ...]] = {}
        self.stems = set[str]()
        self.keywords: dict[str, dict[str, str]] = {}
        self.fielded: dict[str, set[str]] = {field: set() for field in TEXT_FIELDS}
        self.prefixes_of = _PrefixesOf(self.prefixes)
        self.stems_in = _StemsIn(self.stems)
        self._listed = set[str]()

    def token(self, token: str, field: str | None) -> Term:
        """The term of a token."""
        return self.terms.setdefault(token, token) if field is None else self._term(token, field)

    def pair(self, left: str, right: str, tag: str | None = None) -> Term:
        """The term of two tokens side by side, or the hashtag `tag` instead."""
        pair = (left, right)
        self.paired.update(pair)
        if tag is not None:
            self.tags.setdefault(tag, set()).add(pair)
        return self.terms.setdefault(pair, pair)

    def prefix(self, prefix: str, field: str | None) -> Term:
        """The term of a prefix."""
        self.prefixes.add(prefix)
        self.prefixes_of.lengths.add(len(prefix))
        return self._term(prefix + "*", field)

    def stem(self, word: str, field: str | None) -> Term:
        """The term of a word in every form."""
        self.stems.add(word)
        return self._term("~" + word, field)

    def names(self, names: NameList, field: str | None) -> Term:
        """The term of a list."""
        term = f"list:{names.name}:{names.hash}"
        if term not in self._listed:
            self._listed.add(term)
            for token in names.anchors:
                self.lists[token] = (*self.lists.get(token, ()), term)
        return self._term(term, field)

    def equal(self, field: str, value: str) -> Term:
        """The term of a value of a keyword field."""
        term = f"{field}:{keyword(value)}"
        self.keywords.setdefault(field, {})[keyword(value)] = term
        return self.terms.setdefault(term, term)

    def _term(self, term: str, field: str | None) -> Term:
        if field is not None:
            self.fielded[field].add(term)
            term = f"{field}:{term}"
        return self.terms.setdefault(term, term)


class _PrefixesOf(dict[str, tuple[str, ...]]):
    """A token -> the terms of the prefixes it starts with. Most tokens of a document were seen before."""

    def __init__(self, prefixes: set[str]) -> None:
        self._prefixes = prefixes
        self.lengths = set[int]()

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(self) >= REMEMBERED:
            self.clear()
        starts = (token[:length] for length in self.lengths if length <= len(token))
        self[token] = found = tuple(start + "*" for start in starts if start in self._prefixes)
        return found


class _StemsIn(dict[str, dict[str, tuple[str, ...]]]):
    """A language -> the stems of the words of the queries in it -> their terms."""

    def __init__(self, words: set[str]) -> None:
        self._words = words

    def __missing__(self, language: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for word in sorted(self._words):
            token = stem_token(word, language)
            found[token] = (*found.get(token, ()), "~" + word)
        self[language] = found
        return found
