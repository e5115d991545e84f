"""Makes the outputs of relate from the input, the decision, and the records of stories that it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from pipeline.core.stories.consolidated import differences
from pipeline.core.stories.relate import Decision
from pipeline.core.stories.story import Stories
from pipeline.core.stories.updates import LED, story_of
from pipeline.records import Correction, Decided, Document, Known, Story, StoryRequest, Tagged, Traits, encode
from pipeline.stage import Drop, Emit, Out, Position


def position_of(decided: Decided) -> Position:
    return Position(decided.stream, decided.partition, decided.offset)


def document_of(tagged: Tagged, decision: Decision) -> Document | None:
    """The document of a decision; None if the article is dropped."""
    if decision.relation is None:
        return None
    article = msgspec.structs.replace(tagged.article, id=decision.article)
    return Document(article=article, tags=tagged.tags, relation=decision.relation)


def with_story(decision: Decision, stories: Sequence[Story]) -> Decision:
    """The decision with what its story is known as, and what the reports of it differ on, for alerts. `stories`: the
    records that it changes. It is made once, like the rest."""
    relation = decision.relation
    if relation is None or relation.noted:
        return decision
    own = story_of(decision.article, relation.story_id, stories)
    if own is None:
        return decision
    made = msgspec.structs.replace(relation, merged=own.merged[-LED:], differs=differences(own.facts))
    return replace(decision, relation=made)


def outputs_of(tagged: Tagged, at: Position, decision: Decision, stories: Sequence[Out]) -> Emit | Drop:
    """The outputs of a decision. `stories`: what to publish of the stories that it changes. The document comes first:
    the state must never be ahead of the outputs."""
    id = decision.article
    aliases = [Out("known", key, Known(id=key, alias_of=id)) for key in decision.aliases]
    decided = Out("fingerprints", id, decided_of(tagged, at, decision))
    document = document_of(tagged, decision)
    if document is None:
        return Drop(decision.drop or "", outs=(decided, *aliases))
    known = msgspec.structs.replace(decision.known, at=str(at)) if decision.known else _known(tagged, at, decision)
    return Emit((Out("documents", id, document), *stories, Out("known", id, known), *aliases, decided))


def _known(tagged: Tagged, at: Position, decision: Decision) -> Known:
    """What is remembered of an article that became a document."""
    return Known(
        id=decision.article, at=str(at), content_hash=tagged.article.content_hash, relation=decision.relation,
        traits=tagged.fingerprint.traits, aliases=decision.aliases,
        fetched=tagged.article.fetched.at if tagged.article.fetched else None,
        text_from=tagged.article.text_from, partial=tagged.article.partial,
    )  # fmt: skip


def decided_of(tagged: Tagged, at: Position, decision: Decision) -> Decided:
    article = tagged.article
    kept = decision.relation is not None and decision.known is None
    return Decided(
        article=decision.article, seen=article.seen,
        stream=at.stream, partition=at.partition, offset=at.offset, content_hash=article.content_hash,
        fingerprint=msgspec.structs.replace(tagged.fingerprint, traits=Traits()) if kept else None,
        relation=decision.relation, drop=decision.drop, aliases=decision.aliases,
        known=decision.known and msgspec.structs.replace(decision.known, at=str(at)),
    )  # fmt: skip


def decided_request(request: StoryRequest, at: Position, stories: Stories) -> Decided:
    found = stories.requested(request)
    return Decided(
        article=request.story, seen=request.at, stream=at.stream, partition=at.partition, offset=at.offset,
        content_hash=hashlib.sha256(encode(request)).hexdigest(),
        corrections=(found,) if isinstance(found, Correction) else (), drop=found if isinstance(found, str) else None,
    )  # fmt: skip
