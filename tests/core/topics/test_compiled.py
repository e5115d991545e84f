"""Compiled rules as bytes, and back."""

import pytest

from pipeline.core.topics.compile import compile_lexicon
from pipeline.core.topics.compiled import DamagedRules, encode_topics
from pipeline.core.topics.judge import RuleSet, find_topics, parse_rules, stored_rules
from tests.topic_files import topic_files


def rules() -> RuleSet:
    topic = {
        "id": "t", "version": 1, "threshold": 0.5, "title": {"en": "T"},
        "concepts": {
            "force": {"any": ["{people} <1> troops", "=GIs"], "es": ["~tropa", "fuerza* armada*"],
                      "unless": {"es": ["tropas de asalto"]}},
            "act": {"en": ["let <5> in", "approv*"], "es": ["~aprobar"]},
        },
        "patterns": [{"all": ["force", "act"], "weight": 1.0}],
        "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
    }  # fmt: skip
    return parse_rules(topic_files(topic, shared={"people": {"source": "demonyms"}}))


def test_everything_comes_back() -> None:
    before = rules()
    after = stored_rules(before.encoded)
    assert after.rules.topics == before.rules.topics
    assert after.rules.languages == before.rules.languages == ("en", "es")
    assert dict(after.rules.concepts) == dict(before.rules.concepts)
    assert after.stored
    for language in ("en", "es"):
        one, other = compile_lexicon(before.rules, language), after.stored.lexicon(language)
        assert other
        assert (one.terms, one.chains, one.unless, one.order) == (other.terms, other.chains, other.unless, other.order)


@pytest.mark.parametrize("language", ["en", "es", "fr", None])  # of the last two no lexicon is stored
def test_stored_rules_judge_as_before(language: str | None) -> None:
    before = rules()
    after = stored_rules(before.encoded)
    for text in (
        "They let Kenyan troops in.",
        "Aprobaron la tropa.",
        "Aprobaron las tropas de asalto.",
        "GIs approved",
    ):
        assert find_topics(after, text, "", language) == find_topics(before, text, "", language)


def test_with_the_topics_nothing_else_is_loaded_before_an_article_is_judged() -> None:
    before, loaded = rules(), []

    def load() -> bytes:
        loaded.append(True)
        return before.encoded()

    after = stored_rules(load, encode_topics(before.rules))
    assert [rule.id for rule in after.rules.topics] == ["t"]
    assert not loaded
    find_topics(after, "They let Kenyan troops in.", "", "en")
    assert loaded


@pytest.mark.parametrize("data", [b"", b"x", b"\x90", b"\x93\xc4\x00\xc4\x00\x80"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedRules):
        stored_rules(lambda: data)


def test_a_damaged_lexicon_is_refused() -> None:
    whole = rules().encoded()
    lexicons = whole.rindex(b"\x78\x01")  # the head of the last compressed part
    damaged = stored_rules(lambda: whole[: lexicons + 8] + bytes(8) + whole[lexicons + 16 :])
    languages = list(damaged.rules.languages)
    with pytest.raises(DamagedRules):
        [damaged.topic_lexicon(language) for language in languages]
