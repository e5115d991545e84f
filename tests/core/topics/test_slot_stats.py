"""What can fill the slots of a topic, and where nothing can."""

from __future__ import annotations

from pipeline.core.topics.rules import Concept, Part, Piece, Ref, Rules, Slot, TopicRule
from pipeline.core.topics.slot_stats import count_slots, empty_slots


def concept(key: str, **terms: int | str) -> Concept:
    """A concept with so many terms in each language, or one that refers to another."""
    made: dict[str, tuple[tuple[Part, ...], ...]] = {}
    for code, given in terms.items():
        if isinstance(given, str):
            made[code] = ((Ref(given),),)
        else:
            made[code] = tuple(((Piece("exact", f"{key}{n}"),),) for n in range(given))
    return Concept(key, key.rpartition("/")[2], made, {})


def rules(*slots: Slot) -> Rules:
    concepts = [
        concept("force", en=3, es=2), concept("t/act", en=2, es=1, de=1), concept("t/any", any=4, en="force"),
    ]  # fmt: skip
    topic = TopicRule("t", 1, {}, {}, {}, 0.5, (), (), slots=slots)
    return Rules("", (topic,), {one.key: one for one in concepts}, ("de", "en", "es"))


PARTY, ACT = Slot("party", (("force",),)), Slot("act", (("t/act",), ("force", "t/any")), required=False)


def test_the_terms_of_a_slot_are_counted_with_those_its_concepts_refer_to() -> None:
    party, act = count_slots(rules(PARTY, ACT))
    assert (party.fillers, party.terms, party.lacking) == (("force",), {"en": 3, "es": 2}, ("de",))
    assert act.fillers == ("act", "force + any")
    assert act.terms == {"any": 4, "de": 1, "en": 6, "es": 3}
    assert (act.required, act.lacking) == (False, ())


def test_a_slot_that_stays_empty_in_a_language_of_the_topic_is_a_warning() -> None:
    [warning] = empty_slots(rules(PARTY, ACT))
    assert (warning.file, warning.key) == ("topics/t/topic.toml", "slots.party")
    assert "in de," in warning.reason
    assert "no article in these languages is a candidate" in warning.hint
    assert "force" in warning.hint
    assert not [*empty_slots(rules(ACT))]
