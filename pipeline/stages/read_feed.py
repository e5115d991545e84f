"""Reads the body of a feed in another process, and the sitemaps that an index lists as one feed.

Of an index few sitemaps are asked for at a poll, one after the other, each only if it changed.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from pipeline.core.feeds import children
from pipeline.core.feeds.children import Answer
from pipeline.core.feeds.draft import Child
from pipeline.core.feeds.parse import Parsed, parse_feed
from pipeline.ports import FetchFailed, JobFailed, WorkerPool
from pipeline.records import Feed, FeedState, Page, Part
from pipeline.stage import Unavailable

Get = Callable[[str, Mapping[str, str]], Awaitable[Page]]
Parse = Callable[[Page], Awaitable[Parsed]]


async def read_feed(
    pool: WorkerPool, feed: Feed, page: Page, state: FeedState | None, get: Get
) -> tuple[Parsed, tuple[Part, ...]]:
    """The content of `feed`, answered with `page`; of an index also what to remember of its sitemaps.

    `state`: what was remembered last. `get`: requests another address, paced as the feed. Raises Unavailable, and what
    `get` raises other than FetchFailed.
    """

    parts, shared = (state.parts, state.shared) if state else ((), ())

    async def parse(page: Page) -> Parsed:
        try:
            return await pool.run(parse_feed, page.body, page.content_type, feed, page.url, page.fetched_at, shared)
        except JobFailed as error:
            return Parsed(problem=error.reason.replace("extract", "parse"), detail=str(error))
        except Unavailable:
            raise
        except Exception as error:  # parsers raise anything for malformed bytes
            return Parsed(problem="parse_error", detail=repr(error)[:500])

    parsed = await parse(page)
    return await _children(parsed, parts, get, parse) if parsed.children else (parsed, ())


async def _children(index: Parsed, parts: tuple[Part, ...], get: Get, parse: Parse) -> tuple[Parsed, tuple[Part, ...]]:
    waiting, answers, fetches = deque(index.children[: children.PER_POLL]), list[Answer](), 0
    while waiting and fetches < children.FETCHES:
        child = waiting.popleft()
        if part := children.unchanged(child, parts):
            answers.append(Answer(part))
            continue
        fetches += 1
        answer = await _answer(child, children.known(child, parts), get, parse)
        if answer.parsed and answer.parsed.children:
            waiting.extendleft(reversed(answer.parsed.children[: children.PER_POLL]))
        else:
            answers.append(answer)
    return children.joined(index, answers), tuple(answer.part for answer in answers if answer.part)


async def _answer(child: Child, part: Part | None, get: Get, parse: Parse) -> Answer:
    try:
        page = await get(child.url, children.conditions(part))
    except FetchFailed as error:
        return Answer(part, failure=(error.reason, str(error)))
    if page.status == 304 and part:
        return Answer(part)
    if page.status not in (200, 203):
        return Answer(part, failure=(f"http_{page.status}", f"{page.url} answered {page.status}"))
    body_hash = hashlib.sha256(page.body).hexdigest()
    headers = page.headers
    now = Part(
        url=child.url, changed=child.changed[:60], etag=headers.get("etag"),
        last_modified=headers.get("last-modified"), body_hash=body_hash,
    )  # fmt: skip
    if part and part.body_hash == body_hash:
        return Answer(now)
    parsed = await parse(page)
    if parsed.problem:
        return Answer(part, failure=(parsed.problem, f"{page.url}: {parsed.detail}"))
    if "truncated" in parsed.notes:  # the rest is missing: ask for all of it next time
        now = Part(url=child.url)
    return Answer(now, parsed)
