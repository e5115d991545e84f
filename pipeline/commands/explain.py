"""`almenara explain`: shows why an article has a topic, or what it lacks, and its facts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.explain_facts import QUOTE, lines_of_candidates, lines_of_facts
from pipeline.commands.inputs import HEAD, Line, Reader, read_lines
from pipeline.commands.warc_records import is_archive
from pipeline.config.folder import rules_of
from pipeline.core.pages.article import clean_page
from pipeline.core.tagging.examples import DENIALS
from pipeline.core.tagging.judged import Judged, JudgedTopic, judge_record
from pipeline.core.topics.explain import SEEN, Explained, Part, Trial
from pipeline.core.topics.judge import topic_of
from pipeline.records import Article, Page
from pipeline.reports.reasons import refusals, verdict
from pipeline.stage import Drop
from pipeline.terminal.tables import shortened

LEAST = 0.005  # a contribution that is shown by itself
SHOWN = 8  # contributions to the verdict of a verifier that are shown


def explain(
    file: Annotated[str, typer.Argument(help="JSON lines, .html, or .txt with the title in the first line.")],
    topic: Annotated[
        str | None, typer.Option(help="Explain only this topic, even if the article does not have it.")
    ] = None,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show why an article has a topic, or what it lacked.

    Prints the verdict, what fills the topic's slots and what its verifier says, the words that were found with their
    sentences, what is missing, and the evidence against the topic. --json has every pattern; it is a list with one
    entry per article.

    Example: almenara explain article.html --topic foreign-troop-authorization
    """
    rules = rules_of(config)
    known = [rule.id for rule in rules.rules.topics]
    if topic is not None and topic not in known:
        _fail(f"no topic {topic!r}: there are {', '.join(known)}")
    explained = []
    for name, article in articles(file):
        judged = judge_record(article, rules)
        shown = [judged.topic(topic)] if topic else judged.topics
        refused = {} if topic else refusals(judged)
        if as_json:
            explained.append(as_data(name, article, judged, shown, refused))
        else:
            typer.echo("\n".join(lines_of(name, article, judged, shown, refused)))
    if as_json:
        print(json.dumps(explained, ensure_ascii=False))


def articles(file: str) -> Iterator[tuple[str, Article]]:
    """Name and article of each input: JSON lines or .html as `process` takes them; a .txt file, or a text on stdin (-),
    is one article, its title in the first line, which may be empty."""
    lines: Iterator[tuple[str, bytes | Line | Page]] = read_lines([file])
    if _is_text(file):
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        title, _, text = data.decode("utf-8-sig").partition("\n")
        lines = iter([(file, Line(id=Path(file).stem, title=title.strip(), text=text.strip()))])
    reader = Reader(datetime.now(UTC))
    for place, line in lines:
        parsed = reader.parse(place, line)
        if parsed.item is None or parsed.page is None:
            _fail(parsed.fault)
        article = clean_page(parsed.page, parsed.item)
        if isinstance(article, Drop):
            reason = " ".join(filter(None, (article.reason, article.detail)))
            hint = "; the first line is the title, the text begins in the next" if _is_text(file) else ""
            _fail(f"{place}: no article: {reason}{hint}")
        yield parsed.id, article


def _is_text(file: str) -> bool:
    if file != "-":
        return file.lower().endswith(".txt")
    stream = sys.stdin.buffer
    beginning = stream.peek(HEAD)[:HEAD] if isinstance(stream, BufferedReader) else b"{"
    return not is_archive(beginning) and not beginning.lstrip().startswith(b"{")


def lines_of(
    name: str, article: Article, judged: Judged, topics: Sequence[JudgedTopic], refused: Mapping[str, float]
) -> Iterator[str]:
    """The explanation of one article as text: for each of `topics` the verdict and its evidence."""
    yield f"{name}: {shortened(article.title.value, 100)} ({article.language or 'language unknown'})"
    if untagged := judged.tags.untagged:
        yield f"no terms in this language, and not found: {', '.join(untagged)}"
    if not topics:
        yield "no topic; --topic NAME shows what it lacks for one"
    for topic in topics:
        yield f"{topic.match.rule.id}: {verdict(topic)}"
        explained = judged.explain(topic)
        shown_trials = _shown(topic, explained)
        yield from (f"  {line}" for line in _slots(topic, explained))
        for trial in shown_trials:
            yield from (f"  {line}" for line in _trial(trial))
        yield from (f"  {line}" for line in _against(topic, explained))
        yield from (f"  {line}" for line in _others(explained, shown_trials))
        for number, facts in enumerate(topic.facts if topic.holds else (), 1):
            yield f"  Facts of event {number} of {len(topic.facts)}:" if len(topic.facts) > 1 else "  Facts:"
            yield from (f"  {line}" for line in lines_of_facts(facts, article))
        if topic.holds and topic.found:
            yield from (f"    {line}" for line in lines_of_candidates(topic.found))
    if refused:
        names = ", ".join(f"{name} ({probability:g})" for name, probability in refused.items())
        yield f"the verifier refuses {names}; --topic NAME shows why"


def _slots(topic: JudgedTopic, explained: Explained) -> Iterator[str]:
    """What fills each slot, and what the verifier makes of it."""
    if not explained.slots:
        return
    yield "Slots in title and lead:"
    for slot in explained.slots:
        [first, *others] = list(_parts(slot.parts))
        yield f"  {slot.slot}: {first}{'' if slot.required else ' (optional)' if not slot.filled else ''}"
        yield from (f"    {line}" for line in others)
    verdict, verifier = explained.verdict, topic.match.rule.verifier
    if verdict is None or verifier is None:
        yield f"Verifier: not asked, since nothing fills {' and '.join(explained.empty)}"
        return
    if explained.proposed is not None:
        least = "" if verdict.seen == "alone" else f" (from {verifier.propose:g})"
        yield f"The vector of the opening proposes the topic: {explained.proposed:g}{least}"
    yield f"Verifier: {verdict.probability:g} (threshold {topic.match.needed:g}), by {SEEN[verdict.seen]}"
    ranked = sorted(verdict.contributions, key=lambda one: -abs(one.weight))
    shown = [one for one in ranked[:SHOWN] if abs(one.weight) >= LEAST]
    yield from (f"  {one.weight:+.2f} {shortened(one.name, QUOTE)}" for one in shown)
    rest = ranked[len(shown) :]
    if rest:
        yield f"  {sum(one.weight for one in rest):+.2f} in {len(rest)} smaller ones"


def _shown(topic: JudgedTopic, explained: Explained) -> list[Trial]:
    """The best pattern that holds; if the topic does not match, also the nearest one that does not hold."""
    nearest = None if topic.match.matches else explained.nearest
    return [trial for trial in (explained.best, nearest) if trial]


def _trial(trial: Trial) -> Iterator[str]:
    """A pattern for the topic, with a line for each part."""
    yield f"{'Best pattern' if trial.holds else 'Nearest pattern'} ({trial.weight:+g}): {trial.pattern}"
    yield from (f"  {line}" for line in _parts(trial.parts))
    if trial.vetoes:
        yield "  excluded by:"
        yield from (f"    {line}" for line in _parts(trial.vetoes))
    if trial.reason:
        yield f"  but {trial.reason}"


def _parts(parts: Sequence[Part]) -> Iterator[str]:
    """A line for each part: what was found and where, or what is missing. A sentence is printed once."""
    before = None
    for part in parts:
        if part.words is None:
            samples = f" (e.g. {', '.join(part.samples)})" if part.samples else " (the rules have no terms for it)"
            yield f"missing: {part.concept}{samples}"
        elif (part.field, part.sentence) == before:
            yield f"{part.concept}: {part.words!r} in the same sentence"
        else:
            before = part.field, part.sentence
            yield f"{part.concept}: {part.words!r} in {part.field}: {shortened(part.sentence or '', QUOTE)}"


def _against(topic: JudgedTopic, explained: Explained) -> Iterator[str]:
    """The evidence against the topic: negative patterns, and facts that remove it."""
    if explained.against or topic.denied_by:
        yield "Against:"
    for trial in explained.against:
        yield f"  {trial.pattern} ({trial.weight:+g})"
        yield from (f"    {line}" for line in _parts(trial.parts))
    if topic.denied_by:
        yield f"  {DENIALS[topic.denied_by]}"
        if (stated := topic.denying) is not None:
            yield f"    {stated.value!r} in {stated.field}: {shortened(stated.sentence, QUOTE)}"


def _others(explained: Explained, shown: Sequence[Trial]) -> Iterator[str]:
    """How many of the patterns that are not shown hold."""
    others = [trial for trial in explained.trials if trial.weight > 0 and trial not in shown]
    hold = [trial.weight for trial in others if trial.holds]
    if others:
        yield f"Other patterns for the topic: {len(hold)} of {len(others)} hold ({sum(hold):+g})"


def as_data(
    name: str, article: Article, judged: Judged, topics: Sequence[JudgedTopic], refused: Mapping[str, float]
) -> dict[str, Any]:
    """The explanation as data for --json, with every pattern."""
    return {
        "id": name,
        "title": article.title.value,
        "language": article.language,
        "untagged": judged.tags.untagged,
        "topics": [_topic_data(judged, topic) for topic in topics],
        "refused_by_verifier": refused,
        "facts": msgspec.to_builtins([facts for topic in topics if topic.holds for facts in topic.facts]),
    }


def _topic_data(judged: Judged, topic: JudgedTopic) -> dict[str, Any]:
    explained = judged.explain(topic)
    return {
        "matches": topic.holds,
        "threshold": topic.match.threshold,
        "denied_by": topic.denied_by,
        **msgspec.to_builtins(topic_of(topic.match, judged.context.reading)),
        "by": topic.match.accepted_by,
        "best": msgspec.to_builtins(explained.best, enc_hook=str),
        "nearest": msgspec.to_builtins(explained.nearest, enc_hook=str),
        "patterns": msgspec.to_builtins(explained.trials, enc_hook=str),
        "slots": msgspec.to_builtins(explained.slots, enc_hook=str),
        "verifier": _verifier_data(topic, explained),
    }


def _verifier_data(topic: JudgedTopic, explained: Explained) -> dict[str, Any] | None:
    """What the verifier says, with every contribution to the logarithm of the odds; None if it was not asked."""
    verdict, verifier = explained.verdict, topic.match.rule.verifier
    if verdict is None or verifier is None:
        return None
    weights = [{"name": one.name, "weight": round(one.weight, 4)} for one in verdict.contributions]
    return {
        "probability": verdict.probability,
        "threshold": verifier.threshold,
        "seen": verdict.seen,
        "by": verdict.seen,
        "contributions": weights,
    }


def _fail(message: str) -> NoReturn:
    raise CommandError(message)
