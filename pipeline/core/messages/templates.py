"""Templates of messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.records import Message

if TYPE_CHECKING:
    from pipeline.core.messages.form import Medium, Voice


class TemplateFault(ValueError):
    """A template cannot write a message."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read and checked."""

    name: str


def filled(template: Template, message: Message, medium: Medium, voice: Voice) -> str:
    """The message as the template writes it. Raises TemplateFault."""
    raise TemplateFault(template.name)
