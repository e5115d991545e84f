"""`almenara kibana import`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pipeline import cli
from tests.contracts.kibana.standin import CHART, CONFIG, KEY, VIEW, StandIn, lines

Almenara = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def almenara(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Almenara:
    """`almenara kibana import` in this process: exit code, standard output and standard error."""

    async def run(**environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("ALMENARA_", "KIBANA_", "INDEX_"))]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["almenara", "kibana", "import", "--config", str(tmp_path)])
            code = await asyncio.to_thread(exit_code)
        return code, *capsys.readouterr()

    return run


def exit_code() -> int:
    try:
        cli.main()
    except SystemExit as left:
        return int(left.code or 0)
    return 0


async def test_the_command(kibana: StandIn, tmp_path: Path, almenara: Almenara) -> None:
    """The shipped objects, with another prefix, twice; then with an object of one's own that is refused."""
    settings = {
        "KIBANA_URL": kibana.url, "ALMENARA_KIBANA_API_KEY": KEY, "ALMENARA_KIBANA_SPACE": "newsroom",
        "ALMENARA_ELASTICSEARCH_PREFIX": "desk.2", "INDEX_URL": "http://127.0.0.1:9200",
    }  # fmt: skip
    for _ in range(2):
        code, out, err = await almenara(**settings)
        assert (code, err) == (0, "")
        assert f"imported 14 objects; the dashboard: {kibana.url}/s/newsroom/app/dashboards#/view/desk.2-dash" in out
    shipped = [json.loads(line) for line in (CONFIG / "kibana" / "almenara.ndjson").read_text().splitlines()]
    assert sorted(id for _, _, id in kibana.known) == sorted(
        one["id"].replace("almenara-", "desk.2-") for one in shipped
    )
    assert kibana.known["newsroom", "index-pattern", "desk.2-alerts"]["attributes"]["title"] == "desk.2-alerts"
    assert "almenara-" not in json.dumps(list(kibana.known.values()))

    (tmp_path / "kibana").mkdir()
    (tmp_path / "kibana" / "almenara.ndjson").write_bytes(lines(VIEW, CHART | {"references": [VIEW | {"id": "x"}]}))
    code, out, err = await almenara(**settings)
    assert (code, out) == (1, "")
    assert err == "Kibana took 1 objects and refused 1:\n  lens c: missing_references: index-pattern x\n"


async def test_the_command_without_what_it_needs(kibana: StandIn, almenara: Almenara, unused_tcp_port: int) -> None:
    code, _, err = await almenara()
    assert (code, "kibana.url: is not set" in err) == (1, True)
    code, _, err = await almenara(KIBANA_URL=kibana.url, ALMENARA_KIBANA_API_KEY="wr0ng")
    assert (code, "does not accept the credentials" in err, "wr0ng" in err) == (1, True, False)
    code, _, err = await almenara(KIBANA_URL=f"http://127.0.0.1:{unused_tcp_port}")
    assert (code, "cannot be reached" in err) == (3, True)
    code, _, err = await almenara(KIBANA_URL=kibana.url, ALMENARA_KIBANA_API_KEY=KEY)
    assert (code, "Kibana will find no articles" in err) == (0, True)
