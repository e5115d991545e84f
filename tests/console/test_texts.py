"""Tests of the translations of the console: complete, with the same values in them, and in use."""

from __future__ import annotations

import re

import httpx
import pytest

from pipeline.console.language import LANGUAGES, SOURCE, catalogue
from scripts.console_texts import missing, strings, updated

OTHERS = [code for code in LANGUAGES if code != SOURCE]
_VALUE = re.compile(r"%\(\w+\)s|%%?n?|\{[^{}]*\}|`[^`]+`|<[^>]+>")


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated(code: str) -> None:
    """Run `python -m scripts.console_texts` after a change of texts, and translate what it names."""
    ours = updated(code)
    assert missing(ours) == []
    assert {str(one.id) for one in catalogue(code) if one.id} == {str(one.id) for one in ours if one.id}


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_values_of_the_texts(code: str) -> None:
    for one in catalogue(code):
        if one.id:
            texts = (one.id,) if isinstance(one.id, str) else one.id[1:]
            wanted = {frozenset(_VALUE.findall(text)) for text in texts}
            assert {frozenset(_VALUE.findall(text)) for text in strings(one)} == wanted, one.id


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "fuentes independientes"), ("/?topic=none", "Ninguna historia encaja"),
        ("/story/t1", "Quién informó y cuándo"), ("/article/t1", "De dónde viene cada valor"),
        ("/article/t1/why", "Mejor patrón que se cumple"), ("/search?q=none", "Ningún artículo coincide"),
        ("/story/none", "No existe esa historia."),
    ],
)  # fmt: skip
async def test_pages_in_spanish(client: httpx.AsyncClient, path: str, said: str) -> None:
    client.cookies.set("language", "es")
    text = (await client.get(path)).text
    assert '<html lang="es"' in text
    assert said in text
