"""`almenara dead …`."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.records import Article
from tests.builders import document
from tests.commands.asking import Ask, dead, publish


def test_dead_records_are_listed_shown_and_put_back(ask: Ask, config: Path) -> None:
    assert ask("dead", "list").out == "no dead records\n"
    article: Article = document("Title", "Text").article
    publish(config, dead(article, 0), dead(b"{not json", 1), dead(article, 2, cut=True))
    assert [(line["number"], line["replayed"]) for line in ask("dead", "list", "--json").json] == [
        (0, False), (1, False), (2, False),
    ]  # fmt: skip
    assert len(ask("dead", "list").out.splitlines()) == 4
    assert '"text": "Text"' in ask("dead", "show", "0").out
    assert "{not json" in ask("dead", "show", "1").out
    assert "3 records could not be handled" in ask("status").out

    replayed = ask("dead", "replay", "--all")
    assert replayed.code == 1  # not all could be
    assert replayed.out == "1 replayed\n"
    assert re.search(r"^1: cannot be replayed: not a Article", replayed.err, re.MULTILINE)
    assert "2: cannot be replayed: it was too large" in replayed.err
    assert [line["replayed"] for line in ask("dead", "list", "--json").json] == [True, False, False]
    status = ask("status", "--json").json
    assert status["dead"] == {"kept": 3, "open": 2}
    assert status["streams"]["articles"]["messages"] == 1

    for command in (("dead", "show", "9"), ("dead", "replay", "9")):
        missing = ask(*command)
        assert (missing.code, missing.out) == (1, "")
        assert "no dead record 9" in missing.err
