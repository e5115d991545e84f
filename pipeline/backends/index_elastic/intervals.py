"""Builds Elasticsearch's intervals query for two words near each other, by the positions of core/text/positions.py."""

from __future__ import annotations

from typing import Any

from pipeline.core.text.positions import GAP

Rule = dict[str, Any]


def intervals(left: list[str], right: list[str], distance: int | None, ordered: bool) -> Rule:
    """One of `left` and one of `right` within `distance` words (None: GAP words) and in one paragraph."""
    ways = [(left, right)] if ordered else [(left, right), (right, left)]
    # Not `ordered: false`: that would accept two tokens at one position.
    return _any([_in_order([_one_of(a), _one_of(b)], GAP - 1 if distance is None else distance - 1) for a, b in ways])


def _in_order(rules: list[Rule], gaps: int) -> Rule:
    return {"all_of": {"intervals": rules, "ordered": True, "max_gaps": gaps}}


def _one_of(tokens: list[str]) -> Rule:
    return _any([{"match": {"query": token, "analyzer": "positions"}} for token in tokens])


def _any(rules: list[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}
