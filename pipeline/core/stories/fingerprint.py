"""Computes the fingerprint of an article: MinHash signature, features for stories (with the story vector), and traits.

The same text gives the same signature and traits on every machine, process and Python version. A vector may differ in
the last bit between processors; it is never recomputed, but travels with the article.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from pipeline.core.stories.copies import text_row
from pipeline.core.stories.features import row_of
from pipeline.core.stories.traits import traits, with_facts
from pipeline.core.text.encoder import DIMENSIONS, encode
from pipeline.core.text.prose import body, opening
from pipeline.records import Article, Fingerprint, Tags

PERMUTATIONS = 128  # standard error of the Jaccard estimate at 0.5: 0.044
SEED = 1
SHINGLE = 3  # words
SHINGLE_SINGLE = 5  # characters, in scripts where each character is a word

U64 = NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio
_HALF = np.uint64(32)


def make_fingerprint(article: Article, tags: Tags) -> Fingerprint:
    """The fingerprint of `article`, which has these tags. About 7 ms, nearly all for the vector; the first call loads
    125 MB in about 2 s."""
    prose = body(article.text)
    shingles = _shingles(prose.words)
    found = traits(article.title.value, prose, article.language)
    tells = found.about or found.numbers or len(found.names) > 1  # more than a promotion or a notice
    vector = _vector(article.title.value, prose.text if tells else "")
    return Fingerprint(
        signature=_signature(shingles),
        vector=vector,
        text=text_row(article, tags.agency, prose, found),
        features=row_of(article, tags, prose, vector),
        shingles=len(shingles),
        traits=with_facts(found, tags.facts),
    )


def _shingles(words: list[str]) -> U64:
    """Distinct hashes of runs of words. rensa hashes the words (FxHash, unseeded); the hash of a run mixes those."""
    size = SHINGLE_SINGLE if 2 * sum(len(word) == 1 for word in words) > len(words) else SHINGLE
    count = len(words) - size + 1
    if count < 1:
        return np.empty(0, np.uint64)
    hashes = np.array(RMinHash.hash_token_sets([words])[0], np.uint64)
    mixed = hashes[:count].copy()
    for place in range(1, size):
        mixed *= _ODD  # wraps; the order of words matters
        mixed ^= mixed >> _HALF
        mixed += hashes[place : place + count]
    mixed *= _ODD
    mixed ^= mixed >> _HALF
    return np.unique(mixed)


def _signature(shingles: U64) -> bytes:
    """MinHash by rensa (Dahlgaard et al., Fast Similarity Sketching, arXiv:1704.04370), the low 16 bits of each value
    (Li and König, b-Bit Minwise Hashing, arXiv:0910.3349: two unequal values agree once in 65,536)."""
    if not len(shingles):
        return b""
    offsets = np.array([0, len(shingles)], np.uint64)
    rows = RMinHash.digest_matrix_from_flat_token_hashes(shingles, offsets, PERMUTATIONS, SEED).to_rows()
    return (np.array(rows[0], np.uint64) & np.uint64(0xFFFF)).astype("<u2").tobytes()


def _vector(title: str, prose: str) -> bytes:
    """Vector of title and lead, in steps of 1/SCALE (text/encoder.py); all zeros if there are no words."""
    seen = opening(title, prose)
    return encode(seen).tobytes() if seen else bytes(DIMENSIONS)
