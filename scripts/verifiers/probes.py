"""Trains the probes: sums over the vector of a token, of which the largest in a text counts, read out by topic.

A network of one hidden layer. All topics share the probes, because what tells one topic from others helps the next. It
is found by Adam (arXiv:1412.6980) with dropout (Srivastava et al., 2014) from a fixed start. The forward pass uses the
weights as they are stored, in 4 bits; their gradient is that of the exact ones (Bengio et al., arXiv:1308.3432).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import e5
from scripts.logistic import Matrix
from scripts.verifiers.tokens import Tokens

Floats = NDArray[np.float32]

ROUNDS = 20
BATCH, SORTED = 64, 1024  # texts; within SORTED texts those of similar length share a batch
RATE, DECAY = 2e-3, 1e-2  # of learning, and of the weights at each step
DROPPED = 0.3  # share of the probes that a step of learning does not see
BLOCK = 32  # weights that share a scale in a file
LARGEST = 6.0  # what a probe finds at most in the texts that it learned from; see SCALE in pipeline/core/text/e5.py


@dataclass(frozen=True)
class Network:
    """`probes`: WIDTH x PROBES, exact in 4 bits by blocks of 32; `reads`: PROBES x topics."""

    probes: Floats
    biases: Floats
    reads: Floats
    offsets: Floats

    def found(self, texts: Sequence[Tokens]) -> Floats:
        """What the probes find in each text."""
        return np.array([self._found(text) for text in texts], np.float32).reshape(-1, len(self.biases))

    def read(self, topic: int) -> tuple[float, Matrix]:
        """Bias and weights with which the probes give the odds of a topic, by its number."""
        return float(self.offsets[topic]), self.reads[:, topic].astype(np.float64)

    def odds(self, texts: Sequence[Tokens]) -> Floats:
        """The logarithm of the odds of each topic, by text."""
        odds: Floats = self.found(texts) @ self.reads + self.offsets
        return odds

    def _found(self, text: Tokens) -> Floats:
        if not len(text):
            return np.zeros_like(self.biases)
        sums: Floats = (text.astype(np.float32) @ self.probes).max(axis=0) + self.biases
        positive: Floats = np.maximum(sums, 0)
        return positive

    def scaled(self, texts: Sequence[Tokens]) -> Network:
        """The same network, each probe scaled so that it finds LARGEST at most in these texts."""
        factors = LARGEST / np.maximum(self.found(texts).max(axis=0), 1e-6)
        return Network(
            stored(self.probes * factors), self.biases * factors, self.reads / factors[:, None], self.offsets
        )

    def content(self) -> bytes:
        """The file of the probes, as e5.c reads it: magic, sizes, biases, then for each probe blocks of a 16-bit scale
        and 32 weights of 4 bits."""
        count, width = len(self.biases), len(self.probes)
        head = struct.pack("<4s4i", b"SAE1", count, width, BLOCK, count)
        return head + self.biases.astype("<f4").tobytes() + b"".join(_blocks(self.probes))


def _blocks(probes: Floats) -> Iterator[bytes]:
    for rows in probes.T.reshape(-1, BLOCK):
        scale = _scale(rows[None])[0, 0]
        steps = np.clip(np.rint(rows / scale) if scale else np.zeros(BLOCK), -8, 7).astype(np.int8) + 8
        yield struct.pack("<e", scale) + (steps[:16] | steps[16:] << 4).astype(np.uint8).tobytes()


def _scale(blocks: Floats) -> Floats:
    """The scale of each block: its largest weight is 7 steps."""
    largest: Floats = np.abs(blocks).max(axis=-1, keepdims=True)
    return (largest / 7).astype(np.float16).astype(np.float32)


def stored(probes: Floats) -> Floats:
    """The probes as their file holds them."""
    blocks = probes.T.reshape(-1, BLOCK)
    scale = _scale(blocks)
    steps = np.clip(np.rint(blocks / np.where(scale > 0, scale, 1)), -8, 7)
    return (steps * scale).reshape(probes.T.shape).T.astype(np.float32)


class _Adam:
    """The moments of each weight."""

    def __init__(self, weights: dict[str, Floats]) -> None:
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}
        self._steps = 0

    def step(self, weights: dict[str, Floats], slopes: dict[str, Floats], rate: float) -> None:
        self._steps += 1
        for name, slope in slopes.items():
            self._mean[name] = 0.9 * self._mean[name] + 0.1 * slope
            self._square[name] = 0.99 * self._square[name] + 0.01 * slope**2
            mean, square = self._mean[name] / (1 - 0.9**self._steps), self._square[name] / (1 - 0.99**self._steps)
            kept = 1 - rate * DECAY if name in ("probes", "reads") else 1.0
            weights[name] = weights[name] * np.float32(kept) - np.float32(rate) * mean / (np.sqrt(square) + 1e-8)


def train(texts: Sequence[Tokens], labels: Floats, counts: Floats, seed: int = 0) -> Network:
    """A network that tells the topics of texts. `labels`: 1, 0 or, where a text says nothing about a topic, nan, by
    text and topic; `counts`: how much each of them counts, of the same shape."""
    rng = np.random.default_rng(seed)
    every = np.concatenate([text[::7] for text in texts]).astype(np.float32)
    middle, spread = every.mean(axis=0), every.std(axis=0) + np.float32(1e-6)
    counts = (np.where(np.isnan(labels), 0, counts) / np.nanmean(counts)).astype(np.float32)
    labels = np.nan_to_num(labels)
    topics = labels.shape[1]
    weights = {
        "probes": rng.normal(0, e5.WIDTH**-0.5, (e5.WIDTH, e5.PROBES)).astype(np.float32),  # of spread-out vectors
        "biases": np.zeros(e5.PROBES, np.float32),
        "reads": rng.normal(0, 0.3 * e5.PROBES**-0.5, (e5.PROBES, topics)).astype(np.float32),
        "offsets": np.zeros(topics, np.float32),
    }
    lengths = np.array([len(text) for text in texts])
    usable = np.flatnonzero(lengths)
    adam, total, done = _Adam(weights), ROUNDS * len(list(_batches(usable, lengths, rng))), 0
    for _ in range(ROUNDS):
        for batch in _batches(usable, lengths, rng):
            rows, missing = _padded([texts[n] for n in batch])
            rows = (rows - middle) / spread
            probes = stored(weights["probes"] / spread[:, None]) * spread[:, None]
            sums = rows @ probes
            sums[missing] = -np.inf
            best = sums.argmax(axis=1)
            over = np.take_along_axis(sums, best[:, None], 1)[:, 0] + weights["biases"]
            seen = (rng.random(over.shape) > DROPPED).astype(np.float32) / np.float32(1 - DROPPED)
            found = np.maximum(over, 0) * seen
            likely = 1 / (1 + np.exp(-(found @ weights["reads"] + weights["offsets"])))
            slope = (likely - labels[batch]) * counts[batch] / np.float32(len(batch))
            inner = (slope @ weights["reads"].T) * seen * (over > 0)
            tokens = np.take_along_axis(rows, best[:, :, None], 1)
            slopes = {
                "probes": np.einsum("bpd,bp->dp", tokens, inner, optimize=True), "biases": inner.sum(axis=0),
                "reads": found.T @ slope, "offsets": slope.sum(axis=0),
            }  # fmt: skip
            done += 1
            adam.step(weights, slopes, RATE * (1 - done / (total + 1)))
    probes = stored(weights["probes"] / spread[:, None])
    return Network(probes, weights["biases"] - middle @ probes, weights["reads"], weights["offsets"])


def _batches(
    usable: NDArray[np.int64], lengths: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """The numbers of all texts, in an order by chance."""
    mixed = rng.permutation(usable)
    for part in np.array_split(mixed, max(1, len(mixed) // SORTED)):
        part = part[np.argsort(lengths[part], kind="stable")]
        yield from np.array_split(part, max(1, len(part) // BATCH))


def _padded(texts: Sequence[Tokens]) -> tuple[Floats, NDArray[np.bool_]]:
    """The vectors of the tokens as one array, and which rows of it are no token."""
    longest = max(map(len, texts))
    rows, missing = np.zeros((len(texts), longest, e5.WIDTH), np.float32), np.ones((len(texts), longest), bool)
    for n, text in enumerate(texts):
        rows[n, : len(text)], missing[n, : len(text)] = text, False
    return rows, missing
