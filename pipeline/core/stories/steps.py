"""Writes the record of a growing story in steps: what an article changed, and the whole now and then.

A whole record stands under the id of its story. A step (`Story.after` is set) has only the articles, hours and facts
that changed since the record before it, under a key of its own (`step_key`), because the stream is compacted. It is
written only if the record follows from it exactly, to the last field. The number of steps between two whole records
grows with the story, so a whole one of 50 kB is written for one article in 50.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from pipeline.core.stories import consolidated, record
from pipeline.records import Story

SMALL = 8  # articles of a story up to which it is always written whole
SHARE = 4  # one step for so many articles,
MOST = 64  # but at most so many
CHANGED = 4  # articles in a step


def step_key(id: str, number: int) -> str:
    """The key of the `number`-th step after a whole record of the story `id`."""
    return f"{id}+{number}"


def story_of_key(key: str) -> str:
    """The id of the story whose record or step has this key."""
    return key.partition("+")[0]


def keys_after(story: Story) -> list[str]:
    """The keys of the steps that may follow a record."""
    few = story.size <= SMALL - CHANGED
    return [] if few else [step_key(story.id, number) for number in range(story.steps + 1, MOST + 1)]


def written(before: Story | None, story: Story) -> tuple[str, Story, Story]:
    """The key and the record to write for `story`, which was `before`, and what the story's record then is."""
    if before is not None and before.steps < min(MOST, story.size // SHARE) and story.size > SMALL:
        step = _step(before, story)
        if step is not None:
            return step_key(story.id, step.steps), step, replace(story, steps=step.steps)
    whole = replace(story, steps=0)
    return story.id, whole, whole


def _step(before: Story, story: Story) -> Story | None:
    """The step from one record to the next; None if none leads there."""
    known, hours = {one.id: one for one in before.articles}, {one.at: one for one in before.timeline}
    facts = {(one.topic, one.field): one for one in before.facts}
    step = Story(
        id=story.id, seq=story.seq, changed=story.changed, opened=story.opened, size=story.size, copies=story.copies,
        after=before.seq, steps=before.steps + 1,
        articles=tuple(one for one in story.articles if known.get(one.id) != one),
        timeline=tuple(one for one in story.timeline if hours.get(one.at) != one),
        facts=tuple(one for one in story.facts if facts.get((one.topic, one.field)) != one),
    )  # fmt: skip
    if len(step.articles) > CHANGED or continued(before, step) != replace(story, steps=step.steps):
        return None
    return step


def continued(before: Story, step: Story) -> Story | None:
    """The record that a step leads to; None if it does not follow on `before`."""
    if step.after != before.seq or step.steps != before.steps + 1 or before.redirect:
        return None
    new = {one.id for one in step.articles}
    hours = {one.at: one for one in (*before.timeline, *step.timeline)}
    facts = {(one.topic, one.field): one for one in (*before.facts, *step.facts)}
    return record.completed(replace(
        before, seq=step.seq, changed=step.changed, steps=step.steps, size=step.size, copies=step.copies,
        articles=(*(one for one in before.articles if one.id not in new), *step.articles),
        timeline=record.bounded(sorted(hours.values(), key=lambda one: one.at)),
        facts=consolidated.arranged(facts.values()),
    ))  # fmt: skip


def assembled(story: Story, get: Callable[[Sequence[str]], dict[str, Story]]) -> Story:
    """The record of a story as it is after the steps that follow it. `get` looks records up by their keys."""
    keys = keys_after(story)
    steps = get(keys) if keys else {}
    for key in keys:
        step = steps.get(key)
        following = continued(story, step) if step else None
        if following is None:
            break
        story = following
    return story
