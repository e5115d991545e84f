"""Links that wrap another one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.redirects.wrappers import WRAPPERS, unwrapped

A = "https://paper.example/news/a?id=1&x=2"
Q = "https%3A%2F%2Fpaper.example%2Fnews%2Fa%3Fid%3D1%26x%3D2"


def packed(url: str = A, after: bytes = b"\xd2\x01\x00") -> str:
    size = len(url)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    return base64.urlsafe_b64encode(b"\x08\x13\x22" + length + url.encode() + after).decode().rstrip("=")


LONG = f"https://paper.example/{'a' * 200}"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (f"https://www.google.com/url?rct=j&sa=t&url={Q}&ct=ga&cd=CAEYACoT&usg=AOvVaw", A),
        (f"https://www.google.co.uk/url?q={Q}&sa=U", A),
        (f"http://google.de/url?sa=t&source=web&url={Q}", A),
        (f"https://news.google.com/rss/articles/{packed()}?oc=5", A),
        (f"https://news.google.com/articles/{packed()}?hl=en-US&gl=US", A),
        (f"https://news.google.com/__i/rss/rd/articles/{packed(LONG)}?oc=5", LONG),
        (f"https://news.google.com/rss/articles/{packed(A, b'%c%c%b' % (0xD2, 1, b'https://paper.example/amp'))}", A),
        ("https://www.google.com/amp/s/paper.example/news/a", "https://paper.example/news/a"),
        ("https://paper-example.cdn.ampproject.org/v/s/paper.example/news/a", "https://paper.example/news/a"),
        (f"https://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url={Q}&c=1&mkt=en-us", A),
        (f"https://www.bing.com/ck/a?!&p=1&u=a1{base64.urlsafe_b64encode(A.encode()).decode().rstrip('=')}&ntb=1", A),
        ("https://r.search.yahoo.com/_ylt=A/RV=2/RO=10/RU=https%3a%2f%2fpaper.example%2fa/RK=2/RS=x-",
         "https://paper.example/a"),
        ("http://us.rd.yahoo.com/dailynews/rss/*http://paper.example/a", "http://paper.example/a"),
        (f"https://duckduckgo.com/l/?uddg={Q}&rut=1", A),
        (f"https://l.facebook.com/l.php?u={Q}&h=AT0", A),
        (f"https://lm.facebook.com/l.php?u={Q}", A),
        (f"https://l.instagram.com/?u={Q}&e=AT", A),
        (f"https://t.umblr.com/redirect?z={Q}&t=1", A),
        (f"https://www.youtube.com/redirect?event=video_description&q={Q}", A),
        (f"https://www.linkedin.com/redir/redirect?url={Q}&urlhash=x", A),
        (f"https://out.reddit.com/t3_1?url={Q}&token=1", A),
        (f"https://vk.com/away.php?to={Q}", A),
        (f"https://disq.us/url?url={Q}", A),
        (f"https://link.zhihu.com/?target={Q}", A),
        (f"https://steamcommunity.com/linkfilter/?url={Q}", A),
        (f"https://getpocket.com/redirect?url={Q}", A),
        (f"https://nam02.safelinks.protection.outlook.com/?url={Q}&data=1", A),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__paper.example_news_a-3Fid-3D1&d=D", f"{A[:-4]}"),
        ("https://urldefense.com/v3/__https://paper.example/news/a__;!!x", "https://paper.example/news/a"),
        ("http://rss.feedsportal.com/c/1/f/2/s/3/l/0Lpaper0Bexample0Cnews0Ca/story01.htm",
         "http://paper.example/news/a"),
        (f"https://go.skimresources.com/?id=1&url={Q}", A),
        (f"https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3D{Q.replace('%', '%25')}", A),
        (f"http://alerts.example:8080/url?rct=j&sa=t&url={Q}&ct=ga&cd=1&usg=2", A),  # an alert by its parameters
        # not wrapped
        (A, A),
        (f"https://paper.example/share?url={Q}", None),
        (f"https://paper.example/url?url={Q}", None),
        (f"https://www.google.com/search?q={Q}", None),
        (f"https://google.com.evil.example/url?q={Q}", None),
        ("https://www.google.com/url?q=paper", None),
        ("https://www.google.com/url?q=javascript:alert(1)", None),
        ("https://www.google.com/url?q=http://", None),
        ("https://news.google.com/rss/articles/CBMiAUFVX3lxTE5kZg?oc=5", None),  # the newer form
        ("https://news.google.com/rss/articles/" + "A" * 41, None),
        ("https://l.facebook.com/", None),
        ("mailto:a@paper.example", None),
        ("http://[", None),
        ("", None),
    ],
)  # fmt: skip
def test_links(link: str, address: str | None) -> None:
    assert unwrapped(link) == (link if address is None else address)


def test_wrappers_in_wrappers_are_bounded() -> None:
    link = A
    for _ in range(9):
        link = f"https://www.google.com/url?q={link.replace('%', '%25').replace('&', '%26')}"
    assert unwrapped(link).startswith("https://www.google.com/url?q=https://www.google.com/url?q=")


STARTS = ["www.google.com/url?q=", "news.google.com/rss/articles/", "r.search.yahoo.com/RU=", "urldefense.com/v3/__"]


@given(st.sampled_from(STARTS), st.text(max_size=80))
def test_any_text(start: str, rest: str) -> None:
    unwrapped(f"https://{start}{rest}")


def test_every_line_of_the_table_has_somewhere_to_look() -> None:
    assert all(one.parameters or one.read("/?") is None for one in WRAPPERS)
