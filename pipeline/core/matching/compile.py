"""Compiles queries: equal parts of queries become one object, so that a document evaluates them once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise, product
from math import prod
from typing import Any, TypeVar

from pipeline.core.matching.checks import NONE, Check, Exactly, OneOf, SideBySide, Terms, Test, Unless
from pipeline.core.matching.vocabulary import Term, Vocabulary
from pipeline.core.query.names import Part, hashtag
from pipeline.core.query.tree import And, Apart, Equal, InList, Near, Node, Not, Or, Phrase, Prefix, Stem, Word
from pipeline.core.query.wider import under
from pipeline.core.text import typed

T = TypeVar("T")
SEQUENCES = 16  # of tokens that a phrase with alternatives is written out as
LARGE = 16  # terms of a group that is compared once for all queries that have it


class Compiler:
    """Compiles the queries of one set; `vocabulary` has their terms."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self._known: dict[Hashable, Any] = {}

    def check(self, node: Node) -> Check:
        """The check that exactly the documents pass for which `node` holds."""
        match node:
            case Word(word, field):
                return self._needed(self.vocabulary.token(word, field))
            case And(parts):
                return self._all([self.check(part) for part in parts])
            case Or(parts):
                words = [part for part in parts if type(part) is Word]
                terms = {self.vocabulary.token(part.word, part.field) for part in words}
                return self._any([self.check(part) for part in parts if type(part) is not Word], terms)
            case Not(part):
                return self._none(self.check(part))
            case Prefix(prefix, field):
                return self._needed(self.vocabulary.prefix(prefix, field))
            case Stem(word, field):
                return self._needed(self.vocabulary.stem(word, field))
            case Equal(field, value):
                return self._needed(self.vocabulary.equal(field, value))
        return self._once(("node", node), lambda: self._composed(node))

    def _composed(self, node: Node) -> Check:
        match node:
            case Phrase():
                return self._phrase(node)
            case InList(names, field):
                return self._exactly(node, self._needed(self.vocabulary.names(names, field)))
            case Near(left, right, field=field):
                return self._exactly(node, self.check(under(field, left)), self.check(under(field, right)))
            case Apart(left, field=field):
                return self._exactly(node, self.check(under(field, left)))
        return self._exactly(node)

    # -- phrases

    def _phrase(self, node: Phrase) -> Check:
        tag = hashtag(node.parts) if node.slop == 0 else None
        if node.slop or prod(len(part) for part in node.parts) > SEQUENCES:
            return self._exactly(node, *(self._part(part, tag, node.field) for part in node.parts))
        ways = [
            self._sequence(sum(chosen, ()), tag, node.field)
            for chosen in product(*node.parts)
        ]  # fmt: skip
        if tag is not None and not (len(ways) == 1 and node.field is None and len(node.parts) == 2):
            ways.append(self._needed(self.vocabulary.token(tag, node.field)))
        return self._any(ways)

    def _sequence(self, tokens: tuple[str, ...], tag: str | None, field: str | None) -> Check:
        """Tokens side by side. A pair in either field may also be written as the hashtag `tag`."""
        if len(tokens) == 1:
            return self._needed(self.vocabulary.token(tokens[0], field))
        if field is None and len(tokens) == 2:
            own = typed.tag(" ".join(tokens))
            pair = self.vocabulary.pair(*tokens, tag if own == tag else None)
            if own == tag or own is None:
                return self._needed(pair)
        if field is None:
            needed = frozenset(self.vocabulary.pair(*pair) for pair in pairwise(tokens))
        else:
            needed = frozenset(self.vocabulary.token(token, field) for token in tokens)
        test = self._once(("tokens", tokens, field), lambda: SideBySide(tokens, field))
        return self._made(needed, tests=(test,))

    def _part(self, part: Part, tag: str | None, field: str | None) -> Check:
        """What a document has that has an alternative of `part`, or the hashtag of the whole phrase."""
        every = [[self._needed(self.vocabulary.token(token, field)) for token in one] for one in part]
        ways = [self._all(one) for one in every]
        if tag is not None:
            ways.append(self._needed(self.vocabulary.token(tag, field)))
        return self._any(ways)

    # -- putting checks together

    def _needed(self, term: Term) -> Check:
        return self._once(("term", term), lambda: Check(needed=self._set((term,))))

    def _exactly(self, node: Node, *wider: Check) -> Check:
        """`node`, which holds only where all of `wider` do."""
        test = self._once(("exactly", node), lambda: Exactly(node))
        return self._all([*wider, self._made(tests=(test,))])

    def _all(self, parts: Sequence[Check]) -> Check:
        return self._made(
            frozenset().union(*(part.needed for part in parts)),
            tuple(dict.fromkeys(group for part in parts for group in part.groups)),
            frozenset().union(*(part.excluded for part in parts)),
            tuple(dict.fromkeys(test for part in parts for test in part.tests)),
        )

    def _any(self, parts: Sequence[Check], terms: Iterable[Term] = ()) -> Check:
        """One of the parts or one of the terms."""
        if len(parts) == 1 and not terms:
            return parts[0]
        terms, rest = set(terms), dict[Check, None]()
        for part in parts:
            if (found := self._alternatives(part)) is not None:
                terms |= found
            else:
                rest[part] = None
        if not rest and len(terms) <= LARGE:
            return self._made(groups=(frozenset(terms),)) if len(terms) > 1 else self._made(frozenset(terms))
        return self._made(tests=(self._one_of(self._set(terms), tuple(rest)),))

    def _one_of(self, terms: Terms, checks: tuple[Check, ...]) -> Test:
        return self._once(("one of", terms, checks), lambda: OneOf(terms, checks))

    def _alternatives(self, check: Check) -> Terms | None:
        """The terms of which one is all that a check asks for."""
        if len(check.tests) == 1 and check[:3] == (NONE, (), NONE):
            [test] = check.tests
            return test.terms if isinstance(test, OneOf) and not test.checks else None
        return check.alternatives

    def _none(self, part: Check) -> Check:
        if (terms := self._alternatives(part)) is not None:
            return self._made(excluded=terms)
        test = self._once(("unless", part), lambda: Unless(part))
        return self._made(tests=(test,))

    def _made(
        self, needed: Terms = NONE, groups: tuple[Terms, ...] = (), excluded: Terms = NONE,
        tests: tuple[Test, ...] = (),
    ) -> Check:  # fmt: skip
        """The check; equal ones are one object, and so are equal sets in them."""
        check = Check(self._set(needed), tuple(map(self._set, groups)), self._set(excluded), tests)
        found: Check = self._known.setdefault(check, check)
        return found

    def _set(self, terms: Iterable[Term]) -> Terms:
        made = frozenset(terms)
        found: Terms = self._known.setdefault(made, made)
        return found

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        found: T | None = self._known.get(key)
        if found is None:
            found = self._known[key] = make()
        return found
