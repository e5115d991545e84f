"""Makes stories with the program of an older checkout (05a8df0) on PYTHONPATH: articles in, their stories out, as JSON.

Its modules have other names than today's, so they are imported by name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    articles = asked["articles"]
    prints = [_fingerprint(one) for one in articles]
    json.dump([_stories(articles, prints, order) for order in asked["orders"]], sys.stdout)


def _fingerprint(one: Mapping[str, Any]) -> Any:
    records, module = import_module("pipeline.records"), import_module("pipeline.core.fingerprint")
    article = records.Article(
        id=one["id"], url=f"https://example.org/{one['id']}", feed="set", source=one["source"],
        title=records.Sourced(value=one["title"], source="feed"), text=one["text"], content_hash=one["id"],
        seen=datetime.now(UTC), language=one["language"],
    )  # fmt: skip
    return module.fingerprint(article)


def _stories(articles: Sequence[Mapping[str, Any]], prints: Sequence[Any], order: Sequence[int]) -> list[str]:
    """The story of each article, all within 72 hours."""
    window_module, choice = import_module("pipeline.core.window"), import_module("pipeline.core.stories")
    window, found = window_module.Window(), dict[int, str]()
    for seq, place in enumerate(order):
        one, seen = articles[place], 1_700_000_000.0 + seq
        features = window_module.features(one["source"], prints[place], one["topics"], one["countries"])
        story = choice.choose(features, window.neighbours(prints[place], seen)) or one["id"]
        window.add(window_module.Entry(one["id"], seen, seq, story, None, features), prints[place])
        found[place] = story
    return [found[place] for place in sorted(found)]


if __name__ == "__main__":
    main()
