"""Converts records of stories for Elasticsearch and back: a table of fields, and the mapping and source made from it.

Names shared with documents mean the same in both; what only a story has is `news.story.*`.
"""

from __future__ import annotations

from typing import Any

from pipeline.core.documents.field_table import Row, leaves_of, record_of, source_of
from pipeline.core.documents.fields import DATE, KEYWORD, NUMBER, TEXT, micros
from pipeline.core.documents.mapping import Leaf, template
from pipeline.core.stories.importance import rank
from pipeline.records import Story, StoryFact

STORY_FIELDS: tuple[Row[Story], ...] = (
    ("@timestamp", DATE, lambda s: s.changed, "when it last changed"),
    ("event.id", KEYWORD, lambda s: s.id, "its id"),
    ("event.sequence", NUMBER, lambda s: s.seq, "`seq` of the newest document in it"),
    ("news.story_id", KEYWORD, lambda s: s.redirect or s.id, "its id; of a story that was merged, that of the other"),
    ("news.title", TEXT, lambda s: s.title, "headline of the first report"),
    ("news.language", KEYWORD, lambda s: s.languages, "languages of its articles"),
    ("news.topics", KEYWORD, lambda s: s.topics, "topics of its articles"),
    ("news.countries", KEYWORD, lambda s: s.countries, "countries that its articles are about"),
    ("news.source", KEYWORD, lambda s: s.sources, "outlets"),
    ("news.story.hosts", KEYWORD, lambda s: s.hosts, "countries that admit foreign forces, of its facts"),
    ("url.full", KEYWORD, lambda s: s.first and s.first.url, "URL of the first report"),
    ("news.story.opened", DATE, lambda s: s.opened, "when the article was first seen that opened it"),
    ("news.story.first_source", KEYWORD, lambda s: s.first and s.first.source, "outlet of the first report"),
    ("news.story.articles", NUMBER, lambda s: s.size, "articles, with copies; 0 if it was merged into another story"),
    ("news.story.copies", NUMBER, lambda s: s.copies, "copies among them"),
    ("news.story.independent", NUMBER, lambda s: s.independent,
     "independent sources: outlets with a text of their own, and agencies"),
    ("news.story.differs", KEYWORD, lambda s: tuple(fact.field for fact in s.facts if fact.differs),
     "facts on which its sources differ"),
    ("news.story.facts", TEXT, lambda s: tuple(map(_line, s.facts)), "its facts with the values that reports give"),
    ("news.story.redirect", KEYWORD, lambda s: s.redirect, "the story that it was merged into"),
    ("news.story.merged", KEYWORD, lambda s: s.merged, "ids of stories that were merged into it"),
    ("key.rank", NUMBER, rank, "its importance without rules, in thousandths"),
    ("key.changed", NUMBER, lambda s: micros(s.changed), "microseconds since 1970, for exact ranges"),
)  # fmt: skip


def _line(fact: StoryFact) -> str:
    values = dict.fromkeys(str(said.value) for said in fact.said)
    return f"{fact.field}: {' | '.join(values)}"


def story_leaves() -> list[Leaf]:
    """Every field of an index of stories."""
    return leaves_of(STORY_FIELDS)


def story_template() -> dict[str, Any]:
    """Settings and mappings of an index of stories."""
    return template(story_leaves(), ("key",))


def story_source(story: Story) -> dict[str, Any]:
    """The Elasticsearch source of a story, to be encoded by msgspec."""
    return source_of(STORY_FIELDS, story, "state", "stories")


def story_of(source: dict[str, Any]) -> Story:
    """The story in a source made by `story_source`. Raises SchemaError for a record of another schema."""
    return record_of(Story, source)
