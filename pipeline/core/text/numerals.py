"""Reads numbers as they are written with separators: 3,500 and 3.500 and 3'500 are 3500, 3,5 and 3.5 are 3.5."""

from __future__ import annotations

import re

#: A number with separators inside, and letters after it (3.5bn). Not a date (20.02.2026) or a version (3.11.2).
NUMBER = re.compile(r"(?<![\w.,'])(\d+(?:[.,']\d+)+)(?![.,']?\d)")

_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?P<by>[.,'])\d{3})(?:(?P=by)\d{3})*(?:(?!(?P=by))[.,](?P<rest>\d+))?")
_LAKHS = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}(?:\.(?P<rest>\d+))?")
_DECIMAL = re.compile(r"\d+[.,]\d+")


def read_number(written: str) -> str | None:
    """The number in digits, with a point before decimals; None if the separators make no sense in a number.

    `written` is in ASCII. One separator before three digits groups thousands: 3.500 is 3500.
    """
    grouped = _GROUPED.fullmatch(written) or _LAKHS.fullmatch(written)
    if grouped:
        rest = grouped["rest"] or ""
        whole = re.sub(r"\D", "", written[: len(written) - len(rest)])
        return f"{whole}.{rest}" if rest else whole
    return written.replace(",", ".") if _DECIMAL.fullmatch(written) else None
