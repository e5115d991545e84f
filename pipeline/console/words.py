"""Names of values that come from code, in the words of readers; translated where they are shown."""

from __future__ import annotations

from pipeline.console.sections import N_

PHASES = {
    "new": N_("new"), "growing": N_("growing"), "steady": N_("steady"), "fading": N_("fading"), "over": N_("over"),
}  # fmt: skip

SEVERITIES = {
    "info": N_("info"),
    "low": N_("low"),
    "medium": N_("medium"),
    "high": N_("high"),
    "critical": N_("critical"),
}

FACETS = {
    "topic": N_("Topic"), "country": N_("Country"), "language": N_("Language"), "source": N_("Outlet"),
    "differs": N_("Reports differ on"), "rule": N_("Alert rule"), "agency": N_("Agency"), "removed": N_("Removed"),
}  # fmt: skip

FLAGS = {
    "matched": N_("Matched a rule"), "differs": N_("Reports differ"), "followed": N_("Followed"),
}  # fmt: skip

SORTS = {
    "importance": N_("Most important"), "newest": N_("Newest"), "relevance": N_("Best matches"), "time": N_("Newest"),
}  # fmt: skip

SPANS = {"24h": N_("24 hours"), "3d": N_("3 days"), "7d": N_("7 days"), "30d": N_("30 days"), "all": N_("All")}

FACTS = {
    "outcome": N_("Outcome"), "host": N_("Host"), "senders": N_("Forces of"), "body": N_("Decided by"),
    "vote": N_("Vote"), "vote.for": N_("Votes for"), "vote.against": N_("Votes against"),
    "vote.abstain": N_("Abstentions"), "instrument.kind": N_("Act"), "instrument.number": N_("Number of the act"),
    "instrument.date": N_("Date of the act"), "instrument.published": N_("Published in"),
    "period.start": N_("Begins"), "period.end": N_("Ends"), "personnel": N_("People"),
    "personnel.min": N_("People, at least"), "personnel.max": N_("People, at most"), "personnel.unit": N_("Counted as"),
    "armed": N_("Armed"), "weapons": N_("Weapons"), "units": N_("Units"), "places": N_("Where"),
    "mandate": N_("Mandate"), "purpose": N_("Purpose"), "killed": N_("Killed"), "injured": N_("Injured"),
    "missing": N_("Missing"), "arrested": N_("Arrested"), "displaced": N_("Displaced"),
}  # fmt: skip

#: Values of facts that are words of a fixed list.
VALUES = {
    "authorised": N_("authorised"), "proposed": N_("proposed"), "debated": N_("debated"), "rejected": N_("rejected"),
    "extended": N_("extended"), "revoked": N_("revoked"), "past": N_("past"), "yes": N_("yes"), "no": N_("no"),
}  # fmt: skip

#: Facts whose values are codes of countries, one or several.
COUNTRIES = frozenset({"host", "senders", "sender"})

ORIGINS = {
    "feed": N_("the feed"), "feed-text": N_("the first words of the feed's text"), "json-ld": N_("JSON-LD of the page"),
    "opengraph": N_("OpenGraph of the page"), "meta": N_("meta elements of the page"), "html": N_("the page"),
    "pdf": N_("the PDF"), "url": N_("the address"), "given": N_("what was given"), "page": N_("the page"),
    "data": N_("data for the page's scripts"), "description": N_("the page's summary"),
    "title": N_("the headline alone"),
}  # fmt: skip

DIFFERENCES = {
    ("headline", "changed"): N_("Headline changed"),
    ("paragraph", "added"): N_("Paragraph added"), ("paragraph", "removed"): N_("Paragraph removed"),
    ("paragraph", "moved"): N_("Paragraph moved"), ("paragraph", "changed"): N_("Paragraph changed"),
    ("sentence", "added"): N_("Sentence added"), ("sentence", "removed"): N_("Sentence removed"),
    ("sentence", "moved"): N_("Sentence moved"), ("sentence", "changed"): N_("Sentence changed"),
}  # fmt: skip

#: What is wrong with a part, and how a process is.
STATES = (
    N_("unreadable"), N_("full"), N_("stopped"), N_("silent"), N_("missing"), N_("recreated"), N_("lost"),
    N_("deleted"), N_("unowned"), N_("blocked"), N_("read-only"), N_("unavailable"), N_("refused"), N_("double"),
    N_("different"), N_("failing"), N_("late"), N_("inexact"), N_("wrong"), N_("undelivered"), N_("open"),
    N_("outdated"), N_("starting"), N_("stopping"), N_("running"), N_("gone"),
)  # fmt: skip

#: The first word of a part that may be wrong; stages have the names that they have in the documentation.
PARTS = (
    N_("log"), N_("disk"), N_("daemon"), N_("worker"), N_("configuration"), N_("stage"), N_("stream"), N_("state"),
    N_("index"), N_("channel"), N_("feeds"), N_("alerts"), N_("dead"), N_("stages"), N_("monitoring"), N_("polls"),
)  # fmt: skip

#: Names of the fields of the query language in a query that is read back.
FIELDS = (
    N_("id"), N_("site"), N_("source"), N_("feed"), N_("outlet_country"), N_("title"), N_("text"), N_("word_count"),
    N_("text_from"), N_("partial"), N_("refused"), N_("language"), N_("author"), N_("section"), N_("published"),
    N_("first_seen"), N_("topic"), N_("untagged"), N_("country"), N_("place"), N_("outcome"), N_("host"), N_("sender"),
    N_("personnel"), N_("votes_for"), N_("votes_against"), N_("votes_abstain"), N_("period_start"), N_("period_end"),
    N_("instrument_date"), N_("instrument"), N_("instrument_number"), N_("body"), N_("armed"), N_("weapon"), N_("unit"),
    N_("purpose"), N_("agency"), N_("story"), N_("duplicate_of"), N_("independent"), N_("kind"), N_("version"),
    N_("seq"), N_("removed_at"), N_("removed"),
)  # fmt: skip

#: Days, as rules name them.
DAYS = (N_("daily"), N_("mon"), N_("tue"), N_("wed"), N_("thu"), N_("fri"), N_("sat"), N_("sun"))

#: Facts whose values are whole numbers.
COUNTED = frozenset({
    "personnel", "personnel.min", "personnel.max", "vote.for", "vote.against", "vote.abstain", "killed", "injured",
    "missing", "arrested", "displaced",
})  # fmt: skip

#: Facts whose values are days.
DATED = frozenset({"instrument.date", "period.start", "period.end"})

#: What people did, as the audit says it.
DONE = (
    N_("mute"), N_("unmute"), N_("mark"), N_("resend"), N_("test"), N_("merge"), N_("split"), N_("feeds"), N_("replay"),
    N_("skip"), N_("login"), N_("logout"), N_("new rule"), N_("changed rule"), N_("removed rule"),
)  # fmt: skip
