"""A silence or a burst is reported once, outside quiet hours, and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.core.messages.compose import compose
from pipeline.core.messages.form import Voice
from pipeline.core.notification.delivery.merge import merged
from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.listening import report
from pipeline.core.notification.rhythms.listener import Finding
from pipeline.records import Message
from tests.builders import SEEN
from tests.core.notification.world import World, found, rule

SILENT = Finding("f1", "silence", "Troops", "feed-1", SEEN, "Feed feed-1: no article for 9 hours.")


def findings_of(world: World, finding: Finding = SILENT) -> list[Message]:
    world.planner.next_due()
    draft = Draft(world.planner._state, world.now)
    report(finding, world.planner.plan.rules["Troops"], world.planner.plan, draft)
    world.log += draft.records
    return [record for _, _, record in draft.records if isinstance(record, Message)]


def test_a_finding_is_a_message_of_its_own() -> None:
    world = World(rule(triggers=("silence",)))
    [message] = findings_of(world)
    assert (message.kind, message.text, message.alerts, message.channels) == ("silence", SILENT.text, (), ("mail",))
    assert world.run(days=1) == []


def test_in_quiet_hours_it_waits_also_over_a_restart() -> None:
    world = World(rule(triggers=("article", "silence"), channels=("mail", "file")), quiet=("12:00-15:00",))
    assert [message.channels for message in findings_of(world)] == [("file",)]
    world.take(found("a1"))
    world.restart()
    sent = world.run(days=1)
    assert [(message.kind, message.text) for message in sent] == [("silence", SILENT.text), ("alert", "")]
    assert sent[0].at == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_what_a_removed_rule_found_is_still_said() -> None:
    world = World(rule(triggers=("silence",)), quiet=("12:00-15:00",))
    findings_of(world)
    world.reload(rule("other"))
    [message] = world.run(1)
    assert SILENT.text in message.text


def test_a_mute_of_the_feed_holds_for_its_silence() -> None:
    world = World(rule(triggers=("silence",)))
    world.mute("m", source="feed-1")
    assert findings_of(world) == []
    assert [state.status for state in world.states().values()] == ["muted"]


def test_a_rule_that_only_counts_reports_no_article() -> None:
    world = World(rule(triggers=("silence", "burst")))
    assert world.take(found()) == []
    assert world.drops in (["counted"], [])
    assert world.planner.next_due() == SEEN + timedelta(minutes=10)


def test_what_was_found_in_quiet_hours_comes_as_one_message() -> None:
    world = World(rule(triggers=("silence",)), quiet=("12:00-15:00",))
    for number in range(3):
        findings_of(world, replace(SILENT, id=f"f{number}", text=f"Feed {number}: no article."))
    [message] = world.run(days=1)
    assert (message.kind, message.findings, message.held_back) == ("summary", 3, 0)
    said = compose(message, Voice())
    assert said.subject == "[high] 3 findings (Troops)"
    assert [f"Feed {number}: no article." for number in range(3)] == message.text.splitlines()[1:]
    assert len(said.blocks[0].lines) == 4


def test_a_rule_that_sends_digests_says_it_there() -> None:
    world = World(rule(triggers=("article", "silence"), send="digest"))
    assert findings_of(world) == []
    world.take(found("a1"))
    [message] = world.run(days=1)
    assert (message.kind, message.findings, message.at) == ("digest", 1, datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert compose(message, Voice()).subject == "Digest: 1 alert and 1 finding (Troops)"


def test_findings_are_still_said_when_messages_are_merged() -> None:
    world = World(rule(triggers=("silence",)), quiet=("12:00-15:00",))
    findings_of(world)
    findings_of(world, replace(SILENT, id="f2"))
    [message] = world.run(days=1)
    one = merged([message, message], "mail")
    assert (one.findings, one.text.splitlines()[1:]) == (4, [SILENT.text] * 4)
