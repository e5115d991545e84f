"""`almenara feeds …`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pipeline.core.feeds.opml import read_opml
from tests.commands.asking import Ask


def test_feeds_added_are_listed_exported_imported_and_removed(ask: Ask, tmp_path: Path) -> None:
    first = ask("feeds", "add", "https://example.org/rss.xml", "--name", "The [Example]", "--country", "pe",
                "--language", "es", "--group", "andes", "--group", "news", "--no-check")  # fmt: skip
    assert first.code == 0
    assert "added the-example;" in first.out
    assert (
        "added the-example-2;"
        in ask("feeds", "add", "https://example.org/two.xml", "--name", "The Example", "--no-check").out
    )
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
    assert [(f.id, f.url) for f in read_opml(Path("all.opml").read_bytes()).feeds] == [
        ("the-example", "https://example.org/rss.xml"), ("the-example-2", "https://example.org/two.xml"),
    ]  # fmt: skip
    assert "0 added, 2 were already there" in ask("feeds", "import", "all.opml", "--yes").out

    assert ask("feeds", "remove", "the-example").code == 0
    assert [line["feed"]["id"] for line in ask("feeds", "list", "--json").lines] == ["the-example-2"]
    assert "1 added, 1 were already there" in ask("feeds", "import", "all.opml", "--yes").out
    again = {line["feed"]["id"]: line["feed"] for line in ask("feeds", "list", "--json").lines}
    assert again["the-example"] | {"origin": "cli"} == feed
    assert ask("feeds", "remove", "https://example.org/rss.xml").code == 0


def test_a_difficult_site_is_added_with_keys_of_the_file(ask: Ask) -> None:
    values = ["user_agent=Reader/1", "verify=false", 'headers={X-Edition="world"}', "min_tls=1.1", "every=600"]
    added = ask(
        "feeds",
        "add",
        "https://www.example.org/rss",
        "--no-check",
        *(part for value in values for part in ("--set", value)),
    )
    assert added.code == 0, added.err
    (line,) = ask("feeds", "list", "--json").lines
    assert line["feed"]["profile"] == {
        "user_agent": "Reader/1", "headers": {"X-Edition": "world"}, "min_tls": "1.1", "verify": False,
        "hosts": ["www.example.org", "example.org"],
    }  # fmt: skip
    assert line["feed"]["every"] == 600
    assert ask("feeds", "add", "https://b.example/rss", "--set", "nonsense").code == 1
    assert "min_tls: must be one of" in ask("feeds", "add", "https://b.example/rss", "--set", "min_tls=2").err


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
    assert ask("feeds", "add", "https://example.org/one", "--no-check").code == 0
    answer = ask("feeds", *arguments)
    assert (answer.code, answer.out) == (1, "")
    assert reason in answer.err
    assert len(ask("feeds", "list", "--json").lines) == 1


def write(config: Path, *feeds: str, name: str = "") -> None:
    """feeds.toml with feeds like "x" or "x 'Name'"."""
    tables = [f'[[feed]]\nid = "{i}"\nname = "{n or "F"}"\nurl = "https://example.org/{i}"\n' for i, n in
              (feed.split(":") if ":" in feed else (feed, "") for feed in feeds)]  # fmt: skip
    (config / "feeds.toml").write_text((f'name = "{name}"\n' if name else "") + "".join(tables))


def polled(ask: Ask) -> list[str]:
    return [line["feed"]["id"] for line in ask("feeds", "list", "--json").lines]


def test_only_apply_publishes_the_file_and_shows_what_changes(ask: Ask, config: Path) -> None:
    write(config, "x", "y")
    assert polled(ask) == []
    assert "publish those of feeds.toml with `almenara feeds apply`" in ask("feeds", "list").out
    looked = ask("feeds", "apply", "--dry-run")
    assert (looked.code, polled(ask)) == (0, [])
    assert "+ x added: F, https://example.org/x\n" in looked.out
    assert "would be 2 added; nothing was published" in looked.out
    assert ask("feeds", "apply", "--yes").code == 0
    assert polled(ask) == ["x", "y"]
    assert "nothing to change" in ask("feeds", "apply").out
    write(config, "x:New name", "z")
    answer = ask("feeds", "apply", "--yes").out
    for line in ('~ x changed: name "F" → "New name"', "+ z added: F", "- y removed: F, https://example.org/y"):
        assert line in answer
    assert polled(ask) == ["x", "z"]


def test_without_a_terminal_nothing_is_published_unasked(ask: Ask, config: Path) -> None:
    write(config, "x")
    Path("one.opml").write_text(
        '<opml version="2.0"><body><outline text="O" xmlUrl="https://example.org/o"/></body></opml>'
    )
    for command in (("apply",), ("import", "one.opml"), ("apply", "--json")):
        answer = ask("feeds", *command)
        assert answer.code == 1
        assert "Add --yes" in answer.err
    assert "would be 1 added" in ask("feeds", "import", "one.opml", "--dry-run").out
    assert polled(ask) == []


@pytest.mark.parametrize(("answer", "code", "after"), [("y\n", 0, ["x"]), ("n\n", 1, []), ("\n", 1, []), ("", 1, [])])
def test_a_terminal_is_asked(
    ask: Ask, config: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, after: list[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    write(config, "x")
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert ask("feeds", "apply").code == code
    assert polled(ask) == after


def test_apply_says_the_same_in_json(ask: Ask, config: Path) -> None:
    write(config, "x", "y", name="ours")
    ask("feeds", "apply", "--yes")
    write(config, "x:N", "z", name="theirs")
    assert ask("feeds", "apply", "--dry-run", "--json").json == {
        "seed": "theirs",
        "changes": [{"kind": "added", "id": "z", "name": "F", "url": "https://example.org/z", "fields": {}}],
        "kept": [
            {"id": "x", "url": "https://example.org/x", "reason": "seed", "same": False,
             "held": {"id": "x", "origin": "config", "seed": "ours"}},
        ],
        "published": False,
    }  # fmt: skip
    adopted = ask("feeds", "apply", "--adopt", "--yes", "--json").json
    assert adopted["published"]
    assert adopted["changes"][0] == {
        "kind": "adopted", "id": "x", "name": "N", "url": "https://example.org/x",
        "fields": {"name": {"before": "F", "after": "N"}},
    }  # fmt: skip
    assert polled(ask) == ["x", "y", "z"]
    assert [c["id"] for c in ask("feeds", "apply", "--replace", "ours", "--yes", "--json").json["changes"]] == ["y"]


def test_two_seeds_leave_each_others_feeds_alone(ask: Ask, config: Path) -> None:
    write(config, "x", "y", name="ours")
    ask("feeds", "apply", "--yes")
    write(config, "x:Other", name="theirs")
    answer = ask("feeds", "apply", "--yes")
    assert answer.code == 0
    assert "= x kept: published by the seed 'ours'; take over with --adopt" in answer.out
    assert "~ x adopted from the seed 'ours': name" in ask("feeds", "apply", "--adopt", "--yes").out
    write(config, "x", "y", name="ours")
    assert "= x kept: published by the seed 'theirs'" in ask("feeds", "apply", "--yes").out


def test_many_kept_feeds_are_counted(ask: Ask, config: Path) -> None:
    feeds = [f"f{n}" for n in range(9)]
    write(config, *feeds, name="ours")
    ask("feeds", "apply", "--yes")
    write(config, *feeds, name="renamed")
    lines = [line for line in ask("feeds", "apply").out.splitlines() if line.startswith("=")]
    assert len(lines) == 6
    kept = "the same, published by the seed 'ours'; take over with --adopt"
    assert lines[-1] == f"= … and 4 more (--json lists all): {kept}"


def test_a_folder_that_is_moved_with_its_data_keeps_its_feeds(ask: Ask, config: Path, tmp_path: Path) -> None:
    write(config, "x")
    ask("feeds", "apply", "--yes")
    (tmp_path / "moved").mkdir()
    for name in ("config", "data"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    write(tmp_path / "moved" / "config", "y")
    answer = ask("--config", "moved/config", "feeds", "apply", "--yes")
    assert "- x removed" in answer.out
    other = tmp_path / "moved" / "other"
    other.mkdir()
    write(other, "z")
    answer = ask("--config", str(other), "feeds", "apply", "--yes")
    assert "+ z" in answer.out
    assert "removed" not in answer.out


def test_a_missing_file_is_refused(ask: Ask, config: Path) -> None:
    write(config, "x")
    ask("feeds", "apply", "--yes")
    (config / "feeds.toml").unlink()
    answer = ask("feeds", "apply", "--yes")
    assert (answer.code, polled(ask)) == (1, ["x"])
    assert "no feeds.toml" in answer.err


def test_a_feed_of_the_file_that_was_removed_stays_removed(ask: Ask, config: Path) -> None:
    write(config, "x")
    ask("feeds", "apply", "--yes")
    answer = ask("feeds", "remove", "x")
    assert answer.out == "- x removed: F, https://example.org/x\nremoved x; what was read stays\n"
    assert "= x kept: removed by a user; bring back with `almenara feeds add URL`" in ask("feeds", "apply").out
    assert polled(ask) == []
    assert "added x;" in ask("feeds", "add", "https://example.org/x", "--no-check").out


def test_add_and_remove_in_json(ask: Ask) -> None:
    added = ask("feeds", "add", "https://example.org/one", "--name", "One", "--json", "--no-check").json
    assert (added["published"], [change["kind"] for change in added["changes"]]) == (True, ["added"])
    removed = ask("feeds", "remove", "one", "--json").json
    assert (removed["published"], [change["kind"] for change in removed["changes"]]) == (True, ["removed"])


def test_import_names_every_outline_that_is_no_feed(ask: Ask) -> None:
    Path("in.opml").write_text(
        '<opml><body>\n<outline text="A "B" C" xmlUrl="https://example.org/a?x=1&y=2" type="rss"/>\n'
        '<outline text="Old" xmlUrl="feed://example.org/b"/>\n<outline text="Site" htmlUrl="https://example.org/"/>\n'
        '<outline text="A again" xmlUrl="https://example.org/a?x=1&amp;y=2"/></body></opml>'
    )
    shown = ask("feeds", "import", "in.opml", "--dry-run").out
    assert (
        "! not read, line 4: Site: has only the address of a page: `almenara feeds add https://example.org/`" in shown
    )
    assert "= again, line 5: A again: https://example.org/a?x=1&y=2 is also in line 2" in shown
    assert "~ address, line 3: Old: feed://example.org/b is read as http://example.org/b" in shown
    (answer,) = ask("feeds", "import", "in.opml", "--yes", "--json").lines
    assert [(one["line"], one["name"]) for one in answer["refused"]] == [(4, "Site")]
    assert [change["url"] for change in answer["changes"]] == ["https://example.org/a?x=1&y=2", "http://example.org/b"]
    done = ask("feeds", "import", "in.opml", "--yes").out
    assert "2 feeds in in.opml: 0 added, 2 were already there, 1 outline(s) not read" in done
