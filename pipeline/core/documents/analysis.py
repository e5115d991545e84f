"""How Elasticsearch analyses text: settings of the index templates.

`words` cuts and folds a text as core/text does, for the fields that people see and search in Kibana. `positions` reads
what core/text/positions.py wrote: nothing is analysed there, so queries of the program mean the same everywhere.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from pipeline.core.text.folding import fold
from pipeline.core.text.words import LONGEST_WORD, TOKEN

#: First and last of the characters in the table for `words`; those left out, to keep it short, no keyboard writes.
_TABLED = ((0x80, 0xD7FF), (0xFB00, 0xFB4F), (0xFE00, 0xFFFF), (0x1D400, 0x1D7FF))
#: What one character alone does not show: voiced kana of half width, letters that are no accented ones.
_SEQUENCES = (
    *(kana + mark for kana in "ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ" for mark in "ﾞﾟ"),
    *(unicodedata.normalize("NFD", char) for char in "йїўѓќ"),
)


@cache
def rules() -> tuple[str, ...]:
    """The rules of the `mapping` character filter: from a character, or several, to its normal form.

    Case is left to the `lowercase` filter.
    """
    every = (chr(code) for first, last in _TABLED for code in range(first, last + 1))
    chars = [char for char in every if unicodedata.category(char)[0] in "LMN" or unicodedata.category(char) == "Cf"]
    found = [char for char in (*chars, *_SEQUENCES) if fold(char) not in (char, char.lower())]
    # In Arabic script a non-joiner parts words.
    parting = [
        f"{_escaped(char)}\\u200C=>{_escaped(fold(char))}\\u0020" for char in chars if "\u0620" <= char < "\u08c8"
    ]
    return (*(f"{_escaped(char)}=>{_escaped(fold(char))}" for char in found), *parting)


def _escaped(text: str) -> str:
    """Marks and what is invisible as \\uXXXX."""
    return "".join(char if char.isalnum() else f"\\u{ord(char):04X}" for char in text)


def settings() -> dict[str, Any]:
    """The `analysis` of every index."""
    return {
        "char_filter": {"folding": {"type": "mapping", "mappings": list(rules())}},
        "tokenizer": {
            "words": {"type": "pattern", "pattern": TOKEN, "group": 0},
            # Longer than the longest position.
            "spaced": {"type": "whitespace", "max_token_length": 100 * LONGEST_WORD},
        },
        "filter": {
            "word_length": {"type": "length", "min": 1, "max": LONGEST_WORD},
            "tokens": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
        },
        "analyzer": {
            "words": {
                "type": "custom", "char_filter": ["folding"], "tokenizer": "words",
                "filter": ["word_length", "lowercase"],
            },
            "positions": {"type": "custom", "tokenizer": "spaced", "filter": ["tokens"]},
        },
    }  # fmt: skip
