"""Where pages lead: what a browser would follow, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.redirects.inside import LITTLE, leads_to
from tests.fakes import page

URL = "https://site.example/dir/a"
TEXT = f"<p>{'The council met on Monday. ' * (LITTLE // 20)}</p>"


def led(body: str | bytes, content_type: str = "text/html", status: int = 200, **headers: str) -> str | None:
    return leads_to(page(URL, body, status, content_type, headers=headers))


def refresh(content: str, rest: str = "<p>One moment</p>") -> str:
    return f"<html><head><meta http-equiv=refresh content='{content}'></head><body>{rest}</body></html>"


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; url=https://other.example/b", "https://other.example/b"),
        ('0;URL="https://other.example/b"', "https://other.example/b"),
        ('0; url="/b" and more', "https://site.example/b"),
        ("0;url=b", "https://site.example/dir/b"),
        ("0;url=?id=1&amp;x=2", "https://site.example/dir/a?id=1&x=2"),
        ("0;url=//other.example/b", "https://other.example/b"),
        (" 5 , URL = /b ", "https://site.example/b"),
        ("0 /b", "https://site.example/b"),
        ("0.5;url=/b", "https://site.example/b"),
        (";url=/b", "https://site.example/b"),
        ("url=/b", "https://site.example/b"),
        ("30;url=/b", "https://site.example/b"),
        ("300;url=/b", None),
        ("0", None),
        ("0;", None),
        ("0;url=", None),
        ("0;url=a", None),  # itself
        ("0;url=#top", None),
        ("0;url=javascript:alert(1)", None),
        ("0;url=ftp://other.example/", None),
        ("0;url=http://[", None),
        ("soon;url=/b", None),
        ("99999999999999999999;url=/b", None),
    ],
)
def test_a_refresh(content: str, target: str | None) -> None:
    assert led(refresh(content)) == target
    assert led(refresh(content).upper().replace(content.upper(), content)) == target
    assert led("<p>One moment", refresh=content.replace("&amp;", "&")) == target


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (refresh("0;url=/b", TEXT), "https://site.example/b"),  # nobody could read it
        (refresh("11;url=/b", TEXT), None),
        (f"<head><noscript><meta http-equiv=refresh content='0;url=/b'></noscript></head>{TEXT}", None),
        ("<noscript><meta http-equiv='Refresh' content='0;url=/b'></noscript>", "https://site.example/b"),
        ("<!-- <meta http-equiv=refresh content='0;url=/b'> -->", None),
        ("<script>document.write('<meta http-equiv=refresh content=\"0;url=/b\">')</script>", None),
        ("<base href='https://other.example/x/'><meta http-equiv=refresh content='0;url=b'>",
         "https://other.example/x/b"),
        ("<meta name=refresh content='0;url=/b'>", None),
        ("<rss><channel><item><description>&lt;meta http-equiv=refresh content='0;url=/b'&gt;</description></item>",
         None),
        ("<rss><![CDATA[<meta http-equiv=refresh content='0;url=/b'>]]></rss>", None),
        ("<redirect><newLocation>https://other.example/rss?a=1&amp;b=2</newLocation></redirect>",
         "https://other.example/rss?a=1&b=2"),
        ("﻿<script>location='/b'</script>", "https://site.example/b"),
        (f"<script>location='/b'</script>{TEXT}", None),
        ("<body onload=\"location.replace('/b')\"><a href=/b>Go</a>", "https://site.example/b"),
        ("<script src=/track.js></script><script>track('a')</script><script>top.location.href='/b'</script>",
         "https://site.example/b"),
    ],
)  # fmt: skip
def test_pages(body: str, target: str | None) -> None:
    assert led(body) == target


def test_only_good_answers_lead_on() -> None:
    body = refresh("0;url=/b")
    assert [led(body, status=status) is not None for status in (200, 202, 302, 304, 403, 404, 503)] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
    assert led(body, "text/plain") is None
    assert led(body, "application/json") is None
    assert led(body.encode("utf-16"), "text/html") == "https://site.example/b"


@given(st.binary(max_size=300), st.sampled_from([b"<meta http-equiv=refresh content='0;url=", b"<script>location='"]))
def test_any_bytes(data: bytes, before: bytes) -> None:
    found = led(before + data)
    assert found is None or found.startswith(("http://", "https://"))
