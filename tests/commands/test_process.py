"""`almenara process` as a process of its own; the documents it gives are in flow/test_process.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.asking import almenara


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
