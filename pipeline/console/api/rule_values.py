"""What a rule of alerts.toml may hold, as the API takes it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pipeline.console.api.operation import Body

Text = Annotated[str, Meta(max_length=20_000)]
Name = Annotated[str, Meta(max_length=200)]
Whole = Annotated[int, Meta(ge=-(10**9), le=10**9)]
#: What a key may hold in TOML; null takes it out.
Value = bool | Whole | Text | Annotated[list[Text], Meta(max_length=1_000)] | dict[Name, Whole] | None
Values = Annotated[dict[Name, Value], Meta(min_length=1, max_length=100)]


class Draft(Body, frozen=True, kw_only=True):
    """A rule as in alerts.toml (docs/alerts.md). `named`: id or name of the rule that it changes; "": a new one."""

    rule: Values
    named: Name = ""
