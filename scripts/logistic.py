"""Fits logistic regressions whose weights are held near expected ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

ROUNDS = 100
SMALLEST = 1e-10  # a step that ends the search


def fit(
    rows: Matrix, right: Matrix, counts: Matrix, price: Matrix, expected: Matrix | float = 0.0
) -> tuple[Matrix, float]:
    """Weights and bias of a logistic regression, by Newton's method (iteratively reweighted least squares).

    Row `i` counts as `counts[i]` articles or pairs. `price`: the penalty on the square of the distance of each weight
    (not the bias) from the `expected` one. The same input gives the same bytes.
    """
    x = np.hstack([rows, np.ones((len(rows), 1))])
    ridge = np.append(price, 1e-9)
    wanted = np.append(np.broadcast_to(expected, price.shape), 0.0)
    weights = np.zeros_like(wanted)  # where no step is too long
    for _ in range(ROUNDS):
        likely = 1.0 / (1.0 + np.exp(-(x @ weights)))
        slope = x.T @ (counts * (likely - right)) + ridge * (weights - wanted)
        curve = (x * (counts * likely * (1.0 - likely))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if float(np.abs(step).max()) < SMALLEST:
            break
    return weights[:-1], float(weights[-1])
