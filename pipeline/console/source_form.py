"""The form of a source: from its settings to fields, and from what was sent back to keys of feeds.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from pipeline.config.values import seconds_of
from pipeline.core.faults import Fault
from pipeline.core.feeds.seed_file import entry_of
from pipeline.core.text.written_duration import written_duration
from pipeline.core.wording import Text
from pipeline.records import Feed
from pipeline.requests.feed_settings import revision

TEXTS = (
    "name", "url", "language", "country", "listed_in", "user_agent", "username", "password_env", "password_file",
    "ca_file", "min_tls", "proxy",
)  # fmt: skip
LISTS = ("groups", "hosts")  # with commas between values
SWITCHES = {"enabled": True, "verify": True, "ignore_validators": False}  # with their defaults
TLS = ("", "1.0", "1.1", "1.2", "1.3")
LONGEST = 4_000  # characters of a field


@dataclass(frozen=True)
class Draft:
    """What the form holds. `seen`: revision of the source when the form was made."""

    fields: Mapping[str, str]
    switches: Mapping[str, bool]
    seen: str

    def settings(self) -> tuple[dict[str, Any], list[Fault]]:
        """The values for the keys of feeds.toml, None for those that are not needed; and what cannot be read."""
        text = {name: value.strip() for name, value in self.fields.items()}
        found: dict[str, Any] = {name: text.get(name) or None for name in TEXTS}
        found["country"] = found["country"] and found["country"].upper()
        found["language"] = found["language"] and found["language"].lower()
        for name in LISTS:
            found[name] = [part for one in text.get(name, "").split(",") if (part := one.strip())] or None
        found |= {name: None if self.switches[name] is default else not default for name, default in SWITCHES.items()}
        faults = []
        found["every"] = None
        if every := text.get("every"):
            try:
                found["every"] = seconds_of(every)
            except ValueError:
                faults.append(Fault("", "every", Text("{!r} is not a duration", every), "such as 10m or 2h"))
        headers, wrong = _headers(text.get("headers", ""))
        return found | {"headers": headers or None}, faults + wrong


def draft_of(feed: Feed) -> Draft:
    """The form for a source as it is."""
    entry = entry_of(feed)
    fields = {name: str(entry.get(name, "")) for name in TEXTS}
    fields |= {name: ", ".join(entry.get(name, ())) for name in LISTS}
    fields["headers"] = "\n".join(f"{name}: {value}" for name, value in entry.get("headers", {}).items())
    fields["every"] = "" if feed.every is None else written_duration(feed.every)
    return Draft(fields, {name: entry.get(name, default) for name, default in SWITCHES.items()}, revision(feed))


def draft_from(form: FormData) -> Draft:
    """What a reader sent."""
    names = (*TEXTS, *LISTS, "headers", "every")
    fields = {name: str(form.get(name, ""))[:LONGEST].replace("\r\n", "\n") for name in names}
    return Draft(fields, {name: bool(form.get(name)) for name in SWITCHES}, str(form.get("seen", ""))[:40])


def by_field(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    """The faults by field of the form."""
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        found.setdefault(fault.top, []).append(fault)
    return found


def _headers(text: str) -> tuple[dict[str, str], list[Fault]]:
    """Headers, one a line."""
    found, faults = dict[str, str](), list[Fault]()
    for line in filter(None, map(str.strip, text.split("\n"))):
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or not value.strip():
            faults.append(Fault("", "headers", Text("{!r} is no header", line[:80]), "X-Edition: international"))
        elif name.strip() in found:
            faults.append(Fault("", "headers", Text("{} is there twice", name.strip()), "remove one"))
        found[name.strip()] = value.strip()
    return found, faults
