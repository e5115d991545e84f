"""The command line as a person or a program uses it: arguments in, text and exit code out. The daemon's life is in
agents/test_daemon.py."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.assembly.data_lock import lock
from pipeline.assembly.deployment import deployment_for
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.feeds.opml import read_opml
from pipeline.records import AlertState, Article, Dead, Record, encode
from pipeline.stage import Out
from tests.builders import document

COMMANDS = list(cli.COMMANDS)
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALERTS = """
[[alert]]
name = "Markets"
query = '''(copper OR cobre OR cuivre OR Kupfer OR rame OR "lithium carbonate" OR litio OR Lithium OR nickel)
  -recipe -"copper pan" -"olla de cobre"'''
channels = ["file"]
[channels.file]
type = "file"
path = "alerts.jsonl"
"""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Answer]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small configuration in the place where commands look."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name, text in {"almenara.toml": "", "feeds.toml": "", "alerts.toml": ALERTS}.items():
        (folder / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALMENARA_CONFIG", "config")  # so that what `--config` before a command sets is undone
    monkeypatch.delenv("COLUMNS", raising=False)
    return folder


@pytest.fixture
def ask(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`almenara ARGS…` in this process."""

    def ask(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["almenara", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return ask


@pytest.fixture
def articles(config: Path) -> None:
    """An index of three documents; the second has what a spreadsheet would run."""

    async def put() -> None:
        index = TantivyIndex.open(config.parent / "data" / "index", write=True)
        await index.put(
            [
                document("Senate votes", "The senate voted.", id="a1", seq=1, topics=("coup",), countries=("PE",)),
                document("=HYPERLINK(1)", "Copper\nis \"dear\", they say", id="a2", seq=2, language="es"),
                document("国会投票", "国会が投票した。", id="a3", seq=3, language="ja"),
            ]
        )  # fmt: skip
        await index.close()

    asyncio.run(put())


def publish(config: Path, *outs: Out) -> None:
    deployment_for(config).with_log(lambda log: log.publish(outs))


# -- help and wrong use -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_with_an_example(ask: Ask, command: str) -> None:
    answer = ask(*command.split(), "--help")
    assert (answer.code, answer.err) == (0, "")
    assert f"Example: almenara {command}" in " ".join(answer.out.split())
    assert "\x1b" not in answer.out


def test_the_first_page_names_every_command_on_one_line(ask: Ask) -> None:
    page = ask("--help").out
    for name in {command.split()[0] for command in COMMANDS}:
        line = re.search(rf"^  {name} +(.+)$", page, re.MULTILINE)
        assert line, name
        assert not line[1].endswith("..."), name


def test_a_command_is_imported_only_when_it_is_used() -> None:
    code = (
        "import sys; sys.argv = ['almenara', 'init', '--help']\n"
        "from pipeline import cli\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "print(*(name for name in sys.modules if name.startswith('pipeline.commands.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {"init", "arguments", "loading"}
    assert set(done.stdout.splitlines()[-1].split()) == {f"pipeline.commands.{name}" for name in names}


def test_a_mistyped_command_is_corrected(ask: Ask) -> None:
    assert "Did you mean 'status'" in ask("statsu").err
    assert "Did you mean 'remove'?" in ask("feeds", "remov", "x").err


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("feeds",), ("nonsense",), ("search", "--limit", "0"), ("status", "--jsn"), ("poll",),
        ("export", "--format", "xls"), ("search", "--since", "yesterday"),
    ],
)  # fmt: skip
def test_wrong_usage_is_2_and_says_so(ask: Ask, arguments: tuple[str, ...]) -> None:
    answer = ask(*arguments)
    assert answer.code == 2
    assert "Usage" in answer.out + answer.err
    assert "Traceback" not in answer.err


def test_help_imports_nothing_heavy() -> None:
    """What makes it quick; a time would say more about the machine."""
    code = (
        "import sys; sys.argv = ['almenara', '--help']\n"
        "from pipeline import cli\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "heavy = {'rich', 'pydantic', 'msgspec', 'lxml', 'tantivy', 'httpx', 'aiohttp', 'trafilatura', 'numpy'}\n"
        "found = heavy & set(sys.modules)\nsys.exit(str(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version(ask: Ask) -> None:
    assert re.fullmatch(r"almenara \d+\.\d+\.\d+\n", ask("--version").out)


# -- the configuration ----------------------------------------------------------------------------------------------


def test_config_may_stand_before_and_after_the_command(ask: Ask, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other" / "conf"
    assert ask("init", str(elsewhere)).code == 0
    there = str(elsewhere.parent / "data")
    assert ask("--config", str(elsewhere), "status", "--json").json["data"] == there
    assert ask("status", "--json", "--config", str(elsewhere)).json["data"] == there
    assert ask("--config", "nowhere", "status", "--json", "--config", str(elsewhere)).json["data"] == there


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in ("init", "demo", "bench")])
def test_every_command_says_that_there_is_no_such_folder(ask: Ask, command: str) -> None:
    more = {
        "process": ["-"], "feeds add": ["https://example.org/rss"], "feeds remove": ["x"],
        "feeds import": ["empty.opml"], "backup": ["b"], "restore": ["b"], "dead show": ["0"],
        "dead replay": ["--all"], "poll": ["--once"], "explain": ["-"], "evaluate": ["."],
    }.get(command, [])  # fmt: skip
    Path("empty.opml").write_text('<opml version="2.0"><body/></opml>')
    answer = ask(*command.split(), *more, "--config", "nowhere")
    assert answer.code == 1
    assert "nowhere: no such folder (make one with `almenara init`" in answer.err


def test_init_makes_a_folder_that_checks(ask: Ask) -> None:
    made = ask("init", "mine")
    assert made.code == 0
    assert "almenara check --config mine" in made.out
    checked = ask("check", "--config", "mine")
    assert checked.code == 0, checked.err
    assert "feeds" in checked.out
    assert ask("check", "--config", "mine", "--json").json == {"ok": True, "faults": []}
    again = ask("init", "mine")
    assert (again.code, again.out) == (1, "")
    assert "already exists" in again.err


def test_check_names_every_fault_of_every_file(ask: Ask, config: Path) -> None:
    (config / "almenara.toml").write_text('[fetch]\ntimeot = "3s"\nmax_bytes = "many"\n')
    (config / "feeds.toml").write_text('[[feed]]\nid = "x"\nname = "X"\nurl = "nonsense"\nlanguage = "english"\n')
    (config / "alerts.toml").write_text('[[alert]]\nname = "a"\nquery = "a OR"\nchannels = ["nowhere"]\n')
    (config / "topics").mkdir()
    (config / "topics" / "bad.toml").write_text("this is no TOML")
    answer = ask("check")
    assert answer.code == 1
    assert answer.out == ""
    assert "did you mean fetch.timeout?" in answer.err
    found = ask("check", "--json")
    assert found.code == 1
    assert not found.json["ok"]
    assert {fault["file"] for fault in found.json["faults"]} >= {"almenara.toml", "feeds.toml", "alerts.toml"}
    assert {"fetch.timeot", "fetch.max_bytes", "feed[1].url", "feed[1].language"} <= {
        fault["key"] for fault in found.json["faults"]
    }
    assert any("bad.toml" in fault["file"] for fault in found.json["faults"])
    assert answer.err.splitlines()[-1] == f"{len(found.json['faults'])} fault(s)"


@pytest.mark.parametrize("command", ["run", "poll --once", "status", "feeds list"])
def test_a_faulty_setting_stops_a_command(ask: Ask, config: Path, command: str) -> None:
    (config / "almenara.toml").write_text('[fetch]\ntimeot = "3s"\n')
    answer = ask(*command.split())
    assert answer.code == 1
    assert "timeot: no such setting (did you mean fetch.timeout?)" in answer.err


# -- feeds ----------------------------------------------------------------------------------------------------------


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


# -- alerts and dead records ------------------------------------------------------------------------------------------


def test_alerts_are_listed_with_how_they_ended(ask: Ask, config: Path) -> None:
    states = [
        AlertState(id=str(n), rule="Markets", original="a", status=status, at=AT)
        for n, status in enumerate(["sent", "sent", "failed"])
    ]
    publish(config, *(Out("alert-state", state.id, state) for state in states))
    (rule,) = ask("alerts", "list", "--json").json
    assert (rule["name"], rule["alerts"]) == ("Markets", {"sent": 2, "failed": 1})
    assert rule["query"].endswith('-"olla de cobre"')  # whole for programs
    table = ask("alerts", "list").out.splitlines()
    assert len(table) == 2  # a long query takes no more than its line
    assert max(map(len, table)) < 180
    assert "failed 1, sent 2" in table[1]
    answer = ask("status")
    assert "1 alerts were not delivered to all their channels" in answer.out
    assert ask("status", "--json").json["alerts"] == {"failed": 1, "sent": 2}


def dead(record: Record | bytes, offset: int, cut: bool = False) -> Out:
    value = zlib.compress(record if isinstance(record, bytes) else encode(record))
    one = Dead(stage="tag", stream="articles", partition=0, offset=offset, key=f"k{offset}", error="KeyError",
               detail="Traceback …", at=AT, value=value, cut=cut)  # fmt: skip
    return Out("dead", f"articles/0/{offset}", one)


def test_dead_records_are_listed_shown_and_put_back(ask: Ask, config: Path) -> None:
    assert ask("dead", "list").out == "no dead records\n"
    article: Article = document("Title", "Text").article
    publish(config, dead(article, 0), dead(b"{not json", 1), dead(article, 2, cut=True))
    assert [(line["number"], line["replayed"]) for line in ask("dead", "list", "--json").lines] == [
        (0, False), (1, False), (2, False),
    ]  # fmt: skip
    assert len(ask("dead", "list").out.splitlines()) == 4
    assert '"text": "Text"' in ask("dead", "show", "0").out
    assert "{not json" in ask("dead", "show", "1").out
    assert "3 records could not be handled" in ask("status").out

    replayed = ask("dead", "replay", "--all")
    assert replayed.code == 1  # not all could be
    assert replayed.out == "1 replayed\n"
    assert re.search(r"^1: cannot be put back: not a Article", replayed.err, re.MULTILINE)
    assert "2: cannot be put back: too large" in replayed.err
    assert [line["replayed"] for line in ask("dead", "list", "--json").lines] == [True, False, False]
    status = ask("status", "--json").json
    assert status["dead"] == {"kept": 3, "open": 2}
    assert status["streams"]["articles"]["messages"] == 1

    for command in (("dead", "show", "9"), ("dead", "replay", "9")):
        missing = ask(*command)
        assert (missing.code, missing.out) == (1, "")
        assert "no dead record 9" in missing.err


# -- search and export ------------------------------------------------------------------------------------------------


def test_nothing_indexed_yet_is_3(ask: Ask) -> None:
    for command in (("search", "x"), ("export",), ("reindex",)):
        answer = ask(*command)
        assert answer.code in (0, 3) if command == ("reindex",) else answer.code == 3, command
        assert "Traceback" not in answer.err


@pytest.mark.usefixtures("articles")
def test_search_as_json(ask: Ask) -> None:
    answer = ask("search", "senate", "--json", "--facets").json
    assert (answer["total"], answer["exact"], answer["missing"]) == (1, True, 0)
    assert [hit["id"] for hit in answer["hits"]] == ["a1"]
    assert answer["facets"]["topic"] == {"coup": 1}
    assert ask("search", "--json").json["total"] == 3
    assert ask("search", "--json", "--until", "2001-01-01").json["total"] == 0
    assert len(ask("search", "--json", "--limit", "1", "--offset", "1").json["hits"]) == 1


@pytest.mark.usefixtures("articles")
def test_a_narrow_screen_does_not_break_json(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert len(ask("search", "--json").out.splitlines()) == 1
    assert ask("search", "--json").json["total"] == 3
    for command in ("status", "check", "alerts list"):
        assert ask(*command.split(), "--json").json
    assert len(ask("alerts", "list").out.splitlines()) == 2


@pytest.mark.usefixtures("articles")
def test_search_for_people(ask: Ask) -> None:
    answer = ask("search", "国会", "--facets")
    assert "国会投票" in answer.out
    assert "1 to 1 of 1 found" in answer.out
    assert "language: ja 1" in answer.out
    assert "\x1b" not in answer.out  # no colours into a pipe, and no marks of ours
    assert "\x02" not in answer.out
    assert ask("search", "nothinglikethis").out == "0 found\n"


@pytest.mark.parametrize("query", ["a OR", "a b OR c", "nosuchfield:x", '"open', "(a"])
@pytest.mark.usefixtures("articles")
def test_a_query_that_means_nothing_is_1_and_shows_where(ask: Ask, query: str) -> None:
    for command in (("search", query), ("export", "--query", query)):
        answer = ask(*command)
        assert (answer.code, answer.out) == (1, "")
        assert query in answer.err
        assert "^" in answer.err


@pytest.mark.usefixtures("articles")
def test_export_to_a_spreadsheet_and_to_a_program(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("export", "--format", "csv").out)))
    assert [row["id"] for row in rows] == ["a1", "a2", "a3"]
    assert rows[1]["title"] == "'=HYPERLINK(1)"  # not run
    assert rows[1]["text"] == 'Copper\nis "dear", they say'
    assert [line["id"] for line in ask("export").lines] == ["a1", "a2", "a3"]
    assert [line["id"] for line in ask("export", "--query", "copper").lines] == ["a2"]
    assert ask("export", "--format", "csv", "-o", "out.csv").out == ""
    raw = Path("out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,")  # Excel's sign for UTF-8
    assert "国会投票" in raw.decode()
    refused = ask("export", "-o", "no/such/folder.csv")
    assert (refused.code, refused.err) == (1, "no/such/folder.csv: No such file or directory\n")


# -- status and the store ---------------------------------------------------------------------------------------------


def test_status_before_anything_was_done(ask: Ask) -> None:
    answer = ask("status", "--json").json
    assert (answer["daemon"], answer["documents"], answer["alerts"]) == (None, 0, {})
    assert all(stage["adds_up"] and not stage["taken"] for stage in answer["stages"].values())
    assert ask("status").code == 0


def test_a_log_that_another_version_wrote_or_that_is_torn(ask: Ask, config: Path) -> None:
    assert ask("status").code == 0
    log = config.parent / "data" / "log.sqlite"
    with sqlite3.connect(log) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    newer = ask("status")
    assert newer.code == 3
    assert "newer Almenara" in newer.err
    for file in log.parent.glob("log.sqlite*"):
        file.unlink()
    log.write_bytes(b"this is no database" * 500)
    torn = ask("status")
    assert torn.code == 3
    assert "almenara restore" in torn.err


@pytest.mark.usefixtures("articles")
def test_backup_and_restore_into_a_fresh_place(ask: Ask, tmp_path: Path) -> None:
    ask("feeds", "add", "https://example.org/rss.xml")
    assert ask("backup", "saved").code == 0
    refused = ask("backup", "saved")
    assert refused.code == 1
    assert "not empty" in refused.err
    ask("init", "fresh/config")
    assert ask("restore", "saved", "--config", "fresh/config").code == 0
    before, after = (ask("export", "--config", where).out for where in ("config", "fresh/config"))
    assert before == after
    assert len(before.splitlines()) == 3
    assert ask("search", "senate", "--json", "--config", "fresh/config").json["total"] == 1
    held = ask("restore", "saved", "--config", "fresh/config")
    assert held.code == 1
    assert "--force" in held.err
    assert ask("restore", "saved", "--force", "--config", "fresh/config").code == 0
    assert ask("export", "--config", "fresh/config").out == before
    assert (tmp_path / "fresh" / "data-before-restore").is_dir()


def test_restore_refuses_what_is_no_backup(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    answer = ask("restore", "other")
    assert answer.code == 1
    assert "is not a backup" in answer.err


@pytest.mark.usefixtures("articles")
def test_what_needs_the_daemon_to_stand_still_says_so(ask: Ask, config: Path) -> None:
    assert ask("backup", "saved").code == 0
    with lock(config.parent / "data"):
        for command in (("reindex",), ("restore", "saved", "--force"), ("poll", "--once"), ("run",)):
            answer = ask(*command)
            assert answer.code == 3, command
            assert f"another daemon (pid {os.getpid()})" in answer.err
        assert ask("status", "--json").json["daemon"] == os.getpid()
        assert ask("search", "senate", "--json").json["total"] == 1
    assert ask("reindex").out == "3 records reindexed\n"
    assert ask("search", "senate", "--json").json["total"] == 1


# -- as a process of its own ------------------------------------------------------------------------------------------


def almenara(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], input=stdin, capture_output=True, timeout=60, check=False
    )


@pytest.mark.slow
@pytest.mark.usefixtures("articles")
@pytest.mark.parametrize("command", ["export", "search --json", "feeds export", "feeds list", "--help"])
def test_a_reader_that_leaves_early_sees_no_traceback(command: str) -> None:
    read, write = os.pipe()
    os.close(read)
    program = [sys.executable, "-m", "pipeline", *command.split()]
    done = subprocess.run(program, stdout=write, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(write)
    assert done.stderr == b""


@pytest.mark.slow
def test_process_goes_on_after_a_bad_line(config: Path) -> None:
    text = "The council of the harbour town met on Monday and decided to repair the lighthouse before winter. " * 6
    lines = ({"id": "one", "text": text, "title": "Lighthouse"}, "no article", {"id": "two"}, {"id": "x", "text": text})
    given = b"\n".join([b"{", *(json.dumps(line).encode() for line in lines)])
    done = almenara("process", "-", stdin=given)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["id"] for document in documents] == ["stdin:1", "one", "stdin:3", "two", "x"]
    assert [document["drop"] for document in documents] == ["bad_input", None, "bad_input", "bad_input", None]
    assert documents[4]["duplicate_of"] == "one"
    assert done.returncode == 1
    assert "stdin:1: not a JSON object" in done.stderr.decode()
    assert "3 input line(s) were not articles" in done.stderr.decode()
    missing = almenara("process", "missing.jsonl")
    assert (missing.returncode, missing.stderr) == (1, b"missing.jsonl: No such file or directory\n")


def test_the_shipped_settings_are_toml(ask: Ask) -> None:
    ask("init", "mine")
    assert tomllib.loads(Path("mine/almenara.toml").read_text()).keys() >= {"fetch", "poll", "logs"}
