"""Makes the content of verifier.toml."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

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


def content(rule: TopicRule, own: Sequence[Sample]) -> tuple[str, int, int]:
    """The content of verifier.toml, and the number of candidates by their words, and of those that have the topic.
    Raises Faults if there is nothing to learn from."""
    found = [one for one in own if one.candidate]
    right, made = sum(one.right for one in found), regressions(own)
    if made is None or not two_kinds(found):
        reason = f"{len(found)} candidates, {right} of them on the topic: training needs both kinds"
        raise Faults((Fault(rule.id, "", reason, "add labelled texts that fill the slots (docs/labels.md): --sets"),))
    names = names_of(rule)
    lines = [
        HEAD, "\n", *(f'{key} = "{name}"\n' for key, name in ENCODERS.items()), f'{TRAINED_ON} = "{digest(own)}"\n',
        *_table(WITH_MEANING, names, MEANING, made.with_meaning),
        *_table(WITH_OPENING, names, BEGINNING, made.with_opening),
        *_table(OF_MEANING, (), MEANING, made.meaning),
        *_table(OF_OPENING, (), BEGINNING, made.opening),
    ]  # fmt: skip
    return "".join(lines), len(found), right


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
