"""What went wrong, for programs (RFC 9457): the status, and words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import Response

PATH = "/api/v1"
TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused or failed (RFC 9457)."""

    title: str
    status: int
    detail: str = ""


def is_for_programs(path: str) -> bool:
    """Whether a request to this path gets problems, not pages."""
    return path == PATH or path.startswith(f"{PATH}/")


def problem(status: int, title: str = "", detail: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a status. `title`: what it means; default: its name in HTTP."""
    found = Problem(title=title or HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(msgspec.json.encode(found), status, dict(headers or {}), TYPE)
