"""PDF files that were made to harm their reader, in worker processes with limits of time and memory."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable

import pytest

from pipeline.backends.worker_pool import ProcessPool
from pipeline.core.pages.article import clean_page
from pipeline.ports import JobFailed
from pipeline.records import Article
from tests.core.pages.pages import SENTENCE, a_page, an_item
from tests.core.pages.pdfs import assembled, packed, pdf, stream, text
from tests.options import process_pool

pytestmark = pytest.mark.slow

WORDS = text((72, 700, SENTENCE))
MEGABYTE = 1 << 20


@pytest.fixture
async def pool() -> AsyncIterator[ProcessPool]:
    pool = process_pool(timeout=6.0, memory=600 * MEGABYTE)
    yield pool
    await pool.close()


def bomb() -> bytes:
    """A page of 700 MB, compressed twice."""
    zeros = zlib.compressobj(9)
    once = b"".join(zeros.compress(b" " * MEGABYTE) for _ in range(700)) + zeros.flush()
    body = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[10 0 R]/Count 1>>", 4: b"<<>>"}
    body[10] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 11 0 R>>"
    body[11] = stream(zlib.compress(once, 9), b"/Filter[/FlateDecode/FlateDecode]")
    return assembled(body)


def objects(count: int) -> bytes:
    """A stream of `count` objects."""
    heads = b" ".join(b"%d %d" % (100 + number, 3 * number) for number in range(count))
    inside = heads + b"\n" + b"[] " * count
    body = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[10 0 R]/Count 1>>", 4: b"<<>>"}
    body[10] = b"<</Type/Page/Parent 2 0 R/Contents 100 0 R>>"
    body[12] = stream(zlib.compress(inside), b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (count, len(heads) + 1))
    return assembled(body)


def itself() -> bytes:
    """A page of a form that shows itself twice."""
    form = stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 12 0 R>>>>")
    return pdf([b"/X Do\n" + WORDS], more=[form], resources=b"/XObject<</X 12 0 R>>")


def ladder() -> bytes:
    """Forms that each show the next ten times, 12 deep."""
    forms = [
        stream(
            b"/X Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (13 + n)
        )
        for n in range(12)
    ]
    forms.append(stream(WORDS, b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>"))
    return pdf([b"/X Do\n" + WORDS], more=forms, resources=b"/XObject<</X 12 0 R>>")


def tree() -> bytes:
    """A tree of pages that leads back to itself, and claims a thousand million pages."""
    body = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1000000000>>", 4: b"<<>>"}
    return assembled(body)


def letters(words: int) -> bytes:
    """One page of so many words of nine letters, one over the other."""
    return pdf([b"BT /F1 1 Tf " + b"(aaaaaaaaa) Tj " * words + b"ET"])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "bomb": bomb,
    "objects": lambda: objects(500_000),
    "itself": itself,
    "ladder": ladder,
    "tree": tree,
    "deep": lambda: pdf([WORDS], info=b"/Title" + b"[" * 500_000 + b"]" * 500_000),
    "many letters": lambda: letters(400_000),
    "many pages": lambda: pdf([WORDS] * 20_000),
    "huge page": lambda: pdf([b"9999999 0 0 9999999 0 0 cm\n" + WORDS]),
    "packed": lambda: pdf([WORDS], more=[packed(b"\0" * 100 * MEGABYTE)]),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_harms_only_itself(name: str, pool: ProcessPool) -> None:
    """It gives its text, a reason, or ends its process; the next page is read as ever."""
    body = HOSTILE[name]()
    try:
        found = await pool.run(clean_page, a_page(body, content_type="application/pdf"), an_item(title="Budget"))
        end = "read" if isinstance(found, Article) else found.reason
    except JobFailed as error:
        end = error.reason
    assert end in ("read", "pdf_broken", "pdf_no_text", "extract_timeout", "extract_crash")
    after = await pool.run(clean_page, a_page(pdf([WORDS]), content_type="application/pdf"), an_item(title="Budget"))
    assert isinstance(after, Article)
    assert after.text == SENTENCE.strip()
