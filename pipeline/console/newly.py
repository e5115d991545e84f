"""Says what a page would newly show if it were loaded again: asked of the functions that make the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request

from pipeline.console.follow import Change, Cursor, stories_of
from pipeline.records import Document

#: Takes what came since it was asked last: documents, and states of alerts. Returns by id what of the items that this
#: may concern the page would show as new or changed, and what it would not.
Judge = Callable[[Sequence[Document], Sequence[Change]], Awaitable[Mapping[str, bool]]]
#: Makes the judge of one page. `made`: up to where its reader knows what is new.
Choose = Callable[[Request, Cursor], Judge]


def everything(_: Request, __: Cursor) -> Judge:
    """Count every story that a document came to."""

    async def judge(documents: Sequence[Document], _: Sequence[Change]) -> Mapping[str, bool]:
        return dict.fromkeys(stories_of(documents), True)

    return judge
