"""What every page has: headers, the words of the reader, pages for errors, files with their hashes."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import brotli
import httpx
import pytest

from pipeline.console import files
from pipeline.console.safety.headers import HEADERS

VENDORED = (files.FOLDER / "vendored", Path(__file__).parent / "vendored")


@pytest.mark.parametrize("path", ["/system", "/settings", "/nothing", "/static/0000/console.css"])
async def test_every_answer_has_the_safe_headers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert HEADERS.items() <= {name.title(): value for name, value in answer.headers.items()}.items() | {
        (name, answer.headers.get(name.lower(), "")) for name in HEADERS
    }
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_a_page_loads_only_files_of_ours_with_their_hashes(client: httpx.AsyncClient) -> None:
    text = (await client.get("/system")).text
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', text)
    assert len(loaded) >= 4
    for address in loaded:
        answer = await client.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, files.FOREVER)
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=|<style", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "integrity=" in tag
        assert " defer" in tag


async def test_an_address_with_another_hash_leads_nowhere(client: httpx.AsyncClient) -> None:
    assert (await client.get("/static/0123456789abcdef/console.css")).status_code == 404


@pytest.mark.parametrize("folder", VENDORED, ids=["shipped", "tests"])
def test_files_of_others_are_what_their_packages_hold(folder: Path) -> None:
    listed = tomllib.loads((folder / "vendored.toml").read_text(encoding="utf-8"))["file"]
    for one in listed:
        assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]
        assert (folder / one["licence_text"]).read_text(encoding="utf-8").strip()
        assert one["source"].startswith("https://")
    names = {path.name for path in folder.iterdir() if path.suffix in (".js", ".css")}
    assert {one["name"] for one in listed} == names


@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
async def test_answers_are_compressed(client: httpx.AsyncClient, coding: str, unpack: object) -> None:
    plain = await client.get("/settings", headers={"Accept-Encoding": "identity"})
    async with client.stream("GET", "/settings", headers={"Accept-Encoding": coding}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == coding
    assert len(raw) < len(plain.content) / 2
    assert _without_tokens(unpack(raw)) == _without_tokens(plain.content)  # type: ignore[operator]


def _without_tokens(page: bytes) -> bytes:
    """Every page has another token."""
    return re.sub(rb"[\w-]{43}", b"", page)


async def test_what_the_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/settings")
    again = await client.get("/settings", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    spanish = await client.get("/settings", headers={"If-None-Match": first.headers["etag"], "Accept-Language": "es"})
    assert spanish.status_code == 200


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("es-AR,es;q=0.9,en;q=0.5", "es"), ("fr, es;q=0.3", "es"), ("es;q=0, en", "en"), ("de", "en"),
     ("es;q=x", "en")],
)  # fmt: skip
async def test_the_language_is_that_of_the_browser(client: httpx.AsyncClient, header: str, language: str) -> None:
    answer = await client.get("/settings", headers={"Accept-Language": header})
    assert f'<html lang="{language}"' in answer.text


async def test_errors_say_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
