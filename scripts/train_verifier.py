"""Trains the verifiers of topics on the labelled articles of the repository, and writes their weights beside the rules.

    ./test python scripts/train_verifier.py [TOPIC …] [--config DIR] [--sets development /home/me/leads …]

Reads DIR/topics (config, if not given) and sets of labelled texts: folders, or names of folders in tests/gate. Writes
DIR/topics/TOPIC/verifier.toml, of all topics with [verifier] if none is given.

Four logistic regressions: on signs and the meaning of the opening, in languages in which the topic has terms; on signs
and the vector of the opening that stories use, in those of them that its encoder knows; and on each of the two vectors
alone. The examples of the rule are texts, too. Texts on the topic count as much as the others together. Weights are
kept small by a penalty (ridge) and found by Newton's method in 64-bit floats, so that training twice gives identical
bytes. Vectors are kept in .cache/vectors.sqlite: only the first training takes ten minutes.
scripts/validate_verifier.py says how well verifiers do on texts that they were not trained on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.config.folder import rule_files
from pipeline.core.faults import Fault, Faults
from pipeline.core.topics.judge import RuleSet, untrained_rules
from pipeline.core.topics.read_concepts import WEIGHTS
from pipeline.core.topics.rules import TopicRule
from scripts.verifiers.content import content
from scripts.verifiers.texts import SETS, samples
from scripts.verifiers.vectors import KeptVectors


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
    ruleset = untrained_rules(rule_files(options.config))
    rules = verified_rules(ruleset, options.topics)
    for topic, own in samples(ruleset, rules, options.sets, KeptVectors()).items():
        text, number, right = content(ruleset.rule(topic), own)
        file = options.config / "topics" / topic / f"{WEIGHTS}.toml"
        file.write_text(text, encoding="utf-8")
        print(f"{file}: trained on {number} candidates, {right} of them on the topic")


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
