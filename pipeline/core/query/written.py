"""Writes a query tree as text that `parse` reads back as the same tree."""

from __future__ import annotations

import re

import regex  # type: ignore[import-untyped]

from pipeline.core.query.names import Part
from pipeline.core.query.tree import (
    And,
    Apart,
    Equal,
    Exists,
    InList,
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

_QUOTED = re.compile(r"^[@#=~+\-!/]")  # a token that means something else at the start of a word
_SINGLE = regex.compile(r"[\p{IsHan}\p{IsHiragana}\p{IsKatakana}\p{IsThai}\p{IsLao}\p{IsKhmer}\p{IsMyanmar}]")
# What would end a quoted value; visible.py makes straight ones of all of them.
_ESCAPED = re.compile(r"[\"\\“”„‟«»＂‹›「」『』〝〞〟❝❞❮❯]")
_PLAIN = re.compile(r"\w[\w.]*(?:-[\w.]+)*")  # a value that needs no quotation marks


def to_text(node: Node) -> str:
    """The query as people write it."""
    match node:
        case And(parts) | Or(parts):
            return f" {type(node).__name__.upper()} ".join(_inner(part) for part in parts)
        case Not(part):
            return f"NOT {_inner(part)}"
        case Near() | Apart():
            text = f"{_inner(node.left)} {operator(node)} {_inner(node.right)}"
            return text if node.field is None else f"{node.field}:({text})"
        case Equal(field, value):
            return f"{field}:{_bare(value)}"
        case Exists(field):
            return f"_exists_:{field}"
        case Range(field, low, high, include_low, include_high):
            if low == high:
                return f"{field}:{_bare(low or '*')}"
            opening, closing = "[" if include_low else "{", "]" if include_high else "}"
            return f"{field}:{opening}{low or '*'} TO {high or '*'}{closing}"
        case _:
            return _words(node) if node.field is None else f"{node.field}:{_words(node)}"


def operator(node: Near | Apart) -> str:
    """The operator between the operands: NEAR/5, PRE/5, SENTENCE, PRE/s, with NOT before it for Apart."""
    if node.distance is not None:
        text = f"{'PRE' if node.ordered else 'NEAR'}/{node.distance}"
    elif node.ordered:
        text = f"PRE/{node.within[0]}"
    else:
        text = node.within.upper()
    return f"NOT {text}" if isinstance(node, Apart) else text


def _words(node: Word | Prefix | Stem | Phrase | InList) -> str:
    match node:
        case Word(word):
            if word.startswith("="):
                return word.upper()
            return f'"{word}"' if word in ("and", "or", "not") or _QUOTED.search(word) else _joined(word)
        case Prefix(prefix):
            return _joined(prefix) + "*"
        case Stem(word):
            return "~" + word
        case InList(names):
            return "@" + names.name
        case Phrase(parts, slop):
            return f'"{_row(parts)}"' + (f"~{slop}" if slop else "")


def _row(parts: tuple[Part, ...]) -> str:
    """The words of a phrase: without spaces where the script has none, so that every character is a word."""
    text = ""
    before: Part = ()
    for part in parts:
        alone = all(len(one) == 1 and len(one[0][0]) == 1 and _SINGLE.match(one[0][0]) for one in (*before, *part))
        text += ("" if alone or not before else " ") + _part(part)
        before = part
    return text


def _part(part: Part) -> str:
    """The words of a phrase that stand for `part`: what is written joined and apart with a hyphen, acronyms with
    points, and words of which signs are left out (vowel signs of Indic scripts) with them."""
    tokens = max(part, key=len)
    whole = min(part, key=len)
    if len(whole) == 1 and len(tokens) > 1 and whole[0] != "".join(tokens) and not whole[0].startswith("="):
        return _joined(whole[0])
    if any(token.startswith("=") for token in (one[0] for one in part)):
        letters = tokens if len(tokens) > 1 else tokens[0][1:]
        return "".join(f"{letter.upper()}." for letter in letters)
    return "-".join(map(_joined, tokens))


def _inner(node: Node) -> str:
    return f"({to_text(node)})" if isinstance(node, And | Or | Near | Apart) else to_text(node)


def _bare(value: str) -> str:
    """A value, without quotation marks where it needs no quoting."""
    if _PLAIN.fullmatch(value) and value.upper() not in ("AND", "OR", "NOT", "TO"):
        return value
    return '"' + _ESCAPED.sub(r"\\\g<0>", value) + '"'


#: What the normal form of one letter parts in two, each of which would be a word -> that letter (Thai, Lao, kana).
_LETTERS = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3", "ຫນ": "ໜ", "ຫມ": "ໝ", "より": "ゟ", "コト": "ヿ"}


def _joined(word: str) -> str:
    """The word with such letters restored."""
    if word.isascii():
        return word
    for parted, letter in _LETTERS.items():
        word = word.replace(parted, letter)
    return word
