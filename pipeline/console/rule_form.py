"""The form of an alert rule: from the table in alerts.toml to fields, and from what was sent back to values of TOML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from pipeline.core.documents.fields import FILTERS
from pipeline.core.faults import Fault

TEXTS = ("name", "id", "description", "query", "follow_up", "throttle", "budget", "digest", "quiet")
CHOICES = {
    "severity": ("medium", ("info", "low", "medium", "high", "critical")),
    "by": ("", ("", "feed", "topic", "source")),
    "group": ("story", ("story", "none")),
    "send": ("now", ("now", "digest")),
    "copies": ("skip", ("skip", "alert")),
    "old": ("label", ("label", "skip")),
}  # fmt: skip
LINES = ("must_match", "must_not_match")  # lists whose values may hold commas: one a line
GROWTH = ("sources", "countries", "languages")
LONGEST = 20_000  # characters of a field


@dataclass(frozen=True)
class Draft:
    """What the form holds. `named`: id or name of the rule that is edited, "" for a new one. `version`: of alerts.toml
    when the form was made."""

    named: str
    version: str
    fields: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    enabled: bool = True

    def values(self) -> dict[str, Any]:
        """The values for the table of the rule; None: the key is not needed."""
        found: dict[str, Any] = {name: self.fields.get(name, "").strip() or None for name in TEXTS}
        found["query"] = _query(self.fields.get("query", ""))
        found["budget"] = _number(found["budget"])
        found["quiet"] = _quiet(found["quiet"])
        for name, (default, _) in CHOICES.items():
            found[name] = value if (value := self.fields.get(name, default)) != default else None
        found |= {name: _listed(self.fields.get(name, ""), ",") for name in FILTERS}
        found |= {name: _listed(self.fields.get(name, ""), "\n") for name in LINES}
        growth = {key: _number(value) for key in GROWTH if (value := self.fields.get(f"growth_{key}", "").strip())}
        found["growth"] = growth or None
        found["trigger"] = _triggers(self.triggers)
        found["channels"] = list(self.channels)
        found["enabled"] = None if self.enabled else False
        return found


def draft_of(table: Mapping[str, Any], named: str, version: str) -> Draft:
    """The form for a rule as alerts.toml has it."""
    fields = {name: _shown(table.get(name, ""), ", ") for name in (*TEXTS, *FILTERS)}
    fields |= {name: str(table.get(name, default)) for name, (default, _) in CHOICES.items()}
    fields |= {name: _shown(table.get(name, ""), "\n") for name in LINES}
    growth = table.get("growth", {})
    fields |= {f"growth_{key}": str(growth[key]) for key in GROWTH if key in growth}
    triggers = table.get("trigger", ("article",))
    chosen = (triggers,) if isinstance(triggers, str) else tuple(map(str, triggers))
    channels = tuple(map(str, table.get("channels", ())))
    return Draft(named, version, fields, channels, chosen, table.get("enabled", True) is not False)


def draft_from(form: FormData) -> Draft:
    """What a reader sent."""

    def text(name: str) -> str:
        return str(form.get(name, ""))[:LONGEST].replace("\r\n", "\n")

    names = (*TEXTS, *FILTERS, *LINES, *(f"growth_{key}" for key in GROWTH))
    fields = {name: text(name) for name in names}
    fields |= {name: text(name) if name in form else default for name, (default, _) in CHOICES.items()}
    several = {name: tuple(dict.fromkeys(str(one) for one in form.getlist(name))) for name in ("channels", "trigger")}
    return Draft(
        text("named"), text("version"), fields, several["channels"], several["trigger"], bool(form.get("enabled")),
    )  # fmt: skip


def by_field(faults: Iterable[Fault], name: str) -> tuple[dict[str, list[Fault]], list[Fault]]:
    """The faults of the rule `name` by field of the form, and all others."""
    found: dict[str, list[Fault]] = {}
    others: list[Fault] = []
    for fault in faults:
        label, _, key = fault.key.rpartition(".")
        key = key.partition("[")[0]
        if label == f'alert "{name}"' or (not name and label.startswith("alert[")):
            found.setdefault(key, []).append(fault)
        else:
            others.append(fault)
    return found, others


def _query(text: str) -> str | None:
    """The query as written; without lines that are empty, and with a line break at the end if it has several."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    return None if not lines else lines[0].strip() if len(lines) == 1 else "\n".join(lines) + "\n"


def _shown(value: object, between: str) -> str:
    return between.join(map(str, value)) if isinstance(value, list | tuple) else str(value).strip("\n")


def _listed(text: str, between: str) -> list[str] | None:
    return [one for part in text.split(between) if (one := part.strip())] or None


def _number(text: str | None) -> int | str | None:
    """The number; any other text stays as it is, and the reader of rules says what is wrong with it."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else text


def _quiet(text: str | None) -> list[str] | str | None:
    return text if text in (None, "none") else _listed(text or "", ",")


def _triggers(chosen: Sequence[str]) -> str | list[str] | None:
    if tuple(chosen) == ("article",):
        return None
    return chosen[0] if len(chosen) == 1 else list(chosen)
