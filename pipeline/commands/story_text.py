"""What `almenara stories` prints for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text

from pipeline.core.documents.change_words import in_words
from pipeline.core.messages.content import counted
from pipeline.core.stories.growth import growth
from pipeline.core.stories.record import reported
from pipeline.core.text.tidy import CONTROL
from pipeline.records import Said, Story, StoryArticle, StoryFact
from pipeline.reports.stories import Revision, Stories

HOURS = 24  # of the timeline that are shown
REVISIONS = 20  # later versions that are shown
BAR = 40  # characters of the longest bar


def listed(stories: Stories, now: datetime, offset: int) -> Iterator[Text]:
    """The lines of a list."""
    for number, story in enumerate(stories.found, offset + 1):
        yield Text.assemble((f"{number}. ", "dim"), (_line(story.title), "bold"))
        yield Text(f"   {_counts(story)} · {growth(story, now).phase}", "dim")
        first = story.first
        what = [*story.topics[:3], *story.countries[:5]]
        began = f"first: {first.source} {_utc(reported(first))}" if first else ""
        yield Text(f"   {' · '.join(filter(None, (began, f'last: {_utc(story.changed)}', ' '.join(what))))}", "dim")
        if differing := [fact.field for fact in story.facts if fact.differs]:
            yield Text(f"   reports differ: {', '.join(differing)}", "yellow")
        yield Text(f"   {story.id}\n", "blue")
    shown = f"{offset + 1} to {offset + len(stories.found)} of " if stories.found else ""
    rest = "" if stories.complete else " in the newest matching articles; narrow the query or the time for older ones"
    yield Text(f"{shown}{stories.total} stories{rest}", "bold")


def shown(story: Story, changes: Sequence[Revision], now: datetime, asked: str) -> Iterator[Text]:
    """The lines that show a story. `asked`: the id that was given."""
    yield Text(_line(story.title), "bold")
    merged = f" ({asked} was merged into it)" if asked in story.merged else ""
    grows = growth(story, now)
    yield Text(f"{story.id}{merged}", "blue")
    yield Text(f"{_counts(story)} · {' '.join(story.languages)} · {' '.join(story.topics)}".rstrip(" ·"))
    yield Text(
        f"{grows.phase}: {grows.reports} reports lately, {grows.before:g} before in as much time; "
        f"the last one {grows.hours:g} h ago"
    )
    if story.first:
        yield Text(f"\nfirst report: {_report(story.first)}", "bold")
        yield Text(f"   {story.first.url}", "blue")
    yield from _reports(story)
    yield from _timeline(story)
    yield from _changes(changes)
    yield from _facts(story)
    for correction in story.kept:
        yield Text(f"\n{correction.kind} of {correction.story} and {correction.into}, by a {correction.by}", "dim")


def _counts(story: Story) -> str:
    parts = [counted(story.size, "article"), counted(story.independent, "independent source")]
    return ", ".join([*parts, counted(story.copies, "copy", "copies")] if story.copies else parts)


def _reports(story: Story) -> Iterator[Text]:
    """Each report with its copies below it."""
    copies: dict[str, list[StoryArticle]] = {}
    ids = {one.id for one in story.articles}
    for one in story.articles:
        if one.copy_of in ids:
            copies.setdefault(one.copy_of or "", []).append(one)
    left = story.size - len(story.articles)
    yield Text("\nreports" + (f" ({left} between the first and the newest are not listed)" if left else ""), "bold")
    for one in story.articles:
        if one.copy_of in ids:
            continue
        yield Text(f"   {_report(one)}") + Text(f"  {one.id}", "dim")
        for copy in copies.get(one.id, ()):
            yield Text(f"      copied: {_utc(reported(copy))} {copy.source}  {copy.id}", "dim")


def _report(one: StoryArticle) -> str:
    about = "/".join(filter(None, (one.country, one.language)))
    notes = [f"version {one.version}" if one.version > 1 else "", "copy" if one.copy_of else "",
             f"agency: {', '.join(one.agency)}" if one.agency else "", "removed" if one.removed else ""]  # fmt: skip
    ends = "".join(f" · {note}" for note in notes if note)
    return f"{_utc(reported(one))}  {_line(one.source)} ({about or '?'})  {_line(one.title)}{ends}"


def _timeline(story: Story) -> Iterator[Text]:
    if len(story.timeline) < 2:
        return
    most = max(hour.articles for hour in story.timeline)
    hours = story.timeline[-HOURS:]
    yield Text("\ntimeline (UTC)", "bold")
    if earlier := sum(hour.articles for hour in story.timeline[:-HOURS]):
        yield Text(f"   earlier       {earlier}", "dim")
    for hour in hours:
        own, rest = (max(1, round(n * BAR / max(most, BAR))) if n else 0 for n in (hour.own, hour.articles - hour.own))
        yield Text(f"   {hour.at:%d %b %H:00}  {'█' * own}{'░' * rest} {hour.articles}")


def _changes(changes: Sequence[Revision]) -> Iterator[Text]:
    if changes:
        yield Text("\nwhat changed, newest first", "bold")
    for one in changes[:REVISIONS]:
        relation = one.document.relation
        said = _line(in_words(one.changes)) or "the page was removed"
        note = "" if relation.material else "not material: "
        seen = _utc(one.document.article.seen)
        yield Text(f"   {seen}  {_line(one.source)}, version {relation.version}: {note}{said}")
    if len(changes) > REVISIONS:
        yield Text(f"   and {len(changes) - REVISIONS} more: `almenara versions ARTICLE`", "dim")


def _facts(story: Story) -> Iterator[Text]:
    agreed = [fact for fact in story.facts if not fact.differs]
    differing = [fact for fact in story.facts if fact.differs]
    if agreed:
        yield Text("\nfacts", "bold")
    for fact in agreed:
        values = dict.fromkeys(str(said.value) for said in fact.said)
        yield Text(f"   {fact.field}: {_line(' | '.join(values))}") + Text(f"  {_who(fact)}", "dim")
    if differing:
        yield Text("\nwhere the reports differ", "bold yellow")
    for fact in differing:
        yield Text(f"   {fact.field}", "bold")
        for said in fact.said:
            yield _said(said)


def _who(fact: StoryFact) -> str:
    sources = dict.fromkeys(said.source for said in fact.said if not said.copied_from)
    return f"{', '.join(list(sources)[:4])}{' …' if len(sources) > 4 else ''}"


def _said(said: Said) -> Text:
    about = f"{said.source} ({said.language or '?'}) {_utc(said.at)}"
    copied = f", as in {said.copied_from}" if said.copied_from else ""
    line = Text(f"      {said.value}", "bold")
    return line + Text(f"  {_line(about)}{copied}: “{_line(said.sentence)}”", "not bold")


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _line(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).split())
