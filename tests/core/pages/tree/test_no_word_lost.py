"""Whatever elements a sentence is made of, its words are in the text, in their order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.pages import extract

TAGS = ("b", "i", "span", "time", "output", "data", "mark", "nobr", "label", "x-word", "o:p", "font", "u", "cite",
        "abbr", "code", "small", "noindex", "meter", "del", "ins", "bdi")  # fmt: skip
WORD = st.text("abcdefghijklmnopqrstuvwxyzéüñ", min_size=1, max_size=9)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WORD, st.lists(st.sampled_from(TAGS), max_size=3)), max_size=12))
def test_no_word_is_lost(words: list[tuple[str, list[str]]]) -> None:
    marked = [
        "".join(f"<{tag}>" for tag in tags) + word + "".join(f"</{tag}>" for tag in reversed(tags))
        for word, tags in words
    ]
    html = f"<p>The council of the town met {' '.join(marked)} and went home late at night.</p>"
    plain = " ".join(["The council of the town met", *(word for word, _ in words), "and went home late at night."])
    assert extract.fragment(html) == plain
