"""`almenara rebuild-state` on the embedded log and index."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pipeline.assembly.data_lock import lock
from pipeline.assembly.deployment import deployment_for
from pipeline.records import Decided, Known, decode
from tests.commands.asking import Ask


@pytest.mark.usefixtures("articles")
def test_lost_state_is_restored_from_the_index(ask: Ask, config: Path) -> None:
    answer = ask("rebuild-state")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("3 documents read; restored 3 articles with ")
    # Their story did not change for two weeks, so it is left to the index (docs/decisions/0053-old-stories.md).
    assert answer.out.endswith(" other keys, and 3 fingerprints (3 computed again); 0 stories\n")
    assert ask("rebuild-state").out == "3 documents read; nothing was missing\n"

    async def read() -> tuple[list[Known], list[Decided]]:
        log = await deployment_for(config).open_log()
        known = [decode(Known, m.value) async for m in log.replay("known") if m.value]
        decided = [decode(Decided, m.value) async for m in log.replay("fingerprints") if m.value]
        await log.close()
        return known, decided

    known, decided = asyncio.run(read())
    assert {one.id for one in known if one.relation} == {"a1", "a2", "a3"}
    assert {one.alias_of for one in known if not one.relation} <= {"a1", "a2", "a3"}
    assert [one.relation.seq for one in decided if one.relation] == [1, 2, 3]


def test_without_documents_there_is_nothing_to_restore(ask: Ask) -> None:
    assert ask("rebuild-state").out == "0 documents read; nothing was missing\n"


def test_not_while_a_daemon_runs(ask: Ask, config: Path) -> None:
    with lock(config.parent / "data"):
        answer = ask("rebuild-state")
    assert (answer.code, answer.out) == (3, "")
    assert "another daemon" in answer.err
