"""`almenara versions`: from the index of a configuration to what people and programs read."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.versions import _lines
from pipeline.core.stories.differences import differences
from pipeline.core.urls import article_id
from pipeline.records import Change, Document
from pipeline.reports.versions import Version
from tests.builders import SEEN, document
from tests.commands.asking import Ask

URL = "https://www.example.org/world/ferry"
OLD = "The council voted. It sends 3,500 soldiers.\nRain closed three roads around Norberg."
NEW = "The council voted. It sends 4,200 soldiers.\nNobody in the harbour was asked for advice."


def version(number: int, title: str, text: str, **more: Any) -> Document:
    fields: dict[str, Any] = {"id": article_id(URL), "url": URL, "seq": number, "version": number}
    return document(title, text, **fields | {"kind": "new" if number == 1 else "version"} | more)


CHANGES = (Change(kind="number", before="3500", after="4200"),)


@pytest.fixture
def written(config: Path) -> None:
    async def write() -> None:
        index = await deployment_for(config).open_index(write=True)
        await index.put([version(1, "Ferry opens", OLD)])
        await index.put([version(2, "Ferry stays", NEW, changes=CHANGES)])
        await index.put([document("Alone", "One text.", id="b1", seq=7)])
        gone: dict[str, Any] = {"removed_at": SEEN, "removed": "http_410", "noted": "removed"}
        await index.put([version(2, "", "", changes=CHANGES, **gone | {"seq": 9})])
        await index.close()

    asyncio.run(write())


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("named", [URL, f"{URL}?utm_source=feed", article_id(URL)])
def test_for_people(ask: Ask, named: str) -> None:
    lines = ask("versions", named).out.splitlines()
    assert lines[0] == "Ferry stays"
    assert [line for line in lines if line.startswith("version")] == [
        "version 1  2026-03-02 12:00 UTC", "version 2  2026-03-02 12:00 UTC  3500 → 4200",
    ]  # fmt: skip
    assert [line.strip() for line in lines if line.startswith("  ")] == [
        "headline changed: Ferry [-opens-]{+stays+}",
        "sentence changed: It sends [-3,500-]{+4,200+} soldiers.",
        "paragraph removed: [-Rain closed three roads around Norberg.-]",
        "paragraph added: {+Nobody in the harbour was asked for advice.+}",
    ]
    assert lines[-1] == "removed  2026-03-02 12:00 UTC  http_410"


@pytest.mark.usefixtures("written")
def test_for_programs(ask: Ask) -> None:
    first, second = ask("versions", URL, "--json").json
    assert (first["version"], first["text"], first["differences"]) == (1, OLD, [])
    assert (second["version"], second["changed"], second["removed"]) == (2, "3500 → 4200", "http_410")
    assert [(one["what"], one["how"]) for one in second["differences"]] == [
        ("headline", "changed"), ("sentence", "changed"), ("paragraph", "removed"), ("paragraph", "added"),
    ]  # fmt: skip
    assert {"before": "3,500", "after": "4,200"} in second["differences"][1]["pieces"]


@pytest.mark.usefixtures("written")
def test_an_article_with_one_version_and_one_that_is_not_there(ask: Ask) -> None:
    assert "no other version is kept" in ask("versions", "b1").out
    missing = ask("versions", "https://www.example.org/nothing")
    assert (missing.code, "no article https://www.example.org/nothing" in missing.err) == (1, True)
    assert ask("versions", "https://").code == 1


@pytest.mark.usefixtures("written")
def test_removed_articles_are_found_and_counted(ask: Ask) -> None:
    found = ask("search", "removed:http_410", "--json", "--facets").json
    assert [hit["id"] for hit in found["hits"]] == [article_id(URL)]
    assert found["facets"]["removed"] == {"http_410": 1}
    assert "removed 2026-03-02 (http_410)" in ask("search", "removed:http_410").out


def test_colours_only_on_a_terminal() -> None:
    old, new = version(1, "A", OLD), version(2, "A", OLD.replace("3,500", "4,200"))
    found = [Version(old), Version(new, differences("A", old.article.text, "A", new.article.text))]
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=200)
    for line in _lines(found, colours=True):
        console.print(line)
    assert "\x1b[9;31m3,500\x1b[0m" in out.getvalue()
    assert "[-" not in out.getvalue()
