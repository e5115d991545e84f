"""Scripts that only set the location."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.redirects.scripts import goes_to


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ('location = "/b"', "/b"),
        ("window.location='/b';", "/b"),
        ("document.location.href = `/b`;", "/b"),
        ('top.location.replace("/b");', "/b"),
        ('self.location.assign( "/b" )', "/b"),
        ('window["location"]["href"] = "/b"', "/b"),
        ('window.location.href = "https:\\/\\/other.example\\/\\u0061\\x62"', "https://other.example/ab"),
        ('location.href = "https://" + "other.example" + "/b"', "https://other.example/b"),
        ('var to = "/b"; window.location = to;', "/b"),
        ("const to='/b'\nlet again = to\nlocation.replace(to)", "/b"),
        ("setTimeout(function () { location.href = '/b' }, 500)", "/b"),
        ("setTimeout(() => location.replace('/b'), 500)", "/b"),
        ("setTimeout(\"location.href='/b'\", 100)", "/b"),
        ("window.onload = function() { window.location.replace('/b'); };", "/b"),
        ("document.addEventListener('DOMContentLoaded', function(){ location.assign('/b') })", "/b"),
        ("(function(){ location = '/b' })();", "/b"),
        ("function go() { location.href='/b' } go();", "/b"),
        ("<!--\nlocation='/b'\n//-->", "/b"),
        ("/* if the browser is old */ location='/b' // else", "/b"),
        ("window.opener = null; location.replace('/b')", "/b"),
        ("location.replace(decodeURIComponent('%2Fb%3Fc'))", "/b?c"),
        ("location='/b'; location.href='/b';", "/b"),
        # more than that
        ("if (navigator.userAgent) location='/b'", None),
        ("document.cookie='a=1'; location='/b'", None),
        ("document.cookie='a=1'; location.reload()", None),
        ("location.href = '/login?next=' + location.href", None),
        ("location.href = base + '/b'", None),
        ("location='/b'; location='/c'", None),
        ("if (location == '/b') {}", None),
        ("window.open('https://advert.example/')", "https://advert.example/"),
        ("fetch('/x'); location='/b'", None),
        ("track('location')", None),
        ("", None),
        ("location = '/b", None),
        ("location = '/" + "b" * 5000 + "'", None),
    ],
)  # fmt: skip
def test_scripts(script: str, target: str | None) -> None:
    assert goes_to(script) == target


@given(st.text(alphabet="location.href=('\"/b+;{}\\ux[]) \n\x01", max_size=200))
def test_any_text(script: str) -> None:
    goes_to(f"location={script}")


@pytest.mark.parametrize("piece", ["location='", 'location="a"+', "/*", "(", "var a=", "\\", '["a"]', "location.href"])
def test_no_script_takes_long(piece: str) -> None:
    started = time.process_time()
    goes_to("location " + piece * (3_900 // len(piece)))
    assert time.process_time() - started < 0.5
