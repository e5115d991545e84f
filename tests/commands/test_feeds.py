"""`almenara feeds …`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.feeds.opml import read_opml
from tests.commands.asking import Ask


def test_feeds_added_are_listed_exported_imported_and_removed(ask: Ask, tmp_path: Path) -> None:
    first = ask("feeds", "add", "https://example.org/rss.xml", "--name", "The [Example]", "--country", "pe",
                "--language", "es", "--group", "andes", "--group", "news")  # fmt: skip
    assert first.code == 0
    assert "added the-example;" in first.out
    assert "added the-example-2;" in ask("feeds", "add", "https://example.org/two.xml", "--name", "The Example").out
    listed = {line["feed"]["id"]: line for line in ask("feeds", "list", "--json").lines}
    assert list(listed) == ["the-example", "the-example-2"]
    feed = listed["the-example"]["feed"]
    assert (feed["country"], feed["language"], feed["groups"], feed["origin"]) == ("PE", "es", ["andes", "news"], "cli")
    assert listed["the-example"]["state"] is None
    shown = ask("feeds", "list").out
    assert "The [Example]" in shown
    assert "2 feed(s), 0 failing" in shown
    assert ask("feeds", "list", "--failing", "--json").out == ""

    assert ask("feeds", "export", "-o", "all.opml").code == 0
    assert Path("all.opml").read_bytes().decode() == ask("feeds", "export").out
    assert [(f.id, f.url) for f in read_opml(Path("all.opml").read_bytes())] == [
        ("the-example", "https://example.org/rss.xml"), ("the-example-2", "https://example.org/two.xml"),
    ]  # fmt: skip
    assert "0 added, 2 were already there" in ask("feeds", "import", "all.opml").out

    assert ask("feeds", "remove", "the-example").code == 0
    assert [line["feed"]["id"] for line in ask("feeds", "list", "--json").lines] == ["the-example-2"]
    assert "1 added, 1 were already there" in ask("feeds", "import", "all.opml").out
    again = {line["feed"]["id"]: line["feed"] for line in ask("feeds", "list", "--json").lines}
    assert again["the-example"] | {"origin": "cli"} == feed
    assert ask("feeds", "remove", "https://example.org/rss.xml").code == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("add", "nonsense"), "Give the address of a feed"),
        (("add", "ftp://example.org/x"), "Give the address of a feed"),
        (("add", "file:///etc/passwd"), "Give the address of a feed"),
        (("add", "https://example.org/rss", "--language", "english"), "not a language code"),
        (("add", "https://example.org/rss", "--country", "Peru"), "not a country code"),
        (("add", "https://EXAMPLE.org/one"), "is already polled"),
        (("remove", "nobody"), "no feed 'nobody'"),
        (("import", "missing.opml"), "missing.opml: No such file"),
        (("import", "no.opml"), "no.opml: not OPML"),
    ],
)
def test_feeds_refuses_what_makes_no_sense(ask: Ask, arguments: tuple[str, ...], reason: str) -> None:
    Path("no.opml").write_text("hello")
    assert ask("feeds", "add", "https://example.org/one").code == 0
    answer = ask("feeds", *arguments)
    assert (answer.code, answer.out) == (1, "")
    assert reason in answer.err
    assert len(ask("feeds", "list", "--json").lines) == 1


def test_a_feed_of_the_file_that_was_removed_stays_removed(ask: Ask, config: Path) -> None:
    (config / "feeds.toml").write_text('[[feed]]\nid = "x"\nname = "X"\nurl = "https://example.org/x"\n')
    assert [line["feed"]["origin"] for line in ask("feeds", "list", "--json").lines] == ["config"]
    ask("feeds", "remove", "x")
    assert ask("feeds", "list", "--json").out == ""
