"""Decides how an article relates to those already known: new, a new version, a copy, or nothing new.

A copy is linked only to an article that it resembles itself, never through a third. The story is chosen in place.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from pipeline.core.stories import copies, place, versions
from pipeline.core.stories.columns import Texts
from pipeline.core.stories.copies import texts_of
from pipeline.core.stories.features import rows_of
from pipeline.core.stories.story import Place, Stories
from pipeline.core.stories.traits import telling
from pipeline.core.urls import article_id, registrable
from pipeline.records import Article, Change, Known, Relation, Tagged, Traits

#: Reasons for which a revisit gives no version although the page of the article is there.
THERE = frozenset({"unchanged", "partial", "shortened", "version_limit"})
ALIAS, GUID = 0.2, 0.5  # minimum overlap of an article with the one that its alias or guid leads to


@dataclass(frozen=True, slots=True)
class Options:
    """Thresholds; docs/decisions/0003-relate.md explains how they were found."""

    versions: int = 24  # maximum of one article; a page with more changes constantly
    copies: copies.Options = field(default_factory=copies.Options)
    stories: place.Options = field(default_factory=place.Options)


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
    """The key of the guid, which is unique within an outlet; no key if the guid is the URL, which the id covers."""
    if not article.guid or article.guid == article.url:
        return ()
    return (f"guid:{hashlib.sha256(f'{registrable(article.url)} {article.guid}'.encode()).hexdigest()[:32]}",)


def _text(digest: str) -> tuple[str, ...]:
    return (f"text:{digest}",) if digest else ()


def decide(tagged: Tagged, known: Mapping[str, Known], stories: Stories, seq: int, options: Options) -> Decision:
    """Decide how `tagged` relates. `known`: the known article for each of its `keys`, if any. `seq`: the number of its
    document, if it gets one."""
    same = _identify(tagged, known)
    if tagged.article.removed:
        return _remove(tagged.article, same, seq)
    if same:
        return _revisit(tagged, same, known, stories, seq, options)
    return _arrive(tagged, known, stories, seq, options)


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


def _revisit(
    tagged: Tagged, same: Known, known: Mapping[str, Known], stories: Stories, seq: int, options: Options
) -> Decision:
    relation, traits, article = same.relation, tagged.fingerprint.traits, tagged.article
    assert relation
    found = _changes(same, tagged)
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
        story, text = stories.current(same.id, relation.story_id), texts_of([tagged.fingerprint.text])
        version = Relation(
            kind="version", first_seen=relation.first_seen, seq=seq, version=relation.version + 1,
            story_id=story, duplicate_of=relation.duplicate_of,
            independent=stories.independent(Place(story), same.id, text, relation.duplicate_of),
            material=versions.material(found) or (completed and bool(found)),
            changes=versions.completed(same.partial, found) if completed else found,
        )  # fmt: skip
        return Decision(same.id, version, aliases=learned(tagged, same.id, known))
    if relation.removed_at is not None and drop in THERE:
        return _noted(same, replace(relation, removed_at=None, removed="", noted="returned"), seq)
    return Decision(same.id, drop=drop, aliases=learned(tagged, same.id, known, text=False))


def _changes(same: Known, tagged: Tagged) -> tuple[Change, ...]:
    """What changed in the text of a known article."""
    if same.content_hash == tagged.article.content_hash:
        return ()
    if same.thin:  # nobody has the text any more
        return (Change(kind="text", before="", after=""),)
    return versions.changes(same.traits, tagged.fingerprint.traits)


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


def _arrive(tagged: Tagged, known: Mapping[str, Known], stories: Stories, seq: int, options: Options) -> Decision:
    article, fingerprint, seen = tagged.article, tagged.fingerprint, tagged.article.seen.timestamp()
    text = texts_of([fingerprint.text])
    found = _copied(tagged, text, known, stories, options)
    if found:
        copied, chosen = found[0], Place(found[1])
    else:
        copied, chosen = None, stories.place(article.id, rows_of([fingerprint.features]), seen)
    relation = Relation(
        kind="copy" if copied else "new", first_seen=article.seen, seq=seq, version=1, story_id=chosen.story,
        duplicate_of=copied, independent=stories.independent(chosen, article.id, text, copied),
        corrections=chosen.corrections,
    )  # fmt: skip
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
    tagged: Tagged, text: Texts, known: Mapping[str, Known], stories: Stories, options: Options
) -> tuple[str, str] | None:
    """Original and story of a copy. Of several near articles, the earliest that is not itself a copy is the
    original."""
    around = stories.near_texts(text, tagged.article.seen.timestamp())
    for one in sorted(around, key=lambda other: (other.copy, other.seq)):
        if copies.is_copy(text[0], one.text, options.copies):
            return one.article, one.story
    traits = tagged.fingerprint.traits
    for key in _text(traits.words):
        same = known.get(key)
        if same and same.relation and text["runs"][0] >= options.copies.exact and _own_text(traits, same.traits):
            original_id = same.relation.duplicate_of or same.id
            return original_id, stories.current(original_id, same.relation.story_id)
    return None


def _own_text(new: Traits, old: Traits) -> bool:
    """Whether a common text is the articles' own: it is about both titles, or the titles have half of their words.

    Pages that show nothing but the same promotion, or the same notice about cookies or an app, are not copies.
    """
    one, other = telling(new.title), telling(old.title)
    return (new.about and old.about) or 2 * len(one & other) >= max(1, min(len(one), len(other)))
