"""The codes in the shipped topics' [links]: of the publishers' form, known, and shown in docs/topics.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.read_toml import read_toml

ROOT = Path(__file__).parents[3]
TOPICS = {file.parent.name: file for file in sorted((ROOT / "config" / "topics").glob("*/topic.toml"))}
KNOWN = tomllib.loads((ROOT / "tests" / "data" / "vocabularies.toml").read_text("utf-8"))
FORMS = {"iptc": r"medtop:\d{8}", "cameo": r"(0[1-9]|1\d|20)\d{0,2}", "plover": r"[A-Z]+"}


def links(topic: str) -> Mapping[str, Any]:
    return dict(read_toml(TOPICS[topic]).data["links"])


@pytest.mark.parametrize("topic", TOPICS)
def test_links_have_their_vocabularys_form(topic: str) -> None:
    for vocabulary, code in links(topic).items():
        assert re.fullmatch(FORMS[vocabulary], code), f"{vocabulary} = {code!r}"


@pytest.mark.parametrize("topic", TOPICS)
def test_links_are_known(topic: str) -> None:
    """An IPTC subject in each topic; a class of acts only where one fits."""
    known = {"iptc": KNOWN["iptc"], "cameo": KNOWN["cameo"], "plover": KNOWN["plover"]["types"]}
    assert "iptc" in links(topic)
    for vocabulary, code in links(topic).items():
        assert code in known[vocabulary], f"{vocabulary} = {code!r}"


@pytest.mark.parametrize("topic", TOPICS)
def test_cameo_and_plover_say_the_same(topic: str) -> None:
    its = links(topic)
    made = [kind for code, kind in KNOWN["plover"]["of"].items() if its.get("cameo", "").startswith(code)]
    assert made == ([its["plover"]] if "plover" in its else [])


def test_no_code_is_kept_that_no_topic_names() -> None:
    for vocabulary in ("iptc", "cameo"):
        assert set(KNOWN[vocabulary]) == {links(topic).get(vocabulary) for topic in TOPICS} - {None}


def test_the_docs_show_them() -> None:
    def row(topic: str) -> str:
        its = links(topic)
        cameo = f"{its['cameo']} {KNOWN['cameo'][its['cameo']]}" if "cameo" in its else ""
        return f"| {topic} | {its['iptc']} {KNOWN['iptc'][its['iptc']]} | {cameo} | {its.get('plover', '')} |"

    docs = (ROOT / "docs" / "topics.md").read_text("utf-8")
    shown = [line for line in docs.splitlines() if line.startswith("| ") and "medtop:" in line]
    assert shown == [row(topic) for topic in TOPICS]
