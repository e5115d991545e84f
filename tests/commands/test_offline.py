"""What is embedded whatever the environment names: `process`, `bench` and `demo`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.agents.newsroom import article
from tests.commands.asking import Ask

pytestmark = pytest.mark.slow


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", "kafka://127.0.0.1:9")
    monkeypatch.setenv("INDEX_URL", "http://127.0.0.1:9")


@pytest.mark.usefixtures("nowhere")
def test_process_and_bench_need_no_server(ask: Ask, tmp_path: Path) -> None:
    title, text = article(1)
    Path("one.jsonl").write_text(json.dumps({"id": "one", "title": title, "text": text}))
    assert [line["id"] for line in ask("process", "one.jsonl").lines] == ["one"]
    pages = tmp_path / "pages"
    pages.mkdir()
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    html = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    (pages / "one.html.gz").write_bytes(gzip.compress(html.encode()))
    measured = ask("bench", str(pages), "--rounds", "1", "--json")
    assert measured.code == 0, measured.err
    assert not list(tmp_path.glob("data/*"))


@pytest.mark.usefixtures("nowhere")
def test_the_demo_needs_no_server(ask: Ask) -> None:
    answer = ask("demo", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["documents"] > 10
