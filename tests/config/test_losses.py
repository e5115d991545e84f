"""What counts as a loss of a configuration, and what is only a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.contents import contents_of
from pipeline.config.losses import MISSING, ended_histories, losses, removed

CHANNEL = '[channels.file]\ntype = "file"\npath = "a.jsonl"\n'


def rules(*names: str, more: str = "") -> str:
    """A rule of each name; its query is the name in lower case, up to the first blank."""
    text = '[[alert]]\nname = "{}"\nquery = "{}"\nchannels = ["file"]\n{}\n'
    return CHANNEL + "".join(text.format(name, name.split()[0].lower(), more) for name in names)


def feeds(*ids: str) -> str:
    return "".join(f'[[feed]]\nid = "{id}"\nname = "{id}"\nurl = "https://{id}.example/rss"\n' for id in ids)


@pytest.mark.parametrize(
    ("name", "before", "after", "lost"),
    [
        ("alerts.toml", rules("A", "B", "C", "D", "E"), "", {"rules": "ABCDE", "channels": ("file",)}),
        ("alerts.toml", rules("A", "B", "C", "D", "E"), " \n\t\n", {"rules": "ABCDE", "channels": ("file",)}),
        ("alerts.toml", rules("A", "B", "C", "D", "E"), "\ufeff\n", {"rules": "ABCDE", "channels": ("file",)}),
        ("alerts.toml", rules("A", "B", "C", "D", "E"), None, {"rules": "ABCDE", "channels": ("file",)}),
        ("alerts.toml", rules("A", "B", "C", "D", "E"), rules("A", "B"), {"rules": "CDE"}),
        ("alerts.toml", rules("A", "B", "C", "D"), rules("A"), {"rules": "BCD"}),
        ("alerts.toml", rules("A", "B", "C", "D"), rules("A", "B"), {}),  # just half
        ("alerts.toml", rules("A", "B", "C"), rules("A"), {}),  # fewer than four, and not all
        ("alerts.toml", rules("A"), rules(), {"rules": "A"}),
        ("alerts.toml", rules("A"), rules("B"), {}),  # one rule, written again
        ("alerts.toml", rules("A", "B", "C", "D"), rules("W", "X", "Y", "Z"), {"rules": "ABCD"}),  # another team's file
        ("alerts.toml", rules("A", "B", "C", "D"), rules("A", "B", "C", "D", more="enabled = false"), {}),
        ("alerts.toml", rules("A", "B", "C", "D"), rules("A new", "B new", "C new", "D new"), {}),  # only renamed
        ("alerts.toml", rules("A") + "[channels.b]\ntype = 'terminal'\n" * 1, rules("A"), {}),
        ("feeds.toml", feeds(*"abcdef"), "", {"feeds": "abcdef"}),
        ("feeds.toml", feeds(*"abcdef"), 'name = "mine"\n' + feeds(*"ab"), {"feeds": "cdef"}),
        ("topics/strike/es.toml", '[a]\nterms = ["x"]\n[b]\nterms = ["y"]\n', "", {"entries": "ab"}),
        ("topics/strike/es.toml", '[a]\nterms = ["x"]\n', None, {"entries": "a"}),
        ("topics/strike/es.toml", '[a]\nterms = ["x"]\n', '[a]\nterms = ["z"]\n', {}),
        ("lists/banks.txt", "A\nB\nC\nD\nE\n", "A\nB\n", {"names": "CDE"}),
        ("lists/banks.txt", "# all\nA\nB\n", "# all\n", {"names": "AB"}),
        ("lists/banks.txt", "A\nB\nC\nD\n", "A\r\nB\r\nC\r\nD\r\n", {}),
        ("almenara.toml", '[fetch]\nproxy = ""\n', "[fetch]\n# proxy\n", {}),  # made a comment
        ("almenara.toml", '[fetch]\nproxy = ""\n', "", {"settings": ("fetch.proxy",)}),
        ("almenara.toml", "[fetch]\na = 1\nb = 2\nc = 3\nd = 4\n", "[fetch]\na = 1\n",
         {"settings": ("fetch.b", "fetch.c", "fetch.d")}),
    ],
)  # fmt: skip
def test_losses(tmp_path: Path, name: str, before: str, after: str | None, lost: dict[str, str]) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(before)
    old = contents_of(tmp_path)
    if after is None:
        file.unlink()
    else:
        file.write_text(after)
    found = losses(old, contents_of(tmp_path))
    assert {kind: names for loss in found for kind, names in loss.lost.items()} == {
        k: tuple(v) for k, v in lost.items()
    }
    assert losses(old, old) == ()
    for loss in found:
        assert (loss.hash == MISSING) == (after is None)
        assert f"almenara accept {name}" in str(loss.fault())


def test_what_stands_in_another_file_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "old.txt").write_text("A\nB\nC\nD\n")
    before = contents_of(tmp_path)
    (tmp_path / "lists" / "old.txt").rename(tmp_path / "lists" / "new.txt")
    assert losses(before, contents_of(tmp_path)) == ()
    (tmp_path / "lists" / "new.txt").write_text("A\n")
    assert [loss.lost for loss in losses(before, contents_of(tmp_path))] == [{"names": ("B", "C", "D")}]


def test_a_message_names_the_first_and_counts_the_others(tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text(rules(*"ABCDEFGH"))
    before = contents_of(tmp_path)
    (tmp_path / "alerts.toml").write_text(rules("A"))
    (loss,) = losses(before, contents_of(tmp_path))
    assert str(loss.fault()) == (
        "alerts.toml: lost most of its contents: without 7 of the 8 rules that it had when last in force: B, C, D, E, "
        "F and 2 more (put it back, or confirm with `almenara accept alerts.toml`)"
    )
    assert removed(before, contents_of(tmp_path)) == {"alerts.toml": tuple("BCDEFGH")}


@pytest.mark.parametrize(
    ("before", "after", "ended"),
    [
        (rules("A", "B"), rules("Wheat", "B"), ()),  # another query: another rule, with no near name
        (rules("A", "B"), rules("A renamed", "B"), (("A", "A renamed"),)),  # says the same
        (rules("Strikes in Peru"), rules("Strike in Peru").replace("strike", "other"),
         (("Strikes in Peru", "Strike in Peru"),)),  # a near name
        (rules("A"), rules("A renamed", more='id = "A"'), ()),
        (rules("A", more='id = "a"'), rules("A renamed", more='id = "a"'), ()),
        (rules("A"), rules("A renamed", more='id = "a-1"'), (("A", "A renamed"),)),  # the id should have been "A"
        (rules("A", "B"), rules("A"), ()),
    ],
)  # fmt: skip
def test_a_rule_renamed_without_its_id_loses_its_history(
    tmp_path: Path, before: str, after: str, ended: tuple[tuple[str, str], ...]
) -> None:
    (tmp_path / "alerts.toml").write_text(before)
    old = contents_of(tmp_path)
    (tmp_path / "alerts.toml").write_text(after)
    assert ended_histories(old, contents_of(tmp_path)) == ended
