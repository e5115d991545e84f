"""`almenara explain`: why an article has a topic, or what it lacked, and its facts. Judging is core's."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import rules_of
from pipeline.core.pages.article import clean_page
from pipeline.core.topics.explain import Explained, Tried
from pipeline.core.topics.explain import explain as explain_topic
from pipeline.records import Article, Facts, Stated, Tags
from pipeline.reports.inputs import Line, Reader, read_lines
from pipeline.stage import Drop
from pipeline.stages.tag import judge_record
from pipeline.terminal.tables import shortened

QUOTE = 200  # characters of a sentence that are shown


def explain(
    file: Annotated[str, typer.Argument(help="JSON lines, .html, or .txt with the title in the first line.")],
    topic: Annotated[str | None, typer.Option(help="Only this topic, also if an article lacks it.")] = None,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show why an article has a topic, or what it lacked.

    Score, patterns, words and sentences; with --topic near misses, too.

    Example: almenara explain article.html --topic foreign-troop-authorization
    """
    rules = rules_of(config)
    known = [rule.id for rule in rules.rules.topics]
    if topic is not None and topic not in known:
        _fail(f"no topic {topic!r}: there are {', '.join(known)}")
    for name, article in articles(file):
        judged = judge_record(article, rules)
        found = [judged.topic(topic)] if topic else judged.topics
        shown = [explain_topic(one.match, rules.rules, judged.context.reading, judged.hits) for one in found]
        given = judged.tags
        if as_json:
            print(json_format.dumps(_data(name, article, shown, given), ensure_ascii=False))
        else:
            _show(name, article, shown, given)


def articles(file: str) -> Iterator[tuple[str, Article]]:
    """Name and article of each input: JSON lines or .html as `process` takes them; a .txt file is one article, its
    title in the first line."""
    lines: Iterator[tuple[str, bytes | Line]] = read_lines([file])
    if file.lower().endswith(".txt"):
        title, _, text = Path(file).read_text(encoding="utf-8").partition("\n")
        lines = iter([(file, Line(id=Path(file).stem, title=title.strip(), text=text.strip()))])
    reader = Reader(datetime.now(UTC))
    for place, line in lines:
        given = reader.understand(place, line)
        if given.item is None or given.page is None:
            _fail(given.fault)
        article = clean_page(given.page, given.item)
        if isinstance(article, Drop):
            _fail(f"{place}: no article: {article.reason} {article.detail}")
        yield given.id, article


def _show(name: str, article: Article, shown: list[Explained], given: Tags) -> None:
    typer.echo(f"{name}: {shortened(article.title.value, 100)} ({article.language or 'language unknown'})")
    if not shown:
        typer.echo("  no topic; --topic NAME shows what one lacks")
    for one in shown:
        typer.echo(f"  {one.topic.id}: {_verdict(one, given)}, score {one.topic.score:g} of {one.threshold:g}")
        for tried in one.tried:
            typer.echo(f"    {'+' if tried.met else '-'} {tried.weight:+g} {tried.pattern}{_lack(tried)}")
        for words in one.topic.evidence:
            typer.echo(f"    {words.concept}: {words.text!r} in {words.field}: {shortened(words.sentence, QUOTE)}")
        for facts in given.facts:
            if facts.topic == one.topic.id:
                _show_facts(facts, article)


def _verdict(one: Explained, given: Tags) -> str:
    if one.matches and one.topic.id not in {topic.id for topic in given.topics}:
        return "no, its facts speak against it (told of the past, or of the deciding country's own forces)"
    return "yes" if one.matches else "no"


def _show_facts(facts: Facts, article: Article) -> None:
    """A line for each fact: its value, and the words that state it where they are others."""
    for name, stated in leaves(facts):
        whole = article.title.value if stated.field == "title" else article.text
        words = whole[stated.start : stated.end]
        said = "" if words == str(stated.value) else f" by {words!r}" + (", implied" if stated.implied else "")
        typer.echo(f"    {name} = {stated.value}{said} in {stated.field}: {shortened(stated.sentence, QUOTE)}")


def leaves(facts: Facts) -> Iterator[tuple[str, Stated]]:
    """Each fact with its name, as "vote.for"; several of a name one after the other."""
    for field in msgspec.structs.fields(facts):
        value = getattr(facts, field.name)
        match value:
            case Stated():
                yield field.name, value
            case tuple():
                yield from ((field.name, one) for one in value)
            case msgspec.Struct():
                for part in msgspec.structs.fields(value):
                    if (stated := getattr(value, part.name)) is not None:
                        yield f"{field.name}.{part.encode_name}", stated


def _lack(tried: Tried) -> str:
    if tried.met:
        return ""
    near = f"; nearest: {shortened(tried.sentence, QUOTE)}" if tried.sentence else ""
    return f": lacks {', '.join(tried.missing)}{near}"


def _data(name: str, article: Article, shown: list[Explained], given: Tags) -> dict[str, Any]:
    return {
        "id": name, "title": article.title.value, "language": article.language,
        "topics": [
            {"matches": one.matches, "threshold": one.threshold, **msgspec.to_builtins(one.topic),
             "patterns": [msgspec.to_builtins(tried) for tried in one.tried]}
            for one in shown
        ],
        "facts": msgspec.to_builtins([one for one in given.facts if one.topic in {other.topic.id for other in shown}]),
    }  # fmt: skip


def _fail(message: str) -> NoReturn:
    raise CommandError(message)
