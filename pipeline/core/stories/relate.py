"""Decides how an article relates to those already known: new, a new version, a copy, or nothing new.

A copy is linked only to an article that it resembles itself, never through a third. The story is chosen in choose.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from pipeline.core.stories import choose as stories
from pipeline.core.stories import versions
from pipeline.core.stories.traits import telling
from pipeline.core.stories.window import Features, Near, Neighbours, features
from pipeline.core.urls import article_id, registrable
from pipeline.records import Article, Known, Relation, Tagged, Traits

#: Reasons for which a revisit gives no version although the page of the article is there.
THERE = frozenset({"unchanged", "partial", "shortened", "version_limit"})
ALIAS, GUID = 0.2, 0.5  # minimum overlap of an article with the one that its alias or guid leads to


@dataclass(frozen=True, slots=True)
class Options:
    """Thresholds; docs/decisions/0003-relate.md explains how they were found."""

    versions: int = 24  # maximum of one article; a page with more changes constantly
    jaccard: float = 0.5  # of 3-word shingles; from here two texts are copies
    contained: float = 0.8  # share of the shorter text found in the longer; from here it is a shortened copy
    twin: float = 0.9  # Jaccard for two texts of one outlet: templates (weather, markets) differ in little but numbers
    shingles: int = 30  # minimum for similarity to be evidence
    exact: int = 12  # minimum shingles for identity to be evidence
    stories: stories.Options = field(default_factory=stories.Options)


@dataclass(frozen=True, slots=True)
class Decision:
    """How an article relates. `article`: the id under which it is known. `relation` None: dropped, with the reason
    `drop`. `aliases`: keys that lead to it from now on."""

    article: str
    relation: Relation | None = None
    drop: str | None = None
    aliases: tuple[str, ...] = ()
    known: Known | None = None  # what is remembered of the article, of a decision that only notes something about it


def keys(tagged: Tagged) -> tuple[str, ...]:
    """Keys under which the article may be known, most certain first: its id, its aliases, its guid, its text."""
    article, traits = tagged.article, tagged.fingerprint.traits
    return tuple(dict.fromkeys((article.id, *article.aliases, *_guid(article), *_text(traits.words))))


def _guid(article: Article) -> tuple[str, ...]:
    """The key of the guid, which is unique within an outlet; none if the guid is the URL, which the id covers."""
    if not article.guid or article.guid == article.url:
        return ()
    return (f"guid:{hashlib.sha256(f'{registrable(article.url)} {article.guid}'.encode()).hexdigest()[:32]}",)


def _text(digest: str) -> tuple[str, ...]:
    return (f"text:{digest}",) if digest else ()


def decide(
    tagged: Tagged, known: Mapping[str, Known], near: Callable[[], Neighbours], seq: int, options: Options
) -> Decision:
    """Decide how `tagged` relates. `known`: the known article for each of its `keys`, if any. `near` is called only for
    an unknown article. `seq`: the number of its document, if it gets one."""
    same = _identify(tagged, known)
    if tagged.article.removed:
        return _remove(tagged.article, same, seq)
    if same:
        return _revisit(tagged, same, known, seq, options)
    return _arrive(tagged, known, near(), seq, options)


def _identify(tagged: Tagged, known: Mapping[str, Known]) -> Known | None:
    """The same article, if it is known. A shared link or guid alone does not prove it: links are reused for the next
    day's article, and some feeds give every item the same guid."""
    article, traits = tagged.article, tagged.fingerprint.traits
    if article.id in known:
        return known[article.id]
    # An entry that the feed lists as another one at a known address must have much in common with the known article.
    alias = ALIAS if article.id == article_id(article.url) else GUID
    for wanted, candidates in ((alias, article.aliases), (GUID, _guid(article))):
        for key in candidates:
            if key in known and versions.overlap(known[key].traits, traits) >= wanted:
                return known[key]
    return None


def _revisit(tagged: Tagged, same: Known, known: Mapping[str, Known], seq: int, options: Options) -> Decision:
    relation, traits, article = same.relation, tagged.fingerprint.traits, tagged.article
    assert relation
    found = versions.changes(same.traits, traits) if same.content_hash != article.content_hash else ()
    completed = bool(same.partial and not article.partial)
    if not found and not completed:
        drop = "unchanged"
    elif _replaced(tagged, same, known):
        drop = "replaced"
    elif same.fetched and article.fetched and article.fetched.at < same.fetched:
        drop = "older"  # read again from the log, as after a stream was lost: its newest version must stay the newest
    elif article.partial and not same.partial:
        drop = "partial"  # a paywall that closed, a page that is refused now: the whole text stays
    elif versions.shortened(same.traits, traits, _share_kept(same, article)):
        drop = "shortened"
    elif relation.version >= options.versions:
        drop = "version_limit"
    else:
        version = Relation(
            kind="version", first_seen=relation.first_seen, seq=seq, version=relation.version + 1,
            story_id=relation.story_id, duplicate_of=relation.duplicate_of,
            material=versions.material(found) or (completed and bool(found)),
            changes=versions.completed(same.partial, found) if completed else found,
        )  # fmt: skip
        return Decision(same.id, version, aliases=learned(tagged, same.id, known))
    if relation.removed_at is not None and drop in THERE:
        return _noted(same, replace(relation, removed_at=None, removed="", noted="returned"), seq)
    return Decision(same.id, drop=drop, aliases=learned(tagged, same.id, known, text=False))


def _remove(article: Article, same: Known | None, seq: int) -> Decision:
    """Note that the page of a known article is gone, unless that is known, or it was read since."""
    if same is None or same.relation is None:
        return Decision(article.id, drop="gone")
    if same.relation.removed_at is not None or (same.fetched and article.seen < same.fetched):
        return Decision(same.id, drop="gone")
    return _noted(same, replace(same.relation, removed_at=article.seen, removed=article.removed, noted="removed"), seq)


def _noted(same: Known, relation: Relation, seq: int) -> Decision:
    relation = replace(relation, seq=seq)
    return Decision(same.id, relation, known=replace(same, relation=relation, aliases=()))


def _share_kept(same: Known, article: Article) -> float:
    """The share of the known text that a new one must have unless it says something new."""
    if same.partial and article.partial:
        return versions.OF_A_PART
    return versions.OF_THE_FEEDS if same.text_from == "feed" and article.text_from != "feed" else versions.OF_A_PAGE


def _replaced(tagged: Tagged, same: Known, known: Mapping[str, Known]) -> bool:
    """Whether a revisit finds another article's text at the address: a bulletin that was issued again there."""
    others = (known[key] for key in _text(tagged.fingerprint.traits.words) if key in known)
    return bool(
        tagged.article.revisit
        and any(other.id != same.id for other in others)
        and versions.overlap(same.traits, tagged.fingerprint.traits) < GUID
    )


def _arrive(tagged: Tagged, known: Mapping[str, Known], neighbours: Neighbours, seq: int, options: Options) -> Decision:
    article, tags = tagged.article, tagged.tags
    own = features(article.source, tagged.fingerprint, [topic.id for topic in tags.topics], tags.countries)
    copied, story = _copied(own, known, neighbours, options)
    if story is None:
        story = stories.choose(own, neighbours, options.stories) or article.id
    relation = Relation(
        kind="copy" if copied else "new",
        first_seen=article.seen,
        seq=seq,
        version=1,
        story_id=story,
        duplicate_of=copied,
    )
    return Decision(article.id, relation, aliases=learned(tagged, article.id, known, text=copied is None))


def learned(tagged: Tagged, own: str, known: Mapping[str, Known], text: bool = True) -> tuple[str, ...]:
    """Keys that lead to the article `own` from now on, except ids and texts of other articles."""
    learned = []
    for key in keys(tagged):
        before = known.get(key)
        mine = key == own or (before and before.id == own)
        taken = before and (before.id == key or key.startswith("text:"))
        if not mine and not taken and (text or not key.startswith("text:")):
            learned.append(key)
    return tuple(learned)


def _copied(
    own: Features, known: Mapping[str, Known], neighbours: Neighbours, options: Options
) -> tuple[str | None, str | None]:
    """Original and story of a copy. Of several near articles, the earliest that is not itself a copy is the
    original."""
    near = [near.entry for near in neighbours.near if is_copy(own, near, options)]
    if near:
        original = min(near, key=lambda other: (other.duplicate_of is not None, other.seq))
        return original.article, original.story_id
    for key in _text(own.words):
        same = known.get(key)
        if same and same.relation and own.shingles >= options.exact and _own_text(own, same.traits):
            return same.relation.duplicate_of or same.id, same.relation.story_id
    return None, None


def is_copy(new: Features, near: Near, options: Options) -> bool:
    """Whether `new` has the text of the neighbour, whole or shortened."""
    old = near.entry.features
    if not _same_matter(new.about and old.about, new.heading, old.heading):
        return False
    if new.words == old.words and new.shingles >= options.exact:
        return True
    if min(new.shingles, old.shingles) < options.shingles:
        return False
    if new.source and new.source == old.source:
        return near.jaccard >= options.twin and new.numbers == old.numbers
    if not _numbers_agree(new.numbers, old.numbers):
        return False
    return near.jaccard >= options.jaccard or (
        new.shingles <= old.shingles and contained(near.jaccard, new.shingles, old.shingles) >= options.contained
    )


def _own_text(new: Features, old: Traits) -> bool:
    return _same_matter(new.about and old.about, new.heading, telling(old.title))


def _same_matter(about: bool, one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a common text is the articles' own: `about` both titles, or the titles have half of their words.

    Pages that show nothing but the same promotion, or the same notice about cookies or an app, are not copies.
    """
    return about or 2 * len(one & other) >= max(1, min(len(one), len(other)))


def _numbers_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether at least half of the numbers agree: automatic reports of two earthquakes differ only in their numbers."""
    fewer = min(len(one), len(other))
    return fewer < 2 or 2 * len(one & other) >= fewer


def contained(jaccard: float, one: int, other: int) -> float:
    """Share of the smaller of two sets that is in the larger, from their Jaccard similarity and sizes (Broder 1997)."""
    return jaccard / (1 + jaccard) * (one + other) / max(1, min(one, other))
