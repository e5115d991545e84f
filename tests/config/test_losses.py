"""What counts as a loss of a configuration, and what is only a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.contents import contents_of
from pipeline.config.losses import MISSING, ended_histories, losses, removed
from pipeline.core.faults import Faults

CHANNEL = '[channels.file]\ntype = "file"\npath = "a.jsonl"\n'


def rules(*names: str, more: str = "") -> str:
    """A rule of each name; its query is the name in lower case, up to the first blank."""
    text = '[[alert]]\nname = "{}"\nquery = "{}"\nchannels = ["file"]\n{}\n'
    return CHANNEL + "".join(text.format(name, name.split()[0].lower(), more) for name in names)


def feeds(*ids: str) -> str:
    return "".join(f'[[feed]]\nid = "{id}"\nname = "{id}"\nurl = "https://{id}.example/rss"\n' for id in ids)


RULE_D = '[[alert]]\nname = "D"\nquery = "d"\nchannels = ["file"]\n'


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
        # half written
        ("alerts.toml", rules("A", "B", more="budget = 10"), rules("A", "B", more="budget = 10")[:-2], {"rules": "B"}),
        ("alerts.toml", rules(*"ABCDE", more="budget = 1"), rules(*"ABC", more="budget = 1") + RULE_D, {"rules": "DE"}),
        ("lists/banks.txt", "Alpha\nBeta\nGamma\nDelta\n", "Alpha\nBeta\nGam", {"names": ("Gamma", "Delta")}),
        ("lists/banks.txt", "Alpha\nBeta\nGamma", "Alpha\nBeta", {}),  # the last line never had an end
        ("alerts.toml", rules(*"ABCDE"), rules(*"ABCD"), {}),  # the last rule was deleted
        ("alerts.toml", rules(*"ABCDE"), rules(*"ABCDEF").rstrip(), {}),  # one was added without a line end
        ("alerts.toml", rules(*"ABCDE"), rules(*"ABCDE").rstrip(), {}),
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


@pytest.mark.parametrize(
    ("name", "text"),
    [("alerts.toml", rules(*"ABCDEF", more='budget = 10\nthrottle = "10m"')), ("feeds.toml", feeds(*"abcdef")),
     ("lists/banks.txt", "# all\nAlpha\nBeta Bank\nGamma\nDelta\nEpsilon\nZeta\n"),
     ("topics/strike/es.toml", "".join(f'[c{n}]\nterms = ["w{n}", "x{n}"]\n' for n in range(6)))],
)  # fmt: skip
def test_a_file_cut_at_any_byte_is_refused_or_says_the_same_of_what_is_left(
    tmp_path: Path, name: str, text: str
) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    old = contents_of(tmp_path)
    taken = 0
    for end in range(len(text)):
        file.write_text(text[:end])
        try:
            new = contents_of(tmp_path)
        except Faults:
            continue
        if losses(old, new):
            continue
        taken += 1
        for kind, items in new[name].items.items():
            last = list(items)[-1]
            for key, says in items.items():
                if key == "None":  # a feed without its id is a fault
                    continue
                whole = says == old[name].items[kind][key]
                # Only a line that was taken from the last thing of all looks as if someone had deleted it.
                only_last = key == last == list(old[name].items[kind])[-1]
                assert whole or (only_last and text[end - 1] == "\n"), text[:end]
            assert 2 * len(items) >= len(old[name].items[kind])
    assert taken < len(text) / 8
