"""Hours and days in which a feed asks not to be polled."""

from __future__ import annotations

import pytest

from pipeline.core.feeds.parse import parse_feed
from pipeline.core.feeds.skips import NO_SKIPS, Skips, read_skips
from tests.stages.poll.bench import FEED, NOW

ALL_HOURS = "".join(f"<hour>{hour}</hour>" for hour in range(24))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("<skipHours><hour>0</hour><hour> 7 </hour></skipHours>", Skips((0, 7))),
        ("<skiphours><HOUR>24</HOUR></skiphours>", Skips((0,))),
        ("<skipHours>\n<hour>25</hour><hour>-1</hour><hour>x</hour></skipHours>", NO_SKIPS),
        ("<skipDays><day>Saturday</day><day>sunday</day></skipDays>", Skips((), (5, 6))),
        ("<skipDays><day><![CDATA[Monday]]></day></skipDays><skipHours><hour>3</hour></skipHours>", Skips((3,), (0,))),
        (f"<skipHours>{ALL_HOURS}</skipHours>", NO_SKIPS),
        ("<skipDays><day>Someday</day></skipDays>", NO_SKIPS),
        ("<skipHours><hour>3</hour>", NO_SKIPS),
        ("<title>skipHours</title>", NO_SKIPS),
    ],
)
def test_skips(channel: str, expected: Skips) -> None:
    assert read_skips(f"<rss><channel>{channel}</channel></rss>") == expected
    body = f'<rss version="2.0"><channel><title>T</title>{channel}</channel></rss>'.encode()
    assert parse_feed(body, "", FEED, FEED.url, NOW).skips == expected
