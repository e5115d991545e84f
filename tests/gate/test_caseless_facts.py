"""Facts in scripts without capital letters, by the shipped rules. The sentences are the tests' own."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from tests.gate.shipped import troops_in

ZH = (
    "斐济议会3日以38票赞成、11票反对、2票弃权通过《楠迪驻训协定》，允许120名澳大利亚士兵携带步枪进驻楠迪机场和莱瓦海军基地，"
    "从3月10日至6月30日协助训练当地部队。"
)
AR = (
    "وافق البرلمان السنغالي بأغلبية 98 صوتا مقابل 21 وامتناع ثلاثة نواب على دخول مئة وعشرين جنديا إسبانيا بأسلحتهم، "
    "وسيتمركز الجنود في قاعدة تييس الجوية وميناء كاولاك من 10 مارس إلى 30 حزيران بهدف تدريب الجيش المحلي."
)


def facts_in(text: str, language: str) -> dict[str, Any]:
    """The values of the facts by name, as if the article had the topic."""
    found = troops_in(text, language, date(2027, 2, 20)).found
    assert found is not None
    return dict(_values(msgspec.to_builtins(found.facts)))


def _values(facts: dict[str, Any], within: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, one in facts.items():
        if isinstance(one, dict):
            found += [(within + name, one["value"])] if "value" in one else _values(one, within + name + ".")
        elif isinstance(one, list | tuple) and one:
            found.append((within + name, [each["value"] for each in one]))
    return found


@pytest.mark.parametrize("text", [ZH, ZH.replace("议会", "議會").replace("进驻", "進駐").replace("赞成", "贊成")])
def test_chinese_in_either_script(text: str) -> None:
    expected = {
        "outcome": "authorised", "host": "FJ", "senders": ["AU"], "vote.for": 38, "vote.against": 11,
        "vote.abstain": 2, "personnel.min": 120, "personnel.max": 120, "period.start": "2027-03-10",
        "period.end": "2027-06-30", "armed": "yes", "places": ["楠迪机场", "莱瓦海军基地"],
        "instrument.kind": "楠迪驻训协定",
    }  # fmt: skip
    assert facts_in(text, "zh") | expected == facts_in(text, "zh")


def test_arabic() -> None:
    expected = {
        "outcome": "authorised", "host": "SN", "senders": ["ES"], "vote.for": 98, "vote.against": 21,
        "vote.abstain": 3, "personnel.min": 120, "personnel.max": 120, "period.start": "2027-03-10",
        "period.end": "2027-06-30", "armed": "yes", "places": ["قاعدة تييس", "وميناء كاولاك"],
    }  # fmt: skip
    assert facts_in(AR, "ar") | expected == facts_in(AR, "ar")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "斐济议会允许澳大利亚士兵进驻。两国军人将在基地受训。"),
        ("ar", "وافق البرلمان السنغالي على دخول جنود إسبان إلى القاعدة ومعهم خيولهم."),
    ],
)
def test_what_is_no_name_and_no_number(language: str, text: str) -> None:
    assert {"places", "personnel.min", "personnel.max"}.isdisjoint(facts_in(text, language))
