"""`almenara alerts explain`: why a rule matches an article or not, and what became of the alert."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.result_of import result_of
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.explain import articles
from pipeline.commands.times import shown
from pipeline.config.folder import alerts_of, rules_of
from pipeline.core.alerts.age import is_old, trusted
from pipeline.core.alerts.explaining import Part, explained
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.alerts.when_sentence import when_sentence
from pipeline.core.documents.change_words import in_words
from pipeline.core.faults import did_you_mean
from pipeline.core.query.sentence import sentence
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.text.tidy import CONTROL
from pipeline.core.urls import article_id
from pipeline.records import Document, Mute, Relation
from pipeline.reports.alert_history import Fate, History, read_history
from pipeline.stages.tag import tags_of
from pipeline.terminal.tables import shortened

QUOTE = 300  # characters of a sentence that are shown
_FILE = (".html", ".htm", ".txt", ".json", ".jsonl")


def explain_alert(
    rule: Annotated[str, typer.Argument(help="Name or id of the rule.")],
    article: Annotated[
        str, typer.Argument(help="Id or address of an article; or a file as for `explain`, - for stdin.")
    ],
    config: Config = CONFIG,
    version: Annotated[int | None, typer.Option(min=1, help="Version of the article; the newest if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Explain why a rule matches an article or not, and what followed.

    Says for each part of the query whether it holds, with the sentences, or the nearest miss. For an article of the
    index also what was reported, held or left out, why, and which channel took the message.

    Example: almenara alerts explain "Foreign troops" https://www.example.org/world/ferry
    """
    alerts = alerts_of(config)
    chosen = rule_named(alerts, rule)
    found = _bare(config, article) if _is_file(article) else _known(config, chosen, article, version)
    if as_json:
        print(json.dumps(_plain(alerts, chosen, *found), ensure_ascii=False))
        return
    for line in _lines(alerts, chosen, *found):
        typer.echo(line)


def rule_named(alerts: AlertSet, name: str) -> AlertRule:
    """The rule with this id or name. Raises CommandError."""
    wanted = name.casefold()
    for rule in alerts.rules:
        if wanted in (rule.key.casefold(), rule.name.casefold()):
            return rule
    hint = did_you_mean(name, [rule.name for rule in alerts.rules], "see `almenara alerts list`")
    raise CommandError(f"there is no rule {name!r}: {hint}")


def _is_file(article: str) -> bool:
    return article == "-" or (article.lower().endswith(_FILE) and "://" not in article and Path(article).exists())


Found = tuple[Document, int, History | None]  # the newest version; no history of what is not in the index


def _bare(config: Path, file: str) -> Found:
    """The first article of a file, as if it arrived now. Raises CommandError."""
    rules = rules_of(config)
    for _, article in articles(file):
        relation = Relation(kind="new", first_seen=article.seen, seq=0, version=1, story_id=article.id)
        return Document(article=article, tags=tags_of(article, rules), relation=relation), 1, None
    raise CommandError(f"{file}: there is no article in it")


def _known(config: Path, rule: AlertRule, article: str, version: int | None) -> Found:
    deployment = deployment_for(config)
    try:
        id = article_id(article) if "://" in article else article
    except ValueError as error:
        raise CommandError(f"{article}: {error}") from None
    documents = result_of(_versions(deployment, id))
    if not documents:
        raise CommandError(f"no article {article}: give its address or id, as `almenara search` shows them")
    kept = {document.relation.version: document for document in documents}
    newest = documents[-1]
    if version is not None and version not in kept:
        raise CommandError(f"version {version} is not kept: there are {', '.join(map(str, kept))}")
    chosen = kept[version] if version else newest
    now = clock()
    history = deployment.with_log(
        lambda log: read_history(log, rule.key, newest.article.id, lambda mute: _concerns(mute, rule, chosen, now))
    )
    return chosen, newest.relation.version, history


async def _versions(deployment: Deployment, id: str) -> list[Document]:
    index = await deployment.open_index()
    try:
        return await index.versions(id)
    finally:
        await index.close()


def _concerns(mute: Mute, rule: AlertRule, document: Document, now: datetime) -> bool:
    """Whether a mute is in force and hides alerts of this rule about this article."""
    places = {*document.tags.countries, *(place.name for place in document.tags.places)}
    places = {place.casefold() for place in places}
    return (
        mute.until > now
        and any((mute.rule, mute.story, mute.source, mute.place))
        and mute.rule in ("", rule.key)
        and mute.story in ("", document.relation.story_id, *document.relation.merged)
        and mute.source.casefold() in ("", document.article.source.casefold())
        and (not mute.place or mute.place.casefold() in places)
    )


# -- what is said


def _verdict(rule: AlertRule, document: Document, part: Part) -> str:
    if not part.holds:
        return "does not match"
    if not rule.enabled:
        return "matches, but the rule is switched off"
    if document.relation.noted:
        return "matches, but its newest record only notes that the page was removed or is back: that is no alert"
    return "matches"


def _age(alerts: AlertSet, rule: AlertRule, document: Document) -> str:
    """Whether the article was old when it arrived, and what follows from it."""
    published = document.article.published
    days = alerts.reader.old_after / 86400
    if published is None:
        return "it states no time of publication, so it counts as new"
    if is_old(document, alerts.reader.old_after):
        what = "the rule leaves out old articles" if rule.old == "skip" else "messages say so"
        return f"it was published more than {days:g} days before it arrived: {what}"
    if not trusted(published):
        return f"its time of publication ({published.source}) is not certain, so it counts as new"
    return ""


def _copy(rule: AlertRule, document: Document) -> str:
    original = document.relation.duplicate_of
    if not original:
        return ""
    what = "the rule reports copies too" if rule.copies == "alert" else "not reported if the original was, only counted"
    return f"it is a copy of article {original}: {what}"


def _fate(number: int, fate: Fate, history: History, zone: str) -> Iterator[str]:
    """What became of the alert about one version, in a few lines."""
    state = fate.state
    since = f" since version {history.reported}" if history.reported and history.reported != number else ""
    why = f" ({state.why})" if state.why else ""
    kind = f" ({fate.message.kind})" if fate.message else ""
    said = {
        "reported": f"reported {shown(state.at, zone)} in message {state.message}{kind}",
        "held": f"held{why} since {shown(state.at, zone)}" + (f", due {shown(state.due, zone)}" if state.due else ""),
        "noted": "not reported itself: its rule only counts it, for the next message about the story",
        "copy": f"left out as a copy of article {state.original}",
        "muted": f"left out: muted by {state.why}",
        "unchanged": f"not reported again: nothing material changed{since}",
    }
    yield f"version {number}: {said.get(state.status, state.status + why)}"
    if state.changes:
        yield f"  changed: {in_words(state.changes)}"
    for channel in fate.message.channels if fate.message else ():
        one = fate.deliveries.get(channel)
        if one is None:
            yield f"  {channel}: not tried yet"
        else:
            due = f", next try {shown(one.due, zone)}" if one.due and one.status == "waiting" else ""
            error = f": {one.error}" if one.error and one.status != "sent" else ""
            tried = f" after {one.attempts} attempts" if one.attempts > 1 else ""
            yield f"  {channel}: {one.status} {shown(one.at, zone)}{tried}{error}{due}"


def _absent(rule: AlertRule, document: Document, part: Part, history: History, old_after: float) -> str:
    """Why there is no alert about the version; "" if there is one, or none is expected."""
    if document.relation.version in history.fates or not part.holds or document.relation.noted:
        return ""
    if rule.counts:
        return "the rule only counts articles: none is reported itself"
    if rule.old == "skip" and is_old(document, old_after):
        return "left out: it was old when it arrived"
    if earlier := [number for number in history.fates if number < document.relation.version]:
        return f"not reported: nothing material changed since version {max(earlier)}"
    if history.started and history.started > document.article.seen:
        return "it arrived before the rule was in force: it is in no message but the summary of a new rule"
    if document.article.backlog:
        return (
            "there is no alert on the log: it came with a feed's first poll, or its alert was forgotten after 90 days"
        )
    return (
        "there is no alert on the log: the rule is newer or was changed, or the stages are behind (`almenara status`)"
    )


def _lines(
    alerts: AlertSet, rule: AlertRule, document: Document, newest: int, history: History | None
) -> Iterator[str]:
    article, relation, zone = document.article, document.relation, alerts.reader.zone
    part = explained(rule.node, document)
    yield f"{rule.name}: {sentence(rule.node)}"
    place = f"version {relation.version} of {newest}, " if history is not None else ""
    place += f"{_shown(article.source)}, " if article.source else ""
    title = _shown(shortened(article.title.value, 120))
    yield f"{title} ({place}arrived {shown(article.seen, zone)})"
    yield ""
    yield f"It {_verdict(rule, document, part)}."
    yield from _tree(part, "  ")
    notes = [note for note in (_age(alerts, rule, document), _copy(rule, document)) if note]
    yield from (f"Note: {note}." for note in notes)
    yield f"Messages: {when_sentence(rule, alerts.reader, alerts.channels)}"
    if history is None:
        return
    for number, fate in history.fates.items():
        yield from (f"  {line}" for line in _fate(number, fate, history, zone))
    if absent := _absent(rule, document, part, history, alerts.reader.old_after):
        yield f"  version {relation.version}: {absent}"
    for mute in history.mutes:
        yield f"  muted until {shown(mute.until, zone)} ({mute.id}){': ' + _shown(mute.reason) if mute.reason else ''}"


def _tree(part: Part, indent: str) -> Iterator[str]:
    """The parts of the query, each with + or -, and what shows it."""
    why = f": {part.why}" if part.why else ""
    yield f"{indent}{'+' if part.holds else '-'} {_shown(shortened(part.query, 160))}{_shown(why)}"
    for quote in part.quotes if not part.parts else ():
        yield f"{indent}    {_marked(quote)}"
    for inner in part.parts:
        yield from _tree(inner, indent + "  ")
    if part.left_out:
        yield f"{indent}  … and {part.left_out} more {'alternatives' if part.kind == 'or' else 'parts'}"


def _marked(quote: str) -> str:
    return _shown(shortened(quote.replace(OPEN, "[").replace(CLOSE, "]"), QUOTE))


def _shown(text: str) -> str:
    return CONTROL.sub(" ", text)


def _plain(
    alerts: AlertSet, rule: AlertRule, document: Document, newest: int, history: History | None
) -> dict[str, Any]:
    """The explanation as values of JSON."""
    part, relation = explained(rule.node, document), document.relation
    fates = history.fates if history else {}
    return {
        "rule": rule.key, "name": rule.name, "sentence": sentence(rule.node), "enabled": rule.enabled,
        "when": when_sentence(rule, alerts.reader, alerts.channels),
        "article": document.article.id, "url": document.article.url, "title": document.article.title.value,
        "version": relation.version, "newest": newest, "matches": part.holds,
        "verdict": _verdict(rule, document, part), "parts": asdict(part),
        "old": is_old(document, alerts.reader.old_after), "copy_of": relation.duplicate_of,
        "notes": [note for note in (_age(alerts, rule, document), _copy(rule, document)) if note],
        "alerts": [_plain_fate(number, fate) for number, fate in fates.items()],
        "absent": (_absent(rule, document, part, history, alerts.reader.old_after) or None) if history else None,
        "mutes": [
            {"id": mute.id, "until": mute.until.isoformat(), "reason": mute.reason}
            for mute in (history.mutes if history else ())
        ],
    }  # fmt: skip


def _plain_fate(number: int, fate: Fate) -> dict[str, Any]:
    state = fate.state
    return {
        "version": number, "id": state.id, "status": state.status, "why": state.why, "at": state.at.isoformat(),
        "due": state.due and state.due.isoformat(), "message": state.message or None,
        "changes": in_words(state.changes),
        "channels": {
            name: {"status": one.status, "at": one.at.isoformat(), "attempts": one.attempts, "error": one.error}
            for name, one in fate.deliveries.items()
        },
    }  # fmt: skip
