"""The layout of language files."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.topics.format import CannotFormat, format_language_file, quoted
from pipeline.core.topics.rules import OTHER_FILES

WRITTEN = """# Spanish, as written in Latin America.

[[must_not_match]]
text = 'Un "paro" cardíaco.'
title = "Salud"

[strike]  # the word itself
unless = ["paro cardíaco"]
terms = [ "~parar", "huelga", # most common
  # Only in Chile:
  "paro", 'brazos caídos',
  # the end
]
# Harbours.
[port]
terms = ["puerto", "=Callao"]
[[must_match]]
text = "La huelga cierra el puerto."
# that is all
"""
CANONICAL = """# Spanish, as written in Latin America.

# Harbours.
[port]
terms = [
    "=Callao",
    "puerto",
]

[strike]  # the word itself
terms = [
    "brazos caídos",
    "huelga",  # most common
    "~parar",
    # Only in Chile:
    "paro",
    # the end
]
unless = [
    "paro cardíaco",
]

[[must_match]]
text = "La huelga cierra el puerto."

[[must_not_match]]
title = "Salud"
text = 'Un "paro" cardíaco.'

# that is all
"""


def test_the_layout() -> None:
    assert format_language_file(WRITTEN) == CANONICAL
    assert format_language_file(CANONICAL) == CANONICAL


def test_an_empty_file() -> None:
    assert format_language_file("") == ""
    assert format_language_file("\n\n# nothing yet\n") == "# nothing yet\n"


@pytest.mark.parametrize(
    "text",
    [
        "strike = ['x']\n",
        "[strike]\nwords = ['x']\n",
        "[strike]\nterms = [3]\n",
        "[strike]\nterms = 'x'\n",
        "[strike.en]\nterms = ['x']\n",
        "[must_match]\ntext = 'x'\n",
        "[[strike]]\nterms = ['x']\n",
    ],
)
def test_what_is_no_language_file_is_left_alone(text: str) -> None:
    tomllib.loads(text)
    with pytest.raises(CannotFormat):
        format_language_file(text)


TERMS = st.lists(st.text(min_size=1, max_size=9), max_size=4)


@given(st.dictionaries(st.sampled_from(["a", "b-c", "d2"]), TERMS), st.lists(st.text(max_size=9), max_size=2))
def test_nothing_is_lost_and_the_layout_is_stable(concepts: dict[str, list[str]], examples: list[str]) -> None:
    lines = [f"[{name}]\nterms = [{', '.join(map(quoted, terms))}]\n" for name, terms in concepts.items()]
    lines += [f"[[must_match]]\ntext = {quoted(text)}\n" for text in examples]
    formatted = format_language_file("".join(lines))
    assert format_language_file(formatted) == formatted
    data = tomllib.loads(formatted)
    assert {name: sorted(data[name]["terms"]) for name in concepts} == {n: sorted(t) for n, t in concepts.items()}
    assert [example["text"] for example in data.get("must_match", [])] == examples


@pytest.mark.parametrize("folder", sorted(path.name for path in Path("config/topics").iterdir()))
def test_the_shipped_files_have_it(folder: str) -> None:
    for file in Path("config/topics", folder).glob("*.toml"):
        if file.name not in OTHER_FILES:
            text = file.read_text("utf-8")
            assert format_language_file(text) == text, f"{file}: run `almenara rules format`"
