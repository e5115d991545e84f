"""The newest documents of the embedded log and index, as relate asks for them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.assembly.backends import IndexFiles, clock
from pipeline.assembly.numbering import ExistingDocuments
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.settings import Settings
from pipeline.log.streams import declared_streams
from pipeline.records import Document
from pipeline.stage import Out, Unavailable
from tests.builders import document


def made(seq: int) -> Document:
    return document(f"Title {seq}", "Words.", id=f"a{seq}", seq=seq)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


async def test_the_last_documents_and_the_highest_number(settings: Settings) -> None:
    log = SqliteLog(settings.data / "log.sqlite", declared_streams(settings.keep, 1.0), clock)
    place = IndexFiles(settings)
    existing = ExistingDocuments(log, place, None)
    assert (list(await existing.newest()), await existing.highest_indexed()) == ([], 0)
    await log.publish([Out("documents", f"a{n}", made(n)) for n in range(1, 200)])
    newest = {one.relation.seq for one in await existing.newest()}
    assert max(newest) == 199
    assert len(newest) >= 64
    index = await place.open(write=True)
    await index.put([made(n) for n in (3, 450)])
    assert await ExistingDocuments(log, place, index).highest_indexed() == 450
    await index.close()
    assert await existing.highest_indexed() == 450
    await log.close()


async def test_a_loss_is_noted_with_what_to_do(settings: Settings) -> None:
    log = SqliteLog(settings.data / "log.sqlite", declared_streams(settings.keep, 1.0), lambda: datetime.now(UTC))
    existing, noted = ExistingDocuments(log, IndexFiles(settings), None), list[tuple[str, str, str]]()
    existing.note = lambda part, state, why: noted.append((part, state, why))
    existing.lost("`known` ends at document 0, but there is document 9")
    [(part, state, why)] = noted
    assert (part, state) == ("relate", "failing")
    assert "almenara rebuild-state" in why
    await log.close()


async def test_an_old_article_is_looked_up_in_the_index(settings: Settings) -> None:
    """And waited for while the index has not got as far; what it lost is not waited for."""
    log = SqliteLog(settings.data / "log.sqlite", declared_streams(settings.keep, 1.0), clock)
    place = IndexFiles(settings)
    existing = ExistingDocuments(log, place, None)
    assert await existing.indexed("a3", 3) is None  # there is no index
    await log.publish([Out("documents", f"a{n}", made(n)) for n in range(1, 9)])
    index = await place.open(write=True)
    await index.put([made(n) for n in (1, 3, 4)])
    for one in (existing, ExistingDocuments(log, place, index)):
        assert await one.indexed("a3", 3) == made(3)
        assert await one.indexed("a2", 2) is None
        with pytest.raises(Unavailable, match="ends at document 4; document 7 is needed"):
            await one.indexed("a7", 7)
    await index.put([made(8)])
    assert await existing.indexed("a7", 7) is None
    await index.close()
    await log.close()
