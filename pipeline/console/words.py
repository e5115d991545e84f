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
