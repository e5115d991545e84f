"""Trains the verifiers of topics on the labelled articles of the repository, and writes their weights beside the rules.

    ./test python scripts/train_verifier.py [TOPIC …] [--config DIR] [--sets development /home/me/leads …]

Reads DIR/topics (config, if not given) and sets of labelled texts: folders, or names of folders in tests/gate. Writes
DIR/topics/TOPIC/verifier.toml, of all topics with [verifier] if none is given.

A text counts if it fills the slots of the topic or its patterns accept it; the examples of the rule are texts, too. Two
logistic regressions: one on vectors and signs, from texts in languages that the sentence encoder knows, and one on
signs alone, from all. Texts on the topic count as much as the others together. Weights are kept small by a penalty
(ridge) and found by Newton's method in 64-bit floats, so that training twice gives identical bytes.
scripts/validate_verifier.py says how well verifiers do on texts that they were not trained on.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.commands.evaluate import read_labels
from pipeline.config.folder import rule_files
from pipeline.core.faults import Fault, Faults
from pipeline.core.text.encoder import DIMENSIONS, NAME
from pipeline.core.text.reading import read
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.features import PARTS, Inputs, sign_names
from pipeline.core.topics.judge import RuleSet, candidate_inputs, match_topic, parse_rules
from pipeline.core.topics.read_concepts import WEIGHTS
from pipeline.core.topics.read_verifier import ENCODER, SUBJECT, WITH_VECTORS, WITHOUT_VECTORS
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import knows, vector_of

SETS = ("development", "short", "wild/open", "leads")
EXAMPLES = "examples"  # of the rule
SETS_FOLDER = Path("tests/gate")
HEAD = "# Made by scripts/train_verifier.py; docs/topics.md says how. Do not edit.\n"
#: Penalties on the square of a weight: of vectors, whose components are small, and of signs.
RIDGE_VECTORS, RIDGE_SIGNS = 0.3, 3.0
#: How many articles one of a set counts as: those written like the press count more.
COUNTS = {"wild/open": 5.0, "leads": 3.0, EXAMPLES: 10.0}
ROUNDS = 100
SMALLEST = 1e-10  # a step that ends the search
STEPS = 127

Matrix = NDArray[np.float64]


class Text(NamedTuple):
    """A labelled text."""

    id: str
    group: str  # its set
    language: str | None
    published: date | None
    title: str
    text: str

    @property
    def family(self) -> str:
        """Texts that were written as variations of each other have one; it stays together in validation."""
        return self.id.rstrip("abcdefghij") if self.group == "leads" else self.id


@dataclass(frozen=True)
class Candidate:
    """A labelled text that fills the slots of a topic. `right`: it has the topic. `accepted`: by the patterns."""

    text: Text
    right: bool
    accepted: bool
    signs: Matrix
    vectors: Matrix  # of all parts; empty if the encoder does not know the language


@dataclass
class Candidates:
    """The candidates for a topic in a fixed order, and for each set whether each other article has the topic (which
    neither training nor verifier can reach)."""

    found: list[Candidate] = field(default_factory=list)
    others: dict[str, list[bool]] = field(default_factory=dict)


class Fitted(NamedTuple):
    bias: float
    signs: Matrix
    vectors: Matrix


def without_weights(files: Sequence[TomlFile]) -> list[TomlFile]:
    """The rule files, with weights of zero for all verifiers."""
    kept = [file for file in files if not file.name.endswith(f"/{WEIGHTS}.toml")]
    verified = [file for file in kept if file.name.endswith("/topic.toml") and "verifier" in file.data]
    places = [(file.name.replace("topic.toml", f"{WEIGHTS}.toml"), file.data) for file in verified]
    return [*kept, *(TomlFile(place, blank(data)) for place, data in places)]


def blank(main: Mapping[str, Any]) -> dict[str, Any]:
    """Weights of zero for the slots and concepts in topic.toml."""
    keys = ("all", "unless", "unless_anywhere")
    patterns = dict.fromkeys(name for one in main.get("patterns", ()) for key in keys for name in one.get(key, ()))
    names = sign_names(list(main.get("slots", [SUBJECT])), main["verifier"].get("concepts", list(patterns)))
    zero = Fitted(0.0, np.zeros(len(names)), np.zeros(len(PARTS) * DIMENSIONS))
    return as_data(names, zero, zero)


def as_data(names: Sequence[str], encoded: Fitted, other: Fitted) -> dict[str, Any]:
    """The content of verifier.toml."""
    return {
        ENCODER: NAME,
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
    lines = [HEAD, f'\n{ENCODER} = "{data[ENCODER]}"\n']
    for key, table in ((key, data[key]) for key in (WITH_VECTORS, WITHOUT_VECTORS)):
        lines.append(f"\n[{key}]\nbias = {table['bias']}\n\n[{key}.signs]\n")
        lines += [f'"{name}" = {weight}\n' for name, weight in table["signs"].items()]
        for part, vector in ((part, table[part]) for part in PARTS if part in table):
            text = vector["weights"]
            rows = "\n".join(text[at : at + 116] for at in range(0, len(text), 116))
            lines.append(f'\n[{key}.{part}]\nscale = {vector["scale"]}\nweights = """\n{rows}"""\n')
    return "".join(lines)


def candidates(
    ruleset: RuleSet, rules: Sequence[TopicRule], sets: Sequence[str], *, encoded: bool = True
) -> dict[str, Candidates]:
    """The candidates of each topic, by its id: among the examples of its rule, then among the articles of each set.
    Without `encoded` they have no vectors, which take nearly all of the time."""
    found = {rule.id: Candidates() for rule in rules}
    for rule in rules:
        for number, one in enumerate(rule.examples):
            text = Text(f"{EXAMPLES}-{number}", EXAMPLES, one.language, one.published, one.title, one.text)
            _add(ruleset, [(rule, one.matches)], text, found, encoded)
    for group in sets:
        folder = SETS_FOLDER / group if (SETS_FOLDER / group).is_dir() else Path(group)
        for article in sorted(read_labels(folder, ruleset), key=lambda article: article.id):
            text = Text(article.id, group, article.language, article.published, article.title, article.text)
            _add(ruleset, [(rule, rule.id in article.topics) for rule in rules], text, found, encoded)
    return found


def _add(
    ruleset: RuleSet, judged: Sequence[tuple[TopicRule, bool]], text: Text, found: Mapping[str, Candidates],
    encoded: bool,
) -> None:  # fmt: skip
    """Add a text to the candidates, or to the others, of each topic."""
    reading = read(text.title, text.text, text.language)
    hits = ruleset.topic_lexicon(text.language).hits(reading, text.published)
    for rule, right in judged:
        match, own = match_topic(rule, reading, hits), found[rule.id]
        inputs = candidate_inputs(match, reading, hits)
        if inputs is None:
            own.others.setdefault(text.group, []).append(right)
        else:
            signs, vectors = rows_of(inputs, names_of(rule), text.language if encoded else None)
            own.found.append(Candidate(text, right, match.reaches, signs, vectors))


def names_of(rule: TopicRule) -> list[str]:
    """The names of the signs of a topic, in the order of its weights."""
    assert rule.verifier is not None
    return sign_names([slot.name for slot in rule.slots], rule.verifier.concepts)


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


def balanced(counts: Matrix, right: Matrix) -> Matrix:
    """The counts, changed so that articles on the topic count as much as the others together."""
    share = float(counts @ right) / float(counts.sum())
    return counts * np.where(right > 0, 0.5 / max(share, 1e-9), 0.5 / max(1.0 - share, 1e-9))


def fitted(found: Sequence[Candidate], *, encoded: bool) -> Fitted:
    """A regression on the candidates: with vectors on those that have them, without on all."""
    used = [one for one in found if len(one.vectors) or not encoded]
    signs = np.array([one.signs for one in used])
    right = np.array([float(one.right) for one in used])
    counts = balanced(np.array([COUNTS.get(one.text.group, 1.0) for one in used]), right)
    price = np.full(signs.shape[1], RIDGE_SIGNS)
    if not encoded:
        weights, bias = fit(signs, right, counts, price)
        return Fitted(bias, weights, np.zeros(0))
    vectors = np.array([one.vectors for one in used])
    price = np.append(price, np.full(vectors.shape[1], RIDGE_VECTORS))
    weights, bias = fit(np.hstack([signs, vectors]), right, counts, price)
    return Fitted(bias, weights[: signs.shape[1]], weights[signs.shape[1] :])


def content(rule: TopicRule, found: Sequence[Candidate]) -> tuple[str, int, int]:
    """The content of verifier.toml, and the number of candidates, and of those that have the topic. Raises Faults if
    there is nothing to learn from."""
    if not two_kinds(found):
        right = sum(one.right for one in found)
        reason = f"{len(found)} candidates, {right} of them on the topic: training needs both kinds"
        raise Faults((Fault(rule.id, "", reason, "add labelled texts that fill the slots (docs/labels.md): --sets"),))
    by_signs = fitted(found, encoded=False)
    if two_kinds([one for one in found if len(one.vectors)]):
        encoded = fitted(found, encoded=True)
    else:  # nothing to learn vectors from
        encoded = by_signs._replace(vectors=np.zeros(len(PARTS) * DIMENSIONS))
    return as_toml(as_data(names_of(rule), encoded, by_signs)), len(found), sum(one.right for one in found)


def two_kinds(found: Sequence[Candidate]) -> bool:
    """Whether some of the candidates have the topic and some do not."""
    return len({one.right for one in found}) == 2


def verified_rules(ruleset: RuleSet, topics: Sequence[str]) -> list[TopicRule]:
    """The rules that have a verifier: of these topics, or of all if none is given. Raises Faults for other names."""
    known = {rule.id: rule for rule in ruleset.rules.topics if rule.verifier}
    hint = f"known: {', '.join(known)}"
    faults = [Fault(topic, "", "is not a topic with [verifier]", hint) for topic in topics if topic not in known]
    if faults:
        raise Faults(tuple(faults))
    return [known[topic] for topic in topics or known]


def options_of(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options that training and validation share."""
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="of all topics with [verifier], if none is given")
    parser.add_argument("--config", type=Path, default=Path("config"), help="folder with topics/; default: config")
    parser.add_argument(
        "--sets", nargs="*", default=SETS, help=f"folders of labelled texts, also of tests/gate: {', '.join(SETS)}"
    )
    return parser.parse_args()


def main() -> None:
    options = options_of(argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None))
    ruleset = parse_rules(without_weights(rule_files(options.config)))
    rules = verified_rules(ruleset, options.topics)
    for topic, own in candidates(ruleset, rules, options.sets).items():
        text, number, right = content(ruleset.rule(topic), own.found)
        file = options.config / "topics" / topic / f"{WEIGHTS}.toml"
        file.write_text(text, encoding="utf-8")
        print(f"{file}: trained on {number} candidates, {right} of them on the topic")


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
