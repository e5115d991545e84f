"""Texts for people, kept as an English template and its values, so that they can be shown in other languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class Text(str):
    """An English text that knows what it was made of: `Text("at most {} words", 5)` is the str "at most 5 words".

    Logs, commands and JSON use it as any other str. A page looks up `template` in the catalogue of its language and
    fills in `values` again; values that are a Text too are translated on the way. A template without values is taken
    as it is, braces too. Records hold plain text: `str(text)`.
    """

    __slots__ = ("plural", "template", "values")
    template: str
    values: tuple[Any, ...]
    plural: str  # the template if the first value is not one, or ""

    def __new__(cls, template: str, *values: Any) -> Text:
        return template if isinstance(template, Text) and not values else cls._made(template, "", values)

    @classmethod
    def _made(cls, template: str, plural: str, values: tuple[Any, ...]) -> Text:
        chosen = plural if plural and values[0] != 1 else template
        made = super().__new__(cls, chosen.format(*values) if values else chosen)
        made.template, made.plural, made.values = template, plural, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Text._made, (self.template, self.plural, self.values)


def counted(one: str, several: str, number: int, *values: Any) -> Text:
    """The text for a number, which is the first value: `one` if it is 1, else `several`."""
    return Text._made(one, several, (number, *values))


def joined(between: str, parts: Iterable[str]) -> Text:
    """The parts with `between` between them, as "".join does."""
    values = tuple(parts)
    return Text(between.join(["{}"] * len(values)), *values)


@dataclass(frozen=True, slots=True)
class Capital:
    """A value of a Text that is written with a capital letter first, such as the beginning of a sentence."""

    text: str

    def __format__(self, spec: str) -> str:
        return self.text[:1].upper() + self.text[1:]


@dataclass(frozen=True, slots=True)
class Moment:
    """A value of a Text that is a moment in ISO 8601, which pages show in the words and the time zone of a reader."""

    text: str

    def __format__(self, spec: str) -> str:
        return self.text


def words_of(error: Exception) -> str:
    """What an error says, as it was given: `str(error)` would lose what a Text was made of."""
    return error.args[0] if len(error.args) == 1 and isinstance(error.args[0], str) else str(error)
