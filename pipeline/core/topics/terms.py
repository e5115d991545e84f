"""Parses terms of the rule files: `armed forces`, `~autorizar`, `militar*`, `*avtal*`, `=US`,
`{soldiers} <2> de {country}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.core.text.folding import fold
from pipeline.core.text.han import simplified
from pipeline.core.text.languages import grammar_of
from pipeline.core.text.words import tokenize
from pipeline.core.topics.forms import form_of_term, has_forms
from pipeline.core.topics.rules import ANY, WIDEST_GAP, Gap, Part, Piece, Ref
from pipeline.core.wording import Text

#: Letters of the Latin, Greek or Cyrillic script, or a prefix of them: nearly all terms.
_PLAIN = re.compile(r"([a-zA-Z\u00c0-\u024f\u0370-\u04ff]+)(\*?)")

#: Letters of a part of a word, at least: shorter ones are found in words that have nothing to do with it.
SHORTEST_PART = 4


class TermFault(ValueError):
    """The term cannot be read. `hint` says what to write instead."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def parse_term(term: str, language: str, concepts: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of `term`. `concepts`: name -> key of those that it may refer to. Raises TermFault."""
    parts: list[Part] = []
    for chunk in term.split():
        part = _part(term, chunk, language, concepts)
        if isinstance(part, tuple) and parts and isinstance(parts[-1], tuple):
            parts[-1] = parts[-1] + part
        else:
            parts.append(part)
    if not parts or isinstance(parts[0], Gap) or isinstance(parts[-1], Gap):
        raise TermFault(
            Text("{!r} does not begin and end with a word", term), Text("a gap <N> stands between two words")
        )
    return tuple(parts)


def sort_key(term: str) -> tuple[str, str]:
    """Key that sorts terms by their letters, without a leading sign, so that `~aprobar` is beside `aprob*`."""
    return fold(term.lstrip("~={*")), term


def _part(term: str, chunk: str, language: str, concepts: Mapping[str, str]) -> Part:
    plain = _PLAIN.fullmatch(chunk)
    if plain and len(plain[1]) > 2:
        return (Piece("prefix" if plain[2] else "exact", fold(plain[1])),)
    if chunk.startswith("*") and chunk.endswith("*"):
        return (_inner(term, chunk),)
    if chunk.startswith("{") and chunk.endswith("}"):
        if chunk[1:-1] not in concepts:
            raise TermFault(
                Text("{!r}: there is no concept {!r}", term, chunk[1:-1]),
                Text("known: {}", ", ".join(sorted(concepts))),
            )
        return Ref(concepts[chunk[1:-1]])
    if chunk.startswith("<") and chunk.endswith(">"):
        if not chunk[1:-1].isdecimal() or not 1 <= int(chunk[1:-1]) <= WIDEST_GAP:
            raise TermFault(
                Text("{!r}: {} is not a gap", term, chunk), Text("<1> to <{}>: at most so many words", WIDEST_GAP)
            )
        return Gap(int(chunk[1:-1]))
    return _pieces(term, chunk, language)


def _inner(term: str, chunk: str) -> Piece:
    tokens = tokenize(chunk[1:-1])
    if len(tokens) != 1 or any(sign in chunk[1:-1] for sign in "*{}<>=~") or len(tokens[0].word) < SHORTEST_PART:
        raise TermFault(
            Text("{!r}: cannot read {!r}", term, chunk),
            Text("one word of at least {} letters between the *", SHORTEST_PART),
        )
    return Piece("inner", tokens[0].word)


def _pieces(term: str, chunk: str, language: str) -> tuple[Piece, ...]:
    cased, forms, prefix = chunk.startswith("="), chunk.startswith("~"), chunk.endswith("*")
    bare = chunk.removeprefix("~" if forms else "=").removesuffix("*")
    if grammar_of(language).traditional:
        bare = simplified(bare)
    tokens = tokenize(bare)
    if not tokens or any(sign in bare for sign in "*{}<>=~") or (prefix and (cased or forms)):
        raise TermFault(
            Text("{!r}: cannot read {!r}", term, chunk),
            Text("word, ~anyform, prefix*, *part*, =AsWritten, {concept} or <N>"),
        )
    if prefix and len(tokens[-1].word) < 3 and tokens[-1].word.isascii():
        raise TermFault(Text("{!r}: the prefix is too short", term), Text("at least three letters before the *"))
    if cased:
        return tuple(Piece("cased", t.word, bare[t.start : t.end]) for t in tokens)
    if forms and language == ANY:
        raise TermFault(
            Text("{!r}: {} has forms in one language only", term, chunk), Text("move it to the file of that language")
        )
    if forms and has_forms(language):
        return tuple(Piece("stem", form_of_term(bare[t.start : t.end], language)) for t in tokens)
    last = Piece("prefix" if prefix else "exact", tokens[-1].word)
    return (*(Piece("exact", t.word) for t in tokens[:-1]), last)
