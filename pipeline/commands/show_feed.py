"""`almenara feeds show`: a feed's configuration, state, last polls and latest articles."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.result_of import result_of
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.feed_words import ago, span
from pipeline.core.feeds.changes import differences
from pipeline.core.query.parse import parse
from pipeline.core.query.search import Search
from pipeline.log.feeds import read_feeds
from pipeline.records import Document, Feed, FeedState, PollNote
from pipeline.stage import Unavailable
from pipeline.terminal.tables import print_table, shortened

LATEST = 5  # articles


def show_feed(
    feed: Annotated[str, typer.Argument(help="Id or URL of the feed.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a feed: configuration, state, last polls, latest articles.

    Example: almenara feeds show the-example
    """
    deployment = deployment_for(config)
    feeds, states = deployment.with_log(read_feeds)
    found = next((each for each in feeds.values() if feed in (each.id, each.url) and not each.removed), None)
    if found is None:
        raise CommandError(f"no feed {feed!r}; see `almenara feeds list`")
    state = states.get(found.id)
    articles = result_of(_articles(deployment, found.id))
    if as_json:
        print(msgspec.json.encode({"feed": found, "state": state, "articles": _plain(articles)}).decode())
        return
    _show_feed(found)
    _show_state(found, state)
    for document in articles or ():
        article = document.article
        dated = article.published.value if article.published else article.seen
        print("article    " + shortened(f"{dated:%Y-%m-%d %H:%M}  {article.title.value}  {article.url}", 150))
    if not articles:
        print("article    none in the index")


async def _articles(deployment: Deployment, feed: str) -> list[Document]:
    """The latest articles of the feed; none if there is no index yet."""
    try:
        if not deployment.index.exists():
            return []
        index = await deployment.open_index()
    except Unavailable:
        return []
    try:
        results = await index.search(Search(parse(f'feed:"{feed}"').node, sort="time", limit=LATEST))
    finally:
        await index.close()
    return [hit.document for hit in results.hits]


def _plain(articles: list[Document]) -> list[dict[str, Any]]:
    return [
        {"id": each.article.id, "title": each.article.title.value, "url": each.article.url,
         "published": each.article.published.value if each.article.published else None,
         "first_seen": each.relation.first_seen}
        for each in articles
    ]  # fmt: skip


def _show_feed(feed: Feed) -> None:
    """Everything that was configured, by the names of feeds.toml."""
    print(f"feed       {feed.id}: {feed.name}, {feed.url}")
    origin = f"{feed.origin} {feed.seed}".strip()
    print(f"origin     {origin}{'' if feed.enabled else ', switched off'}")
    plain = Feed(id=feed.id, name=feed.name, url=feed.url)
    for name, (value, _) in differences(feed, plain).items():
        print(f"           {name} = {json.dumps(msgspec.to_builtins(value), ensure_ascii=False)}")


def _show_state(feed: Feed, state: FeedState | None) -> None:
    now = clock()
    if state is None:
        print("state      never polled")
        return
    if state.error:
        since = f" since {state.failing_since:%Y-%m-%d %H:%M}" if state.failing_since else ""
        print(f"state      fails{since}, {state.failures} time(s) in a row: {state.error}: {state.detail or ''}")
    else:
        print(f"state      works; it lists {state.entries} entries")
    print(f"polled     {ago(state.polled_at, now)}, next {ago(state.next_at, now)}; about every {span(state.interval)}")
    if state.first_polled_at:
        print(f"           read first {state.first_polled_at:%Y-%m-%d %H:%M}")
    if state.moved_to or state.read_at:
        print(f"           it has moved to {state.moved_to or state.read_at}")
    validators = [name for name, value in (("ETag", state.etag), ("Last-Modified", state.last_modified)) if value]
    print(f"           validators: {', '.join(validators) or 'none'}{', not used: they were wrong' * state.false_304}")
    for part in state.parts:
        print(f"           sitemap {part.url} {part.changed}")
    rows = [_row(note) for note in state.history]
    if rows:
        print_table(("poll", "outcome", "new", "drops", "next", "detail"), rows, spare=("drops",))


def _row(note: PollNote) -> tuple[str, ...]:
    drops = ", ".join(f"{count} {reason}" for reason, count in note.drops.items())
    soon = f"{note.next:%m-%d %H:%M}" if note.next else ""
    return f"{note.at:%m-%d %H:%M}", note.outcome, str(note.new), drops, soon, note.detail
