"""The command line as a whole: help, wrong usage, exit codes. The daemon's life is in agents/test_daemon.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import COMMANDS
from tests.commands.asking import Ask


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


def test_config_may_stand_before_and_after_the_command(ask: Ask, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other" / "conf"
    assert ask("init", str(elsewhere)).code == 0
    there = str(elsewhere.parent / "data")
    assert ask("--config", str(elsewhere), "status", "--json").json["data"] == there
    assert ask("status", "--json", "--config", str(elsewhere)).json["data"] == there
    assert ask("--config", "nowhere", "status", "--json", "--config", str(elsewhere)).json["data"] == there


#: `restore` brings the folder back; the others need one, or none at all.
@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in ("init", "demo", "bench", "restore")])
def test_every_command_says_that_there_is_no_such_folder(ask: Ask, command: str) -> None:
    more = {
        "process": ["-"], "feeds add": ["https://example.org/rss"], "feeds test": ["x"], "feeds show": ["x"],
        "feeds remove": ["x"], "feeds pause": ["x"], "feeds resume": ["x"], "users add": ["x"], "users token": ["x"],
        "users remove": ["x"],
        "feeds import": ["empty.opml"], "backup": ["b"], "dead show": ["0"],
        "dead replay": ["--all"], "poll": ["--once"], "skip": ["items/0/0"], "explain": ["-"], "evaluate": ["."],
        "query": ["troops"], "versions": ["x"], "channels preview": ["x"], "channels test": ["x"],
        "alerts import": ["empty.opml"], "alerts explain": ["x", "y"], "alerts resend": ["--since", "1d"],
        "stories show": ["x"], "stories merge": ["x", "y"], "stories split": ["x", "a"],
        "alerts mark": ["x", "useful"], "alerts mute": ["--rule", "x", "--for", "1d"], "alerts unmute": ["x"],
    }.get(command, [])  # fmt: skip
    Path("empty.opml").write_text('<opml version="2.0"><body/></opml>')
    answer = ask(*command.split(), *more, "--config", "nowhere")
    assert answer.code == 1
    assert "nowhere: no such folder (create it with `almenara init`" in answer.err


@pytest.mark.parametrize("command", ["run", "poll --once", "status", "feeds list"])
def test_a_faulty_setting_stops_a_command(ask: Ask, config: Path, command: str) -> None:
    (config / "almenara.toml").write_text('[fetch]\ntimeot = "3s"\n')
    answer = ask(*command.split())
    assert answer.code == 1
    assert "timeot: no such setting (did you mean fetch.timeout?)" in answer.err


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


@pytest.mark.parametrize("command", ["worker", "streams create", "streams list"])
def test_what_needs_a_broker_says_so(ask: Ask, command: str) -> None:
    answer = ask(*command.split())
    assert (answer.code, answer.out) == (3, "")
    assert "set log_url = kafka://HOST:PORT" in answer.err
