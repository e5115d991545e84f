"""Messages and texts for the tests of what messages say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import written
from pipeline.records import Alert, Dated, Message, Quote, Span, StorySoFar
from tests.builders import alert

AT = datetime(2026, 11, 29, 13, 5, tzinfo=UTC)
MADRID = Voice(zone="Europe/Madrid")

STORY = StorySoFar(
    id="s1",
    articles=3,
    copies=1,
    sources=("El Faro del Sur", "Nord-Kurier", "صحيفة الشمال"),
    countries=("PE", "DE"),
    languages=("es", "de", "ar"),
    first_title="Admiten tropas extranjeras",
    first_source="El Faro del Sur",
    first_seen=AT,
)


def vote(**changes: Any) -> Alert:
    """An alert with everything that an alert can have."""
    fields: dict[str, Any] = {
        "article": "a1",
        "rule": "troops",
        "name": "Foreign troops",
        "title": "El Congreso admite tropas extranjeras",
        "source": "El Faro del Sur",
        "outlet_country": "PE",
        "language": "es",
        "published": Dated(AT, "feed", "2026-11-29T13:05:00Z"),
        "matched": (Span(field="title", start=19, end=25, text="tropas"),),
        "quotes": (Quote(field="text", text="El pleno admitió \x02tropas\x03 de tres países."),),
        "fact_lines": ("Peru, forces: United States; 70 for, 30 against",),
        "branch": "topic:foreign-troop-authorization",
        "topics": ("foreign-troop-authorization",),
    }
    return alert(**fields | changes)


def message(*alerts: Alert, **changes: Any) -> Message:
    """A message of these alerts, of `vote` without any."""
    fields: dict[str, Any] = {
        "id": "m1",
        "kind": "alert",
        "rule": "troops",
        "name": "Foreign troops",
        "severity": "high",
        "channels": ("desk",),
        "at": AT,
        "alerts": alerts or (vote(),),
    }
    return Message(**fields | changes)


def body(one: Message, medium: Medium = Medium.PLAIN) -> str:
    """The message in one part; a hair space shows as a dot."""
    [part] = written(one, medium, Limit(title=0), MADRID)
    return part.body.replace("\u200a", "·")


_BAITS = (
    "http://evil.example/x", "HTTPS://evil.com", "evil.com", "www.evil.com", "www.e1.x1", "evil.com/login?a=b",
    "пример.рф", "例え.テスト", "evil。com", "a@evil.com", "mailto:a@evil.com", "tel:+15550100200", "+1 555 0100 200",
    "192.0.2.1", "[x](http://evil.com)", "![x](http://evil.com/p.gif)", "[x][y]", "[y]: http://evil.com",
    "<http://evil.com>", "<http://evil.com|click>", "<a href=http://evil.com>x</a>", "<img src=http://evil.com/p>",
    "<script>x</script>", "@everyone", "@here", "@all", "<!here>", "<!channel>", "<@U123>", "<@&99>", "<#C1>",
    "@**all**", "#general", "~town", "/start", "$AAPL", "tg://user?id=1", "javascript:alert(1)", "&lt;b&gt;",
    "&#64;everyone", "**", "*", "_", "`", "```", "~~", "||", "|", "# ", "> ", "- ", "1. ", "---", "===", "\\", "\\[",
    "](", ")", "]", "[", "<", ">", "&", "\"", "'", "\n", "\r\n", "\u2028", "\x00", "\x02", "\x03", "\x1b[31m",
    "\u202e", "\u2066", "\u200b", "\u200a", "\ufe0f", "\u00ad", "\u0301", "://", "//", ".", "com", "evil", "@", "#",
    ":", "قانون", "国会", "x", " ", "\t",
)  # fmt: skip

#: Texts that try to become links, mentions or markup.
hostile = st.lists(st.one_of(st.sampled_from(_BAITS), st.text(max_size=6)), max_size=12).map("".join)
