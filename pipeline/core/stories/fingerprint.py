"""Computes the fingerprint of an article: what stories and copies are found by, and the traits of the version.

The same text gives the same hashes and traits on every machine, process and Python version. A vector may differ in
the last bit between processors; it is never recomputed, but travels with the article.
"""

from __future__ import annotations

from pipeline.core.stories.copies import text_row
from pipeline.core.stories.features import row_of
from pipeline.core.stories.traits import traits, with_facts
from pipeline.core.text.encoder import DIMENSIONS, encode
from pipeline.core.text.prose import body, opening
from pipeline.records import Article, Fingerprint, Tags


def make_fingerprint(article: Article, tags: Tags) -> Fingerprint:
    """The fingerprint of `article`, which has these tags. About 7 ms, nearly all for the vector; the first call loads
    125 MB in about 2 s."""
    prose = body(article.text)
    found = traits(article.title.value, prose, article.language)
    tells = found.about or found.numbers or len(found.names) > 1  # more than a promotion or a notice
    vector = _vector(article.title.value, prose.text if tells else "")
    return Fingerprint(
        features=row_of(article, tags, prose, vector),
        text=text_row(article, tags.agency, prose, found),
        traits=with_facts(found, tags.facts),
    )


def _vector(title: str, prose: str) -> bytes:
    """Vector of title and lead, in steps of 1/SCALE (text/encoder.py); all zeros if there are no words."""
    seen = opening(title, prose)
    return encode(seen).tobytes() if seen else bytes(DIMENSIONS)
