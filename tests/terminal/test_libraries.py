"""What libraries log, warn of and print becomes one log event each, without secrets and without repetition."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from pipeline.terminal.libraries import PAUSE, Repeats, without_secrets

PROGRAM = """
import asyncio, logging, os, subprocess, sys, threading, time, warnings
from pipeline.commands.endings import ending_of
from pipeline.config.settings import Logs
from pipeline.stage import Unavailable
from pipeline.terminal.logs import daemon_logs

class Spill:
    def __del__(self):
        raise RuntimeError("while destroyed")

def fail():
    raise ValueError("first\\x1b[2J\\nsecond")

async def main():
    task = asyncio.create_task(asyncio.sleep(0))
    asyncio.get_running_loop().call_soon(fail)
    await task
    await asyncio.sleep(0.01)

with daemon_logs(Logs(format=sys.argv[1]), ending_of):
    log = logging.getLogger("faust.thing")
    for n in range(50):
        log.error("lost partition %d\\n  of many", n)
    log.info("not of interest")
    logging.getLogger("apprise").error("tgram://1234:secret/chat")
    logging.getLogger("other").warning("posting to %s", "https://user:secret@example.org/hook/secret?key=secret")
    try:
        fail()
    except ValueError:
        log.exception("in a \\u202elibrary")
    log.error("%d", "no number")
    warnings.warn("old way", UserWarning)
    thread = threading.Thread(target=fail, name="helper")
    thread.start(); thread.join()
    del thread
    Spill()
    asyncio.run(main())
    os.write(2, b"from C\\xff\\x1b]0;title\\x07\\n")
    time.sleep(0.3)
    subprocess.run([sys.executable, "-c", "1/0"])
    time.sleep(0.3)
    print("from print", file=sys.stderr)
    time.sleep(0.3)
    if sys.argv[2] == "known":
        raise Unavailable("no broker\\ntry later")
    raise KeyError("a fault of the program")
"""


def run(form: str, end: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, form, end], capture_output=True, timeout=60, check=False)
    return done.returncode, done.stderr.decode()


@pytest.mark.slow
def test_every_line_is_json() -> None:
    code, said = run("json", "known")
    events = [json.loads(line) for line in said.splitlines()]
    assert code == 3
    assert (events[-1]["event"], events[-1]["why"], events[-1]["exit_code"]) == ("ended", ["no broker", "try later"], 3)
    assert "secret" not in said
    assert not set(said) & set("\x1b\x07\u202e")
    by_source: dict[str, list[dict[str, str]]] = {}
    for event in events[:-1]:
        assert event["event"] == "library"
        by_source.setdefault(event["source"], []).append(event)
    lost, trouble, unformatted = by_source["faust.thing"]
    assert (lost["level"], lost["message"], lost["exception"].strip()) == ("error", "lost partition 0", "of many")
    assert unformatted["message"] == "%d"
    assert trouble["exception"].endswith("ValueError: first [2J\nsecond")
    assert by_source["other"][0]["message"] == "posting to https://example.org/…"
    assert by_source["thread helper"][0]["level"] == "critical"
    assert "while destroyed" in by_source["python"][0]["exception"]
    assert by_source["asyncio"][0]["level"] == "error"
    assert any("UserWarning: old way" in event["message"] for one in by_source.values() for event in one)
    printed = [event["message"] + event.get("exception", "") for event in by_source["stderr"]]
    assert [("from C" in text, "ZeroDivisionError" in text, "from print" in text) for text in printed] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip


@pytest.mark.slow
def test_as_text_a_traceback_is_readable_and_cannot_steer_the_terminal() -> None:
    code, said = run("text", "unknown")
    assert code == 1
    assert not set(said) & set("\x1b\x07\u202e")
    assert "secret" not in said
    assert said.count("lost partition") == 1
    assert '\n  |   File "<string>", line ' in said
    assert "almenara: uncaught exception" in said
    assert said.rstrip().endswith("  | KeyError: 'a fault of the program'")
    starts = {line[:4] for line in said.splitlines()}
    assert starts == {"  | ", said[:4]}  # a continued event, or the year of a new one


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("tgram://123:abc/42/", "tgram://…"),
        ("at https://hooks.example/services/T0/B0 now", "at https://hooks.example/… now"),
        ("http://a:b@host:9200?x=1", "http://host:9200/…"),
        ("'https://host/p'", "'https://host/…'"),
        ("kafka://one:9092", "kafka://one:9092"),
        ("mailto://me:pw@example.org", "mailto://…"),
        ("no url: a//b", "no url: a//b"),
    ],
)
def test_urls_are_cut(text: str, safe: str) -> None:
    assert without_secrets(text) == safe


def test_an_event_passes_once_a_minute_and_says_how_many_were_left_out() -> None:
    now = 0.0
    repeats = Repeats(lambda: now)
    assert repeats.suppressed("a") == 0
    assert repeats.suppressed("b") == 0
    now = PAUSE / 2
    assert [repeats.suppressed("a") for _ in range(3)] == [None] * 3
    now = PAUSE
    assert repeats.suppressed("a") == 3
    assert repeats.suppressed("a") is None
    assert repeats.suppressed("b") == 0


@pytest.mark.slow
def test_standard_error_is_itself_again_afterwards() -> None:
    program = (
        "import os; from pipeline.terminal.stderr import captured\n"
        "with captured() as file: file.write('inside\\n')\nos.write(2, b'outside\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=os.environ, check=True)
    assert done.stderr == b"inside\noutside\n"
