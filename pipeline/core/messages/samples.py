"""Sample messages of every kind: for the check of templates, and for `almenara channels preview`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.records import Alert, Change, Dated, Message, Quote, Span, StorySoFar

_AT = datetime(2026, 3, 2, 13, 5, tzinfo=UTC)
_SEVERITY = "high"

_STORY = StorySoFar(
    id="sample-story",
    articles=3,
    copies=2,
    sources=("El Faro de Muestra", "The Sample Times", "Muster-Kurier"),
    countries=("PE", "GB", "DE"),
    languages=("es", "en", "de"),
    first_title="El Congreso admite el ingreso de tropas extranjeras",
    first_source="El Faro de Muestra",
    first_seen=_AT,
)
_GROWN = StorySoFar(id="sample-story", articles=2, sources=("Muster-Kurier",), countries=("DE",), languages=("de",))
_CHANGES = (Change(kind="number", before="300", after="450"), Change(kind="title", before="", after=""))


def samples(rule: str = "Sample rule", key: str = "", severity: str = _SEVERITY) -> tuple[Message, ...]:
    """One message of each kind, of a rule with this name and key; without what is optional, and with it."""
    full, bare = _alert(1, rule, severity), _bare(rule, severity)
    others = tuple(_alert(n, rule, severity) for n in range(2, 6))
    made: tuple[tuple[str, tuple[Alert, ...], dict[str, Any]], ...] = (
        ("alert", (full,), {"story": _STORY}),
        ("alert", (bare,), {}),
        ("follow_up", others[:2], {"story": _STORY, "grown": _GROWN, "changes": _CHANGES, "held_back": 3}),
        ("summary", (full, *others), {"text": "Found after a pause of Almenara.", "held_back": 40}),
        ("digest", (full, *others, bare), {"held_back": 12}),
        ("silence", (), {"text": "No article since 08:00; on a Monday there are usually 5 by now."}),
        ("burst", (full, *others), {"text": "12 articles in the last hour; on a Monday there are usually 2."}),
        ("report", (), {"text": "Channel desk fails: the server does not answer. 3 messages wait for it."}),
        ("test", (), {"text": "This is a test: the channel works."}),
    )
    return tuple(
        Message(
            id=f"sample-{n}", kind=kind, rule=key or rule, name=rule, severity=severity, channels=(), at=_AT,
            alerts=alerts, **extra,
        )
        for n, (kind, alerts, extra) in enumerate(made, 1)
    )  # fmt: skip


def _alert(n: int, rule: str, severity: str) -> Alert:
    """With everything that an alert can have. The number makes a title and a story of its own."""
    title = f"El Congreso admite el ingreso de tropas extranjeras ({n})"
    start = title.index("tropas")
    return Alert(
        id=f"sample-alert-{n}",
        rule=rule,
        name=rule,
        rule_hash="",
        rules="",
        severity=severity,
        channels=(),
        article=f"sample-article-{n}",
        version=2,
        story_id=f"sample-story-{n}",
        duplicate_of="sample-article-0",
        title=title,
        url=f"https://news.example.org/{n}",
        source="El Faro de Muestra",
        outlet_country="PE",
        language="es",
        published=Dated(_AT - timedelta(days=40), "feed", "2026-01-21T13:05:00Z"),
        first_seen=_AT,
        seen=_AT,
        query="topic:foreign-troop-authorization tropas",
        branch="topic:foreign-troop-authorization AND tropas",
        matched=(Span(field="title", start=start, end=start + 6, text="tropas"),),
        quotes=(Quote(field="text", text=f"El pleno aprobó el ingreso de {OPEN}tropas{CLOSE} de tres países."),),
        topics=("foreign-troop-authorization",),
        countries=("PE",),
        fact_lines=("Peru, forces: United States; authorised by el Congreso; 70 for, 30 against",),
        changes=_CHANGES,
        old=True,
    )


def _bare(rule: str, severity: str) -> Alert:
    """With nothing that an alert can lack; its title has a second direction of writing."""
    return Alert(
        id="sample-alert-0",
        rule=rule,
        name=rule,
        rule_hash="",
        rules="",
        severity=severity,
        channels=(),
        article="sample-article-0",
        version=1,
        story_id="sample-story-0",
        title="البرلمان يسمح بدخول القوات (NATO)",
        url="https://news.example.org/0",
        source="صحيفة المثال",
        first_seen=_AT,
        seen=_AT,
    )
