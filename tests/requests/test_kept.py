"""Tests of what readers of the console keep, on a real log."""

from __future__ import annotations

import pytest

from pipeline.log.reading import read_newest
from pipeline.ports import TransactionalLog
from pipeline.records import Kept
from pipeline.reports.kept import Keeping
from pipeline.requests.asking import Refused
from pipeline.requests.kept import MOST, READERS, forget, keep
from tests.builders import SEEN


def view(id: str = "1", title: str = "Ports") -> Kept:
    return Kept(user="ana", kind="view", id=id, at=SEEN, title=title, value="/?topic=ports")


async def test_what_is_kept_is_on_the_log_until_it_is_forgotten(log: TransactionalLog) -> None:
    keeping = Keeping()
    made = await keep(log, keeping, view(title="  My\n ports  "))
    assert made.title == "My ports"
    assert keeping.of("ana", "view") == {"1": made}
    found, faults = await read_newest(log, READERS, Kept)
    assert (found, faults) == ({"ana/view/1": made}, [])
    await forget(log, keeping, "ana", "view", "1")
    assert keeping.of("ana", "view") == {}
    assert (await read_newest(log, READERS, Kept))[0] == {}


async def test_what_is_refused(log: TransactionalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = Keeping()
    with pytest.raises(Refused, match="give the view a name"):
        await keep(log, keeping, view(title=" "))
    with pytest.raises(Refused, match="not kept"):
        await forget(log, keeping, "ana", "view", "1")
    monkeypatch.setitem(MOST, "view", 1)
    await keep(log, keeping, view())
    await keep(log, keeping, view(title="Another name"))
    with pytest.raises(Refused, match="there are 1 already"):
        await keep(log, keeping, view("2"))
    assert len((await read_newest(log, READERS, Kept))[0]) == 1
