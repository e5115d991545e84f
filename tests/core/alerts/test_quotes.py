"""Which sentences show why a document matches."""

from __future__ import annotations

import pytest

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.quotes import LONGEST, QUOTES
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.query.parse import parse
from pipeline.core.query.snippets import CLOSE, OPEN
from tests.builders import document


def rules(*queries: str, **more: object) -> AlertSet:
    made = []
    for query in queries:
        node = parse(query).node
        fields = {"name": query, "query": query, "node": node, "asked": node, "severity": "low", "channels": ("a",)}
        made.append(AlertRule(**fields | more))  # type: ignore[arg-type]
    return AlertSet(made)


def shown(query: str, title: str, text: str) -> list[str]:
    (alert,) = rules(query).fire(document(title, text))
    return [quote.text.replace(OPEN, "[").replace(CLOSE, "]") for quote in alert.quotes]


@pytest.mark.parametrize(
    ("query", "title", "text", "expected"),
    [
        ("troops", "T", "It rained. The troops came. They left.", ["The [troops] came."]),
        ("troops", "The troops came", "It rained. They left.", ["The [troops] came", "It rained."]),
        # every required word is shown, in few sentences
        ("troops vote", "T", "Troops came. Some troops saw a vote. A vote was held.", ["Some [troops] saw a [vote]."]),
        ("troops vote", "T", "Troops came. Rain.\nA vote was held.", ["[Troops] came.", "A [vote] was held."]),
        # a word that is only in the title, the other one only in the text
        ("troops vote", "Troops", "Rain. A vote was held.", ["[Troops]", "A [vote] was held."]),
        # the title is shown anyway: what it says is quoted from the text as well
        ("troops", "The troops came", "It rained. The troops came.", ["The [troops] came."]),
        ("troops vote", "Troops vote", "Rain. Troops came. A vote was held.",
         ["[Troops] [vote]", "[Troops] came.", "A [vote] was held."]),
        # both words of a NEAR, over a sentence's end
        ("troops NEAR/5 vote", "T", "The vote passed. Troops came. Rain.", ["The [vote] passed.", "[Troops] came."]),
        # other languages, other full stops
        ("国会", "T", "今日は雨。国会が承認した。終わり。", ["[国会]が承認した。"]),
        ("الجيش", "T", "هطل المطر. وصل الجيش إلى المدينة. انتهى.", ["وصل [الجيش] إلى المدينة."]),
        # of alternatives, those that hold
        ("troops OR vote", "T", "A vote was held. Rain.", ["A [vote] was held."]),
        # no word at all: what the article is about
        ("source:\"El Ejemplo\"", "Title", "First words. More words.", ["First words."]),
        ("source:\"El Ejemplo\"", "Title", "", []),
        ("troops -vote", "T", "The troops came. They left.", ["The [troops] came."]),
    ],
)  # fmt: skip
def test_quotes(query: str, title: str, text: str, expected: list[str]) -> None:
    assert shown(query, title, text) == expected


def test_quotes_are_few_and_bounded() -> None:
    words = [f"word{chr(97 + n)}" for n in range(9)]
    text = "\n".join(f"Here is {word} in a sentence of its own." for word in words)
    assert len(shown(" ".join(words), "T", text)) == QUOTES
    (quote,) = shown("needle", "T", "hay " * 3000 + "needle " + "hay " * 3000)
    assert len(quote) < 1.2 * LONGEST
    assert "[needle]" in quote


def test_a_rule_that_only_counts_has_a_lean_alert() -> None:
    fired = document("Troops", "Troops came. " * 500, section="s")
    (lean,) = rules("troops", triggers=("silence", "burst"), by="feed").fire(fired)
    (whole,) = rules("troops", triggers=("silence", "article")).fire(fired)
    assert (lean.counted, lean.quotes, lean.matched, lean.traits, lean.query) == (True, (), (), None, "")
    assert not whole.counted
    assert whole.traits is not None
    assert whole.quotes
