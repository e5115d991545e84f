"""Lists of names in the configuration folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.folder import fingerprint, lists_of, load
from pipeline.config.hashes import hashes_of
from pipeline.core.faults import Faults
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds, match
from pipeline.core.query.parse import parse
from tests.builders import document

ALERTS = """
[[alert]]
name = "A"
query = "@forces NEAR/3 lima"
channels = ["t"]
[channels.t]
type = "terminal"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "x"\nname = "X"\nurl = "https://x.example/rss"\n')
    (tmp_path / "alerts.toml").write_text(ALERTS)
    (tmp_path / "lists" / "forces.txt").write_text(
        "# a comment\nUS Army\n\n  Fuerza Aérea\n=MI\nsocom\n", encoding="utf-8-sig"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("@forces", "the US army came", True),
        ("@forces", "the army of the US came", False),
        ("@forces", "la FUERZA AEREA", True),
        ("@forces", "socom", True),
        ("@forces", "fuerza", False),
        ("title:@forces", "socom", False),
        ("@forces NEAR/3 lima", "The US Army went to Lima", True),
        ("@forces NEAR/2 lima", "The US Army went to Lima", False),
        ("lima -@forces", "The US Army went to Lima", False),
    ],
)
def test_a_list_finds_each_of_its_names(folder: Path, query: str, text: str, expected: bool) -> None:
    node = parse(query, lists=lists_of(folder)).node
    assert holds(node, DocumentView(document("", text))) is expected


def test_the_name_that_was_found_is_shown(folder: Path) -> None:
    found = match(parse("@forces", lists=lists_of(folder)).node, DocumentView(document("", "At the US Army base")))
    assert found is not None
    assert [span.text for span in found.spans] == ["US Army"]


def test_a_rule_with_a_list_changes_with_it(folder: Path) -> None:
    before, seen = hashes_of(load(folder)), fingerprint(folder)
    names = folder / "lists" / "forces.txt"
    names.write_text(names.read_text(encoding="utf-8") + "Navy SEALs\n", encoding="utf-8")
    after = hashes_of(load(folder))
    assert after.alerts != before.alerts
    assert fingerprint(folder) != seen
    assert (after.rules, after.settings, after.feeds) == (before.rules, before.settings, before.feeds)


def test_its_order_and_comments_do_not_matter(folder: Path) -> None:
    before = load(folder).alerts.hash
    (folder / "lists" / "forces.txt").write_text("socom\n=MI\nfuerza aerea\n# new\nus army\nUS Army\n")
    assert load(folder).alerts.hash == before


def test_every_fault_of_a_list_is_reported_with_its_line(folder: Path) -> None:
    (folder / "lists" / "forces.txt").write_text("US Army\n…\narm*\n" + "x" * 201 + "\n=Us\n")
    (folder / "lists" / "empty.txt").write_text("# nothing\n")
    (folder / "lists" / "bad.txt").write_bytes(b"one\nt\xffwo\n")
    (folder / "lists" / "names.csv").write_text("a,b")
    with pytest.raises(Faults) as caught:
        load(folder)
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [
        ("lists/bad.txt", 2),
        ("lists/empty.txt", 1),
        ("lists/forces.txt", 2),
        ("lists/forces.txt", 3),
        ("lists/forces.txt", 4),
        ("lists/forces.txt", 5),
        ("lists/names.csv", None),
    ]


def test_a_list_that_is_not_there_is_a_fault_of_the_rule(folder: Path) -> None:
    (folder / "alerts.toml").write_text(ALERTS.replace("@forces", "@force"))
    with pytest.raises(Faults) as caught:
        load(folder)
    assert "did you mean @forces?" in str(caught.value)


def test_a_long_list_is_not_tried_name_by_name(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    names = [f"name{n} family{n % 977}" for n in range(20_000)]
    (tmp_path / "lists" / "many.txt").write_text("\n".join(names))
    names_of = lists_of(tmp_path)["many"]
    assert names_of.size == 20_000
    assert max(map(len, names_of.by_token.values())) < 50
    view = DocumentView(document("", "it was name19999 family458 who came"))
    assert 19_999 % 977 == 459
    assert not holds(parse("@many", lists={"many": names_of}).node, view)
