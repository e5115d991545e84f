"""Trains the verifier of a topic on the labelled articles of the repository, and writes its weights beside the rule.

    ./test python scripts/train_verifier.py [TOPIC] [--sets development short …] [--folds 5]

Reads config/topics and tests/gate; writes config/topics/TOPIC/verifier.toml. A text counts if it fills the slots of
the topic or its patterns accept it; the examples of the rule are texts, too. Two logistic regressions: one on vectors
and signs, from texts in languages that the sentence encoder knows, and one on signs alone, from all. Weights are kept
small by a penalty (ridge) and found by Newton's method in 64-bit floats, so that training twice gives identical bytes.
With --folds nothing is written: it prints precision and recall on texts left out of the training, by set; what facts
remove later is not removed there.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.commands.evaluate import read_labels
from pipeline.config.folder import rule_files
from pipeline.core.text.encoder import DIMENSIONS
from pipeline.core.text.reading import read
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.features import PARTS, Inputs, sign_names
from pipeline.core.topics.judge import RuleSet, candidate_inputs, match_topic, parse_rules
from pipeline.core.topics.read_concepts import WEIGHTS
from pipeline.core.topics.read_verifier import WITH_VECTORS, WITHOUT_VECTORS
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import knows, vector_of

SETS = ("development", "short", "wild/open", "leads")
EXAMPLES = "examples"  # of the rule
SETS_FOLDER = Path("tests/gate")
TOPIC = "foreign-troop-authorization"
HEAD = "# Made by scripts/train_verifier.py; docs/topics.md says how. Do not edit.\n"
#: Penalties on the square of a weight: of vectors, whose components are small, and of signs.
RIDGE_VECTORS, RIDGE_SIGNS = 0.1, 1.0
#: How many articles one of a set counts as: those written like the press count more.
COUNTS = {"wild/open": 3.0, EXAMPLES: 3.0}
ROUNDS = 100
SMALLEST = 1e-10  # a step that ends the search
STEPS = 127

Matrix = NDArray[np.float64]


class Text(NamedTuple):
    """A labelled text. `right`: it has the topic."""

    id: str
    group: str  # its set
    language: str | None
    published: date | None
    title: str
    text: str
    right: bool

    @property
    def family(self) -> str:
        """Texts that were written as variations of each other have one; it stays together in validation."""
        return self.id.rstrip("abcdefghij") if self.group == "leads" else self.id


@dataclass(frozen=True)
class Candidate:
    """A labelled text that fills the slots. `accepted`: by the patterns."""

    text: Text
    accepted: bool
    signs: Matrix
    vectors: Matrix  # of all parts; empty if the encoder does not know the language


@dataclass(frozen=True)
class Fitted:
    bias: float
    signs: Matrix
    vectors: Matrix


def without_weights(files: Sequence[TomlFile], topic: str) -> list[TomlFile]:
    """The rule files, with weights of zero for the verifier of `topic`."""
    place = f"topics/{topic}/{WEIGHTS}.toml"
    kept = [file for file in files if file.name != place]
    return [*kept, TomlFile(place, blank(kept, topic))]


def blank(files: Sequence[TomlFile], topic: str) -> dict[str, Any]:
    """Weights of zero for the slots and concepts in topic.toml."""
    main = next(file for file in files if file.name == f"topics/{topic}/topic.toml").data
    names = sign_names(list(main["slots"]), main["verifier"].get("concepts", []))
    zero = Fitted(0.0, np.zeros(len(names)), np.zeros(len(PARTS) * DIMENSIONS))
    return as_data(names, zero, zero)


def as_data(names: Sequence[str], encoded: Fitted, other: Fitted) -> dict[str, Any]:
    """The content of verifier.toml."""
    return {
        WITH_VECTORS: {**_signs(names, encoded), **dict(_vectors(encoded.vectors))},
        WITHOUT_VECTORS: _signs(names, other),
    }


def _signs(names: Sequence[str], fitted: Fitted) -> dict[str, Any]:
    found = {name: round(float(weight), 3) for name, weight in zip(names, fitted.signs, strict=True)}
    return {"bias": round(fitted.bias, 3), "signs": found}


def _vectors(weights: Matrix) -> Iterator[tuple[str, dict[str, Any]]]:
    for part, own in zip(PARTS, weights.reshape(len(PARTS), DIMENSIONS), strict=True):
        scale = float(f"{np.abs(own).max() / STEPS:.4g}")
        steps = np.clip(np.rint(own / scale if scale else own), -STEPS, STEPS).astype(np.int8)
        yield part, {"scale": scale, "weights": base64.b64encode(steps.tobytes()).decode()}


def as_toml(data: Mapping[str, Any]) -> str:
    """The content of verifier.toml as text."""
    lines = [HEAD]
    for key, table in data.items():
        lines.append(f"\n[{key}]\nbias = {table['bias']}\n\n[{key}.signs]\n")
        lines += [f'"{name}" = {weight}\n' for name, weight in table["signs"].items()]
        for part, vector in ((part, table[part]) for part in PARTS if part in table):
            text = vector["weights"]
            rows = "\n".join(text[at : at + 116] for at in range(0, len(text), 116))
            lines.append(f'\n[{key}.{part}]\nscale = {vector["scale"]}\nweights = """\n{rows}"""\n')
    return "".join(lines)


def texts(ruleset: RuleSet, rule: TopicRule, sets: Sequence[str]) -> Iterator[Text]:
    """The labelled texts in a fixed order: the examples of the rule, then each set."""
    for number, example in enumerate(rule.examples):
        yield Text(f"{EXAMPLES}-{number}", EXAMPLES, example.language, example.published, example.title, example.text,
                   example.matches)  # fmt: skip
    for group in sets:
        for one in sorted(read_labels(SETS_FOLDER / group, ruleset), key=lambda article: article.id):
            yield Text(one.id, group, one.language, one.published, one.title, one.text, rule.id in one.topics)


def candidates(ruleset: RuleSet, rule: TopicRule, sets: Sequence[str]) -> tuple[list[Candidate], dict[str, list[bool]]]:
    """The candidates among the labelled texts, and for each set whether each other text has the topic: neither training
    nor verifier can reach those."""
    found: list[Candidate] = []
    others: dict[str, list[bool]] = {}
    names = names_of(rule)
    for text in texts(ruleset, rule, sets):
        reading = read(text.title, text.text, text.language)
        hits = ruleset.topic_lexicon(text.language).hits(reading, text.published)
        match = match_topic(rule, reading, hits)
        inputs = candidate_inputs(match, reading, hits)
        if inputs is None:
            others.setdefault(text.group, []).append(text.right)
            continue
        signs, vectors = rows_of(inputs, names, text.language)
        found.append(Candidate(text, match.accepted_by is not None, signs, vectors))
    return found, others


def names_of(rule: TopicRule) -> list[str]:
    """The names of the signs of a topic."""
    return sign_names([slot.name for slot in rule.slots], rule.verifier.concepts if rule.verifier else ())


def rows_of(inputs: Inputs, names: Sequence[str], language: str | None) -> tuple[Matrix, Matrix]:
    """Signs and vectors of one candidate as numbers."""
    signs = np.array([inputs.signs.get(name, 0.0) for name in names])
    if not knows(language):
        return signs, np.zeros(0)
    return signs, np.concatenate([vector_of(tuple(inputs.texts[part])) for part in PARTS])


def fit(rows: Matrix, right: Matrix, counts: Matrix, price: Matrix) -> tuple[Matrix, float]:
    """Weights and bias of a logistic regression with the penalty `price` on the square of each weight (not the bias),
    by Newton's method (iteratively reweighted least squares). Row `i` counts as `counts[i]` articles."""
    x = np.hstack([rows, np.ones((len(rows), 1))])
    ridge = np.append(price, 1e-9)
    weights = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        likely = 1.0 / (1.0 + np.exp(-(x @ weights)))
        slope = x.T @ (counts * (likely - right)) + ridge * weights
        curve = (x * (counts * likely * (1.0 - likely))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if float(np.abs(step).max()) < SMALLEST:
            break
    return weights[:-1], float(weights[-1])


def fitted(found: Sequence[Candidate], *, encoded: bool) -> Fitted:
    """A regression on the candidates: with vectors on those that have them, without on all."""
    used = [one for one in found if len(one.vectors) or not encoded]
    signs = np.array([one.signs for one in used])
    right = np.array([float(one.text.right) for one in used])
    counts = np.array([COUNTS.get(one.text.group, 1.0) for one in used])
    price = np.full(signs.shape[1], RIDGE_SIGNS)
    if not encoded:
        weights, bias = fit(signs, right, counts, price)
        return Fitted(bias, weights, np.zeros(0))
    vectors = np.array([one.vectors for one in used])
    price = np.append(price, np.full(vectors.shape[1], RIDGE_VECTORS))
    weights, bias = fit(np.hstack([signs, vectors]), right, counts, price)
    return Fitted(bias, weights[: signs.shape[1]], weights[signs.shape[1] :])


def probability(one: Candidate, encoded: Fitted, other: Fitted) -> float:
    known = encoded if len(one.vectors) else other
    total = known.bias + float(one.signs @ known.signs)
    total += float(one.vectors @ known.vectors) if len(one.vectors) else 0.0
    return float(1.0 / (1.0 + np.exp(-total)))


def validate(found: Sequence[Candidate], others: Mapping[str, Sequence[bool]], folds: int, threshold: float) -> None:
    """Print precision and recall of patterns and verifier together, each candidate judged by a verifier trained on the
    other folds."""
    likely: dict[int, float] = {}
    numbers = {family: number for number, family in enumerate(dict.fromkeys(one.text.family for one in found))}
    for fold in range(folds):
        rest = [one for one in found if numbers[one.text.family] % folds != fold]
        pair = fitted(rest, encoded=True), fitted(rest, encoded=False)
        likely |= {
            n: probability(one, *pair) for n, one in enumerate(found) if numbers[one.text.family] % folds == fold
        }
    for group in dict.fromkeys(one.text.group for one in found):
        own = [(one, likely[number]) for number, one in enumerate(found) if one.text.group == group]
        out = sum(others.get(group, ()))
        for name, kept in (("encoder", True), ("signs only", False)):
            part = [(one, p) for one, p in own if bool(len(one.vectors)) == kept]
            if part:
                print(f"{group:<24} {name:<10} {line(part, 0, threshold)}")
        print(f"{group:<24} {'all':<10} {line(own, out, threshold)}; {out} are no candidates")


def line(judged: Sequence[tuple[Candidate, float]], out: int, threshold: float) -> str:
    def score(says: Sequence[bool], missed: int) -> str:
        right = sum(one.text.right and said for (one, _), said in zip(judged, says, strict=True))
        wrong = sum(said and not one.text.right for (one, _), said in zip(judged, says, strict=True))
        lost = sum(one.text.right for one, _ in judged) - right + missed
        return f"P {right / max(1, right + wrong):.3f} R {right / max(1, right + lost):.3f} ({right}, {wrong}, {lost})"

    patterns = [one.accepted for one, _ in judged]
    both = [one.accepted or p >= threshold for one, p in judged]
    alone = [p >= threshold for _, p in judged]
    return f"patterns {score(patterns, out)}, with verifier {score(both, out)}, verifier alone {score(alone, out)}"


def trained(topic: str, sets: Sequence[str]) -> tuple[str, int, int]:
    """The content of verifier.toml, and the number of candidates, and of those that have the topic."""
    ruleset = parse_rules(without_weights(rule_files(Path("config")), topic))
    rule = ruleset.rule(topic)
    found, _ = candidates(ruleset, rule, sets)
    data = as_data(names_of(rule), fitted(found, encoded=True), fitted(found, encoded=False))
    return as_toml(data), len(found), sum(one.text.right for one in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("topic", nargs="?", default=TOPIC)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--folds", type=int, default=0)
    options = parser.parse_args()
    if options.folds:
        ruleset = parse_rules(without_weights(rule_files(Path("config")), options.topic))
        rule = ruleset.rule(options.topic)
        threshold = rule.verifier.threshold if rule.verifier else 0.5
        validate(*candidates(ruleset, rule, options.sets), options.folds, threshold)
        return
    content, number, right = trained(options.topic, options.sets)
    file = Path("config/topics") / options.topic / f"{WEIGHTS}.toml"
    file.write_text(content, encoding="utf-8")
    print(f"{file}: trained on {number} candidates, {right} of them on the topic")


if __name__ == "__main__":
    main()
