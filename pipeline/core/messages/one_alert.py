"""Says what one alert is about: whole, as an entry of a list, and in the short form for services with tiny limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.core.calendar.local_words import local
from pipeline.core.documents.change_words import values
from pipeline.core.messages.content import Block, Line, block, counted, labelled, listed, said, strong
from pipeline.core.messages.foreign import runs, tame
from pipeline.core.messages.form import Voice
from pipeline.core.messages.links import acts, article_link, console, kibana
from pipeline.core.messages.times import long_ago, when
from pipeline.core.query.snippets import marked
from pipeline.core.text.languages import english_name
from pipeline.core.text.words import words
from pipeline.records import Alert, Change, Message, StorySoFar

QUOTES = 4  # sentences shown
QUOTED = 400  # characters of one
WORDS = 8  # matched words named
CHANGES = 6  # changes named

#: Kinds of changes, the most important first; others before the last two.
_ORDER = ("vote", "outcome", "negation", "number", "date", "name", "title", "text")
#: How a difference that has no words before and after is called.
_WHOLE = {"title": "headline", "text": "wording", "whole": "the whole text instead of a part"}


def whole(alert: Alert, message: Message, voice: Voice) -> tuple[Block, ...]:
    """Everything that is known about an alert, the most important first."""
    return (
        *block("head", [title(alert), (said(origin(alert, voice.zone)),)]),
        *block("text", [changed_line(message.changes or alert.changes) or _edited(alert), _old(alert), _copy(alert)]),
        *quotes(alert),
        *block("text", [labelled("Facts", line) for line in alert.fact_lines]),
        *block("text", [_sources(alert), *(labelled("Reports differ", line) for line in alert.differs)]),
        *block("text", [*growth_lines(message), *story_lines(message.story, voice.zone, alert)]),
        *rest(message.held_back, message.muted),
        *block("text", _why(alert)),
        *block("text", [*links((alert,), voice), (said(f"Alert {alert.id}"),)]),
    )


def brief(alert: Alert, voice: Voice) -> tuple[Block, ...]:
    """What fits into a few hundred characters below the subject, which has the title."""
    link = article_link(alert.url)
    return block("text", [(said(origin(alert, voice.zone)),), (link,) if link else None])


def entry(
    alert: Alert, voice: Voice, more: int = 0, also: Sequence[str] = (), with_changes: bool = True
) -> tuple[Block, ...]:
    """An alert in a list. `more`: further reports of its story that are not shown; `also`: further rules that it is
    for. Without `with_changes` if the message says itself what changed."""
    link = article_link(alert.url)
    notes = [_old(alert), changed_line(alert.changes) if with_changes else None, _copy(alert)]
    others = (said(f"and {counted(more, 'more report')} of the story"),) if more > 0 else None
    rules = (said(f"also for {listed(also)}"),) if also else None
    lines = [title(alert), (said(origin(alert, voice.zone)),), *notes, others, rules, (link,) if link else None]
    return block("item", lines)


def title(alert: Alert) -> Line:
    """The title, its matched words marked."""
    return strong(marked(alert.title, [span for span in alert.matched if span.field == "title"]))


def origin(alert: Alert, zone: str) -> str:
    """Outlet, time and language in one line."""
    country = f" ({country_name(alert.outlet_country)})" if alert.outlet_country else ""
    language = f", in {language_name(alert.language)}" if alert.language else ""
    return f"{tame(alert.source, 120)}{country}, {tame(when(alert, zone))}{language}"


def quotes(alert: Alert) -> tuple[Block, ...]:
    """The sentences that matched, without the title, which is shown anyway."""
    shown = [runs(quote.text, QUOTED) for quote in alert.quotes if quote.field != "title"]
    return block("quote", shown[:QUOTES])


def story_lines(story: StorySoFar | None, zone: str, shown: Alert | None = None) -> list[Line]:
    """What is known of a story that has more than one report. `shown`: the alert that the message shows already."""
    if story is None or story.articles + story.copies < 2:
        return []
    by = f" by {listed(story.sources)}" if story.sources else ""
    parts = [f"{counted(story.articles, 'report')}{by}"] if story.articles else []
    if story.copies:
        parts.append(counted(story.copies, "copy", "copies"))
    if story.countries:
        parts.append(f"countries of the outlets: {listed(map(country_name, story.countries))}")
    if len(story.languages) > 1:
        parts.append(f"languages: {listed(map(language_name, story.languages))}")
    lines: list[Line] = [(said(f"Story: {'; '.join(parts)}"),)]
    is_first = shown is not None and (shown.title, shown.source) == (story.first_title, story.first_source)
    if story.first_title and story.first_seen and not is_first:
        first = f"First: {tame(story.first_source, 120)}, seen {local(story.first_seen, zone)}: "
        lines.append((said(first), *runs(story.first_title, 300)))
    return lines


def links(alerts: Sequence[Alert], voice: Voice) -> list[Line]:
    """The links to these alerts: to the article and the console only for a single one."""
    one = alerts[0] if len(alerts) == 1 else None
    found = (
        article_link(one.url) if one else None,
        kibana(alerts, voice.kibana),
        console(voice.console, one) if one else None,
        *(acts(voice.console, voice.secret, one) if one else ()),
    )
    return [(link,) for link in found if link]


def changed(changes: Sequence[Change]) -> str:
    """Changes in words: "vote: 70 for → 71 for; number: 3500 → 4200"; each once, the most important first."""
    votes = [change for change in changes if change.kind == "vote"]
    kept = [
        change for change in changes if not (change.kind == "number" and any(_says(vote, change) for vote in votes))
    ]
    said_of = list(dict.fromkeys(map(_change, sorted(kept, key=_rank))))
    more = len(said_of) - CHANGES
    return "; ".join(said_of[:CHANGES]) + (f"; and {more} more" if more > 0 else "")


def _rank(change: Change) -> int:
    return _ORDER.index(change.kind) if change.kind in _ORDER else len(_ORDER) - 2


def _says(vote: Change, number: Change) -> bool:
    """Whether the change of a vote ("70 for") has the change of a number in it."""
    pairs = ((number.before, vote.before), (number.after, vote.after))
    return all(part in whole.split() for part, whole in pairs)


def language_name(code: str | None) -> str:
    """The English name of a language; the code itself if there is no name."""
    return _name("languages", code)


def country_name(code: str | None) -> str:
    """The English name of a country; the code itself if there is no name."""
    return _name("territories", (code or "").upper())


def _name(table: str, code: str | None) -> str:
    return english_name(table, code) or tame(code or "", 20)


def _why(alert: Alert) -> list[Line]:
    """The rule with the part of the query that held, the words, and the topics; each only if it says something more."""
    found = matched_words(alert)
    branch = f"; {tame(alert.branch)}" if not _is_words(alert.branch, found) else ""
    topics = [topic for topic in alert.topics if f"topic:{topic}" not in alert.branch]
    return [
        (said(f"Why: rule {tame(alert.name, 120)}{branch}"),),
        *([(said(f"Words: {listed(found, WORDS)}"),)] if found else []),
        *([(said(f"Topics: {listed(topics)}"),)] if topics else []),
    ]


def matched_words(alert: Alert) -> list[str]:
    """The matched words as the article writes them, each once; those that are part of a longer one are left out."""
    found: dict[str, str] = {}
    for span in alert.matched:
        found.setdefault(f" {span.text.strip().casefold()} ", span.text)
    return [text for key, text in found.items() if key.strip() and not any(key in other != key for other in found)]


def _is_words(branch: str, found: Sequence[str]) -> bool:
    """Whether a part of a query only names words that are found, so that these say it all."""
    asked = set(words(re.sub(r"\b(?:OR|AND)\b", " ", branch)))
    return not re.search(r"[:~*@^/]|\bNOT\b", branch) and asked <= set(words(" ".join(found)))


def _old(alert: Alert) -> Line | None:
    if not alert.old or alert.published is None:
        return None
    return (said(f"Old: published {long_ago(alert.published.value, alert.first_seen)} before it arrived"),)


def _sources(alert: Alert) -> Line | None:
    """How many report it by themselves, if it is more than one."""
    return (said(f"{alert.independent} independent sources"),) if alert.independent > 1 else None


def _copy(alert: Alert) -> Line | None:
    return (said("A copy of an article of another outlet"),) if alert.duplicate_of else None


def _edited(alert: Alert) -> Line | None:
    """Why an article comes later than it was published: a later version of it is the first that is reported."""
    return (said(f"Edited: this is version {alert.version} of the article"),) if alert.version > 1 else None


def changed_line(changes: Sequence[Change]) -> Line | None:
    """What changed since the version of an article that was last reported, or seen, if none was."""
    return (said(f"Changed: {changed(changes)}"),) if changes else None


def growth_lines(message: Message) -> list[Line]:
    """What is new about the story since the last message: reports, outlets, countries and languages."""
    grown = message.grown
    if grown is None:
        return []
    said_of = [f"{counted(grown.articles, 'more report')}"] if grown.articles else []
    said_of += [f"{counted(grown.copies, 'copy', 'copies')}"] if grown.copies else []
    said_of += [f"new outlets: {listed(grown.sources)}"] if grown.sources else []
    said_of += [f"new countries: {listed(map(country_name, grown.countries))}"] if grown.countries else []
    said_of += [f"new languages: {listed(map(language_name, grown.languages))}"] if grown.languages else []
    return [(said(f"New: {'; '.join(said_of)}"),)] if said_of else []


def rest(hidden: int, muted: int) -> tuple[Block, ...]:
    """How many alerts are not shown, and where they can be read."""
    silent = f"{counted(muted, 'alert')} muted" if muted else ""
    if hidden:
        text = f"And {counted(hidden, 'more alert')}{f'; {silent}' if silent else ''}: see almenara alerts fired"
        return block("text", [(said(text),)])
    return block("text", [(said(f"{silent}: see almenara alerts mutes"),)]) if silent else ()


def _change(change: Change) -> str:
    before, after = (tame(value, 120) for value in values(change))
    kind = _WHOLE.get(change.kind, tame(change.kind, 40))
    if change.kind == "title" and before:
        return f"headline, which was: {before}"  # what it is now stands above
    if before and after and change.kind != "text":
        return f"{kind}: {before} → {after}"
    if change.kind in _WHOLE:
        return kind
    return f"added {kind}: {after}" if after else f"removed {kind}: {before}"
