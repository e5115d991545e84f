"""`almenara process`: what stands in a line, and what comes out of the whole way for articles at hand."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.inputs import Line
from pipeline.commands.process import process_lines
from pipeline.config.folder import load

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = "[clean]\nprocesses = 1\n"
TOPIC = """
id = "port-strike"
version = 1
threshold = 0.5
[title]
en = "Port strikes"
[concepts]
strike = "Work stops in protest."
port = "Harbours."
[[patterns]]
name = "strike at a port"
all = ["strike", "port"]
where = "anywhere"
weight = 0.9
"""
ENGLISH = """
[strike]
terms = ["strike", "strikes"]
[port]
terms = ["harbour", "port"]
[[must_match]]
text = "A strike closes the port."
[[must_not_match]]
text = "The port is open."
"""
SPANISH = """
[strike]
terms = ["huelga"]
[port]
terms = ["puerto"]
"""

STRIKE = (
    "Crane drivers at the harbour of Valparaíso began a strike on Monday night over the roster of the new terminal.\n"
    "The union says that 412 of its members have stopped work and that eleven ships are waiting outside the bay.\n"
    "The operator answered that shifts of ten hours were agreed in writing last autumn and that it will go to court.\n"
    "Exporters of cherries fear for the last cargo of the season, which must reach Asia within twenty-three days.\n"
    "A mediator named by the ministry meets both sides on Wednesday; neither expects an answer before the weekend."
)
LIBRARY = (
    "The town library of Oulu opens its doors at night from next month, without any staff in the building.\n"
    "Readers come in with their card, and a camera counts them; a first trial in a suburb went without an incident.\n"
    "The council pays for the lighting and hopes that students will use the quiet hours before their examinations."
)


def line(**keys: Any) -> bytes:
    return json.dumps(keys).encode()


def page(text: str, head: str = "") -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n"))
    return f"<html><head>{head}</head><body><nav>Home News Sport</nav><article>{paragraphs}</article></body></html>"


CHANGED = STRIKE.replace("412", "655")
SHORTER = "\n".join(STRIKE.split("\n")[:4])  # as another outlet prints an agency's text
UNICODE = "Τίτλος 🌊 ‘naïve’ Ελλάδα\nÇ e\u0301 \u202eabc\u202c 你好，世界 🇵🇪\nDone."

INPUT: list[tuple[str, bytes | Line]] = [
    ("1", line(id="first", url="https://a.example/strike", title="Strike at the harbour", text=STRIKE, source="A",
               published="2026-03-02T10:00:00Z")),
    ("2", b"{broken"),
    ("3", line(id="same url", url="https://a.example/strike?utm_medium=x", title="Strike at the harbour", text=STRIKE,
               source="A")),
    ("4", line(id="same text", url="https://b.example/strike", title="Strike at the harbour", text=STRIKE, source="B")),
    ("5", line(id="near copy", url="https://c.example/s", title="Cranes stand still in Valparaíso", text=SHORTER,
               source="C")),
    ("6", line(id="update", url="https://a.example/strike", title="Strike at the harbour", text=CHANGED, source="A",
               seen="2026-03-02T15:00:00Z")),
    ("7", line(id="wall", url="https://d.example/x", title="Harbour", html="<html><p>Subscribe</p></html>")),
    ("8", line(id="other", url="https://d.example/library", title="A library without staff", html=page(LIBRARY))),
    ("9", line(id="one sentence", text="Strike closes the port of Lima.")),
    ("10", line(id=11, text=UNICODE)),
    ("11", line(id="boilerplate", text="Compartir:\nHuelga en el puerto\nRELATED: Shop shut\nSigue la huelga.\nFoto")),
    ("12", line(id="only boilerplate", text="Compartir:")),
    ("13", line(id="about tags", text="ID3 tags\n<p> and <title> are tags of HTML, which this article is about.")),
    ("14", line(id="nothing", text=" \n ")),
    ("15", Line(id="page", html=page(LIBRARY.replace("Oulu", "Espoo"), "<title>Night library</title>"))),
    ("16", line(id="no source 1", text="Strike at the pier\n" + STRIKE.replace("harbour", "pier"))),
    ("17", line(id="emoji", text="🚢" * 30)),
]  # fmt: skip


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("process") / "config"
    (folder / "topics" / "port-strike").mkdir(parents=True)
    (folder / "almenara.toml").write_text(SETTINGS)
    for name, text in {"topic": TOPIC, "en": ENGLISH, "es": SPANISH}.items():
        (folder / "topics" / "port-strike" / f"{name}.toml").write_text(text)
    return folder


def run(config: Path) -> tuple[bytes, int]:
    out = io.BytesIO()
    bad = asyncio.run(process_lines(INPUT, load(config), out))
    return out.getvalue(), bad


@pytest.fixture(scope="module")
def outcome(config: Path) -> tuple[bytes, int]:
    return run(config)


@pytest.fixture(scope="module")
def documents(outcome: tuple[bytes, int]) -> dict[str, dict[str, Any]]:
    return {document["id"]: document for document in map(json.loads, outcome[0].splitlines())}


@pytest.mark.slow
def test_one_line_out_for_each_line_in_and_in_its_order(outcome: tuple[bytes, int]) -> None:
    found = [json.loads(row) for row in outcome[0].splitlines()]
    wanted = ["2"] + [str(json.loads(raw)["id"]) for _, raw in INPUT if isinstance(raw, bytes) and raw != b"{broken"]
    assert [row["id"] for row in found] == [wanted[1], wanted[0], *wanted[2:14], "page", *wanted[14:]]
    assert len({tuple(row) for row in found}) == 1, "every line has the same keys in the same order"
    assert outcome[1] == 1


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(outcome: tuple[bytes, int], config: Path) -> None:
    assert run(config) == outcome


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "kind", "story", "copied", "drop"),
    [
        ("first", "new", "first", None, None),
        ("2", None, None, None, "bad_input"),
        ("same url", None, None, "first", "unchanged"),
        ("same text", "copy", "first", "first", None),
        ("near copy", "copy", "first", "first", None),
        ("update", "version", "first", None, None),
        ("wall", None, None, None, "no_text"),
        ("other", "new", "other", None, None),
        ("one sentence", "new", "one sentence", None, None),
        ("11", "new", "11", None, None),
        ("only boilerplate", "new", "only boilerplate", None, None),
        ("nothing", None, None, None, "no_text"),
    ],
)
def test_what_became_of_each(
    documents: dict[str, dict[str, Any]], id: str, kind: str | None, story: str | None, copied: str | None,
    drop: str | None,
) -> None:  # fmt: skip
    found = documents[id]
    assert (found["kind"], found["story_id"], found["duplicate_of"], found["drop"]) == (kind, story, copied, drop)


@pytest.mark.slow
def test_an_update_says_what_changed(documents: dict[str, dict[str, Any]]) -> None:
    found = documents["update"]
    assert (found["version"], found["material"]) == (2, True)
    assert ("number", "412", "655") in {(one["kind"], one["before"], one["after"]) for one in found["changes"]}
    assert found["first_seen"] == documents["first"]["seen"] == "2026-03-02T10:00:00Z"


@pytest.mark.slow
def test_given_text_is_kept_but_for_boilerplate(documents: dict[str, dict[str, Any]]) -> None:
    texts = {id: (documents[id]["title"], documents[id]["text"]) for id in documents}
    assert texts["first"] == ("Strike at the harbour", STRIKE)
    assert texts["11"] == ("Τίτλος 🌊 ‘naïve’ Ελλάδα", "Ç é abc 你好，世界 🇵🇪\nDone.")
    assert texts["boilerplate"] == ("Huelga en el puerto", "Sigue la huelga.")
    assert texts["only boilerplate"] == ("Compartir:", "Compartir:")
    assert texts["one sentence"][1] == "Strike closes the port of Lima."
    assert texts["about tags"] == ("ID3 tags", "<p> and <title> are tags of HTML, which this article is about.")
    assert texts["other"][1] == LIBRARY
    assert texts["page"] == ("Night library", LIBRARY.replace("Oulu", "Espoo"))
    assert texts["wall"] == ("Harbour", None)


@pytest.mark.slow
def test_evidence_stands_where_it_says(documents: dict[str, dict[str, Any]]) -> None:
    for id in ("first", "near copy", "update", "one sentence", "boilerplate"):
        found = documents[id]
        topics = {topic["id"]: topic for topic in found["topics"]}
        assert (id, set(topics)) == (id, {"port-strike"})
        for evidence in topics["port-strike"]["evidence"]:
            assert found[evidence["field"]][evidence["start"] : evidence["end"]] == evidence["text"]
    assert documents["first"]["countries"] == ["CL"]


@pytest.mark.slow
def test_outlets_that_are_not_named_are_not_one_outlet(documents: dict[str, dict[str, Any]]) -> None:
    assert documents["no source 1"]["duplicate_of"] == "first"
    assert documents["other"]["source"] == "d.example"
    assert documents["no source 1"]["source"] == ""


@pytest.mark.slow
def test_as_a_command(config: Path, tmp_path: Path) -> None:
    (tmp_path / "library.html").write_text(page(LIBRARY, "<title>Night library</title>"))
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "process", "-", str(tmp_path / "library.html"), "--config", str(config)],
        input=line(id="a", text=STRIKE, published="2026-03-02") + b"\n{}\n", capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip
    found = [json.loads(row) for row in done.stdout.splitlines()]
    assert [(row["id"], row["drop"]) for row in found] == [("a", None), ("stdin:2", "bad_input"), ("library", None)]
    assert found[2]["seen"] == "2026-03-02T00:00:00Z"
    assert done.returncode == 1
    assert b"stdin:2: has neither" in done.stderr
    assert sorted(path.name for path in config.parent.iterdir()) == ["config"], "nothing is written to disk"


def test_a_file_that_is_not_there_is_reported_without_a_traceback(config: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "process", "nowhere.jsonl", "--config", str(config)],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert b"nowhere.jsonl" in done.stderr
    assert b"Traceback" not in done.stderr
