"""Makes the link from alerts to their articles in Kibana's Discover.

Discover keeps its state in the fragment of its URL: `_g` has the time range, `_a` the data view and the query, both in
rison, a notation for JSON in URLs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pipeline.records import Alert

MOST = 20  # articles in one link: browsers and mail programs cut very long URLs
ARTICLE = "news.article_id"  # the field of both indices with the id of the article
AROUND = timedelta(days=1)  # before and after the articles were first seen

#: Text that rison writes without quotes: no character of its syntax, and no beginning of a number.
_BARE = re.compile(r"[^-0-9 '!:(),*@$][^ '!:(),*@$]*")

Rison = None | bool | int | float | str | Sequence["Rison"] | Mapping[str, "Rison"]


@dataclass(frozen=True, slots=True)
class KibanaLink:
    """A Kibana. `url` as people open it; `space` is "" for the default space; `view` is the id of the data view."""

    url: str
    space: str
    view: str

    @property
    def home(self) -> str:
        """The URL of the space, without a final slash."""
        return self.url.rstrip("/") + (f"/s/{self.space}" if self.space else "")

    def link(self, alerts: Sequence[Alert]) -> str:
        """The URL of Discover with the articles of the alerts (at least one alert; the first MOST of them)."""
        shown = alerts[:MOST]
        seen = [alert.first_seen for alert in shown]
        ids = list(dict.fromkeys(alert.article for alert in shown))
        query = f"{ARTICLE} : {_any(ids)}"
        time = {"from": _moment(min(seen) - AROUND), "to": _moment(max(seen) + AROUND)}
        state = {
            "dataSource": {"dataViewId": self.view, "type": "dataView"},
            "query": {"language": "kuery", "query": query},
        }
        return f"{self.home}/app/discover#/?_g={_escaped({'time': time})}&_a={_escaped(state)}"


def rison(value: Rison) -> str:
    """The value in rison, keys sorted. Raises ValueError for a number that JSON does not have."""
    match value:
        case None:
            return "!n"
        case bool():
            return "!t" if value else "!f"
        case int() | float():
            if value != value or value in (float("inf"), float("-inf")):
                raise ValueError(f"{value} cannot be written in rison")
            return repr(value).replace("+", "")
        case str():
            if _BARE.fullmatch(value):
                return value
            return "'" + re.sub("[!']", lambda found: "!" + found[0], value) + "'"
        case Mapping():
            return "(" + ",".join(f"{rison(key)}:{rison(value[key])}" for key in sorted(value)) + ")"
        case _:
            return "!(" + ",".join(rison(item) for item in value) + ")"


def _any(ids: Sequence[str]) -> str:
    """A value that is one of these ids, in Kibana's query language. Ids are hex digits: nothing to escape."""
    quoted = [f'"{id}"' for id in ids]
    return quoted[0] if len(quoted) == 1 else f"({' or '.join(quoted)})"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _escaped(value: Rison) -> str:
    """Escapes all punctuation, though Kibana leaves some: chats and mail end a link at a bracket or a quote."""
    return quote(rison(value), safe=":,")
