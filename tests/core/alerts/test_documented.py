"""docs/alerts.md and the comments of config/alerts.toml name every key, and every example of the page can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.core.alerts.read_channels import KEYS
from pipeline.core.alerts.read_rule import RULE_KEYS
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.alerts.rules import TRIGGERS
from pipeline.core.documents.fields import FILTERS
from pipeline.core.notification.planning.score import FACTS, OUTLETS, SHARE, TITLE, TOPIC
from pipeline.core.toml_reader import TomlFile

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
COMMENTS = (ROOT / "config" / "alerts.toml").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CHANNELS = '[channels.terminal]\ntype = "terminal"\n'
MAIL = '[channels.mail]\ntype = "apprise"\nurl = "json://x"\n'
READER = ("time_zone", "quiet", "digest", "old_after")
CHANNEL = {key for keys in KEYS.values() for key in keys} | {"type", "each", "timeout", "give_up", "template"}


@pytest.mark.parametrize("key", sorted({*RULE_KEYS, *READER, *CHANNEL} - {*FILTERS}))
def test_the_page_has_every_key(key: str) -> None:
    assert f"`{key}`" in PAGE


@pytest.mark.parametrize("key", sorted({*RULE_KEYS, *READER, *TRIGGERS}))
def test_the_comments_have_every_key(key: str) -> None:
    assert re.search(rf'^#\s+(?:[\w, ]*, )?"?{key}\b', COMMENTS, re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_every_example_can_be_read(block: str) -> None:
    rule = '[[alert]]\nname = "A"\nquery = "coup"\nchannels = ["terminal"]\n'
    whole = block if block.startswith("[") else rule + block
    other = MAIL if "[channels.mail]" not in block else ""
    alerts, warnings = parse_alerts(TomlFile.parse("alerts.toml", (CHANNELS + other + whole).encode()))
    assert warnings == ()
    assert alerts.rules or "[[alert]]" not in whole


def test_there_are_examples() -> None:
    assert len(BLOCKS) >= 5


def test_the_parts_of_the_score_are_those_of_the_code() -> None:
    rows = re.findall(r"^\|.*\| (0\.\d\d) \|$", PAGE, re.MULTILINE)
    assert [float(row) for row in rows] == [OUTLETS, TITLE, TOPIC, SHARE, FACTS]
    assert sum(map(float, rows)) == pytest.approx(1.0)
