"""How important an alert is, from 0 to 1. A budget sends the highest scoring alerts at once.

The score is a sum of five parts; a copy counts half, an article that was old when it was found three tenths:

| part                                                             | at most |
|------------------------------------------------------------------|---------|
| outlets of the story: 1 none, 2 a third, 4 a half, 9 two thirds  | 0.30    |
| words of the query in the title                                  | 0.25    |
| score of the topic                                               | 0.20    |
| words and conditions of the query that hold                      | 0.15    |
| facts: one event half, two all                                   | 0.10    |

The severity is no part of it: it is the same for all alerts of a rule.
"""

from __future__ import annotations

from math import sqrt

from pipeline.records import Alert, StorySoFar

OUTLETS, TITLE, TOPIC, SHARE, FACTS = 0.30, 0.25, 0.20, 0.15, 0.10
COPY, OLD = 0.5, 0.3


def score(alert: Alert, story: StorySoFar | None = None) -> float:
    """The score of an alert. `story`: the reports of its story that the rule matched up to now, this one included."""
    outlets = max(1, len(story.sources)) if story else 1
    parts = (
        (OUTLETS, 1.0 - 1.0 / sqrt(outlets)),
        (TITLE, float(any(span.field == "title" for span in alert.matched))),
        (TOPIC, _share(alert.topic_score)),
        (SHARE, _share(alert.share)),
        (FACTS, min(len(alert.fact_lines), 2) / 2),
    )
    found = sum(most * part for most, part in parts)
    return found * (COPY if alert.duplicate_of else 1.0) * (OLD if alert.old else 1.0)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
