"""Reads public sets of pages with their text from local checkouts. Nothing of them is kept in this repository."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from zlib import crc32

from lxml import html as lxml_html


@dataclass(frozen=True, slots=True)
class Sample:
    """A page and what a person says is its text: either all of it, or passages that must and must not be in it."""

    name: str
    url: str
    html: bytes
    text: str = ""
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def half(sample: Sample) -> str:
    """ "even" or "odd": the weights of core/pages/signals.py are fitted on the even pages."""
    return "odd" if crc32(sample.name.encode()) % 2 else "even"


@dataclass(frozen=True, slots=True)
class Set:
    """How to read a set. `titled`: its texts begin with the headline, which an Article holds apart from its text."""

    source: str
    read: Callable[[Path], Iterator[Sample]]
    titled: bool = False


def _scrapinghub(folder: Path) -> Iterator[Sample]:
    for name, truth in sorted(json.loads((folder / "ground-truth.json").read_text("utf-8")).items()):
        body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield Sample(name, truth["url"], body, truth["articleBody"])


def _trafilatura(folder: Path) -> Iterator[Sample]:
    for url, truth in sorted(json.loads((folder / "tests/evaldata.json").read_text("utf-8")).items()):
        places = (folder / "tests" / place / truth["file"] for place in ("cache", "eval"))
        file = next((place for place in places if place.is_file()), None)
        if file is not None:
            url = url if url.startswith("http") else _made_up(truth["file"])  # some begin with "hard::"
            yield Sample(truth["file"], url, file.read_bytes(), "", tuple(truth["with"]), tuple(truth["without"]))


def _readability(folder: Path) -> Iterator[Sample]:
    for page in sorted((folder / "test/test-pages").iterdir()):
        expected = lxml_html.fromstring((page / "expected.html").read_bytes(), parser=_utf8())
        yield Sample(page.name, _made_up(page.name), (page / "source.html").read_bytes(), _separated(expected))


def _daniel(folder: Path) -> Iterator[Sample]:
    corpus = folder / "corpora/Corpus_daniel_v2.1"
    for file in sorted((corpus / "html").iterdir()):
        reference = corpus / "reference" / file.name
        if reference.is_file():
            day, site, _ = (*file.name.split("_", 2), "", "")[:3]
            text = re.sub(r"<[^<>]*>", " ", reference.read_text("utf-8", "replace"))
            yield Sample(file.name, f"https://{site}/{day}/{file.name[-12:]}.html", file.read_bytes(), unescape(text))


def _cleaneval(subfolder: str) -> Callable[[Path], Iterator[Sample]]:
    """The format of CleanEval: texts with an address in the first line and marks <p>, <h>, <l> for paragraphs."""

    def read(folder: Path) -> Iterator[Sample]:
        place = folder / subfolder
        for gold in sorted((place / "GoldStandard").iterdir()):
            page = place / "input" / f"{gold.stem}.html"
            if not page.is_file():
                continue
            text = gold.read_bytes().decode("utf-8", "replace")
            address = re.match(r"\s*URL:\s*(\S+)", text)
            text = re.sub(r"^\s*URL:.*|<[a-z/][^<>]*>", " ", text)
            yield Sample(gold.stem, address[1] if address else _made_up(gold.stem), page.read_bytes(), unescape(text))

    return read


def _dragnet(folder: Path) -> Iterator[Sample]:
    """Texts with the readers' comments behind a mark, which are left out here."""
    place = folder / "dragnet_data"
    for gold in sorted((place / "GoldStandard").iterdir()):
        text = gold.read_bytes().decode("utf-8", "replace").partition("!@#$%^&*()")[0]
        page = place / "input" / f"{gold.stem}.html"
        if page.is_file() and text.strip():
            yield Sample(gold.stem, _made_up(gold.stem), page.read_bytes(), text)


def _l3s(folder: Path) -> Iterator[Sample]:
    """Pages with a class on every passage: 1 is the headline, 2 the text, 3 supplements; 4 and 5 are no text."""
    place = folder / "page-signal-master"
    for gold in sorted((place / "GoldStandard").iterdir()):
        page = place / "input" / f"{gold.stem}.html"
        if page.is_file():
            tree = lxml_html.fromstring(gold.read_bytes(), parser=_utf8())
            marked = [part for part in tree.iter() if part.get("class") in ("x-nc-sel1", "x-nc-sel2", "x-nc-sel3")]
            text = "\n".join("".join(map(str, part.itertext())) for part in marked)
            if text.strip():
                yield Sample(gold.stem, _made_up(gold.stem), page.read_bytes(), text)


def _beside(pages: str, texts: str) -> Callable[[Path], Iterator[Sample]]:
    """Pages NAME.html in one folder, texts NAME.txt in the same or another one."""

    def read(folder: Path) -> Iterator[Sample]:
        for page in sorted((folder / pages).glob("*.html")):
            text = folder / texts / f"{page.stem}.txt"
            if text.is_file() and (gold := text.read_text("utf-8", "replace")).strip():
                yield Sample(page.stem, _made_up(page.stem), page.read_bytes(), gold)

    return read


def _utf8() -> lxml_html.HTMLParser:
    return lxml_html.HTMLParser(encoding="utf-8", remove_comments=True)


def _separated(tree: lxml_html.HtmlElement) -> str:
    for element in tree.iter("p", "div", "br", "li", "td", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre"):
        element.tail = f"\n{element.tail or ''}"
    return str(tree.text_content())


def _made_up(name: str) -> str:
    return f"https://pages.example/{name}.html"


#: name -> how to read the set from a checkout of the repository named
SETS = {
    "scrapinghub": Set("scrapinghub/article-extraction-benchmark", _scrapinghub),
    "trafilatura": Set("adbar/trafilatura", _trafilatura),
    "readability": Set("mozilla/readability", _readability),
    "daniel": Set("rundimeco/waddle", _daniel, titled=True),
    "cleaneval": Set("j-szulc/html-cleaning-dataset-merged", _cleaneval("cleaneval-final"), titled=True),
    "portaleval": Set("j-szulc/html-cleaning-dataset-merged", _cleaneval("CleanPortalEval-master"), titled=True),
    "dragnet": Set("j-szulc/html-cleaning-dataset-merged", _dragnet, titled=True),
    "l3s": Set("j-szulc/html-cleaning-dataset-merged", _l3s, titled=True),
    "newspaper": Set("codelucas/newspaper", _beside("tests/data/html", "tests/data/text")),
    "newspaper4k": Set("AndyTheFactory/newspaper4k", _beside("tests/data/html", "tests/data/txt")),
    "evan": Set("WubabooTR/evan_extract", _beside("articles", "articles")),
    "chinese": Set("immortal-autumn/Chinese-Web-Content-Extraction-Dataset", _beside("original", "cleaned")),
}
