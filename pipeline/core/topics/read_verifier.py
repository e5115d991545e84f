"""Reads the [slots] and the [verifier] of a topic, and the verifier's weights in verifier.toml."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

from pipeline.core.faults import did_you_mean
from pipeline.core.text import e5, encoder
from pipeline.core.toml_reader import Table
from pipeline.core.topics.features import BEGINNING, MEANING, sign_names
from pipeline.core.topics.read_concepts import Folder, is_name
from pipeline.core.topics.rules import Pattern, Slot, Verifier, Weights
from pipeline.core.topics.verifier import DIMENSIONS
from pipeline.core.wording import Text

AND = " + "  # between concepts that fill a slot together
SUBJECT = "subject"  # the only slot of a topic that names none
#: Keys of verifier.toml: the models whose vectors the weights belong to, and what they were trained on.
MEANING_ENCODER = "meaning-encoder"
ENCODERS = {"encoder": encoder.NAME, MEANING_ENCODER: e5.NAME}
TRAINED_ON = "trained-on"
# The tables of verifier.toml.
WITH_MEANING, WITH_OPENING, OF_MEANING, OF_OPENING = "with-meaning", "with-opening", "meaning", "opening"
NO_WEIGHTS = Weights(0.0, {}, {})
_TRAIN = Text("make the file with scripts/train_verifier.py; docs/topics.md, section 12")
DOUBT = 0.15  # if `doubt` is not given
_MOST = 1000.0  # no weight is near it


def names_in(filler: str) -> list[str]:
    """The names of the concepts in "treaty + nation"."""
    return [name.strip() for name in filler.split(AND)]


def read_slots(folder: Folder, patterns: Sequence[Pattern]) -> tuple[Slot, ...]:
    """The slots of the topic, in the order of the file. Without [slots] a topic with a verifier has one, which the
    concepts of any pattern with a positive weight fill. Faults go to the folder's list."""
    table, verifier = folder.main.table("slots"), folder.main.table("verifier")
    if not table.values and "verifier" in folder.main:
        met = dict.fromkeys(tuple(dict.fromkeys(pattern.all)) for pattern in patterns if pattern.weight > 0)
        return (Slot(SUBJECT, tuple(met)),)
    required = verifier.texts("required")
    for number, name in enumerate(required):
        if name not in table:
            verifier.fault(
                "required", Text("there is no slot {!r}", name), Text("known: {}", ", ".join(table)), item=number
            )
    found = []
    for name in table:
        if not is_name(name):
            table.fault(name, "is not a name", "use small letters, digits and hyphens")
        fillers = table.texts(name, required=True, hint=f'{name} = ["concept", "concept{AND}concept"]')
        known = [_keys(folder, table, name, number, filler) for number, filler in enumerate(fillers)]
        found.append(Slot(name, tuple(keys for keys in known if keys), not required or name in required))
    if table.values and "verifier" not in folder.main:
        folder.main.missing("verifier", "it decides about articles that fill the slots: [verifier] and a threshold")
    return tuple(found)


def _keys(folder: Folder, table: Table, slot: str, number: int, filler: str) -> tuple[str, ...]:
    """The keys of the concepts of one filler."""
    keys = []
    for name in names_in(filler):
        if name in folder.known:
            keys.append(folder.known[name])
        else:
            hint = did_you_mean(name, folder.known, Text("add it to [concepts]"))
            table.fault(slot, Text("there is no concept {!r}", name), hint, item=number)
    return tuple(keys)


def read_verifier(folder: Folder, slots: Sequence[Slot], patterns: Sequence[Pattern]) -> Verifier | None:
    """The verifier of the topic with its weights, if it has one. Without `concepts` it looks for those that patterns
    name."""
    if "verifier" not in folder.main:
        if folder.weights is not None:
            folder.weights.fault("", "belongs to no verifier", "add [slots] and [verifier] to topic.toml, or remove it")
        return None
    table = folder.main.table("verifier")
    table.only("threshold", "veto", "propose", "doubt", "alone", "sure", "required", "concepts")
    threshold = table.number("threshold", 0.5, 0.01, 1.0)
    concepts = []
    for number, name in enumerate(table.texts("concepts")):
        if name in folder.known:
            concepts.append(folder.known[name])
        else:
            table.fault("concepts", Text("there is no concept {!r}", name), item=number)
    if "concepts" not in table:
        concepts = list(
            dict.fromkeys(name for one in patterns for name in (*one.all, *one.unless, *one.unless_anywhere))
        )
    veto = table.number("veto", 0.0, 0.0, threshold)
    doubt = table.number("doubt", min(DOUBT, threshold), 0.0, threshold)
    propose, alone, sure = (table.number(key, 0.0, 0.0, 1.0) for key in ("propose", "alone", "sure"))
    return Verifier(threshold, veto, propose, doubt, alone, sure, tuple(concepts), *_sets(folder, slots, concepts))


def _sets(folder: Folder, slots: Sequence[Slot], concepts: Sequence[str]) -> Iterator[Weights]:
    """The weights in verifier.toml, of each of its tables; none if the folder is read for training."""
    if folder.trained and folder.weights is None:
        folder.main.table("verifier").fault("", "has no weights: verifier.toml is missing", _TRAIN)
    if not folder.trained or folder.weights is None:
        yield from (NO_WEIGHTS, NO_WEIGHTS, NO_WEIGHTS, NO_WEIGHTS)
        return
    folder.weights.only(*ENCODERS, TRAINED_ON, WITH_MEANING, WITH_OPENING, OF_MEANING, OF_OPENING)
    for key, name in ENCODERS.items():
        if folder.weights.values.get(key) != name:
            folder.weights.fault(
                key, Text("must be {!r}: the weights belong to vectors of another model", name), _TRAIN
            )
    folder.weights.text(TRAINED_ON, required=True, hint=_TRAIN)
    names = sign_names([slot.name for slot in slots], concepts)
    yield _weights(folder.weights, WITH_MEANING, names, MEANING)
    yield _weights(folder.weights, WITH_OPENING, names, BEGINNING)
    yield _weights(folder.weights, OF_MEANING, (), MEANING)
    yield _weights(folder.weights, OF_OPENING, (), BEGINNING)


def _weights(root: Table, key: str, names: Sequence[str], part: str) -> Weights:
    """One table of verifier.toml."""
    if key not in root:
        root.missing(key, _TRAIN)
    table = root.table(key)
    table.only("bias", "signs", part)
    signs = table.table("signs")
    if signs.values.keys() != set(names):
        signs.fault("", "is of other slots or concepts than topic.toml has", _TRAIN)
    found = {name: _number(signs, name) for name in signs}
    return Weights(_number(table, "bias"), found, {part: _vector(table, part)})


def _number(table: Table, key: str) -> float:
    if key not in table:
        table.missing(key, _TRAIN)
    return table.number(key, 0.0, -_MOST, _MOST)


def _vector(table: Table, part: str) -> tuple[float, bytes]:
    """Scale and weights of one vector."""
    vector, size = table.table(part), DIMENSIONS[part]
    vector.only("scale", "weights")
    scale, text = _number(vector, "scale"), vector.text("weights", required=True, hint=_TRAIN) or ""
    try:
        steps = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        steps = b""
    if text and len(steps) != size:
        vector.fault("weights", Text("is damaged: not {} bytes in base64", size), _TRAIN)
        steps = bytes(size)
    return scale, steps
