"""Makes the content of verifier.toml."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.core.faults import Fault, Faults
from pipeline.core.text.encoder import DIMENSIONS, NAME
from pipeline.core.topics.features import BEGINNING, PARTS
from pipeline.core.topics.read_verifier import ENCODER, OPENING, WITH_OPENING, WITH_VECTORS, WITHOUT_VECTORS
from pipeline.core.topics.rules import TopicRule
from scripts.verifiers.regression import Fitted, fitted, fitted_opening, two_kinds
from scripts.verifiers.texts import Candidates, Matrix, names_of

HEAD = "# Made by scripts/train_verifier.py; docs/topics.md says how. Do not edit.\n"
STEPS = 127


def content(rule: TopicRule, own: Candidates) -> tuple[str, int, int]:
    """The content of verifier.toml, and the number of candidates, and of those that have the topic. Raises Faults if
    there is nothing to learn from."""
    slotted = [one for one in own.found if not one.proposed]
    if not two_kinds(slotted):
        right = sum(one.right for one in slotted)
        reason = f"{len(slotted)} candidates, {right} of them on the topic: training needs both kinds"
        raise Faults((Fault(rule.id, "", reason, "add labelled texts that fill the slots (docs/labels.md): --sets"),))
    by_signs, opening = fitted(own.found), None
    if two_kinds([one for one in own.found if len(one.vectors)]):
        encoded, first = fitted(own.found, PARTS), fitted(own.found, (BEGINNING,))
    else:  # nothing to learn vectors from
        encoded, first = (
            by_signs._replace(vectors=np.zeros(len(parts) * DIMENSIONS)) for parts in (PARTS, (BEGINNING,))
        )
    if rule.verifier and rule.verifier.propose:
        nothing = Fitted(-1000.0, np.zeros(0), np.zeros(DIMENSIONS))  # is proposed
        opening = fitted_opening(own.opened) if two_kinds(own.opened) else nothing
    text = as_toml(as_data(names_of(rule), encoded, first, by_signs, opening))
    return text, len(own.found), sum(one.right for one in own.found)


def as_data(
    names: Sequence[str], encoded: Fitted, first: Fitted, other: Fitted, opening: Fitted | None
) -> dict[str, Any]:
    """The content of verifier.toml."""
    tables = {
        WITH_VECTORS: {**_signs(names, encoded), **dict(_vectors(PARTS, encoded.vectors))},
        WITH_OPENING: {**_signs(names, first), **dict(_vectors((BEGINNING,), first.vectors))},
        WITHOUT_VECTORS: _signs(names, other),
    }
    if opening:
        tables[OPENING] = {**_signs((), opening), **dict(_vectors((BEGINNING,), opening.vectors))}
    return {ENCODER: NAME, **tables}


def _signs(names: Sequence[str], fitted: Fitted) -> dict[str, Any]:
    found = {name: round(float(weight), 3) for name, weight in zip(names, fitted.signs, strict=True)}
    return {"bias": round(fitted.bias, 3), "signs": found}


def _vectors(parts: Sequence[str], weights: Matrix) -> Iterator[tuple[str, dict[str, Any]]]:
    for part, own in zip(parts, weights.reshape(len(parts), DIMENSIONS), strict=True):
        scale = float(f"{np.abs(own).max() / STEPS:.4g}")
        steps = np.clip(np.rint(own / scale if scale else own), -STEPS, STEPS).astype(np.int8)
        yield part, {"scale": scale, "weights": base64.b64encode(steps.tobytes()).decode()}


def as_toml(data: Mapping[str, Any]) -> str:
    """The content of verifier.toml as text."""
    lines = [HEAD, f'\n{ENCODER} = "{data[ENCODER]}"\n']
    for key, table in ((key, table) for key, table in data.items() if key != ENCODER):
        lines.append(f"\n[{key}]\nbias = {table['bias']}\n\n[{key}.signs]\n")
        lines += [f'"{name}" = {weight}\n' for name, weight in table["signs"].items()]
        for part, vector in ((part, table[part]) for part in PARTS if part in table):
            text = vector["weights"]
            rows = "\n".join(text[at : at + 116] for at in range(0, len(text), 116))
            lines.append(f'\n[{key}.{part}]\nscale = {vector["scale"]}\nweights = """\n{rows}"""\n')
    return "".join(lines)
