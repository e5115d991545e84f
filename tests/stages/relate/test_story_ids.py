"""A document carries the ids under which its story was known, so that rules with an old id find it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.query.parse import parse
from pipeline.core.stories.updates import LED
from pipeline.records import StoryRequest, Tagged
from pipeline.stage import Outcome
from tests.stages.relate.house import HOUR, T0, document, relation, tagged
from tests.stages.relate.test_stories import Said, all_pairs, house_of, id_of, report


def ask(kind: Any, outlet: str, **more: Any) -> StoryRequest:
    return StoryRequest(at=T0, kind=kind, story=id_of(outlet), **more)


def again(outlet: str, n: int) -> Tagged:
    """The n-th later version of an outlet's report."""
    first = report(outlet).article
    return tagged(first.url, f"{first.text} And {n} more.", title=f"{outlet} reports", seen=T0 + (n + 1) * HOUR)


def rules(*outlets: str) -> AlertSet:
    """A rule for the story of each outlet's report, with the outlet as its name."""
    nodes = {outlet: parse(f"story:{id_of(outlet)}").node for outlet in outlets}
    return AlertSet([AlertRule(name, "", node, node, "medium", ("t",)) for name, node in nodes.items()])


def fired(found: AlertSet, outcome: Outcome) -> list[str]:
    return [alert.name for alert in found.fire(document(outcome))]


async def test_a_rule_with_an_id_that_was_merged_finds_the_surviving_story() -> None:
    house = await house_of(all_pairs("ac", "bc", "ad", "cd") | {("a", "b"): 0.4})
    outcomes = [await house.feed(report(outlet)) for outlet in "abc"]
    await house.restart()
    outcomes.append(await house.feed(report("d")))
    assert [relation(outcome).merged for outcome in outcomes] == [(), (), (id_of("b"),), (id_of("b"),)]
    assert [fired(rules("a", "b"), one) for one in outcomes] == [["a"], ["b"], ["a", "b"], ["a", "b"]]


async def test_a_rule_follows_what_people_split_and_merge() -> None:
    house = await house_of(all_pairs("abc"))
    for outlet in "ab":
        await house.feed(report(outlet))
    await house.ask(ask("split", "a", articles=(id_of("b"),)))
    assert fired(rules("a", "b"), await house.feed(again("b", 1))) == ["b"]
    await house.ask(ask("merge", "b", into=id_of("a")))
    assert fired(rules("a", "b"), await house.feed(again("b", 2))) == ["a", "b"]
    assert fired(rules("a", "b"), await house.feed(again("a", 3))) == ["a", "b"]


async def test_a_rule_finds_all_of_a_chain_of_merges() -> None:
    house = await house_of(all_pairs("ax", "bx", "cx"))
    for outlet in "abc":
        await house.feed(report(outlet))
    await house.ask(ask("merge", "c", into=id_of("b")))
    await house.ask(ask("merge", "b", into=id_of("a")))
    assert fired(rules("a", "b", "c"), await house.feed(report("x"))) == ["a", "b", "c"]


async def test_a_document_carries_only_the_newest_ids() -> None:
    outlets = [f"o{n:02}" for n in range(LED + 3)]
    score = Said({("hub", "last"): 0.9})
    house = await house_of({})
    house.score = score
    await house.restart()
    await house.feed(report("hub"))
    for outlet in outlets:
        await house.feed(report(outlet))
        await house.ask(ask("merge", outlet, into=id_of("hub")))
    score.say({(one, "last"): 0.9 for one in outlets})
    found = relation(await house.feed(report("last")))
    assert found.story_id == id_of("hub")
    assert found.merged == tuple(id_of(outlet) for outlet in outlets[-LED:])


@pytest.mark.slow
async def test_a_document_that_the_record_does_not_list_carries_them_too() -> None:
    """Of a large story the record lists the first and the newest articles."""
    outlets = [f"m{n:03}" for n in range(205)]
    house = await house_of({(one, other): 0.9 for one in outlets for other in outlets if one < other})
    await house.feed(report("b"))
    for outlet in outlets:
        await house.feed(report(outlet))
    await house.ask(ask("merge", "b", into=id_of("m000")))
    assert fired(rules("b", "m000"), await house.feed(again("m022", 4))) == ["b", "m000"]
