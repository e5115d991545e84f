"""Reads what a process exposes as metrics, and what docs/metrics.md says about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| `(\w+)` \| (counter|gauge|histogram) \|([^|]*)\| [^|]+ \|$", re.MULTILINE)

Described = dict[str, tuple[str, frozenset[str]]]  # name -> type, labels


def documented() -> Described:
    """The metrics of the page."""
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    return {name: (kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in ROW.findall(text)}


@dataclass(frozen=True)
class Exposed:
    """What /metrics answered: names with their types, and the samples."""

    types: dict[str, str]
    samples: tuple[Sample, ...]

    def value(self, name: str, **labels: str) -> float:
        """The value of the one sample with this name and these labels."""
        [value] = [s.value for s in self.samples if s.name == name and s.labels == labels]
        return float(value)

    def has(self, name: str) -> bool:
        return any(sample.name == name for sample in self.samples)

    def labels(self, name: str) -> set[str]:
        """The labels of the samples with this name."""
        return {label for sample in self.samples if sample.name == name for label in sample.labels}

    def described(self) -> Described:
        """As the page describes them: by name, the type and the labels."""
        found: Described = {}
        for name, kind in self.types.items():
            own = [s for s in self.samples if s.name in (name, f"{name}_count")]
            found[name] = (kind, frozenset(label for sample in own for label in sample.labels))
        return found

    def names_in(self, expression: str) -> list[tuple[str, set[str]]]:
        """The metrics that an expression of Prometheus uses, with the labels by which it selects."""
        used = re.findall(r"\b((?:almenara|process)_\w+)(?:\{([^}]*)\})?", expression)
        return [(name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels))) for name, labels in used]


def read(text: str) -> Exposed:
    """Parse Prometheus' text format. The name of a counter ends in _total."""
    types, samples = {}, []
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        types[name] = family.type
        samples += family.samples
    return Exposed(types, tuple(samples))
