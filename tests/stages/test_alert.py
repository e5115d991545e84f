from __future__ import annotations

import asyncio

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.toml_reader import TomlFile
from pipeline.records import Alert as AlertRecord
from pipeline.stage import Position
from pipeline.stages.alert import Alert
from tests.builders import document

AT = Position("documents", 0, 7)


def read(*queries: str) -> AlertSet:
    rules = [{"name": f"about {query}", "query": query, "channels": ["screen"]} for query in queries]
    return parse_alerts(TomlFile("alerts.toml", {"channels": {"screen": {"type": "terminal"}}, "alert": rules}))[0]


async def test_a_document_sets_off_every_rule_that_holds() -> None:
    stage = Alert(read("troops", "coup", "army"))
    outs = (await stage.step(document("Army sends troops"), AT)).outs
    assert [(out.stream, out.key) for out in outs] == [("alerts", "about troops"), ("alerts", "about army")]
    assert all(isinstance(out.record, AlertRecord) for out in outs)
    assert (await stage.step(document("Rain"), AT)).outs == ()


async def test_the_same_document_again_gives_the_same_alerts() -> None:
    stage = Alert(read("troops"))
    assert await stage.step(document("Troops"), AT) == await stage.step(document("Troops"), AT)


async def test_rules_can_be_exchanged() -> None:
    stage = Alert(read("troops"))
    stage.alerts = read("coup")
    assert (await stage.step(document("Troops"), AT)).outs == ()
    assert len((await stage.step(document("Coup"), AT)).outs) == 1


async def test_rules_are_arranged_by_the_documents_read_and_fire_as_before() -> None:
    stage = Alert(read("authorisation the", "the (vote OR authorisation)"))
    before = stage.alerts
    await stage.arrange()
    assert stage.alerts is before
    for _ in range(40 * 8):
        await stage.step(document("", "The authorisation"), AT)
    fired = await stage.step(document("", "The vote and the authorisation"), AT)
    await stage.arrange()
    arranged = stage.alerts
    assert arranged is not before
    assert arranged.hash == before.hash
    assert await stage.step(document("", "The vote and the authorisation"), AT) == fired
    await stage.arrange()
    assert stage.alerts is arranged


async def test_rules_replaced_while_others_are_arranged_stay_in_force() -> None:
    stage = Alert(read("troops"))
    for _ in range(40 * 8):
        await stage.step(document("Troops"), AT)
    arranging = asyncio.create_task(stage.arrange())
    await asyncio.sleep(0)
    stage.alerts = read("coup")
    await arranging
    assert (await stage.step(document("Troops"), AT)).outs == ()
