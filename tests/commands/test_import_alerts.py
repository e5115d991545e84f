"""`almenara alerts import`: files of every kind, what it writes, and that each rule passes `check`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.commands.asking import Ask

ELASTALERT = """
name: Zebras
type: any
index: news-*
filter:
- query: {query_string: {query: "title:zebra AND NOT zoo"}}
realert: {hours: 2}
alert: [email]
email: desk@example.org
"""


def names(text: str) -> list[str]:
    return [rule["name"] for rule in tomllib.loads(text)["alert"]]


def test_it_prints_rules_that_check_accepts(ask: Ask, config: Path, tmp_path: Path) -> None:
    (tmp_path / "animals.txt").write_text("zebra\nNew York\nlion AND\n")
    (tmp_path / "table.csv").write_text("Name;Keyword;Exclude\nStrikes;strike OR paro;football\n")
    (tmp_path / "rule.yaml").write_text(ELASTALERT)
    before = (config / "alerts.toml").read_bytes()
    answer = ask("alerts", "import", "animals.txt", "table.csv", "rule.yaml")
    assert answer.code == 0
    assert names(answer.out) == ["animals", "Strikes", "Zebras"]
    assert tomllib.loads(answer.out)["alert"][2]["throttle"] == "2h"
    assert "animals.txt: not carried over" in answer.err
    assert answer.err.count("lion AND") == 1
    assert answer.err.count("index:") == 1
    assert (config / "alerts.toml").read_bytes() == before
    (config / "alerts.toml").write_text((config / "alerts.toml").read_text() + "\n" + answer.out)
    checked = ask("check", "--json").json
    assert (checked["ok"], len(checked["alerts"])) == (True, 4)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("zebra\nmañana\n", "utf-8"), ("zebra\nmañana\n", "utf-8-sig"), ("zebra\r\nmañana\r\n", "cp1252"),
     ("Keyword\tName\r\nmañana\tDías\r\n", "utf-16")],
)  # fmt: skip
def test_encodings_of_spreadsheets(ask: Ask, tmp_path: Path, content: str, encoding: str) -> None:
    (tmp_path / "words.txt").write_bytes(content.encode(encoding))
    answer = ask("alerts", "import", "words.txt")
    assert answer.code == 0
    assert "mañana" in answer.out


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [("санкции\nЦентральный банк\n", "utf-16-le", False), ("санкции\nЦентральный банк\n", "utf-16-be", False),
     ("制裁\n中央銀行\n", "utf-16-le", False), ("制裁\n中央銀行\n", "shift_jis", True),
     ("санкции\nЦентральный банк\n", "koi8-r", True), ("סנקציות\nבחירות\n", "cp1255", True),
     ("yaptırım\nseçim\n", "cp1254", True), ("fútbol\nelección*\n", "mac-roman", True),
     ("zebra\nlion\n", "ascii", False),
     ("制裁\n中央銀行\n", "iso2022_jp", None)],
)  # fmt: skip
def test_an_encoding_that_is_guessed_is_said_and_can_be_named(
    ask: Ask, tmp_path: Path, text: str, encoding: str, guessed: bool | None
) -> None:
    """A few words are too few to tell Hebrew from Greek: nothing is changed silently."""
    (tmp_path / "words.txt").write_bytes(text.encode(encoding))
    answer = ask("alerts", "import", "words.txt")
    if guessed is None:
        assert (answer.code, "encoding" in answer.err) == (1, True)
    else:
        assert (answer.code, "its encoding: is not stated" in answer.err) == (0, guessed)
        assert guessed or all(word in answer.out for word in text.split("\n"))
    named = ask("alerts", "import", "words.txt", "--encoding", encoding)
    assert named.code == 0
    assert "encoding" not in named.err
    assert all(word.rstrip("*") in named.out for word in text.split("\n"))


def test_bytes_that_are_no_text(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(b"zebra\0lion\n")
    answer = ask("alerts", "import", "words.txt")
    assert (answer.code, answer.out) == (1, "")
    assert "no text" in answer.err
    wrong = ask("alerts", "import", "words.txt", "--encoding", "klingon")
    assert "there is no encoding 'klingon'" in wrong.err


def test_writing_keeps_comments_and_a_second_time_adds_nothing(ask: Ask, config: Path, tmp_path: Path) -> None:
    file = config / "alerts.toml"
    file.write_bytes(b"# mine\r\n" + file.read_bytes().replace(b"\n", b"\r\n") + b"# the end")
    before = file.read_bytes()
    words = [f"word{n} of it" for n in range(1_000)]
    (tmp_path / "all words.txt").write_text("\n".join(words))
    answer = ask("alerts", "import", "all words.txt", "--channel", "file", "--write")
    assert answer.code == 0
    assert "added to config/alerts.toml" in answer.err
    after = file.read_bytes()
    assert after.startswith(before)
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert (config / "lists" / "all-words.txt").read_text().count("\n") == 1_001
    assert ask("check").code == 0
    assert not list(config.rglob(".new-*"))

    again = ask("alerts", "import", "all words.txt", "--channel", "file", "--write")
    assert again.code == 1
    assert "is in alerts.toml already" in again.err
    assert file.read_bytes() == after

    (tmp_path / "all words.txt").write_text("zebra\n")
    other = ask("alerts", "import", "all words.txt", "--channel", "file", "--write")
    assert "is taken; the rule is called all words (2)" in other.err
    assert names(file.read_text()) == ["Markets", "all words", "all words (2)"]


def test_without_a_channel_one_is_defined(ask: Ask, config: Path, tmp_path: Path) -> None:
    (config / "alerts.toml").unlink()
    (tmp_path / "words.txt").write_text("zebra\n")
    assert ask("alerts", "import", "words.txt", "--write").code == 0
    assert tomllib.loads((config / "alerts.toml").read_text())["channels"] == {"terminal": {"type": "terminal"}}
    assert ask("check").code == 0
    wrong = ask("alerts", "import", "words.txt", "--channel", "desk")
    assert (wrong.code, wrong.out) == (1, "")
    assert "alerts.toml has: terminal" in wrong.err


def test_folders_imports_and_files_that_cannot_be_read(ask: Ask, tmp_path: Path) -> None:
    rules = tmp_path / "rules" / "deep"
    rules.mkdir(parents=True)
    (rules / "shared.yaml").write_text("filter: [{term: {language: es}}]\nname: Shared\nis_enabled: false\n")
    (rules / "one.yaml").write_text(ELASTALERT + "import: shared.yaml\n")
    (rules / "lost.yml").write_text(ELASTALERT.replace("Zebras", "Lost") + "import: nowhere.yaml\n")
    (rules / "bomb.yaml").write_text("a: &a [*a]\nname: !!python/object:os.system x\n")
    (rules / "broken.yaml").write_text("name: [\n")
    (tmp_path / "config.yaml").write_text("rules_folder: rules\nrun_every: {minutes: 1}\n")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04rest")
    found = ask("alerts", "import", "config.yaml", "book.xlsx", "nowhere.csv", "--json").json
    (rule,) = found["rules"]
    assert (rule["query"], rule["enabled"]) == ('language:"es" AND (title:zebra AND NOT zoo)', False)
    why = {Path(left["file"]).name: left["why"] for left in found["left"]}
    assert "save it as CSV" in why["book.xlsx"]
    assert "no such file" in why["nowhere.csv"]
    assert "may hold a part of its condition" in why["lost.yml"]
    assert "no YAML" in why["bomb.yaml"]
    assert "no YAML" in why["broken.yaml"]
    assert "type None" in why["shared.yaml"]
