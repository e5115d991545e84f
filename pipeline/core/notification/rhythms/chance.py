"""How likely chance makes so long a pause, or so many articles: logarithms of the tails of two distributions."""

from __future__ import annotations

from math import exp, lgamma, log, log1p


def log_tail_of_pause(length: float, shape: float) -> float:
    """The logarithm of the chance of a pause longer than `length`, gamma distributed with mean 1.

    A shape below 1 has a tail no longer than exp(-shape * length). For a whole shape the tail is a sum (Erlang),
    between two of them the logarithm is interpolated.
    """
    if shape < 1.0:
        return -shape * length
    whole = int(shape)
    part = shape - whole
    low = _erlang(length, whole)
    return low if not part else (1.0 - part) * low + part * _erlang(length, whole + 1)


def _erlang(length: float, shape: int) -> float:
    x = shape * length
    if x == 0:
        return 0.0
    terms = [number * log(x) - lgamma(number + 1) for number in range(shape)]
    highest = max(terms)
    return min(-x + highest + log(sum(exp(term - highest) for term in terms)), 0.0)


def log_tail(number: float, mean: float, unevenness: float) -> float:
    """The logarithm of the chance of `number` or more, negative binomial with variance mean + mean² unevenness.

    A number that is not whole stands for batches; the sum then goes on in whole steps from there.
    """
    if number <= 0:
        return 0.0
    mean = max(mean, 1e-9)
    size = 1.0 / unevenness
    success = mean / (mean + size)
    first = (
        lgamma(number + size) - lgamma(size) - lgamma(number + 1) + size * log1p(-success) + number * log(success)
    )  # fmt: skip
    total, term, at = 1.0, 1.0, float(number)
    while term > 1e-12 * total and at < number + 100_000:
        term *= success * (at + size) / (at + 1)
        at += 1
        total += term
    return min(first + log(total), 0.0)
