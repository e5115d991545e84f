"""The link from alerts to their articles in Kibana's Discover. Opens nothing; knows no more of Kibana than its URLs.

Discover keeps its state in the fragment of its address: `_g` holds the time range, `_a` the data view and the query,
both written in rison, a form of JSON for URLs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pipeline.records import Alert

MOST = 20  # articles named in one link: browsers and mail programs cut very long addresses
ARTICLE = "news.article_id"  # the field of the index that holds the id of the article (core.ecs)
AROUND = timedelta(days=1)  # before and after the articles were first seen

#: What rison writes without quotes: no mark of its own syntax, and nothing that begins as a number does.
_BARE = re.compile(r"[^-0-9 '!:(),*@$][^ '!:(),*@$]*")

Rison = None | bool | int | float | str | Sequence["Rison"] | Mapping[str, "Rison"]


@dataclass(frozen=True, slots=True)
class KibanaLink:
    """One Kibana. `url` as people open it; `space` "" for the default one; `view` is the id of the data view."""

    url: str
    space: str
    view: str

    @property
    def home(self) -> str:
        """Where the space begins, without a final slash."""
        return self.url.rstrip("/") + (f"/s/{self.space}" if self.space else "")

    def link(self, alerts: Sequence[Alert]) -> str:
        """Discover showing the articles of the alerts, at least one, the first MOST of them."""
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
    """The value in rison, keys in order. Raises ValueError for a number that JSON does not know."""
    match value:
        case None:
            return "!n"
        case bool():
            return "!t" if value else "!f"
        case int() | float():
            if value != value or value in (float("inf"), float("-inf")):
                raise ValueError(f"{value} has no form in rison")
            return repr(value).replace("+", "")
        case str():
            if _BARE.fullmatch(value):
                return value
            return "'" + re.sub("[!']", lambda found: "!" + found[0], value) + "'"
        case Mapping():
            return "(" + ",".join(f"{rison(key)}:{rison(value[key])}" for key in sorted(value)) + ")"
        case _:
            return "!(" + ",".join(rison(one) for one in value) + ")"


def _any(ids: Sequence[str]) -> str:
    """In Kibana's query language, a value that is one of these ids (hex digits: nothing to escape)."""
    quoted = [f'"{one}"' for one in ids]
    return quoted[0] if len(quoted) == 1 else f"({' or '.join(quoted)})"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _escaped(value: Rison) -> str:
    """Every mark is escaped, though Kibana leaves many: chats and mail end a link at a bracket or a quote."""
    return quote(rison(value), safe=":,")
