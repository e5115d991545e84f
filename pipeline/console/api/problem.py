"""What went wrong, for programs (RFC 9457): the status, and words that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import Response

from pipeline.core.faults import Fault

PATH = "/api/v1"
TYPE = "application/problem+json"


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a value, where, and what to do."""

    key: str
    reason: str
    hint: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused or failed (RFC 9457). `faults`: values that it sent, one by one."""

    title: str
    status: int
    detail: str = ""
    faults: tuple[Remark, ...] = ()


def remark(fault: Fault) -> Remark:
    """A fault, for programs."""
    return Remark(key=fault.key, reason=fault.reason, hint=fault.hint)


def is_for_programs(path: str) -> bool:
    """Whether a request to this path gets problems, not pages."""
    return path == PATH or path.startswith(f"{PATH}/")


def problem(
    status: int, title: str = "", detail: str = "", headers: Mapping[str, str] | None = None,
    faults: Iterable[Fault] = (),
) -> Response:  # fmt: skip
    """The answer for a status. `title`: what it means; default: its name in HTTP."""
    remarks = tuple(map(remark, faults))
    found = Problem(title=title or HTTPStatus(status).phrase, status=status, detail=detail, faults=remarks)
    return Response(msgspec.json.encode(found, enc_hook=str), status, dict(headers or {}), TYPE)
