"""The keys that say when a rule reports: values, faults, warnings, and the sentence about them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.alerts.rules import AlertRule, Growth, Reader
from pipeline.core.alerts.when_sentence import when_sentence
from pipeline.core.faults import Fault, Faults
from pipeline.core.toml_reader import TomlFile

START = '[channels.desk]\ntype = "apprise"\nurl = "json://x"\n[channels.file]\ntype = "file"\npath = "a.jsonl"\n'


def read(rule: str, reader: str = "", query: str = 'query = "coup"', channels: str = '["desk"]') -> tuple[Any, Any]:
    text = f'{START}[reader]\n{reader}\n[[alert]]\nname = "A"\n{query}\nchannels = {channels}\n{rule}\n'
    return parse_alerts(TomlFile.parse("alerts.toml", text.encode()))


def rule_of(rule: str, **more: str) -> AlertRule:
    alerts: AlertSet = read(rule, **more)[0]
    return alerts.rules[0]


def faults(rule: str, **more: str) -> tuple[Fault, ...]:
    with pytest.raises(Faults) as caught:
        read(rule, **more)
    return caught.value.faults


def test_every_key_is_read() -> None:
    found = rule_of(
        """
        id = "coups"
        trigger = ["story", "growth", "change"]
        growth = { sources = 3, countries = 2 }
        follow_up = "2h"
        throttle = "10m"
        budget = 10
        quiet = ["mon-fri 22:00-07:00", "sat-sun"]
        digest = "Weekly mon, thu 08:00"
        old = "skip"
        must_match = ["A coup."]
        must_not_match = ["Tea.", "Milk."]
        """
    )
    assert found.key == found.id == "coups"
    assert found.triggers == ("story", "growth", "change")
    assert found.growth == Growth(sources=3, countries=2)
    assert (found.follow_up, found.throttle, found.budget, found.old) == (7200.0, 600.0, 10, "skip")
    assert found.quiet == ("mon-fri 22:00-07:00", "sat-sun")
    assert found.digest == "weekly mon,thu 08:00"
    assert found.must_not_match == ("Tea.", "Milk.")


def test_what_is_left_out_has_its_default() -> None:
    found = rule_of("")
    assert (found.triggers, found.group, found.follow_up, found.send) == (("article",), "story", 3600.0, "now")
    assert found.quiet is None
    assert found.digest is None
    assert found.budget is None
    assert read("")[0].reader == Reader()


@pytest.mark.parametrize(
    ("written", "quiet"),
    [('quiet = "none"', ()), ("quiet = []", ()), ('quiet = "22:00-07:00"', ("22:00-07:00",)), ("", None)],
)
def test_quiet_hours_of_a_rule(written: str, quiet: tuple[str, ...] | None) -> None:
    assert rule_of(written).quiet == quiet


def test_the_reader() -> None:
    reader = 'time_zone = "America/Lima"\nquiet = ["22:00-07:00"]\ndigest = "hourly"\nold_after = "36h"'
    assert read("", reader)[0].reader == Reader("America/Lima", ("22:00-07:00",), "hourly", 36 * 3600.0)


def test_never_follows_up() -> None:
    assert rule_of('follow_up = "never"').follow_up is None


@pytest.mark.parametrize(
    ("rule", "line", "key", "reason", "hint"),
    [
        ('trigger = "storys"', 13, "trigger", "must be of article, story", "did you mean story?"),
        ('trigger = ["story",\n "gorwth"]', 14, "trigger", "not 'gorwth'", "did you mean growth?"),
        ("trigger = []", 13, "trigger", "is an empty list", ""),
        ("trigger = 3", 13, "trigger", "must be a list of strings", 'trigger = "story"'),
        ('trigger = "growth"', 9, "growth", "is missing", "growth = { sources = 3 }"),
        ('trigger = "growth"\ngrowth = {}', 14, "growth", "is missing", ""),
        ("growth = { sources = 3 }", 13, "growth", "needs the trigger growth", '["article", "growth"]'),
        ('trigger = "growth"\ngrowth = { sorces = 3 }', 14, "growth.sorces", "unknown key", "sources"),
        ('trigger = "growth"\ngrowth = { sources = 1 }', 14, "growth.sources", "2 to 1000", ""),
        ('by = "feed"', 13, "by", "is for the triggers silence and burst", "leave it out"),
        ('trigger = "burst"\nby = "feeds"', 14, "by", "must be one of feed, topic, source", "did you mean feed?"),
        ('group = "none"\nfollow_up = "2h"', 14, "follow_up", "makes none", 'group = "story"'),
        ('group = "none"\ntrigger = "story"', 13, "group", "must be story", "leave it out"),
        ('follow_up = "often"', 13, "follow_up", "must be a duration", "10m"),
        ('follow_up = "10s"', 13, "follow_up", "from 1m to 1w", ""),
        ("throttle = 5", 13, "throttle", "must be a duration", ""),
        ("budget = 0", 13, "budget", "a whole number from 1", ""),
        ('quiet = ["22-07"]', 13, "quiet", "neither days nor times", "22:00-07:00"),
        ('quiet = ["sat",\n "monday"]', 14, "quiet", "'monday' is not a day", "did you mean mon?"),
        ('quiet = ["mon-sun"]', 13, "quiet", "the whole week is quiet", 'send = "digest"'),
        ('send = "later"', 13, "send", "must be one of now, digest", ""),
        ('digest = "dayly 08:00"', 13, "digest", "is not a schedule", "did you mean daily?"),
        ('digest = "daily"', 13, "digest", "needs a time", "daily 08:00"),
        ('id = "<b>"', 13, "id", "must be 1 to 80 letters", ""),
        ('old = "drop"', 13, "old", "must be one of label, skip", ""),
        ("must_match = []", 13, "must_match", "is an empty list", ""),
        ('tigger = "story"', 13, "tigger", "unknown key", "did you mean trigger?"),
        ('followup = "2h"', 13, "followup", "unknown key", "did you mean follow_up?"),
    ],
)
def test_faults_have_line_reason_and_hint(rule: str, line: int, key: str, reason: str, hint: str) -> None:
    [fault] = faults(rule)
    assert fault.line == line
    assert fault.key == f'alert "A".{key}'
    assert reason in fault.reason
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("reader", "key", "reason", "hint"),
    [
        ('time_zone = "Europe/Madird"', "time_zone", "no time zone 'Europe/Madird'", "did you mean Europe/Madrid?"),
        ('time_zone = "Lima"', "time_zone", "no time zone", "did you mean America/Lima?"),
        ("time_zone = 1", "time_zone", "must be a string", "Europe/Madrid"),
        ('timezone = "UTC"', "timezone", "unknown key", "did you mean time_zone?"),
        ('quiet = "nights"', "quiet", "'nights' is not a day", ""),
        ('digest = "daily 25:00"', "digest", "'25:00' is not a time", ""),
        ('old_after = "1m"', "old_after", "must be from 1h", ""),
    ],
)
def test_faults_of_the_reader(reader: str, key: str, reason: str, hint: str) -> None:
    [fault] = faults("", reader=reader)
    assert (fault.line, fault.key) == (8, f"reader.{key}")
    assert reason in fault.reason
    assert hint in fault.hint


def test_all_faults_come_at_once() -> None:
    found = faults('budget = 0\nquiet = "x"\nsend = "y"\nname2 = 1', reader='time_zone = "x/y"\ndigest = "z"')
    assert sorted(fault.line or 0 for fault in found) == [8, 9, 14, 15, 16, 17]


@pytest.mark.parametrize(
    ("rule", "query", "reason"),
    [
        ('trigger = "silence"\nby = "feed"', "", ""),
        ('trigger = ["silence", "burst"]\nby = "topic"', "", ""),
        ('trigger = "silence"', 'query = "coup"', ""),
        ('trigger = "silence"', "", "would count all articles together"),
        ('trigger = ["article", "burst"]\nby = "feed"', "", "every article would match"),
        ("", "", "every article would match"),
    ],
)
def test_only_a_rule_that_counts_needs_no_query(rule: str, query: str, reason: str) -> None:
    if reason:
        assert reason in faults(rule, query=query)[0].reason
    else:
        assert rule_of(rule, query=query).counts


def test_names_and_ids_share_one_history() -> None:
    second = '[[alert]]\nname = "a"\nquery = "x"\nchannels = ["desk"]\n'
    third = '[[alert]]\nname = "C"\nid = "A"\nquery = "y"\nchannels = ["desk"]\n'
    assert [(fault.key, fault.line) for fault in faults(second + third)] == [
        ('alert "a".name', 14),
        ('alert "C".id', 19),
    ]


@pytest.mark.parametrize(
    ("rule", "more", "key", "reason"),
    [
        ("", {"reader": 'quiet = "sat"'}, "reader.quiet", "is in UTC"),
        ('send = "digest"\nbudget = 5', {}, 'alert "A".budget', "has no effect"),
        ('send = "digest"\nthrottle = "1h"', {}, 'alert "A".throttle', "has no effect"),
        ("budget = 5", {"channels": '["file"]'}, 'alert "A".budget', "get every alert at once and alone"),
        ('trigger = "burst"\nby = "feed"\nold = "skip"', {}, 'alert "A".old', "has no effect"),
        ('quiet = "22:00-09:00"\nbudget = 5', {}, 'alert "A".quiet', "comes on mon at 08:00, although it is quiet"),
        ('digest = "weekly sun 10:00"\nquiet = "sat-sun"\nsend = "digest"', {}, 'alert "A".digest', "on sun at 10:00"),
    ],
)
def test_settings_without_effect_are_warned_of(rule: str, more: dict[str, str], key: str, reason: str) -> None:
    warnings = read(rule, **more)[1]
    assert any(key == warning.key and reason in warning.reason for warning in warnings), warnings


@pytest.mark.parametrize("rule", ["", "budget = 5", 'quiet = "22:00-07:00"', 'send = "digest"', 'digest = "hourly"'])
def test_usual_settings_are_not_warned_of(rule: str) -> None:
    assert read(rule)[1] == ()


def test_a_new_time_does_not_change_what_a_rule_means() -> None:
    plain = rule_of("")
    for other in ("budget = 5", 'quiet = "sat"', 'digest = "hourly"', 'follow_up = "2h"', 'description = "x"'):
        assert rule_of(other).hash == plain.hash
    assert rule_of("budget = 5").times != plain.times
    for other in ('trigger = "story"', 'severity = "high"', 'group = "none"', 'copies = "alert"', 'old = "skip"'):
        assert rule_of(other).hash != plain.hash
    named = rule_of('id = "coups"')
    assert named.hash == rule_of('id = "coups"', query='query = "COUP"').hash
    assert named.hash != rule_of('id = "coups"', query='query = "coups"').hash


MADRID = 'time_zone = "Europe/Madrid"\nquiet = "22:00-07:00"'


@pytest.mark.parametrize(
    ("rule", "more", "words"),
    [
        ("", {}, "One message per story, follow-ups after 1 h, material changes at once; to desk."),
        (
            "budget = 10",
            {"reader": MADRID, "channels": '["desk", "file"]'},
            "One message per story, follow-ups after 1 h, material changes at once, at most 10 a "
            "day, the rest in the digest (daily 08:00), quiet 22:00-07:00, times of Europe/Madrid; to desk. Every "
            "alert at once and alone, without limits, to file.",
        ),
        (
            'group = "none"\nthrottle = "10m"\nold = "skip"\nquiet = "none"',
            {"reader": MADRID},
            "One message per article, material changes at once, at least 10 min between two, nothing "
            "that was over 3 d old when it was found; to desk.",
        ),
        (
            'trigger = ["story", "growth"]\ngrowth = { sources = 3, countries = 2 }',
            {},
            "One message for the first article of a story, when a story has 3 outlets or 2 countries, and again at "
            "each doubling; to desk.",
        ),
        (
            'trigger = ["silence", "burst"]\nby = "feed"',
            {"query": ""},
            "When a feed brings nothing for longer than usual, when a feed brings far more than usual; to desk.",
        ),
        (
            'send = "digest"\ndigest = "weekly mon 08:00"',
            {},
            "Everything in one digest (weekly mon 08:00), times of UTC; to desk.",
        ),
    ],
)
def test_the_sentence_says_when(rule: str, more: dict[str, str], words: str) -> None:
    alerts = read(rule, **more)[0]
    assert when_sentence(alerts.rules[0], alerts.reader, alerts.channels) == words
