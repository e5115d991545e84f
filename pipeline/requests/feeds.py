"""What people ask of poll: to add, change, pause and remove feeds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from pipeline.core.faults import Faults
from pipeline.core.feeds.changes import Plan, additions, changed, removal
from pipeline.core.feeds.seed_file import parse_seed
from pipeline.core.toml_reader import TomlFile
from pipeline.core.urls import canonical
from pipeline.core.wording import Text, joined
from pipeline.log.feeds import outs_of, read_feeds
from pipeline.ports import Log
from pipeline.records import Feed
from pipeline.requests.asking import Person, Refused, publish

USER = "cli"  # the origin of a feed that a person added
MOST_NAMED = 50  # feeds that an entry of the audit names

Make = Callable[[Mapping[str, Feed]], Plan]


@dataclass(frozen=True)
class Wish:
    """What a person said about a feed. `values`: other keys of feeds.toml."""

    name: str | None = None
    language: str | None = None
    country: str | None = None
    groups: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)

    def feed(self, url: str, title: str | None = None) -> Feed:
        """The feed at `url`, by default with the name `title`. Raises Refused with every fault."""
        name = self.name or title or re.sub(r"^https?://(www\.)?|[:/].*$", "", canonical(url))
        entry: dict[str, object] = {"id": _slug(name), "name": name, "url": url, "groups": list(self.groups)}
        entry |= {"language": self.language} if self.language else {}
        entry |= {"country": self.country.upper()} if self.country else {}
        entry |= {key: value for key, value in self.values.items() if key not in ("id", "url")}
        try:
            (listed,) = parse_seed(TomlFile("feeds.toml", {"feed": [entry]})).feeds
        except Faults as error:
            lines = (
                Text("{}: {} ({})", fault.key.rpartition(".")[2], Text(fault.reason), Text(fault.hint))
                for fault in error.faults
            )
            raise Refused(joined("\n", lines)) from None
        return msgspec.structs.replace(listed, origin=USER)


async def planned(log: Log, make: Make) -> Plan:
    """What `make` plans from the feeds on the log. Raises Refused, Unavailable."""
    known, _ = await read_feeds(log)
    return make(known)


async def publish_plan(log: Log, person: Person, at: datetime, make: Make, shown: Plan | None = None) -> Plan:
    """Publish what `make` plans; return it. `shown`: what the person has seen of it.

    Raises Refused if that is another plan than would be published now, Unavailable.
    """
    plan = await planned(log, make)
    if shown is not None and plan != shown:
        raise Refused("nothing was published: the feeds on the log changed meanwhile. Do it again")
    if plan.changes:
        kinds = Counter(one.kind for one in plan.changes)
        about = [one.feed.id for one in plan.changes[:MOST_NAMED]]
        note = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
        await publish(log, person, at, "feeds", about, await outs_of(log, plan.changes), note)
    return plan


def adding(feeds: Sequence[Feed]) -> Make:
    """Add those that are not polled yet."""
    return lambda known: additions(known, feeds)


def removing(name: str) -> Make:
    """Remove the feed with this id or address."""

    def make(known: Mapping[str, Feed]) -> Plan:
        return Plan(tuple(removal(held, origin=USER) for held in named(known, name)))

    return make


def switching(name: str, on: bool) -> Make:
    """Poll the feed with this id or address again, or no longer; it stays in the list."""
    return editing(name, lambda feed: msgspec.structs.replace(feed, enabled=on))


def editing(name: str, edit: Callable[[Feed], Feed]) -> Make:
    """Change the feed with this id or address. It is then the person's: feeds.toml changes it no more."""

    def make(known: Mapping[str, Feed]) -> Plan:
        pairs = [(held, msgspec.structs.replace(edit(held), origin=USER, seed="")) for held in named(known, name)]
        return Plan(tuple(changed(before, feed) for before, feed in pairs))

    return make


def named(known: Mapping[str, Feed], name: str) -> list[Feed]:
    """The feed with this id, or those with this address. Raises Refused if no feed has it."""
    found = [held for held in known.values() if name in (held.id, held.url) and not held.removed]
    if not found:
        raise Refused(Text("no feed {!r}; see `almenara feeds list`", name))
    return found


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:56] or "feed"
