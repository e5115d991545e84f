"""Every field of a document, defined once: its name, kind, value and description, and where it appears.

`FIELDS` determines the flat form (flat.py), the columns of the CSV (export.py), the fields of the query language and
what they compare (core/query, both indexes), the filters of alert rules (core/alerts), the mapping of Elasticsearch
(mapping.py, ecs.py) and the tables of docs/fields.md (scripts/make_docs.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec.structs import asdict

from pipeline.core.documents.addresses import host, registered_domain, sites
from pipeline.core.documents.change_words import in_words
from pipeline.core.documents.fact_values import days, instrument, names, numbers, period, personnel, vote
from pipeline.core.text import folding, words
from pipeline.records import Dated, Document, Sourced

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """The kind of a value, which determines how it is compared and mapped."""

    TEXT = "text"  # searched by its words
    KEYWORD = "keyword"  # one value or several, each compared whole
    DATE = "date"  # an aware datetime
    NUMBER = "number"  # a whole number
    FLAG = "flag"
    OBJECT = "object"  # one struct or several


TEXT, KEYWORD, DATE, NUMBER, FLAG, OBJECT = Kind


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `get` returns None, or an empty tuple, if a document has no value."""

    name: str  # key of the flat form and column of the CSV
    kind: Kind
    get: Callable[[Document], Any]
    about: str  # Markdown, one line
    empty: Any = None  # value in the flat form if unknown; () for a list
    flat: bool = True
    csv: bool = True
    query: str = ""  # name in the query language; "" where it cannot be searched
    example: str = ""  # of a query
    filter: str = ""  # key of the filter in alerts.toml
    elastic: tuple[str, ...] = ()  # names in Elasticsearch
    facet: bool = False  # searches can count its values


def derived(name: str, kind: Kind, get: Callable[[Document], Any], about: str, csv: bool = False, **more: Any) -> Field:
    """A field that is computed from others and is not in the flat form."""
    return Field(name, kind, get, about, flat=False, csv=csv, **more)


def _of(part: Sourced | Dated | None, name: str) -> Any:
    """An attribute of a part of the article, if it has that part."""
    return getattr(part, name) if part else None


def _fetched(document: Document) -> dict[str, Any] | None:
    fetched = document.article.fetched
    return {**asdict(fetched), "at": fetched.at.astimezone(UTC)} if fetched else None


def _day(document: Document) -> str:
    return document.relation.first_seen.astimezone(UTC).date().isoformat()


def _partiality(document: Document) -> tuple[str, ...]:
    reason = document.article.partial
    return ("true", reason) if reason else ("false",)


#: All fields, in the order of the flat form and the CSV.
FIELDS: tuple[Field, ...] = (
    Field("id", KEYWORD, lambda d: d.article.id,
          "id of the article, from its canonical URL; the same for every version",
          query="id", example="id:3f2a…", elastic=("event.id", "news.article_id")),
    Field("url", KEYWORD, lambda d: d.article.url, "canonical URL", elastic=("url.full",)),
    derived("domain", KEYWORD, lambda d: host(d.article.url), "host of the URL", elastic=("url.domain",)),
    derived("registered_domain", KEYWORD, lambda d: registered_domain(d.article.url), "registrable domain of the URL",
            elastic=("url.registered_domain",)),
    derived("site", KEYWORD, lambda d: sites(d.article.url), "host of the URL, and every domain above it",
            query="site", example="site:example.co.uk", filter="sites"),
    Field("source", KEYWORD, lambda d: d.article.source, "name of the outlet",
          query="source", example='source:"The Example"', filter="sources", elastic=("news.source",), facet=True),
    Field("feed", KEYWORD, lambda d: d.article.feed, "id of the feed in which it was found",
          query="feed", example="feed:example-world", filter="feeds", elastic=("news.feed",)),
    Field("outlet_country", KEYWORD, lambda d: d.article.country, "country of the outlet",
          query="outlet_country", example="outlet_country:PE", filter="outlet_countries",
          elastic=("news.outlet_country",)),
    Field("title", TEXT, lambda d: d.article.title.value, "headline",
          query="title", example="title:(troops OR soldiers)", elastic=("news.title",)),
    Field("title_source", KEYWORD, lambda d: _of(d.article.title, "source"),
          "where the title was read: `feed`, `feed-text` (its first words), `json-ld`, `opengraph`, `meta`, `html`, "
          "`pdf`, `url`, `given`", csv=False),
    Field("text", TEXT, lambda d: d.article.text,
          "text of the article in Unicode NFC, paragraphs separated by a newline",
          query="text", example='text:"foreign troops"', elastic=("news.text",)),
    derived("word_count", NUMBER, lambda d: words.count(d.article.text), "number of words of the text",
            csv=True, query="word_count", example="word_count:[300 TO *]", elastic=("news.word_count",)),
    Field("text_from", KEYWORD, lambda d: d.article.text_from,
          "where the text was read: `page`, `json-ld` or `data` (scripts of the page), `pdf`, `feed`, `description` "
          "(the page's summary), `title` (there is only the headline), `given` (to `process`)",
          query="text_from", example="text_from:feed", elastic=("news.text_from",)),
    Field("partial", FLAG, lambda d: bool(d.article.partial), "whether a part of the text is missing", empty=False,
          elastic=("news.partial",)),
    Field("partial_reason", KEYWORD, lambda d: d.article.partial or None,
          "what is missing: `teaser` (all but the first words), `paid` (what only subscribers read), `cut` (the end, "
          "which was not sent), `pages` (some pages of the article)", elastic=("news.partial_reason",)),
    derived("partiality", KEYWORD, _partiality, "`true` and the reason, or `false`",
            query="partial", example="partial:(teaser OR paid)"),
    derived("refused", KEYWORD, lambda d: (d.article.fetched and d.article.fetched.refused) or None,
            "why the text of the page was not used: `http_403`, `robots`, `paywall` …",
            query="refused", example="refused:(http_403 OR robots)", elastic=("news.refused",)),
    Field("truncated", FLAG, lambda d: d.article.truncated,
          "whether the text was cut, at 200,000 characters or 300 pages of a PDF", empty=False),
    Field("site_lines", NUMBER, lambda d: d.article.site_lines,
          "lines removed because they stand in many articles of the site ([how](decisions/0031-site-lines.md))",
          empty=0, csv=False),
    Field("garbled", FLAG, lambda d: d.article.garbled,
          "whether characters are lost or wrong, because the character set of feed or page is unknown", empty=False,
          csv=False, elastic=("news.garbled",)),
    Field("language", KEYWORD, lambda d: d.article.language, "detected language of the text",
          query="language", example="language:(es OR pt)", filter="languages", elastic=("news.language",), facet=True),
    Field("author", KEYWORD, lambda d: _of(d.article.author, "value"), "byline",
          query="author", example='author:"Ana Díaz"', elastic=("news.author",)),
    Field("author_source", KEYWORD, lambda d: _of(d.article.author, "source"),
          "where `author` was read, as in `title_source`", csv=False),
    Field("byline", KEYWORD, lambda d: d.article.byline or None,
          "the byline as written, if it says more than the names of the authors", csv=False),
    Field("description", TEXT, lambda d: d.article.description, "the outlet's own summary",
          elastic=("news.description",)),
    Field("section", KEYWORD, lambda d: d.article.section, "the outlet's section",
          query="section", example="section:world", filter="sections", elastic=("news.section",)),
    Field("image", KEYWORD, lambda d: d.article.image, "URL of the lead picture", csv=False),
    Field("published", DATE, lambda d: _of(d.article.published, "value"),
          "when the outlet says it was published; never after `seen`",
          query="published", example="published:>=2026-03-01", elastic=("news.published",)),
    Field("published_source", KEYWORD, lambda d: _of(d.article.published, "source"),
          "where `published` was read, as in `title_source`"),
    Field("published_raw", KEYWORD, lambda d: _of(d.article.published, "raw"),
          "`published` in its original form", csv=False),
    Field("published_zone", KEYWORD, lambda d: _of(d.article.published, "assumed"),
          "time zone that was assumed for `published`, because none is written, and what it follows from", csv=False),
    Field("updated", DATE, lambda d: _of(d.article.updated, "value"), "when the outlet says it was last changed",
          elastic=("news.updated",)),
    Field("updated_source", KEYWORD, lambda d: _of(d.article.updated, "source"),
          "where `updated` was read, as in `title_source`"),
    Field("updated_raw", KEYWORD, lambda d: _of(d.article.updated, "raw"), "`updated` in its original form", csv=False),
    Field("first_seen", DATE, lambda d: d.relation.first_seen,
          "when Almenara first saw the article; searches, retention and windows use this time",
          query="first_seen", example="first_seen:>now-7d", elastic=("@timestamp",)),
    derived("day", KEYWORD, _day, "day of `first_seen` in UTC, for counts", elastic=("key.day",), facet=True),
    Field("seen", DATE, lambda d: d.article.seen, "when Almenara saw this version", elastic=("event.created",)),
    Field("topics", OBJECT, lambda d: d.tags.topics,
          "`{id, score, by, evidence}`; by: `patterns` or `verifier`; evidence: `{concept, text, field, start, end, "
          "sentence}`, `text` is at `start:end`"
          " of `field`", empty=()),
    derived("topic", KEYWORD, lambda d: tuple(topic.id for topic in d.tags.topics), "ids of the topics",
            query="topic", example="topic:foreign-troop-authorization", filter="topics", elastic=("news.topics",),
            facet=True),
    Field("untagged", KEYWORD, lambda d: d.tags.untagged,
          "ids of the topics that have no terms in the article's language, and were not found",
          query="untagged", example="untagged:sanctions", elastic=("news.untagged",), empty=()),
    Field("countries", KEYWORD, lambda d: d.tags.countries,
          "countries the article is about, most mentioned first; a mention of their people (*peruano*) counts half"
          " ([how](topics.md#8-countries-and-places))", empty=(),
          query="country", example="country:PE", filter="countries", elastic=("news.countries",), facet=True),
    Field("places", OBJECT, lambda d: d.tags.places,
          "`{name, country, lat, lon, geoname, field, start, end, ambiguous}`", empty=()),
    derived("place", KEYWORD, lambda d: tuple(dict.fromkeys(place.name for place in d.tags.places)),
            "names of the places in the text", query="place", example="place:Lima"),
    Field("facts", OBJECT, lambda d: d.tags.facts,
          "facts about events, one object for each topic that has facts; every value with its sentence and offsets"
          " ([form](facts.md))", empty=()),
    derived("outcome", KEYWORD, names(lambda facts: (facts.outcome,)),
            "[fact](facts.md): what was decided: authorised, proposed, debated, rejected, extended, revoked, past",
            query="outcome", example="outcome:(authorised OR extended)"),
    derived("host", KEYWORD, names(lambda facts: (facts.host,)),
            "[fact](facts.md): country that admits the forces", query="host", example="host:PE"),
    derived("sender", KEYWORD, names(lambda facts: facts.senders),
            "[fact](facts.md): countries whose forces are admitted", query="sender", example="sender:US"),
    derived("personnel", NUMBER, numbers(personnel),
            "[fact](facts.md): how many people; of a range both ends", query="personnel", example="personnel:>500"),
    derived("votes_for", NUMBER, numbers(vote("for_")), "[fact](facts.md): votes for it",
            query="votes_for", example="votes_for:>=60"),
    derived("votes_against", NUMBER, numbers(vote("against")), "[fact](facts.md): votes against it",
            query="votes_against", example="votes_against:<10"),
    derived("votes_abstain", NUMBER, numbers(vote("abstain")), "[fact](facts.md): abstentions",
            query="votes_abstain", example="votes_abstain:[1 TO 5]"),
    derived("period_start", DATE, days(period("start")), "[fact](facts.md): first day of the stay",
            query="period_start", example="period_start:2026-06"),
    derived("period_end", DATE, days(period("end")), "[fact](facts.md): last day of the stay",
            query="period_end", example="period_end:<now+30d"),
    derived("instrument_date", DATE, days(instrument("date")), "[fact](facts.md): date of the act",
            query="instrument_date", example="instrument_date:>=2026-01"),
    derived("instrument", KEYWORD, names(instrument("kind")), "[fact](facts.md): kind of the act",
            query="instrument", example='instrument:"legislative resolution"'),
    derived("instrument_number", KEYWORD, names(instrument("number")), "[fact](facts.md): number of the act",
            query="instrument_number", example="instrument_number:32123"),
    derived("body", KEYWORD, names(lambda facts: (facts.body,)), "[fact](facts.md): who decided or is to decide",
            query="body", example="body:Congress"),
    derived("armed", KEYWORD, names(lambda facts: (facts.armed,)), "[fact](facts.md): whether they are armed: yes, no",
            query="armed", example="armed:yes"),
    derived("weapon", KEYWORD, names(lambda facts: facts.weapons), "[fact](facts.md): weapons, as named",
            query="weapon", example="weapon:rifles"),
    derived("unit", KEYWORD, names(lambda facts: facts.units), "[fact](facts.md): formations that are named",
            query="unit", example='unit:"7th Special Forces Group"'),
    derived("purpose", KEYWORD, names(lambda facts: (facts.purpose,)), "[fact](facts.md): why the forces come",
            query="purpose", example='purpose:"joint training"'),
    Field("agency", KEYWORD, lambda d: d.tags.agency,
          "[news agencies](copies.md#agencies) that the article credits: `afp`, `dpa`, `xinhua` …", empty=(),
          query="agency", example="agency:afp", elastic=("news.agency",), facet=True),
    Field("rules", KEYWORD, lambda d: d.tags.rules, "hash of the topic rules that were in force"),
    Field("story_id", KEYWORD, lambda d: d.relation.story_id, "id of the first article of its story",
          elastic=("news.story_id",)),
    Field("merged", KEYWORD, lambda d: d.relation.merged,
          "ids of stories that were merged into its story before it came, the newest ones", empty=(), csv=False,
          elastic=("news.merged",)),
    derived("story", KEYWORD, lambda d: (d.relation.story_id, *d.relation.merged),
            "its [story](stories.md#ids), by its id or that of a story that was merged into it",
            query="story", example="story:3f2a…"),
    Field("differs", KEYWORD, lambda d: d.relation.differs,
          "facts on which the reports of its story differed when it came, each with the values: `vote: 73-25 | 75-25` "
          "([how](stories.md#where-reports-differ))", empty=(), elastic=("news.differs",)),
    Field("corrections", OBJECT, lambda d: d.relation.corrections,
          "merges and splits of stories that followed from it: `{kind, story, into, articles, by}`", empty=(),
          csv=False),
    Field("duplicate_of", KEYWORD, lambda d: d.relation.duplicate_of, "id of the article that this one copies",
          query="duplicate_of", example="duplicate_of:3f2a…", elastic=("news.duplicate_of",)),
    Field("independent", NUMBER, lambda d: d.relation.independent,
          "[independent sources](copies.md#independent-sources) of its story when it came, itself included",
          query="independent", example="independent:>=2", elastic=("news.independent",)),
    Field("kind", KEYWORD, lambda d: d.relation.kind, "`new`, `version` (a change of a known article) or `copy`",
          query="kind", example="-kind:copy", elastic=("news.kind",)),
    Field("version", NUMBER, lambda d: d.relation.version, "number of the version: 1, 2, …",
          query="version", example="version:>1", elastic=("news.version",)),
    Field("seq", NUMBER, lambda d: d.relation.seq,
          "rises with every document written; a document with a higher `seq` replaces one with a lower",
          query="seq", example="seq:[100 TO 200]", elastic=("event.sequence",)),
    Field("material", FLAG, lambda d: d.relation.material,
          "whether a number, date, name, negation, vote or outcome changed; true for a first version",
          elastic=("news.material",)),
    Field("changes", OBJECT, lambda d: d.relation.changes,
          "`{kind, before, after, what}`; kind: `vote`, `outcome`, `number`, `date`, `name`, `negation`, `title`, "
          "`text`, `whole` (a part was missing before); what: of a number, the word for what is counted", empty=()),
    Field("changed", KEYWORD, lambda d: in_words(d.relation.changes) or None,
          "the changes in a few words, such as `73 → 75 for, 12 → 14 people, headline`"),
    derived("change_kinds", KEYWORD, lambda d: tuple(sorted({change.kind for change in d.relation.changes})),
            "kinds of changes since the version before", elastic=("news.change_kinds",)),
    Field("removed_at", DATE, lambda d: d.relation.removed_at,
          "when its page was found to be gone; `null` while it is there, also again",
          query="removed_at", example="removed_at:>now-7d", elastic=("news.removed_at",)),
    Field("removed", KEYWORD, lambda d: d.relation.removed or None,
          "why: `http_404`, `http_410`, `soft_404` (a page that says so), `home_page`, `section_page` (it leads there)",
          query="removed", example="removed:http_410", elastic=("news.removed",), facet=True),
    Field("drop", KEYWORD, lambda d: None,
          "why the article was dropped (only in `process`); `null` for a document", csv=False),
    Field("backlog", FLAG, lambda d: d.article.backlog,
          "whether it was found on a feed's first poll, or after Almenara was down for long: not alerted one by one",
          empty=False, elastic=("news.backlog",)),
    Field("revisit", NUMBER, lambda d: d.article.revisit, "0 for the first fetch, else the number of the revisit",
          empty=0, csv=False),
    Field("guid", KEYWORD, lambda d: d.article.guid, "id that the feed gives the item", csv=False),
    Field("aliases", KEYWORD, lambda d: d.article.aliases, "ids of the article's other URLs", empty=(), csv=False),
    Field("content_hash", KEYWORD, lambda d: d.article.content_hash, "hash of title and text", csv=False),
    Field("fetched", OBJECT, _fetched,
          "`{at, status, bytes, sha256, extractor, cut, refused, pages}` of the page; `refused`: why its text was not "
          "used (`http_403`, `robots`, `paywall` …); `pages`: how many were read", csv=False),
)  # fmt: skip

#: The fields of the query language by their names there.
QUERY_FIELDS: dict[str, Field] = {field.query: field for field in FIELDS if field.query}
_ASIDE = re.compile(r" \(\[\w+\]\([^()]*\)\)")  # a link that says nothing without its page
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")


def plain_about(field: Field) -> str:
    """What a field is, without Markdown."""
    return re.sub("[`*]", "", _LINK.sub(r"\1", _ASIDE.sub("", field.about)))


def _names(kind: Kind) -> tuple[str, ...]:
    return tuple(name for name, field in QUERY_FIELDS.items() if field.kind is kind)


TEXT_FIELDS, KEYWORD_FIELDS, DATE_FIELDS, NUMBER_FIELDS = map(_names, (TEXT, KEYWORD, DATE, NUMBER))

#: The facets of a search by name: that of the query field where there is one.
FACETS: dict[str, Field] = {field.query or field.name: field for field in FIELDS if field.facet}

#: Filter of an alert rule -> the field of the query language that it compares.
FILTERS: dict[str, str] = {field.filter: field.query for field in FIELDS if field.filter}


def query_value(name: str, document: Document) -> Any:
    """What a query compares: a str for a text field, a tuple of str for a keyword field, an aware datetime, an int.

    A date or number may also be a tuple of several values, and a date None if it is not known. Raises KeyError for a
    field that cannot be searched.
    """
    field = QUERY_FIELDS[name]
    value = field.get(document)
    return several(value) if field.kind is KEYWORD else value


def several(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The values of a keyword field; empty strings count as none."""
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def several_values(value: Any) -> tuple[Any, ...]:
    """The values of a date or number field."""
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def keyword_prefix(name: str, prefix: str) -> str:
    """The beginning of a value of a keyword field as it is compared. Raises ValueError for another field."""
    if name not in KEYWORD_FIELDS:
        raise ValueError(f"{name} has no values to complete: only {', '.join(KEYWORD_FIELDS)} have")
    return folding.fold(prefix.lstrip())


def keyword(value: str) -> str:
    """A keyword as it is compared: without regard to letter case and accents."""
    return folding.fold(value.strip())


def iso(moment: datetime) -> str:
    """`moment` in UTC: 2026-11-22T06:30:00Z, with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly: the indices compare dates as these."""
    return lasting(moment - EPOCH)


def lasting(duration: timedelta) -> int:
    """Whole microseconds."""
    return duration // timedelta(microseconds=1)


def moment_at(microseconds: int) -> datetime:
    """The moment so many microseconds after the start of 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
