"""Trains the verifiers of topics on the labelled articles of the repository, and writes their weights beside the rules.

    ./test python scripts/train_verifier.py [TOPIC …] [--config DIR] [--sets development /home/me/leads …]

Reads DIR/topics (config, if not given) and sets of labelled texts: folders, or names of folders in tests/gate. Writes
DIR/topics/TOPIC/verifier.toml of each topic with [verifier], and pipeline/core/text/probes.bin, which they share. With
TOPIC, which needs --sets, it writes only the weights of these, for the probes as they are.

First the probes, which find in an opening what matters to topics (scripts/verifiers/probes.py). Then, for each topic,
four logistic regressions: on signs and the odds of the topic by the meaning of the opening, in languages in which it
has terms; on signs and the vector of the opening that stories use, in those of them that its encoder knows; and on odds
and vector alone. The odds of a text are those of probes that did not learn from it, nor from others about the same
event. The examples of the rule are texts, too. Texts on the topic count as much as the others together.

Training twice gives identical bytes. Vectors are kept in .cache: only the first training takes half an hour. Needs a C
compiler. scripts/validate_verifier.py says how well verifiers do on texts that they were not trained on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.config.folder import rule_files
from pipeline.core.faults import Fault, Faults
from pipeline.core.text import e5
from pipeline.core.topics.judge import RuleSet, untrained_rules
from pipeline.core.topics.read_concepts import WEIGHTS
from pipeline.core.topics.read_verifier import ENCODERS, MEANING_ENCODER
from pipeline.core.topics.rules import TopicRule
from scripts.verifiers.content import content
from scripts.verifiers.meanings import final_network, labelled, learn, with_found
from scripts.verifiers.texts import SETS, samples
from scripts.verifiers.tokens import KeptTokens
from scripts.verifiers.vectors import KeptVectors

FOLDS = 5


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
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="your own topics, on texts of your own: see --sets")
    parser.add_argument("--config", type=Path, default=Path("config"), help="folder with topics/; default: config")
    parser.add_argument(
        "--sets", nargs="*", default=SETS, help=f"folders of labelled texts, also of tests/gate: {', '.join(SETS)}"
    )
    return parser.parse_args()


def check_sets(topics: Sequence[str], sets: Sequence[str]) -> None:
    """Raise Faults if single topics are named for the shipped sets: what the probes find in these is too right."""
    if topics and tuple(sets) == SETS:
        said = "the shipped sets train all topics together, because these share the probes"
        raise Faults(tuple(Fault(one, "", said, "name no topic, or name your own texts: --sets") for one in topics))


def main() -> None:
    options = options_of(argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None))
    check_sets(options.topics, options.sets)
    ruleset = untrained_rules(rule_files(options.config))
    found = samples(ruleset, verified_rules(ruleset, options.topics), options.sets, KeptVectors())
    if options.topics:
        made = {topic: content(ruleset.rule(topic), own, None) for topic, own in with_found(found).items()}
    else:
        texts = labelled(found, KeptTokens())
        learned, network = learn(found, texts, FOLDS), final_network(texts)
        probes = network.content()
        encoders = {**ENCODERS, MEANING_ENCODER: e5.name_of(probes)}
        made = {
            topic: content(ruleset.rule(topic), own, network.read(number), encoders)
            for number, (topic, own) in enumerate(learned.samples.items())
        }
        e5.FILE.write_bytes(probes)
    for topic, (text, candidates, right) in made.items():
        file = options.config / "topics" / topic / f"{WEIGHTS}.toml"
        file.write_text(text, encoding="utf-8")
        print(f"{file}: trained on {candidates} candidates, {right} of them on the topic")


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
