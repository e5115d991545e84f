"""Finds the sentences of a text in any script, in linear time and without grammar.

In doubt two sentences are joined, so that a rule with two concepts in one sentence still matches around "U.S.".
"""

from __future__ import annotations

import re

from pipeline.core.text.languages import every_word

#: Characters. A longer "sentence" is a list, a table or an attack, and is cut at a space.
LONGEST_SENTENCE = 1000

_CLOSERS = "\"'”’»›)]}」』）】"
# Full stops in scripts that put no space after them, or use the mark for nothing else.
_ALWAYS = "。！？｡؟۔।॥։።፧၊။។"
# A mark that may end a sentence, with closing marks after it. The pattern starts with a character set, which makes the
# search fast; in a run of marks only the first is examined, which makes it linear.
_SURE = frozenset(f"\n{_ALWAYS}")
_MARK = re.compile(
    rf"[\n.!?…{_ALWAYS}](?:(?<=\n)\n*|(?<=[{_ALWAYS}])[{_ALWAYS}]*[{re.escape(_CLOSERS)}]*"
    rf"|(?<=[.!?…])(?<![.!?…]{{2}})[.!?…]*+[{re.escape(_CLOSERS)}]*+(?!\S))"
)
# Matched backwards from the mark: a forward search that must end there would try from every letter before it.
_LAST_WORD = re.compile(r"\d+|[^\W\d_]+(?:\.[^\W\d_]+)*")
_NEXT_WORD = re.compile(r"\s*[\"'“‘«¿¡(\[„-]*\s*(\w+)")

ABBREVIATIONS = every_word("sentences", "abbreviations")
# After an acronym ("… the U.S. The …") these capitalised words do start a sentence.
_OPENERS = every_word("sentences", "openers")


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`, in order, without blank ones. A newline always ends a sentence."""
    spans: list[tuple[int, int]] = []
    start = 0
    for mark in _MARK.finditer(text):
        at, end = mark.span()
        if text[at] in _SURE or _ends(text, start, at, end):
            _add(spans, text, start, end)
            start = end
    _add(spans, text, start, len(text))
    return spans


def _ends(text: str, start: int, at: int, end: int) -> bool:
    """Whether the ambiguous mark `text[at:end]` ends the sentence that started at `start`."""
    if text[end + 1 : end + 2].islower():  # after the space: "…" and "?" inside a sentence, "p. ej. esto"
        return False
    if text[at] != "." or text.startswith("..", at):
        return True
    near = text[max(start, at - 24) : at]
    words = near.split()
    if words and words[-1].isalpha() and len(words[-1]) > 1 and words[-1] != "UU":  # usually
        return words[-1].lower() not in ABBREVIATIONS
    before = _LAST_WORD.match(near[::-1])
    if before is None:
        return True
    last = before[0]
    if last.isdecimal():  # "am 14. Dezember"
        return len(last) > 2 or _opens(text, end)
    if len(last) == 1:  # an initial: "J. Jerí"
        return False
    if "." in last or last == "UU":  # an acronym: "U.S.", "EE. UU."
        return _opens(text, end)
    return last[::-1].lower() not in ABBREVIATIONS


def _opens(text: str, end: int) -> bool:
    following = _NEXT_WORD.match(text, end, end + 40)
    return following is not None and following[1] in _OPENERS


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        cut = start + LONGEST_SENTENCE if cut < 0 else cut
        spans.append((start, cut))
        start = cut
    if start < end:
        spans.append((start, end))
