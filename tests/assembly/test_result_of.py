"""The result of a coroutine, whatever it is."""

from __future__ import annotations

import pytest

from pipeline.assembly.result_of import result_of


class Large:
    def __repr__(self) -> str:
        raise AssertionError("nobody wants to read this")


def test_the_result_is_not_turned_into_text() -> None:
    large = Large()

    async def give() -> Large:
        return large

    assert result_of(give()) is large


def test_an_error_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        result_of(fail())
