"""`almenara channels preview`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.asking import Ask

ALERTS = """
[reader]
time_zone = "America/Lima"

[channels.chat]
type = "apprise"
url = "discord://123456789012345678/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
template = "short.txt"

[channels.mail]
type = "mail"
server = "localhost:25"
security = "none"
from = "almenara@example.org"
to = "desk@example.org"

[channels.file]
type = "file"
path = "alerts.jsonl"

[channels.screen]
type = "terminal"

[channels.reader]
type = "atom"
path = "feeds"

[[alert]]
name = "Copper"
id = "metals"
query = "copper"
severity = "critical"
channels = ["chat", "mail", "file", "screen", "reader"]
"""
KINDS = ["alert", "alert", "follow_up", "summary", "digest", "silence", "burst", "report", "test"]


@pytest.fixture(autouse=True)
def channels(config: Path) -> None:
    (config / "alerts.toml").write_text(ALERTS)
    (config / "templates").mkdir()
    (config / "templates" / "short.txt").write_text(
        "**{{ rule }}** {{ kind }}{% for a in alerts %} {{ a.link }}{% endfor %}\n"
    )


def test_it_shows_every_kind_of_message_with_the_template_of_the_channel(ask: Ask) -> None:
    rows = ask("channels", "preview", "chat", "--rule", "metals", "--json").json
    assert [row["kind"] for row in rows] == KINDS
    assert {row["where"] for row in rows} == {"Discord"}
    assert rows[0]["body"] == "**Copper** alert [Article on news.example.org](<https://news.example.org/1>)"
    assert {row["fault"] for row in rows} == {""}


def test_a_mail_has_text_and_html_with_times_of_the_reader(ask: Ask) -> None:
    text, html = ask("channels", "preview", "mail", "--kind", "digest", "--json").json
    assert (text["where"], html["where"]) == ("text", "HTML")
    assert text["title"] == html["title"] == "Digest: 18 alerts (Sample rule)"
    assert "21 Jan 2026, 08:05 UTC-5" in text["body"]
    assert '<a href="https://news.example.org/1">Article on news.example.org</a>' in html["body"]


@pytest.mark.parametrize(
    ("channel", "shown"),
    [
        ("screen", "El pleno aprobó el ingreso de tropas de tres países."),
        ("file", '"title": "El Congreso admite el ingreso de tropas extranjeras (1)"'),
        ("reader", "<blockquote"),
        ("chat", "**Copper** alert"),
    ],
)
def test_every_channel_has_a_preview_and_nothing_is_sent(ask: Ask, config: Path, channel: str, shown: str) -> None:
    answer = ask("channels", "preview", channel, "--rule", "Copper")
    assert answer.code == 0
    assert shown in answer.out
    assert not list(config.parent.glob("data/**/*"))


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["chad"], 1, "channels.chad: does not exist (did you mean chat?)"),
        (["chat", "--rule", "Coper"], 1, "there is no rule Coper (did you mean Copper?)"),
        (["chat", "--kind", "poem"], 2, "poem: there is no such kind"),
    ],
)
def test_what_does_not_exist_is_said(ask: Ask, arguments: list[str], code: int, why: str) -> None:
    answer = ask("channels", "preview", *arguments)
    assert answer.code == code
    assert why in answer.err
