"""Articles whose page is not all there is: on several pages, as PDF, refused. From feed to search, over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.commands.asking import almenara
from tests.commands.news_site import serving
from tests.core.pages.pdfs import block, pdf, text

pytestmark = pytest.mark.slow

STORIES = {
    "pier": ("Harbour council votes for a second pier", "the ferries that cross the bay to Lindmouth"),
    "sale": ("Court stops sale of the old observatory", "a hotel company that wants to build on the hill"),
    "wheat": ("Seed bank sends first wheat to mountain farmers", "eleven villages above the tree line"),
    "trains": ("Night trains return to the coast", "the union of cyclists and the town of Velmar"),
}


def sentences(name: str, first: int, last: int) -> list[str]:
    title, about = STORIES[name]
    return [f"{title}: sentence {number} of the report says more about {about}." for number in range(first, last)]


def entry(name: str, path: str, description: str) -> str:
    title, now = STORIES[name][0], f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000"
    return (
        f"<item><title>{title}</title><link>{{BASE}}/{path}</link><guid>{name}</guid><pubDate>{now}</pubDate>"
        f"<description><![CDATA[{description}]]></description></item>"
    )


def page(name: str, rows: list[str], more: str = "") -> str:
    title = STORIES[name][0]
    text = "".join(f"<p>{row}</p>" for row in rows)
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article>{more}</body></html>"
    )


def documents(config: Path, command: str, *arguments: str) -> dict[str, dict[str, Any]]:
    """What a command prints, by the last part of the address."""
    done = almenara(command, *arguments, "--config", str(config))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    return {each["url"].rpartition("/")[2]: each for result in found for each in result.get("hits", [result])}


#: Query -> the documents that it finds.
QUERIES = {
    "text_from:feed": {"wheat", "trains"},
    "text_from:pdf": {"sale.pdf"},
    "partial:teaser": {"trains"},
    "refused:http_403": {"wheat"},
    "report -partial:true": {"pier", "sale.pdf", "wheat"},
}


def test_from_feed_to_search(config: Path) -> None:
    whole = "".join(f"<p>{sentence}</p>" for sentence in sentences("wheat", 0, 8))
    teaser = sentences("trains", 0, 1)[0]
    with serving() as site:
        site.put("/feed", f"<rss version='2.0'><channel><title>T</title><link>{{BASE}}/</link>"
                 f"{entry('pier', 'pier', 'A pier.')}{entry('sale', 'sale.pdf', 'A court.')}"
                 f"{entry('wheat', 'wheat', whole)}{entry('trains', 'trains', teaser)}</channel></rss>")  # fmt: skip
        pager = '<div class="pages"><a href="/pier?page=2">Next page</a></div>'
        site.put("/pier", page("pier", sentences("pier", 0, 5), pager))
        site.put("/pier?page=2", page("pier", sentences("pier", 5, 9)))
        rows = sentences("sale", 0, 6)
        site.put("/sale.pdf", pdf([text(*block(rows, 700, step=30))]).decode("ascii"), "application/pdf")
        site.put("/wheat", "no", status=403)
        site.put("/trains", "no", status=451)
        (config / "feeds.toml").write_text(f'[[feed]]\nid = "f"\nname = "F"\nurl = "{site.url}/feed"\n')
        settings = '[fetch]\nallow_networks = ["127.0.0.0/8"]\ndelay_per_site = "0s"\n[clean]\nattempts = 1\n'
        (config / "almenara.toml").write_text(settings)
        done = almenara("poll", "--once", "--config", str(config))
        assert done.returncode == 0, done.stderr
        found = documents(config, "export")
        shown = {name: (each["text_from"], each["partial"], each["partial_reason"]) for name, each in found.items()}
        assert shown == {
            "pier": ("page", False, None), "sale.pdf": ("pdf", False, None), "wheat": ("feed", False, None),
            "trains": ("feed", True, "teaser"),
        }  # fmt: skip
        assert found["pier"]["text"].split("\n") == sentences("pier", 0, 9)
        assert found["pier"]["fetched"]["pages"] == 2
        assert found["sale.pdf"]["text"].split("\n") == rows
        assert found["wheat"]["text"].split("\n") == sentences("wheat", 0, 8)
        assert [found[name]["fetched"]["refused"] for name in ("wheat", "trains")] == ["http_403", "http_451"]
        for query, names in QUERIES.items():
            assert documents(config, "search", query, "--json").keys() == names
