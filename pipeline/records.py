"""The records that travel between stages, and their codec.

Every record is frozen. On the log it is JSON (UTF-8) with its schema version in `v`; `decode` refuses any version but
SCHEMA. Times are aware datetimes in UTC. Offsets into text count Unicode code points.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

SCHEMA = 6  # version of all records and of the files that hold them; raise it when old data no longer fits
_MOST_SCHEMA = 10_000  # a higher version is no version: the record is damaged
TEXT_LIMIT = 200_000  # characters of article text that go through the log (Kafka messages are capped at 1 MB)


# What a value may be: `decode` refuses a record with another one, which no database or clock could take.
Count = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]  # up to 31 years
Moment = Annotated[datetime, Meta(tz=True)]


def check_years(*moments: datetime | None) -> None:
    """Raise ValueError for a time of ours (not of a publisher) that is not valid: intervals need valid ones."""
    for moment in moments:
        if moment is not None and not 1970 <= moment.year <= 2200:
            raise ValueError(f"{moment.isoformat()} is not between 1970 and 2200")


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a record, without its own schema version."""


class Record(Value, frozen=True, kw_only=True):
    """A record that is published on a stream."""

    v: int = SCHEMA


def _schema() -> int:
    return SCHEMA


class State(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A record of which there are many: what has its default is left out, but for the schema version."""

    v: int = msgspec.field(default_factory=_schema)  # a default that is computed is written


class Sourced(Value, frozen=True):
    """A text and its source: feed, feed-text (first words of the feed's text), json-ld, opengraph, meta, html, pdf,
    url, or given (by the input of `process`)."""

    value: str
    source: str


class Dated(Value, frozen=True, omit_defaults=True):
    """A moment, its source, and the string that it was parsed from.

    `zone`: the time zone that was assumed because the string has a time without one (IANA name); `zone_from`: what it
    follows from: country (of the feed), domain, language, or nothing (then it is UTC), with ", several" if outlets of
    that country are in several zones.
    """

    value: Moment
    source: str
    raw: str
    zone: str | None = None
    zone_from: str | None = None

    @property
    def assumed(self) -> str | None:
        """The assumed zone and what it follows from, for people."""
        return f"{self.zone} ({self.zone_from})" if self.zone else None


class Profile(Value, frozen=True, kw_only=True, omit_defaults=True):
    """How a feed and the pages of its entries are requested (docs/feeds.md).

    `user_agent` and `proxy` are for every page of the feed, the rest only for `hosts`. `headers` and `proxy` may
    contain `${NAME}`, a variable of the environment; it and the password are read where the request is made, so no
    secret is on the log.
    """

    user_agent: str | None = None
    headers: dict[str, str] = {}
    username: str | None = None  # for HTTP basic authentication
    password_env: str | None = None  # name of a variable of the environment
    password_file: str | None = None
    ca_file: str | None = None  # further certificate authorities, PEM
    min_tls: str | None = None  # lowest version of TLS: 1.0, 1.1, 1.2 or 1.3
    verify: bool = True  # False: any certificate will do
    proxy: str | None = None  # instead of that of [fetch]; "none" for no proxy
    hosts: tuple[str, ...] = ()  # of the feed, with and without `www.`, and others that the operator named
    plain: bool = False  # the feed is read without TLS, so its headers and password may be sent without it


class Feed(Record, frozen=True, kw_only=True):
    """One feed to poll; key of the compacted stream `feeds` is `id`."""

    id: str
    name: str
    url: str
    language: str | None = None  # ISO 639-1, of the outlet; that of each article is detected
    country: str | None = None  # ISO 3166-1 alpha-2 of the outlet
    groups: tuple[str, ...] = ()
    every: Seconds | None = None  # seconds between polls; None: adaptive
    enabled: bool = True
    removed: bool = False  # neither polled nor shown; kept so that the seed file does not add it again
    origin: str = "config"  # config (a feeds.toml), cli, opml
    seed: str = ""  # name of the feeds.toml that it came from
    listed_in: str | None = None  # public list the feed was taken from, with its date
    profile: Profile = Profile()
    ignore_validators: bool = False  # for servers that answer 304 although the feed changed


class Part(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What poll remembers about a sitemap that an index lists. `changed`: as the index says."""

    url: str
    changed: str = ""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


class Rhythm(Value, frozen=True, kw_only=True):
    """What poll has learned about when a feed publishes."""

    heard_at: Moment  # of the last poll that succeeded
    weights: bytes  # see core/timing/rhythm.py
    size: Count = 0  # entries in the feed when it was last read
    gaps: Count = 0  # polls that brought nothing known, so that entries may have been lost before


class PollNote(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One poll of a feed, for people. `outcome`: as in the report of a poll; `new`: items; `next`: when it was due."""

    at: Moment
    outcome: str
    new: Count = 0
    drops: dict[str, Count] = {}
    next: Moment | None = None
    detail: str = ""


class FeedState(Record, frozen=True, kw_only=True):
    """What poll remembers about a feed; key of `feed-state` is the feed's id."""

    feed: str
    polled_at: Moment
    next_at: Moment
    interval: Seconds
    url: str | None = None  # the feed's own URL that validators, hash and move belong to
    first_polled_at: Moment | None = None  # of the first poll that succeeded
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    listed: tuple[str, ...] = ()  # key and mark of each entry that the feed lists, then of some that left it
    shared: tuple[str, ...] = ()  # keys of links that do not identify an entry, because several share them
    entries: Count = 0  # that the feed listed when it was last read, and why some of them were no items:
    drops: dict[str, Count] = {}
    updated: dict[str, Moment] = {}  # key -> when the entry says it was changed, of those that say so
    failures: Count = 0
    error: str | None = None  # class of the last failure, None after a success
    detail: str | None = None
    failing_since: Moment | None = None
    moved_to: str | None = None  # where a permanent redirect leads
    moved_times: Count = 0  # successful polls in a row that were redirected there
    read_at: str | None = None  # where it is read, if a permanent redirect or a redirect inside a page leads there
    unchanged: Count = 0  # polls in a row without a new item
    not_modified: Count = 0  # 304s in a row
    full_at: Moment | None = None  # of the last poll that got the whole feed
    trusted: Count = 0  # times that a whole feed proved the 304s before it right
    false_304: bool = False  # the server answered 304 although the feed had changed: its validators are not used
    skip_hours: tuple[int, ...] = ()  # hours (UTC) in which the feed asks not to be polled
    skip_days: tuple[int, ...] = ()  # weekdays, 0 is Monday
    parts: tuple[Part, ...] = ()  # of a feed that is an index of sitemaps: those that were read last
    rhythm: Rhythm | None = None
    history: tuple[PollNote, ...] = ()  # the last polls, the newest first

    def __post_init__(self) -> None:
        check_years(self.polled_at, self.next_at, self.first_polled_at, self.failing_since, self.full_at)


class Item(Record, frozen=True, kw_only=True):
    """One entry of a feed, not yet fetched."""

    feed: str
    source: str  # the outlet's name
    url: str
    seen: Moment  # when the poll saw it
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None  # the feed's own text, whole and as written (HTML), if it says more than `summary`
    image: str | None = None  # the address of the picture that the feed gives with the entry
    untitled: bool = False  # the entry has no title: `title` is the first words of its text
    also: tuple[str, ...] = ()  # other addresses that a relative link may mean; tried in order if `url` leads nowhere
    #: own: `url` is the page of this entry; shared: of several entries, so the page may be another's; none: `url` is
    #: that of the site, and the article is made of the feed.
    link: Literal["own", "shared", "none"] = "own"
    article: str | None = None  # id of the article, if it does not follow from `url`
    garbled: bool = False  # characters of it were lost: its bytes could not be read in any character set
    author: str | None = None
    published: Dated | None = None
    updated: Dated | None = None
    language: str | None = None
    country: str | None = None
    backlog: bool = False  # from a feed's first poll, or after Almenara was down for long
    revisit: Count = 0  # 0: new; n: the n-th revisit of a known article
    attempt: Count = 0
    gone: Count = 0  # how often this revisit found that its page is gone
    not_before: Moment | None = None
    first_seen: Moment | None = None  # of a revisit: when the article was first seen
    profile: Profile = Profile()  # of its feed

    def __post_init__(self) -> None:
        check_years(self.seen, self.not_before, self.first_seen)


class RecentArticle(Value, frozen=True, kw_only=True):
    """What is remembered of an article to find the lines that its site repeats. Numbers stand for texts, and are packed
    as little-endian uint32."""

    id: int
    seen: Moment
    lines: bytes
    title: bytes


class SiteLine(Value, frozen=True, kw_only=True):
    """A line that a site repeats. It is removed from articles first seen after `since`; `text` is its beginning."""

    number: int
    text: str
    since: Moment
    seen: Moment  # last


class SiteLines(Record, frozen=True, kw_only=True):
    """What clean knows of the lines of a site; key of `site-lines` is the registrable domain."""

    site: str
    seen: Moment  # the newest article
    recent: tuple[RecentArticle, ...] = ()
    lines: tuple[SiteLine, ...] = ()

    def __post_init__(self) -> None:
        check_years(self.seen)


class Revisit(Record, frozen=True, kw_only=True):
    """A revisit that is planned for days ahead; key of `revisits` is `article`. On `revisits-wanted`: the wish for one.

    `item` None: it was done, at `due`.
    """

    article: str
    due: Moment
    item: Item | None = None

    def __post_init__(self) -> None:
        check_years(self.due)


class Dropped(Record, frozen=True, kw_only=True):
    """An item that became no article, on the stream `dropped`: for reports by feed and reason."""

    feed: str
    url: str
    title: str | None
    reason: str
    detail: str
    at: Moment

    def __post_init__(self) -> None:
        check_years(self.at)


class Page(Value, frozen=True, kw_only=True):
    """The answer to a fetch. Never published: the log carries no raw HTML."""

    url: str  # after redirects
    status: Count
    body: bytes
    fetched_at: Moment
    content_type: str = ""
    headers: dict[str, str] = {}  # lower-case names
    permanent: str | None = None  # where a chain of only 301/308 led
    jumped: bool = False  # a redirect inside a page was followed: a refresh, or a script
    cut: str = ""  # why the end of the body may be missing; empty: the server sent all that it announced


class Fetched(Value, frozen=True, kw_only=True):
    """The source of an article's text. `status` 0: the page could not be fetched, and the text is that of the feed."""

    at: Moment
    status: Count
    bytes: Count
    sha256: str
    extractor: str  # name and version; "feed" if the text is that of the feed
    cut: bool = False  # the server sent less than it announced
    refused: str = ""  # why the text is not that of the page: http_403, robots, paywall, …; empty: it is, or is worse
    pages: Count = 1  # pages that the text was read from


#: Where the text of an article was read. page: its markup; data: a script of the page; title: there is no text but the
#: headline; given: the input of `process`.
TextFrom = Literal["page", "json-ld", "data", "pdf", "feed", "description", "title", "given"]

#: What a text lacks. teaser: all but its first words; paid: what only subscribers read; cut: its end, which the server
#: did not send; pages: some of the pages of the article. Empty: nothing, as far as is known.
Partial = Literal["", "teaser", "paid", "cut", "pages"]


class Article(Record, frozen=True, kw_only=True):
    """An article read and cleaned. `text` is in NFC, paragraphs separated by a newline."""

    id: str  # core.urls.article_id(canonical url); of an entry without a page of its own, core.feeds.identity.own_id
    url: str  # canonical; of an entry without a page of its own, that of its site
    feed: str
    source: str
    title: Sourced
    text: str
    content_hash: str  # of title and text
    seen: Moment
    language: str | None  # ISO 639-1 where there is one
    aliases: tuple[str, ...] = ()  # ids of the other URLs (the feed's, before redirects)
    guid: str | None = None
    truncated: bool = False  # cut at a limit of ours
    text_from: TextFrom = "page"
    partial: Partial = ""
    garbled: bool = False  # title or text has characters that could not be read in any character set
    author: Sourced | None = None
    byline: str = ""  # as written, if it says more than the names of the authors: "Ana Ruiz, EFE"
    published: Dated | None = None  # never after `seen`
    updated: Dated | None = None
    country: str | None = None  # of the outlet
    description: str | None = None
    image: str | None = None
    section: str | None = None
    backlog: bool = False
    revisit: Count = 0
    site_lines: Count = 0  # lines that were removed because they stand in many articles of the site
    fetched: Fetched | None = None
    removed: str = ""  # why its page is gone; such a record only says that, and has no text
    profile: Profile = Profile()  # of its feed, for revisits

    def __post_init__(self) -> None:
        check_years(self.seen)


class Evidence(Value, frozen=True, kw_only=True):
    """Words that matched a topic rule: `field`[start:end] ("title" or "text")."""

    concept: str
    text: str
    field: str
    start: int
    end: int
    sentence: str


#: What accepted a topic: the sum of its patterns' weights, or the verifier of its rule.
Acceptance = Literal["patterns", "verifier"]


class Topic(Value, frozen=True, kw_only=True):
    """A topic that an article has. `score`, 0 to 1: the sum of the patterns' weights, or the verifier's probability."""

    id: str
    score: float
    by: Acceptance = "patterns"
    evidence: tuple[Evidence, ...] = ()


class Place(Value, frozen=True, kw_only=True):
    name: str
    country: str  # ISO 3166-1 alpha-2
    lat: float
    lon: float
    geoname: int
    field: str
    start: int
    end: int
    ambiguous: bool = False


class Stated(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A fact as the article states it: `field`[start:end] ("title" or "text") are the words, within `sentence`.

    `implied`: worked out from those words rather than named by them, as a country from its capital.
    """

    value: str | int
    sentence: str
    start: int
    end: int
    field: str
    implied: bool = False


class StatedPlace(Stated, frozen=True, kw_only=True, omit_defaults=True):
    """`value` as named in the text. Without country and coordinates if the gazetteer does not know it."""

    name: str | None = None  # in the gazetteer
    country: str | None = None  # ISO 3166-1 alpha-2
    lat: float | None = None
    lon: float | None = None
    geoname: int | None = None
    ambiguous: bool = False


class Instrument(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The legal act: its kind ("resolución legislativa"), number and date, and the date it was published."""

    kind: Stated | None = None
    number: Stated | None = None
    date: Stated | None = None
    published: Stated | None = None


class Vote(Value, frozen=True, kw_only=True, omit_defaults=True, rename={"for_": "for"}):
    for_: Stated | None = None
    against: Stated | None = None
    abstain: Stated | None = None


class Period(Value, frozen=True, kw_only=True, omit_defaults=True):
    """First and last day, ISO 8601."""

    start: Stated | None = None
    end: Stated | None = None


class Personnel(Value, frozen=True, kw_only=True, omit_defaults=True):
    """How many people; "up to 300" has only a max. `vague`: words such as "dozens", if there is no number."""

    min: Stated | None = None
    max: Stated | None = None
    vague: Stated | None = None
    unit: Stated | None = None  # what they are counted in: "militares", "instructors"


#: What can become of a request to admit forces; docs/labels.md defines each.
OUTCOMES = ("authorised", "proposed", "debated", "rejected", "extended", "revoked", "past")


class Facts(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The facts that an article states about one event (docs/facts.md); what it does not state is left out. Countries
    are ISO 3166-1 alpha-2, `outcome` and `armed` are values of a fixed list, the rest is quoted from the text."""

    topic: str
    outcome: Stated | None = None
    host: Stated | None = None
    senders: tuple[Stated, ...] = ()
    body: Stated | None = None
    mandate: Stated | None = None
    instrument: Instrument | None = None
    vote: Vote | None = None
    period: Period | None = None
    armed: Stated | None = None
    weapons: tuple[Stated, ...] = ()
    personnel: Personnel | None = None
    units: tuple[Stated, ...] = ()
    places: tuple[StatedPlace, ...] = ()
    purpose: Stated | None = None


class Tags(Value, frozen=True, kw_only=True):
    """The results of tag. `rules` is the hash of the topic rules that were used."""

    rules: str
    topics: tuple[Topic, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, most mentioned first
    places: tuple[Place, ...] = ()
    facts: tuple[Facts, ...] = ()
    untagged: tuple[str, ...] = ()  # topics without terms in the article's language, not found
    agency: tuple[str, ...] = ()  # ids of the news agencies that the article credits (core/stories/agencies.py)


class Traits(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The data by which versions of an article are compared (core/stories/traits.py); lists are bounded, in order."""

    title: str = ""
    words: str = ""  # hash of the folded words of the prose: equal if only typography or boilerplate differs
    length: Count = 0  # of the prose, in words
    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()  # each with the word after it
    amounts: tuple[str, ...] = ()  # numbers, also in words, with their unit: "5000000 $" (core/stories/figures.py)
    counted: tuple[str, ...] = ()  # of the first of these without a unit, what they count: "14 people"
    votes: tuple[str, ...] = ()  # "27 for"
    outcomes: tuple[str, ...] = ()  # how things ended: "approved"; of the facts: "TOPIC authorised"
    about: bool = True  # False: a short text that has nothing in common with its title, such as a promotion


class Fingerprint(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The data by which relate compares articles, packed. Bytes are encoded as base64."""

    features: bytes = b""  # what stories are told apart by: a row of core/stories/features.py, with the story vector
    text: bytes = b""  # what copies are found by: a row of core/stories/copies.py
    traits: Traits = Traits()


class Tagged(Record, frozen=True, kw_only=True):
    article: Article
    tags: Tags
    fingerprint: Fingerprint


class Change(Value, frozen=True, kw_only=True):
    """A difference between two versions. `kind`: number, date, name, negation, vote, outcome, title, text, or whole
    (before, the text was partial). `what`: of a number, the word for what is counted, as written."""

    kind: str
    before: str
    after: str
    what: str = ""


class Correction(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Two stories turned out to be one, or one to be two: `articles` go from story `story` to story `into`.

    A merge takes all articles; `articles` is empty, and `story` leads to `into` from then on.
    """

    kind: Literal["merge", "split"]
    story: str
    into: str
    articles: tuple[str, ...] = ()
    by: Literal["article", "person"] = "article"  # what it follows from: the article that arrived, or a request


class Relation(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The decision of relate about an article; made only once."""

    kind: str  # new, version, copy
    first_seen: Moment
    seq: Count  # rises by one with every document; version number of index writes
    version: Count  # 1, 2, … of this article
    story_id: str  # id of the story's first article
    merged: tuple[str, ...] = ()  # ids of stories that were merged into the story until then, the newest ones
    duplicate_of: str | None = None
    independent: Count = 1  # independent sources of the story then, with this one (core/stories/independent.py)
    corrections: tuple[Correction, ...] = ()  # of stories, that follow from this article
    differs: tuple[str, ...] = ()  # facts on which the reports of the story differed then: "vote: 73-25 | 75-25"
    material: bool = True  # a change of a number, date, name, negation, vote or outcome; a first version always is
    changes: tuple[Change, ...] = ()
    removed_at: Moment | None = None  # when its page was found to be gone
    removed: str = ""  # why, see core/pages/removal.py
    #: A document that only notes that its page is gone, or there again: title, text and tags are those of the version.
    noted: Literal["", "removed", "returned"] = ""

    def __post_init__(self) -> None:
        check_years(self.first_seen, self.removed_at)


class Document(Record, frozen=True, kw_only=True):
    article: Article
    tags: Tags
    relation: Relation


class StoryArticle(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An article of a story, in its newest version."""

    id: str
    seq: Count
    version: Count = 1
    seen: Moment  # first
    published: Moment | None = None  # None if the outlet only says the day
    source: str
    country: str | None = None  # of the outlet
    language: str | None = None
    title: str
    url: str
    copy_of: str | None = None
    agency: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # mentioned, most often first; ISO 3166-1 alpha-2
    removed: bool = False  # its page is gone


class Said(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What one article says: the words `sentence`, as of `at` (when the article says so, else when it was seen)."""

    article: str
    source: str
    language: str | None = None
    at: Moment
    value: str | int
    low: Count | None = None  # bounds of a number that is not exact, such as "dozens" or "up to 300"
    high: Count | None = None
    sentence: str
    copied_from: str | None = None  # the article of the same story from which this one has it
    implied: bool = False  # worked out from the words rather than named by them


class StoryFact(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A fact of a story with what its articles say of it, the most common value first. `field` as in Facts: "vote.for".

    `differs`: the values exclude each other at the same time; a number that rises with time does not.
    """

    topic: str
    field: str
    said: tuple[Said, ...]
    differs: bool = False


class StoryHour(Value, frozen=True, kw_only=True):
    """How many articles a story got in the hour that begins at `at`, and how many of these are no copies."""

    at: Moment
    articles: Count
    own: Count


class Story(State, frozen=True, kw_only=True, omit_defaults=True):
    """A story; key of the compacted stream `stories` is `id`, the id of its first article when it was opened.

    A large one is not always written whole, but in steps, under other keys (`after`). Counts are exact; lists are
    bounded. A story that was merged has only `id`, `seq`, its times and `redirect`; so has, under `STORY/ARTICLE`, an
    article that was moved long ago.
    """

    id: str
    seq: Count  # of the newest document in it; version number of index writes
    changed: Moment  # `seen` of the record that changed it last
    opened: Moment  # when the article was first seen that opened it; never changes
    redirect: str | None = None  # the story that it was merged into
    title: str = ""
    first: StoryArticle | None = None  # the first report
    articles: tuple[StoryArticle, ...] = ()  # by `seen`; the first and the newest ones if there are many
    size: Count = 0
    copies: Count = 0
    independent: Count = 0
    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # mentioned, most often first; ISO 3166-1 alpha-2
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    timeline: tuple[StoryHour, ...] = ()
    facts: tuple[StoryFact, ...] = ()
    merged: tuple[str, ...] = ()  # ids that lead here
    moved: dict[str, str] = {}  # articles that were taken out, and the story that each came to
    split_from: str | None = None
    kept: tuple[Correction, ...] = ()  # what people decided about it, which is never undone
    steps: Count = 0  # since it was written whole (core/stories/steps.py)
    after: Count | None = None  # this is only what changed since the record with this `seq`
    hosts: tuple[str, ...] = ()  # countries that admit foreign forces, of its facts; see core/stories/threads.py

    def __post_init__(self) -> None:
        check_years(self.changed, self.opened)


class StoryRequest(Record, frozen=True, kw_only=True):
    """What a person asked relate to do with stories, on `story-requests`: merge `story` into `into`, or take `articles`
    out of `story`, to a story of their own or to `into`."""

    at: Moment
    kind: Literal["merge", "split"]
    story: str
    into: str | None = None
    articles: tuple[str, ...] = ()
    by: str = ""  # who asked

    def __post_init__(self) -> None:
        check_years(self.at)


class Span(Value, frozen=True, kw_only=True):
    """Matched words: `text` is `field`[start:end]."""

    field: str
    start: int
    end: int
    text: str


class Quote(Value, frozen=True, kw_only=True):
    """A sentence in one line, the matched words between \\x02 and \\x03. `field`: title or text."""

    field: str
    text: str


class Alert(Record, frozen=True, kw_only=True):
    """A version of an article that matches a rule, whether or not an earlier one did. `id` follows from article,
    version and rule, so a repeated alert has the same id."""

    id: str
    rule: str  # key of the rule: its id, else its name
    name: str  # of the rule
    rule_hash: str
    rules: str  # hash of the whole set of alert rules that was used
    severity: str
    channels: tuple[str, ...]
    article: str
    version: Count
    story_id: str
    merged: tuple[str, ...] = ()  # ids of stories that were merged into the story
    duplicate_of: str | None = None
    title: str
    url: str
    source: str
    outlet_country: str | None = None  # ISO 3166-1 alpha-2
    feed: str = ""
    language: str | None = None
    published: Dated | None = None
    first_seen: Moment  # of the article
    seen: Moment  # of this version
    query: str = ""
    branch: str = ""  # the part of the query that matched
    matched: tuple[Span, ...] = ()
    quotes: tuple[Quote, ...] = ()  # a few sentences that show the matched words; without any, the first of the text
    topics: tuple[str, ...] = ()
    share: float = 1.0  # 0 to 1: words and conditions of the query that hold, of all that are not negated
    topic_score: float = 0.0  # the highest score of the topics that the branch names, else of all
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # the names of the first few
    fact_lines: tuple[str, ...] = ()  # of each event with facts, in one line
    independent: Count = 1  # independent sources of its story then, with this one
    differs: tuple[str, ...] = ()  # facts on which the reports of its story differ
    changes: tuple[Change, ...] = ()  # since the version before
    traits: Traits | None = None  # of this version, to compare it with one that was reported
    old: bool = False  # published long before it was first seen, see core/alerts/age.py
    counted: bool = False  # the rule only counts articles (silence, burst): what people would read is left out
    backlog: bool = False
    copies: str = "skip"  # or "alert": what the rule says about copies of an article that it fired for
    profile: Profile = Profile()  # of the feed, for the revisit

    def __post_init__(self) -> None:
        check_years(self.first_seen, self.seen)


class AlertState(Record, frozen=True, kw_only=True):
    """What notify remembers about an alert; key of `alert-state` is `id`.

    `status`: reported (a message says it), held (a message will say it; `why`: story, change, throttle, flood, quiet,
    budget, digest or backlog), noted (its rule does not report it but counts it: further reports of a story), copy
    (of an article of the rule, counted), muted (`why`: id of the mute), unchanged (no material change since the
    version that was reported), or started: no alert, but says that a rule (`rule`) has been in force. A held alert is
    also reported if a message names it or covers its number; soon afterwards its state says so too.
    """

    id: str
    rule: str  # key of the rule
    status: str
    at: Moment  # when it was decided
    number: Count = 0  # of the alerts with a state of the rule: 1, 2, …
    why: str = ""
    due: Moment | None = None  # of a held one: when it is expected to be reported
    moved: Moment | None = None  # of a held one: when it was put into a digest, if it waited for something else before
    message: str = ""  # id of the message that reported it
    article: str = ""
    original: str = ""  # the article, or the one that it copies
    version: Count = 0
    story: str = ""
    merged: tuple[str, ...] = ()  # ids of stories that were merged into `story`
    score: float = 0.0
    title: str = ""
    source: str = ""
    url: str = ""
    country: str | None = None  # of the outlet
    language: str | None = None
    places: tuple[str, ...] = ()  # country codes and names that a mute may name
    kind: Literal["article", "silence", "burst"] = "article"  # of the last two, `title` is what is said
    seen: Moment | None = None  # this version
    changes: tuple[Change, ...] = ()  # since the version that was last reported
    traits: Traits | None = None  # of this version
    alert: Alert | None = None  # whole, of the first few hundred held ones of a rule
    mark: Literal["", "useful", "noise"] = ""  # what a person said about it
    marked: Moment | None = None

    def __post_init__(self) -> None:
        check_years(self.at, self.due, self.moved, self.seen, self.marked)


class StorySoFar(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The reports of one story that a rule matched, up to a message: lists in order of arrival, bounded."""

    id: str
    articles: Count = 0  # without copies
    copies: Count = 0
    sources: tuple[str, ...] = ()  # outlets that reported it themselves
    countries: tuple[str, ...] = ()  # of the outlets
    languages: tuple[str, ...] = ()
    first_title: str = ""
    first_source: str = ""
    first_seen: Moment | None = None


class Covered(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Held alerts of a rule that a message reports: those that waited in `lane`, up to the number `upto`.

    `lane`: story or change (of the story `story`), open (until the rule may send), digest, or backlog.
    """

    rule: str  # key
    lane: str
    upto: Count
    story: str = ""


class Message(Record, frozen=True, kw_only=True):
    """What one or more channels have to deliver; key of `messages` is `id`, which follows from its cause.

    It alone says that its alerts were reported: no other record has to be written with it.
    """

    id: str
    kind: str  # alert, follow_up, summary, digest, silence, burst, report (about a channel), test
    rule: str  # key of the rule (its id, else its name); "" for a report, and for a digest of several rules
    name: str  # of the rule, or what a report is about
    severity: str
    channels: tuple[str, ...]  # that have to deliver it
    at: Moment
    alerts: tuple[Alert, ...] = ()  # those shown, in order; none once it is old
    reported: tuple[str, ...] = ()  # ids of alerts that it reports, beside those that it `covers`
    showed: tuple[str, ...] = ()  # ids of `alerts`, once these are no longer kept
    covers: tuple[Covered, ...] = ()
    upto: Count = 0  # `story` counts the alerts of the rule up to this number
    held_back: Count = 0  # articles that it reports without showing them
    by_story: dict[str, Count] = {}  # of these, those of stories of which it shows an alert
    by_rule: dict[str, Count] = {}  # of several rules, by name: the alerts that it reports, shown or not
    muted: Count = 0  # alerts that were muted meanwhile: not among `held_back`
    findings: Count = 0  # of a summary or digest: silences and bursts, a line of `text` each
    story: StorySoFar | None = None
    grown: StorySoFar | None = None  # of a follow-up: what is new since the last message about the story
    changes: tuple[Change, ...] = ()  # since the version that was last reported
    text: str = ""  # what a report, a silence or a burst says

    def __post_init__(self) -> None:
        check_years(self.at)


class Delivery(Record, frozen=True, kw_only=True):
    """What became of a message on one channel; key of `deliveries` is "MESSAGE/CHANNEL". None exists before the first
    attempt."""

    message: str
    channel: str
    status: str  # waiting, sent, refused (for good), unsure (tried a few times, never confirmed), given_up
    at: Moment
    attempts: Count = 0
    due: Moment | None = None  # of the next attempt
    since: Moment | None = None  # of the first attempt
    unsure: Count = 0  # attempts after which it is not known whether the channel took it
    taken: tuple[Count, ...] = ()  # by address of the channel, how many parts of a message that was split it took
    key: str = ""  # idempotency key: that of every attempt; of messages that were merged the same
    resent: Moment | None = None  # when a person asked to send it again
    error: str = ""  # of the last attempt
    failure: str = ""  # its kind, see ports.SendFailure
    started: bool = False  # an attempt may have been cut off by a kill, and its message taken

    def __post_init__(self) -> None:
        check_years(self.at, self.due, self.since, self.resent)


class Mute(Record, frozen=True, kw_only=True):
    """Alerts that are not reported for a time; key of `mutes` is `id`. All conditions that are given must hold."""

    id: str
    until: Moment
    at: Moment
    rule: str = ""  # key of a rule
    story: str = ""
    source: str = ""
    place: str = ""  # country code, or name of a place as in documents
    reason: str = ""

    def __post_init__(self) -> None:
        check_years(self.at, self.until)


class AlertRhythm(Record, frozen=True, kw_only=True):
    """How many articles a rule usually counts, for the triggers silence and burst; key of `alert-rhythms` is
    "RULE/KEY". It is that of the end of an hour; see core/notification/rhythms/rhythm.py."""

    rule: str  # key of the rule
    key: str = ""  # feed, topic or source that is counted on its own; "": all together
    counts: str = ""  # hash of what is counted: another query, or another kind of keys, has another rhythm
    at: Moment  # end of the last hour in it
    cells: bytes  # 336 little-endian 32-bit floats: articles, then hours watched, of each hour of the week; faded
    hours: float  # watched, all in all
    articles: Count  # counted, all in all
    spread: tuple[float, float, float, float, float]  # sums from which follows how unevenly articles come
    gaps: tuple[float, float, float]  # number, sum and sum of squares of the pauses between articles
    quiet: float = 0.0  # since the last article, in pauses that are usual
    longest: float = 0.0  # longest pause, faded
    expected: float = 0.0  # articles since the last one, by the rhythm
    last: Moment | None = None  # article
    silent: Moment | None = None  # since when it is reported as silent
    burst: Moment | None = None  # since when more articles than usual are reported

    def __post_init__(self) -> None:
        check_years(self.at, self.last, self.silent, self.burst)


class AlertRequest(Record, frozen=True, kw_only=True):
    """What a person asked notify to do, on `alert-requests`. One of the fields is given."""

    at: Moment
    mute: Mute | None = None
    unmute: str = ""  # id of a mute
    mark: tuple[str, str] | None = None  # id of an alert; useful or noise
    resend: Message | None = None  # whole; a channel that took it before gets it with the same key
    again: tuple[str, ...] = ()  # channels that get `resend`
    started: str = ""  # key of a rule whose past alerts were published

    def __post_init__(self) -> None:
        check_years(self.at)


class Kept(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a reader of the console keeps; key of the compacted stream `readers` is USER/KIND/ID. Without a login, the
    user is "".

    `kind`: view (a saved one; `value` is its address, `title` its name), follow (a story), star or read (an article);
    link (of a message, that was used; of no user), ended (a session that its user ended; of no user).
    """

    v: int = msgspec.field(default_factory=_schema)
    user: str
    kind: Literal["view", "follow", "star", "read", "link", "ended"]
    id: str
    at: Moment
    title: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        check_years(self.at)


class Known(State, frozen=True, kw_only=True, omit_defaults=True):
    """What relate remembers about an article, until it is in a page of `archive`; key of `known` is `id`.

    Other ids that lead to it (its other URLs, its guid, its text) have their own records, with only `alias_of`.
    """

    id: str
    alias_of: str | None = None
    at: str = ""  # stream/partition/offset of the input that wrote this
    content_hash: str = ""
    relation: Relation | None = None  # of the newest version
    traits: Traits = Traits()
    fetched: datetime | None = None  # when the newest version was read from its site
    text_from: TextFrom = "page"  # of the newest version
    partial: Partial = ""  # of the newest version
    aliases: tuple[str, ...] = ()  # those that this input brought
    thin: bool = False  # from a page of `archive`: of the text it has only the beginning of its hash


class Archived(Record, frozen=True, kw_only=True):
    """A page of `archive`: articles that did not change for long, and the keys that lead to them, packed
    (core/stories/archive.py)."""

    articles: Count
    packed: bytes


class Decided(State, frozen=True, kw_only=True, omit_defaults=True):
    """A record of `fingerprints`: the fingerprint of an article, the whole decision, and its input.

    A dropped input has no `fingerprint` and no `relation`, only the reason.
    """

    article: str
    seen: Moment
    stream: str
    partition: Count
    offset: Count
    content_hash: str
    fingerprint: Fingerprint | None = None  # without traits: versions are compared by those in `known`
    relation: Relation | None = None
    drop: str | None = None
    aliases: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()  # of an input that is no article, but a request about stories
    known: Known | None = None  # what it left on `known`, if that does not follow from the input

    def __post_init__(self) -> None:
        check_years(self.seen)


class Dead(Record, frozen=True, kw_only=True):
    """A record that a stage could not handle; `value` is the original, zlib-compressed.

    `raw_key`: the original key, zlib-compressed, if `key` does not say all of it. `cut`: over 700 kB, not kept whole.
    """

    stage: str
    stream: str
    partition: Count
    offset: Count
    key: str
    error: str
    detail: str
    at: Moment
    value: bytes
    raw_key: bytes = b""
    cut: bool = False

    def __post_init__(self) -> None:
        check_years(self.at)


class Audited(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Who did what: `by` a user of the console or of this machine ("" if unknown), `via` a command, the console or its
    API; `about` names what it was done to, by id or name."""

    at: Moment
    by: str
    via: str
    did: str  # mute, unmute, mark, resend, merge, split, …
    about: tuple[str, ...] = ()
    note: str = ""


class Request(Record, frozen=True, kw_only=True):
    """On `control`, what a person asked for: the dead record at offset `replayed` was put back on its stream, or the
    record at `skip` (stream/partition/offset) is to be passed over; or an entry of the audit."""

    replayed: Count | None = None
    skip: str | None = None
    audit: Audited | None = None

    def __post_init__(self) -> None:
        if self.audit:
            check_years(self.audit.at)


class Incarnation(Record, frozen=True, kw_only=True):
    """The id of a stream's topic on a broker; key of the compacted stream `incarnations` is the stream.

    A stream whose topic has another id was deleted and created again, and what was on it is not repaired yet.
    """

    stream: str
    topic: str


class Problem(Value, frozen=True, kw_only=True):
    """Something that is wrong in a process now. `part`: a stage, `log`, `configuration`, `channel NAME` and so on.

    `state`: unavailable (a service of ours is down, its work waits), blocked (a record stops its partition), refused
    (a changed configuration has faults; the old one stays in force), failing (a channel; the other work goes on),
    different (this worker's feeds.toml from the feeds on the log, which are polled).
    """

    part: str
    state: str
    why: str
    since: Moment
    next_try: Moment | None = None

    def __post_init__(self) -> None:
        check_years(self.since, self.next_try)


class Heartbeat(Record, frozen=True, kw_only=True):
    """What a daemon or worker says about itself every few seconds; key of the stream `workers` is `instance`."""

    instance: str  # name of the worker, the same after a restart
    process: str  # random: tells two processes with the same instance name apart
    host: str
    pid: int
    pid_space: str  # identifies the machine and the namespace in which `pid` counts
    version: str
    configuration: str  # hash of what decides: rules, alerts, feeds file and settings
    stages: tuple[str, ...]
    started: Moment
    at: Moment
    stopped: bool = False  # it has ended in order
    health_url: str = ""  # where it serves /health and /metrics; empty: nowhere
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        check_years(self.started, self.at)


class Outcomes(Record, frozen=True, kw_only=True):
    """How records of one partition ended in a stage, on a log without counters: `endings[i]` is that of `offsets[i]`.

    A record handled again after a crash is in two of them.
    """

    stage: str
    stream: str
    partition: Count
    offsets: tuple[Count, ...]
    endings: tuple[str, ...]


R = TypeVar("R", bound=Record)


class SchemaError(ValueError):
    """The bytes are not a record of the expected type."""


class OtherSchema(SchemaError):
    """The record has another schema: an older or newer version of the program wrote it."""


def refusal(what: str, schema: int, remedy: str) -> str:
    """The message for `what`, whose schema is not SCHEMA. `remedy`: what to do if an older version wrote it."""
    if schema > SCHEMA:
        return f"{what} was written by a newer Almenara (schema {schema}, this one knows {SCHEMA}): upgrade this one"
    return f"{what} was written by an older Almenara (schema {schema}, now {SCHEMA}): {remedy} and start again"


class _Version(msgspec.Struct):
    v: Annotated[int, Meta(ge=0, le=_MOST_SCHEMA)] = 0


_version = msgspec.json.Decoder(_Version)
_encoder = msgspec.json.Encoder()
_decoders: dict[type[Record], msgspec.json.Decoder[Any]] = {}


def seq_of(record: Record) -> int:
    """The number of the newest document that a record of `known` or `stories` is about, or 0."""
    if isinstance(record, Story):
        return record.seq
    return record.relation.seq if isinstance(record, Known) and record.relation else 0


def lead_of(record: Record) -> str | None:
    """The key to which a record of `known` leads, or the story that a step belongs to; None if it stands by itself."""
    if isinstance(record, Story):
        return record.id if record.after is not None else None
    return record.alias_of if isinstance(record, Known) else None


def encode(record: Record) -> bytes:
    """The record as JSON bytes."""
    return _encoder.encode(record)


def decode(kind: type[R], data: bytes) -> R:
    """The record of type `kind` in `data`. Raises SchemaError; OtherSchema when another version wrote it."""
    schema = _decoded(kind, _version, data).v
    if not schema:
        raise SchemaError(f"not a {kind.__name__}: it has no schema version")
    if schema != SCHEMA:
        remedy = "move the data folder away, or on a broker set another [kafka] prefix,"
        raise OtherSchema(refusal(f"a {kind.__name__} record", schema, remedy))
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    record: R = _decoded(kind, decoder, data)
    return record


def _decoded(kind: type[Record], decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:  # the last: too deeply nested
        raise SchemaError(f"not a {kind.__name__}: {error}") from error
