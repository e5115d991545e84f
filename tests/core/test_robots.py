"""Whether robots.txt allows a page (RFC 9309)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.robots import LIMIT, Robots, answered, failed, parsed, robots_url, verdict

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = "https://news.example/private/a?x=1"


def allowed(robots: Robots, page: str = PAGE, at: datetime = NOW) -> bool:
    return verdict(robots, parsed(robots), page, at).allowed


@pytest.mark.parametrize(
    ("body", "so"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /private/", False),
        ("user-AGENT: *\ndisALLOW: /private/", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nUser-agent: almenara\nAllow: /", True),  # our own group alone counts (2.2.1)
        ("User-agent: Almenara\nDisallow: /private", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: other\nUser-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /private/\nAllow: /private/a", True),  # the longest match counts (2.2.2)
        ("User-agent: *\nAllow: /private/a\nDisallow: /private/a", True),  # Allow wins a draw
        ("User-agent: *\nDisallow: /*?x=", False),
        ("User-agent: *\nDisallow: /private/a$", True),
        ("User-agent: *\nDisallow: /PRIVATE/", True),
        ("\ufeffUser-agent: *\r\nDisallow: /private/ # notes\r\n", False),
        ("<html><body>Not a robots.txt</body></html>", True),
        ("Disallow: /", True),  # no group
        ("User-agent: *\nDisallow: /" + "*a" * 200 + "$", True),
    ],
)
def test_rules(body: str, so: bool) -> None:
    assert allowed(answered(None, 200, body.encode(), NOW)) is so


@pytest.mark.parametrize(
    ("status", "state"), [(200, "rules"), (204, "rules"), (404, "missing"), (401, "missing"), (403, "missing"),
                          (429, "missing"), (304, "missing"), (500, "unreachable"), (503, "unreachable")],
)  # fmt: skip
def test_answers(status: int, state: str) -> None:
    robots = answered(None, status, b"User-agent: *\nDisallow: /", NOW)
    assert robots.state == state
    assert allowed(robots) is (state == "missing")
    assert robots.until - NOW == (timedelta(minutes=1) if state == "unreachable" else timedelta(hours=24))


def test_only_the_first_500_kib_are_read() -> None:
    tail = b"\nUser-agent: *\nDisallow: /"
    assert allowed(answered(None, 200, b"#" * LIMIT + tail, NOW))
    assert not allowed(answered(None, 200, b"#" * (LIMIT - len(tail)) + tail, NOW))


@pytest.mark.parametrize(
    ("reason", "state"),
    [("dns", "unreachable"), ("connect", "unreachable"), ("timeout", "unreachable"), ("tls", "unreachable"),
     ("redirects", "missing"), ("media", "missing"), ("too_large", "missing"), ("refused_address", "missing")],
)  # fmt: skip
def test_failures(reason: str, state: str) -> None:
    assert failed(None, reason, "x", NOW).state == state


def test_unreachable_means_forbidden_for_a_day() -> None:
    robots, at, waits = None, NOW, []
    while at - NOW < timedelta(hours=23):
        robots = answered(robots, 503, b"", at)
        assert not allowed(robots, at=at)
        found = verdict(robots, parsed(robots), PAGE, at)
        assert found.unreachable_until == NOW + timedelta(days=1)
        waits.append((robots.until - at).total_seconds())
        at = robots.until
    assert waits[:4] == [60, 120, 240, 480]
    assert max(waits) == 3600
    assert robots
    assert allowed(robots, at=NOW + timedelta(days=1))
    assert allowed(answered(robots, 500, b"", NOW + timedelta(days=2)), at=NOW + timedelta(days=2))
    fresh = answered(robots, 200, b"User-agent: *\nDisallow: /", NOW + timedelta(days=2))
    assert not allowed(fresh)
    assert fresh.since is None


def test_rules_stay_while_the_file_cannot_be_reached() -> None:
    rules = answered(None, 200, b"User-agent: *\nDisallow: /private/", NOW)
    later = failed(failed(rules, "timeout", "late", NOW + timedelta(days=1)), "dns", "gone", NOW + timedelta(days=9))
    assert not allowed(later, at=NOW + timedelta(days=9))
    assert allowed(later, "https://news.example/open", NOW + timedelta(days=9))


def test_crawl_delay() -> None:
    robots = answered(None, 200, b"User-agent: *\nCrawl-delay: 7.5\nDisallow: /no", NOW)
    assert verdict(robots, parsed(robots), PAGE, NOW).delay == 7.5


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ("https://news.example/a/b?c#d", "https://news.example/robots.txt"),
        ("http://news.example:8080/a", "http://news.example:8080/robots.txt"),
        ("https://user:secret@NEWS.example/a", "https://news.example/robots.txt"),
        ("http://[::1]:90/a", "http://[::1]:90/robots.txt"),
    ],
)
def test_the_file_of_a_page_is_that_of_its_host(page: str, url: str) -> None:
    assert robots_url(page) == url
