"""Makes the content of verifier.toml."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pipeline.core.faults import Fault, Faults
from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.read_verifier import ENCODERS, OF_MEANING, OF_OPENING, TRAINED_ON, WITH_MEANING, WITH_OPENING
from pipeline.core.topics.rules import TopicRule
from scripts.logistic import Matrix
from scripts.verifiers.regression import Fitted, regressions, two_kinds
from scripts.verifiers.texts import Sample, digest, names_of

HEAD = "# Made by scripts/train_verifier.py; docs/topics.md says how. Do not edit.\n"
STEPS = 127


def content(
    rule: TopicRule, own: Sequence[Sample], odds: tuple[float, Matrix] | None, encoders: Mapping[str, str] = ENCODERS
) -> tuple[str, int, int]:
    """The content of verifier.toml, and the number of candidates by their words, and of those that have the topic.

    `odds`: bias and weights that make the odds by the meaning from what the probes find; None if the samples have
    that instead of odds. `encoders`: the models' names.
    Raises Faults if there is nothing to learn from.
    """
    found = [one for one in own if one.candidate]
    right, made = sum(one.right for one in found), regressions(own)
    if made is None or not two_kinds(found):
        reason = f"{len(found)} candidates, {right} of them on the topic: training needs both kinds"
        raise Faults((Fault(rule.id, "", reason, "add labelled texts that fill the slots (docs/labels.md): --sets"),))
    names, with_meaning, meaning = names_of(rule), _by_probes(made.with_meaning, odds), _by_probes(made.meaning, odds)
    lines = [
        HEAD, "\n", *(f'{key} = "{name}"\n' for key, name in encoders.items()), f'{TRAINED_ON} = "{digest(own)}"\n',
        *_table(WITH_MEANING, names, MEANING, with_meaning),
        *_table(WITH_OPENING, names, BEGINNING, made.with_opening),
        *_table(OF_MEANING, (), MEANING, meaning),
        *_table(OF_OPENING, (), BEGINNING, made.opening),
    ]  # fmt: skip
    return "".join(lines), len(found), right


def _by_probes(fitted: Fitted, odds: tuple[float, Matrix] | None) -> Fitted:
    """The regression on what the probes find, from that on the odds by the meaning."""
    if odds is None:
        return fitted
    [weight], (bias, weights) = fitted.vector, odds
    return fitted._replace(bias=fitted.bias + float(weight) * bias, vector=weight * weights)


def _table(key: str, names: Sequence[str], part: str, fitted: Fitted) -> Iterator[str]:
    """One regression as text."""
    yield f"\n[{key}]\nbias = {round(fitted.bias, 3)}\n\n[{key}.signs]\n"
    for name, weight in zip(names, fitted.signs, strict=True):
        yield f'"{name}" = {round(float(weight), 3)}\n'
    scale, text = _steps(fitted.vector)
    rows = "\n".join(text[at : at + 116] for at in range(0, len(text), 116))
    yield f'\n[{key}.{part}]\nscale = {scale}\nweights = """\n{rows}"""\n'


def _steps(weights: Matrix) -> tuple[float, str]:
    """Scale and 8-bit weights, in base64."""
    scale = float(f"{np.abs(weights).max() / STEPS:.4g}")
    steps = np.clip(np.rint(weights / scale if scale else weights), -STEPS, STEPS).astype(np.int8)
    return scale, base64.b64encode(steps.tobytes()).decode()
