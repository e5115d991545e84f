"""Changes every setting of a feed, as feeds.toml has them, for whoever is not at the daemon's machine.

Settings may name secrets of that machine, variables and files, and send them to a site. So here, only names that the
operator gave for feeds may be written: variables that start with FEED_, files that start with feed_. What feeds.toml or
a command named otherwise stays in force, as long as it is sent to the same place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from pipeline.core.faults import Fault, Faults
from pipeline.core.feeds.changes import Plan, changed, url_key
from pipeline.core.feeds.seed_file import entry_of, read_entry
from pipeline.core.wording import Text
from pipeline.ports import Log
from pipeline.records import Feed, encode
from pipeline.requests.asking import Person, Refused
from pipeline.requests.feeds import USER, named, publish_plan

VARIABLES, FILES = "FEED_", "feed_"  # how names of secrets start that may be used
_VARIABLE = re.compile(r"\$\{([^}]*)\}?")


class Changed(Refused):
    """The feed is not as it was when it was looked at."""


def revision(feed: Feed) -> str:
    """Changes with every setting of the feed."""
    return sha256(encode(feed)).hexdigest()[:16]


async def change(
    log: Log,
    person: Person,
    at: datetime,
    id: str,
    settings: Mapping[str, Any],
    proxies: Collection[str],
    seen: str = "",
) -> Plan:
    """Give the feed these settings: keys of feeds.toml; None takes one out, others stay. `proxies`: those that may be
    named; `seen`: the revision that was looked at. It is then the person's: feeds.toml changes it no more.

    Raises Faults by key, Changed, Refused if there is no such feed, Unavailable.
    """

    def make(known: Mapping[str, Feed]) -> Plan:
        (held,) = named(known, id)
        if seen and seen != revision(held):
            raise Changed("somebody else changed this source meanwhile: look at it again")
        feed = checked(held, settings, known, proxies)
        return Plan((changed(held, feed),) if feed != replace(held, origin=USER, seed="") else ())

    return await publish_plan(log, person, at, make)


def checked(held: Feed, settings: Mapping[str, Any], known: Mapping[str, Feed], proxies: Collection[str]) -> Feed:
    """The feed with these settings. Raises Faults by key."""
    entry = {**entry_of(held), **settings, "id": held.id}
    faults = []
    if settings.get("id", held.id) != held.id:
        faults.append(Fault("", "id", "cannot be changed: what is known of the source is kept under it", "add another"))
    try:
        feed = replace(read_entry({key: value for key, value in entry.items() if value is not None}), origin=USER)
    except Faults as error:
        wrong = {fault.top for fault in error.faults}
        right = {key: value for key, value in settings.items() if key not in wrong}
        more = _faults_of(held, right, known, proxies) if len(right) < len(settings) else ()
        raise Faults(tuple(dict.fromkeys((*faults, *error.faults, *more)))) from None
    others = (one for one in known.values() if one.id != held.id and not one.removed)
    if other := next((one for one in others if url_key(one) == url_key(feed)), None):
        faults.append(Fault("", "url", Text("is read already by {}", other.id), "remove one of the two"))
    if faults := [*faults, *not_given(feed, held, {*proxies, *(one.profile.proxy or "" for one in known.values())})]:
        raise Faults(tuple(faults))
    return feed


def _faults_of(
    held: Feed, settings: Mapping[str, Any], known: Mapping[str, Feed], proxies: Collection[str]
) -> tuple[Fault, ...]:
    """What is wrong with these settings, beside others that cannot be read."""
    try:
        checked(held, settings, known, proxies)
    except Faults as error:
        return error.faults
    return ()


def not_given(feed: Feed, held: Feed, proxies: Collection[str]) -> list[Fault]:
    """What the settings of the feed name that nobody gave it, compared with those in force."""
    faults = []
    wanted, had = _secrets(feed), _secrets(held)
    elsewhere = _reach(feed) != _reach(held)
    for key, name in wanted:
        if not _is_for_feeds(key, name) and (elsewhere or (key, name) not in had):
            hint = Text("name it {}…, or a file {}…; other secrets are given in feeds.toml", VARIABLES, FILES)
            if (key, name) in had:
                hint = Text("its address, hosts, proxy and verify are changed in feeds.toml, or take the secret out")
            faults.append(Fault("", key, Text("{!r} is no secret for feeds", name), hint))
    if feed.profile.proxy not in (None, "none", held.profile.proxy, *proxies):
        hint = Text("only proxies that [fetch] or feeds.toml names may be used here")
        faults.append(Fault("", "proxy", "is not a known proxy", hint))
    return faults


def _secrets(feed: Feed) -> list[tuple[str, str]]:
    """Key, and the variable or file that it names."""
    profile = feed.profile
    found = [("headers", name) for value in profile.headers.values() for name in _VARIABLE.findall(value)]
    found += [("proxy", name) for name in _VARIABLE.findall(profile.proxy or "")]
    found += [(key, name) for key in ("password_env", "password_file") if (name := getattr(profile, key))]
    return found


def _is_for_feeds(key: str, name: str) -> bool:
    if key != "password_file":
        return name.startswith(VARIABLES)
    path = PurePosixPath(name)
    return path.name.startswith(FILES) and ".." not in path.parts


def _reach(feed: Feed) -> tuple[object, ...]:
    """Where its secrets are sent, and how."""
    parts, profile = urlsplit(feed.url), feed.profile
    return parts.scheme, parts.netloc, profile.hosts, profile.proxy, profile.verify, profile.plain
