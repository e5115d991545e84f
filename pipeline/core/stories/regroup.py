"""Corrects stories: two turn out to be one, or one to be two. What people decided, or a split, is never undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.columns import Numbers, together
from pipeline.core.stories.features import Rows
from pipeline.core.stories.place import Claim, Options, Score, both_ways
from pipeline.core.stories.updates import MOST, Get, moved_to
from pipeline.core.stories.window import Window
from pipeline.records import Correction, Story, StoryRequest

CHECKED = frozenset(2**n for n in range(2, 31))  # sizes at which a story is looked at: 4, 8, 16, …
FIRST, NEWEST = 8, 24  # articles of a story that are compared with each other
FEWEST = 2  # articles of a group
MOVED = 180  # newest members of a story that may leave it at once, and the first: its record lists them (record.py)
SIDE = 4  # articles of each group that the others are compared with


# -- what was decided before ------------------------------------------------------------------------------


def current(article: str, story: str, window: Window, get: Get) -> str:
    """The story in which an article is now, that was in `story` once. A story with articles in the window was not
    merged, whatever its record says: that may be ahead after a crash."""
    here = window.story_of(article)
    if here is not None:
        return here
    for _ in range(MOST):
        record = get([story]).get(story)
        if record is None:
            break
        to = moved_to(article, record, get)
        if to is not None:
            story = to
        elif record.redirect and window.stories.number(story) < 0:
            story = record.redirect
        else:
            break
    return story


def _apart(one: str, other: str, window: Window, get: Get) -> bool:
    """Whether it was decided that these are two stories."""
    for story, against in ((one, other), (other, one)):
        record = get([story]).get(story)
        if record is not None:
            split = (end for kept in record.kept if kept.kind == "split" for end in (kept.story, kept.into))
            ends = dict.fromkeys((*record.moved.values(), *split, record.split_from or ""))
            if against in {current("", end, window, get) for end in ends if end}:
                return True
    return False


def _joined(story: str, get: Get) -> bool:
    """Whether a person decided that the story is one."""
    record = get([story]).get(story)
    return any(kept.kind == "merge" for kept in (record.kept if record else ()))


# -- two are one ------------------------------------------------------------------------------


def merges(found: Sequence[Claim], window: Window, score: Score, options: Options, get: Get) -> tuple[Correction, ...]:
    """The merges that follow from an article with these claims: it belongs to several stories, and they to each other.
    The story that began earlier stays."""
    linked = [claim for claim in found if claim.probability >= score.threshold][: 1 + options.linked]
    if len(linked) < 2:
        return ()
    best, corrections = linked[0], []
    for other in linked[1:]:
        likely = both_ways(
            window.representatives(best.story), window.representatives(other.story), window, score
        )  # fmt: skip
        earlier, later = sorted((best, other), key=lambda claim: claim.first)
        story, into = window.stories.id(later.story), window.stories.id(earlier.story)
        if likely >= options.merge and not _apart(story, into, window, get):
            corrections.append(Correction(kind="merge", story=story, into=into))
            best = earlier
    return tuple(corrections)


# -- one is two ------------------------------------------------------------------------------


def split(
    number: int, article: str, features: Rows, window: Window, score: Score, options: Options, get: Get
) -> tuple[Correction | None, bool]:
    """The split of a story that `article`, with these features, is about to join, if that is due and it is two; and
    whether the article goes with those that leave."""
    story = window.stories.id(number)
    if window.stories.size(number) + 1 not in CHECKED or _joined(story, get):
        return None, False
    members = window.stories.ends(number, FIRST, MOVED)
    own = members[window.columns.of("original", members) == 0]
    compared = own if len(own) <= FIRST + NEWEST else np.concatenate((own[:FIRST], own[-NEWEST:]))
    if len(compared) + 1 < 2 * FEWEST:
        return None, False
    rows = together(window.columns.features(compared), features)
    table = np.stack([score.probabilities(rows[n : n + 1], rows, window.rarity) for n in range(len(rows))])
    table = (table + table.T) / 2
    away = two_groups(table)
    if not _two(table, away, score.threshold, options):
        return None, False
    ids = [window.article(row) for row in compared.tolist()] + [article]
    if away[ids.index(story) if story in ids else 0]:
        away = ~away
    leaving = _leaving(members, compared, away[:-1], window, score)
    articles = tuple(window.article(row) for row in leaving)
    into = next((id for id in (*articles, article) if id != story and window.stories.number(id) < 0), None)
    if into is None or not articles:
        return None, False
    return Correction(kind="split", story=story, into=into, articles=articles), bool(away[-1])


def two_groups(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the articles are in the second of two groups, by average linkage (Sokal and Michener 1958). `table`:
    the probability of each pair."""
    sums, sizes = table.copy(), np.ones(len(table))
    group = np.arange(len(table))
    going = list(range(len(table)))
    while len(going) > 2:
        means = sums[np.ix_(going, going)] / np.outer(sizes[going], sizes[going])
        np.fill_diagonal(means, -1)
        one, other = sorted(going[place] for place in divmod(int(np.argmax(np.round(means, 9))), len(going)))
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sizes[one] += sizes[other]
        group[group == other] = one
        going.remove(other)
    found: NDArray[np.bool_] = group != group[0]
    return found


def _two(table: NDArray[np.float64], away: NDArray[np.bool_], threshold: float, options: Options) -> bool:
    """Whether the groups have little to do with each other, and each holds together."""
    groups = (np.flatnonzero(~away), np.flatnonzero(away))
    if min(map(len, groups)) < FEWEST or table[np.ix_(*groups)].mean() > options.split:
        return False
    return all(_within(table, group) >= threshold for group in groups)


def _within(table: NDArray[np.float64], group: Numbers) -> float:
    pairs = table[np.ix_(group, group)][~np.eye(len(group), dtype=bool)]
    return float(pairs.mean())


def _leaving(members: Numbers, compared: Numbers, away: NDArray[np.bool_], window: Window, score: Score) -> list[int]:
    """All rows that leave: those that were found to, copies of them, and others that are nearer to these."""
    sides = dict(zip(compared.tolist(), away.tolist(), strict=True))
    by_key = dict(zip(window.keys(compared).tolist(), away.tolist(), strict=True))
    others = members[~np.isin(members, compared)]
    originals, nearer = window.columns.of("original", others), _nearer(others, compared, away, window, score)
    for row, original, near in zip(others.tolist(), originals.tolist(), nearer.tolist(), strict=True):
        sides[row] = by_key.get(original, near)
    return sorted(row for row, side in sides.items() if side)


def _nearer(
    rows: Numbers, compared: Numbers, away: NDArray[np.bool_], window: Window, score: Score
) -> NDArray[np.bool_]:  # fmt: skip
    """Which of the rows are more like the articles that leave than like those that stay; some of each are asked."""
    features = window.columns.features(rows)
    means = [np.zeros(len(rows)), np.zeros(len(rows))]
    if rows.size:
        for side in (False, True):
            ours = window.columns.features(compared[away == side][-SIDE:])
            table = [score.probabilities(ours[n : n + 1], features, window.rarity) for n in range(len(ours))]
            means[side] = np.mean(table, axis=0)
    nearer: NDArray[np.bool_] = means[True] > means[False]
    return nearer


# -- what people ask ------------------------------------------------------------------------------


def requested(request: StoryRequest, window: Window, get: Get) -> Correction | str:
    """The correction that a person asked for, or why it cannot be made. A repeated request gives the same correction,
    also when it was done."""
    found = _asked(request.story, window, get)
    into = _asked(request.into, window, get) if request.into else None
    if found is None or (into is None and (request.into or request.kind == "merge")):
        return "no_story"
    if into and into.id == found.id:
        wanted = Correction(kind="merge", story=request.story, into=found.id, by="person")
        return wanted if request.kind == "merge" and wanted in found.kept else "same_story"  # it may have been done
    if request.kind == "merge":
        assert into
        return Correction(kind="merge", story=found.id, into=into.id, by="person")
    return _asked_split(request, found, into, window, get)


def _asked_split(
    request: StoryRequest, story: Story, into: Story | None, window: Window, get: Get
) -> Correction | str:  # fmt: skip
    if story.redirect:  # it was done, but the window lacks it
        return Correction(kind="split", story=story.id, into=story.redirect, articles=request.articles, by="person")
    listed = {one.id for one in story.articles}
    articles = tuple(id for id in request.articles if id in listed)
    if not articles:
        return _done(request, story, into, get) or "no_articles"
    new = into.id if into else _new_id(articles, story, window, get)
    if new is None:
        return "all_articles"
    return Correction(kind="split", story=story.id, into=new, articles=articles, by="person")


def _done(request: StoryRequest, story: Story, into: Story | None, get: Get) -> Correction | None:
    """The split that was asked for, if it was done and the articles are still there."""
    for kept in reversed(story.kept):
        same = kept.kind == "split" and kept.story == story.id and len(kept.articles) > 0
        same = same and set(kept.articles) <= set(request.articles)
        if same and (into is None or kept.into == into.id):
            record = get([kept.into]).get(kept.into)
            there = {one.id for one in record.articles} if record else set()
            return kept if there.issuperset(kept.articles) else None
    return None


def _asked(id: str, window: Window, get: Get) -> Story | None:
    """The record of the story that a person means by an id: over redirects."""
    now = current("", id, window, get)
    return get([now]).get(now)


def _new_id(articles: Sequence[str], story: Story, window: Window, get: Get) -> str | None:
    """The id of the story that the articles get: that of the first of them, unless another story has it."""
    if len(articles) == story.size:
        return None
    free = (id for id in articles if id != story.id and window.stories.number(id) < 0)
    records = ((id, get([id]).get(id)) for id in free)
    return next((id for id, record in records if record is None or _may_open(record, articles, story)), None)


def _may_open(record: Story, articles: Sequence[str], story: Story) -> bool:
    """Whether a story with this record may be opened by a split: it was merged, or the split was half written."""
    half = record.split_from == story.id and {one.id for one in record.articles} <= set(articles)
    return record.redirect is not None or half


def apply(corrections: Iterable[Correction], window: Window) -> None:
    """Move the articles in the window."""
    for correction in corrections:
        if correction.kind == "merge":
            window.merge(correction.story, correction.into)
        else:
            window.move(correction.articles, correction.into)
