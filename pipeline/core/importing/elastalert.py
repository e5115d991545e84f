"""Makes an alert rule of a rule of ElastAlert 2, given as the mapping that its YAML file holds.

What has no counterpart is listed with the reason. A rule whose condition cannot be written is not made at all: without
a part of its condition it would find more, or less, than it did.

Source: ElastAlert 2, docs/source/ruletypes.rst and elastalert/schema.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.core.importing.elastalert_options import SILENT, Options, duration, option_reason, seconds_of
from pipeline.core.importing.filters import Filters, condition, ours
from pipeline.core.importing.imported import Imported, Left, any_of, grouped, rule_name
from pipeline.core.importing.lucene import NotCarriedOver

#: Types of rules that count or compare what articles do not have.
_OTHER_TYPES = {
    "cardinality": "counts the values of a field",
    "metric_aggregation": "computes with a number of a field",
    "spike_aggregation": "computes with a number of a field",
    "percentage_match": "compares the numbers of two queries",
    "new_term": "waits for a value that a field never had",
}
_TYPES = ("any", "frequency", "spike", "flatline", "blacklist", "whitelist", "change")


def read_rule(found: Any, file_name: str) -> Imported:
    """The rule of one file. `file_name`: without its ending, the name of a rule without a name."""
    if not isinstance(found, Mapping):
        return Imported(left=(Left(file_name, "the file holds no rule: it must be a mapping of options"),))
    name = rule_name(str(found.get("name") or file_name))
    reader = _Rule(found, name)
    try:
        rule = reader.rule()
    except NotCarriedOver as error:
        return Imported(left=(*reader.left, Left("the rule", str(error), name)))
    return Imported((rule,), left=tuple(reader.left))


class _Rule:
    def __init__(self, found: Mapping[str, Any], name: str) -> None:
        self.found, self.name, self.left = found, name, list[Left]()
        self.used = {"name", "type", "filter"}

    def rule(self) -> dict[str, Any]:
        """The keys of alerts.toml. Raises NotCarriedOver."""
        kind = self.found.get("type")
        if kind in _OTHER_TYPES:
            raise NotCarriedOver(f"type {kind}: it {_OTHER_TYPES[kind]}, which no rule here does")
        if kind not in _TYPES:
            raise NotCarriedOver(f"type {kind}: known are {', '.join(_TYPES)}")
        rule = {"name": self.name, "query": self._query(str(kind)), **self._when(str(kind))}
        options = Options(self.found)
        rule |= options.keys()
        self.used |= options.used
        self.left += [Left(what, why, self.name) for what, why in options.left]
        self._others()
        return rule

    def _query(self, kind: str) -> str:
        filters = Filters()
        listed = self._listed(kind) if kind in ("blacklist", "whitelist") else ""
        given = self.found.get("filter") or []
        query = filters.query(given) if given or not listed else ""
        self.left += [Left(remark, "left out; nothing changes", self.name) for remark in dict.fromkeys(filters.remarks)]
        if not listed:
            return query
        if kind == "whitelist" and not query:
            raise NotCarriedOver("without a filter, a whitelist matches nearly everything")
        return " AND ".join(filter(None, (grouped(query) if query else "", listed)))

    def _listed(self, kind: str) -> str:
        """The condition of a blacklist or whitelist."""
        self.used |= {kind, "compare_key", "ignore_null"}
        keys, values = self.found.get("compare_key"), self.found.get(kind)
        keys = keys if isinstance(keys, list) else [keys]
        if not values or not isinstance(values, list):
            raise NotCarriedOver(f"{kind} has no values")
        if files := [str(value) for value in values if str(value).startswith("!file")]:
            raise NotCarriedOver(
                f"{kind} names the file {files[0].removeprefix('!file').strip()}: import it as a keyword list"
            )
        found = any_of([condition(str(key), "phrase~0", str(value)) for key in keys for value in values])
        if kind == "blacklist":
            return found
        filled = [f"_exists_:{ours(str(key))}" for key in keys] if self.found.get("ignore_null") else []
        return " AND ".join([*filled, f"NOT {found}"]) if filled else f"NOT {found}"

    def _when(self, kind: str) -> dict[str, Any]:
        """When the rule reports: its triggers."""
        match kind:
            case "frequency":
                self.used |= {"num_events", "timeframe"}
                if self.found.get("num_events") in (None, 1):
                    return {}
                self._approximate(
                    "num_events", "a burst is more than the rule's own rhythm lets one expect, not a fixed number"
                )
                return {"trigger": "burst", **self._by()}
            case "spike":
                self.used |= {"spike_height", "spike_type", "timeframe"}
                up, down = (self.found.get("spike_type") in (name, "both") for name in ("up", "down"))
                self._approximate(
                    "spike_height", "a burst or silence is measured against the rhythm by weekday, not two windows"
                )
                triggers = [name for name, wanted in (("burst", up), ("silence", down)) if wanted] or ["burst"]
                return {"trigger": triggers[0] if len(triggers) == 1 else triggers, **self._by()}
            case "flatline":
                self.used |= {"threshold", "timeframe"}
                self._approximate("threshold", "silence is measured against the rule's own rhythm, not a fixed number")
                return {"trigger": "silence", **self._by()}
            case "change":
                return self._change()
        return {"trigger": "article"}

    def _change(self) -> dict[str, Any]:
        self.used |= {"compare_key", "ignore_null", "timeframe"}
        keys = self.found.get("compare_key")
        names = [ours(str(key)) for key in (keys if isinstance(keys, list) else [keys])]
        if not set(names) <= {"title", "text"}:
            raise NotCarriedOver(f"type change on {', '.join(names)}: only changes of title and text are known")
        return {"trigger": "change"}

    def _by(self) -> dict[str, str]:
        """What has its own rhythm each."""
        key = self.found.get("query_key")
        if isinstance(key, str):
            try:
                name = ours(key)
            except NotCarriedOver:
                return {}
            if name in ("feed", "topic", "source"):
                self.used.add("query_key")
                return {"by": name}
        return {}

    def _approximate(self, option: str, why: str) -> None:
        seconds = seconds_of(self.found.get("timeframe"))
        within = f" within {duration(seconds)}" if seconds else ""
        self.left.append(Left(f"{option}: {self.found.get(option)}{within}", why, self.name))

    def _others(self) -> None:
        """List every other option, those of one kind together."""
        reasons: dict[str, list[str]] = {}
        for option in self.found:
            if option not in self.used and option not in SILENT:
                reasons.setdefault(option_reason(str(option)), []).append(str(option))
        self.left += [Left(", ".join(options), why, self.name) for why, options in reasons.items()]
