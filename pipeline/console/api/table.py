"""Every operation of the API, its routes, and the pages about it."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.console.api import alerts, articles, kept, rules, sources, stories, system, topics
from pipeline.console.api.openapi import document
from pipeline.console.api.operation import JSON, Operation
from pipeline.console.api.problem import PATH
from pipeline.console.rendering import page

OPERATIONS: tuple[Operation, ...] = (
    *stories.OPERATIONS, *articles.OPERATIONS, *alerts.OPERATIONS, *rules.OPERATIONS, *topics.OPERATIONS,
    *sources.OPERATIONS, *system.OPERATIONS, *kept.OPERATIONS,
)  # fmt: skip


def routes() -> list[Route]:
    """The routes of all operations, of the OpenAPI document, and of the page that shows it."""
    return [
        Route("/api", _shown, name="api"),
        Route(f"{PATH}/openapi.json", _document, name="api.document"),
        *(operation.route() for operation in OPERATIONS),
    ]


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document."""
    return document(OPERATIONS)


async def _document(request: Request) -> Response:
    return Response(msgspec.json.format(msgspec.json.encode(described()), indent=1), media_type=JSON)


async def _shown(request: Request) -> Response:
    by_tag: dict[str, list[Operation]] = {}
    for operation in OPERATIONS:
        by_tag.setdefault(operation.tag, []).append(operation)
    return page(request, "api.html", {"described": described(), "by_tag": by_tag, "path": PATH})
