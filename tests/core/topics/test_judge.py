from typing import Any

import pytest

from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet, TopicMatch, find_topics, match_topic, parse_rules
from tests.topic_files import topic_files

PATTERN = {"all": ["act", "force"], "weight": 1.0}


def rules(concepts: dict[str, Any], *patterns: dict[str, Any], threshold: float = 0.5) -> RuleSet:
    topic = {
        "id": "t", "version": 1, "threshold": threshold, "title": {"en": "T"}, "concepts": concepts,
        "patterns": list(patterns), "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
    }  # fmt: skip
    return parse_rules(topic_files(topic))


def score(ruleset: RuleSet, text: str, title: str = "", language: str | None = "en") -> float:
    return matched(ruleset, title, text, language).score


def matched(ruleset: RuleSet, title: str, text: str, language: str | None) -> TopicMatch:
    reading = read(title, text)
    return match_topic(ruleset.rules.topics[0], reading, ruleset.topic_lexicon(language).hits(reading))


ACT_FORCE = {"act": {"en": ["approv*", "green light"]}, "force": {"en": ["troops", "armed forces"]}}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("Congress approved the troops.", True),
        ("APPROVED: Troops!", True),
        ("Troops got a green light.", True),
        ("Troops got a green\nlight.", False),  # a phrase does not cross a line
        ("They disapproved of the troops.", False),  # a word begins where the term begins
        ("Congress approved it. The troops left.", False),
        ("A trooper approved.", False),
        ("The armed forces' plan was approved.", True),
        ("", False),
    ],
)
def test_concepts_must_meet_in_a_sentence(text: str, matches: bool) -> None:
    assert bool(find_topics(rules(ACT_FORCE, PATTERN), "", text, "en")) is matches


@pytest.mark.parametrize(
    ("more", "text", "title", "wanted"),
    [
        ({"within": 3}, "Approved were troops.", "", 1.0),
        ({"within": 3}, "Approved by all were troops.", "", 0.0),
        ({"ordered": True}, "They approved troops.", "", 1.0),
        ({"ordered": True}, "Troops were approved.", "", 0.0),
        ({"within": "document"}, "Approved.\nLater, troops.", "", 1.0),
        ({"within": "document"}, "Troops.", "Approved", 1.0),
        ({"within": "document", "where": "headline"}, "Troops.", "Approved", 0.0),
        ({"where": "headline"}, "x", "Troops approved", 1.0),
        ({"where": "headline"}, "Troops approved.", "x", 0.0),
        ({"where": "lead"}, "Troops approved.", "x", 1.0),
        ({"where": "lead"}, "word " * 300 + ".\nTroops approved.", "x", 0.0),
        ({"times": 2}, "Troops approved. x", "", 0.0),
        ({"times": 2}, "Troops approved.\nMore troops approved.", "", 1.0),
        ({"every": 2}, "Troops approved. Yes. Now.", "", 0.0),
        ({"every": 3}, "Troops approved. Yes. Now.", "", 1.0),
        ({"every": 3, "times": 2}, "Troops approved. Yes. Now.", "", 0.0),
        ({"unless": ["bad"]}, "Troops approved, bad.", "", 0.0),
        ({"unless": ["bad"]}, "Troops approved. Bad.", "", 1.0),
        ({"unless_anywhere": ["bad"]}, "Troops approved. Bad.", "", 0.0),
    ],
)
def test_how_concepts_meet(more: dict[str, Any], text: str, title: str, wanted: float) -> None:
    veto = {"bad": {"en": ["bad"]}}
    used = {"all": ["bad", "act"], "weight": -0.01}  # a concept must be used
    ruleset = rules(ACT_FORCE | veto, PATTERN | more, used)
    assert score(ruleset, text, title) == pytest.approx(wanted, abs=0.02)


def test_weights_add_up_subtract_and_stay_in_bounds() -> None:
    concepts = ACT_FORCE | {"trip": {"en": ["trip"]}}
    act, force = {"all": ["act"], "weight": 0.4}, {"all": ["force"], "weight": 0.8}
    trip = {"all": ["trip"], "weight": -1.0, "within": "document"}
    ruleset = rules(concepts, act, force, trip, threshold=0.3)
    assert score(ruleset, "Approved.") == 0.4
    assert score(ruleset, "Approved. Troops.") == 1.0
    assert score(ruleset, "Approved. Troops. Trip.") == 0.2
    assert score(ruleset, "Trip.") == 0.0
    assert not find_topics(ruleset, "", "Approved. Troops. Trip.", "en")


def test_three_tenths_twice_reach_six_tenths() -> None:
    ruleset = rules(ACT_FORCE, {"all": ["act"], "weight": 0.3}, {"all": ["force"], "weight": 0.3}, threshold=0.6)
    assert find_topics(ruleset, "", "Approved. Troops.", "en")


@pytest.mark.parametrize(
    ("language", "found"), [("en", True), ("en-GB", True), (None, True), ("es", False), ("xx", False)]
)
def test_the_articles_language_chooses_the_terms(language: str | None, found: bool) -> None:
    assert bool(find_topics(rules(ACT_FORCE, PATTERN), "", "Troops approved.", language)) is found


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        (["=US"], "The US left.", "US"),
        (["=US"], "They told us.", None),
        (["=U.S."], "U.S. ships", "U.S"),
        (["EE.UU."], "con EE. UU. hoy", "EE. UU"),
        (["café"], "CAFE", "CAFE"),
        (["grünes Licht"], "Grunes licht", "Grunes licht"),
        (["国会"], "今日国会は", "国会"),
        (["l'armée"], "à l’armée", "l’armée"),
        (["tropas <2> rusas"], "tropas de élite rusas", "tropas de élite rusas"),
        (["tropas <2> rusas"], "tropas de muy alta élite rusas", None),
        (["{base} rusas"], "Tropas rusas", "Tropas rusas"),
        (["las {base} <1> {where}"], "las tropas de Lima", "las tropas de Lima"),
    ],
)
def test_terms(terms: list[str], text: str, found: str | None) -> None:
    concepts = {"c": {"any": terms}, "base": {"any": ["tropas"]}, "where": {"any": ["lima"]}}
    ruleset = rules(concepts, {"all": ["c"], "weight": 1.0}, {"all": ["base", "where"], "weight": 0.01})
    topics = find_topics(ruleset, "", text, "en")
    assert (topics[0].evidence[0].text if topics else None) == found


@pytest.mark.parametrize(
    ("language", "term", "text", "found"),
    [
        ("es", "~autorizar", "Lo AUTORIZÓ ayer", "AUTORIZÓ"),
        ("es", "~tropas ~extranjeras", "una tropa extranjera", "tropa extranjera"),
        ("es", "~tropas ~extranjeras", "una tropa de extranjeros", None),
        ("es", "~tropas ~extranjeras", "una tropa.\nExtranjera ella", None),
        ("es", "~tropa <1> {base}", "tropas de Lima", "tropas de Lima"),
        ("es", "~autor", "lo autorizó", None),
        ("en", "~approve", "approving it", "approving"),
        ("de", "~Soldat", "mit 30 Soldaten", "Soldaten"),
        ("fr", "~autorisé", "une force autorisée", "autorisée"),
        ("pl", "~żołnierz", "dla żołnierzami", "żołnierzami"),
        ("ro", "~trupă", "prezența trupelor", "trupelor"),
        ("ru", "~войско", "ввод войсками", "войсками"),
        ("tr", "~asker", "Yabancı ASKERLERİN gelişi", "ASKERLERİN"),  # the dotted capital
        ("tr", "~yabancı", "YABANCILAR geldi", "YABANCILAR"),  # the capital without a dot
        ("id", "~izin", "telah diizinkan", "diizinkan"),
        ("uk", "~солдат", "солдати", None),  # no stemmer: the word itself
        ("uk", "~солдат", "СОЛДАТ", "СОЛДАТ"),
    ],
)
def test_any_form_of_a_word(language: str, term: str, text: str, found: str | None) -> None:
    concepts = {"c": {language: [term]}, "base": {"any": ["lima"]}}
    ruleset = rules(concepts, {"all": ["c"], "weight": 1.0}, {"all": ["base"], "weight": 0.01})
    for known in (language, None):  # of an article whose language is not known, the forms of every language
        topics = find_topics(ruleset, "", text, known)
        assert (topics[0].evidence[0].text if topics else None) == found


def test_forms_are_of_the_terms_own_language() -> None:
    concepts = {"c": {"es": ["~marina"], "en": ["~marine"]}}
    ruleset = rules(concepts, {"all": ["c"], "weight": 1.0})
    assert find_topics(ruleset, "", "marinos", "es")
    assert not find_topics(ruleset, "", "marinos", "en")


def test_an_exception_takes_back_what_it_touches() -> None:
    concepts = {"c": {"en": ["forces"], "unless": {"en": ["air forces", "market <1> forces"]}}}
    ruleset = rules(concepts, {"all": ["c"], "weight": 1.0})
    assert not find_topics(ruleset, "", "Air forces and market forces.", "en")
    (topic,) = find_topics(ruleset, "", "Air forces and other forces.", "en")
    assert [e.start for e in topic.evidence] == [21]


def test_two_hits_of_one_concept_must_be_two() -> None:
    ruleset = rules({"c": {"source": "countries"}}, {"all": ["c", "c"], "weight": 1.0})
    assert not find_topics(ruleset, "", "Le Pérou proteste.", "fr")
    assert find_topics(ruleset, "", "Le Pérou et les États-Unis.", "fr")
    assert not find_topics(ruleset, "", "chad turkey us", "en")  # names of countries have capitals


def test_a_concept_may_stand_in_the_gap_of_another() -> None:
    concepts = {"expel": {"de": ["weist <6> aus"]}, "envoy": {"de": ["botschafter"]}}
    ruleset = rules(concepts, {"all": ["expel", "envoy"], "weight": 1.0})
    assert find_topics(ruleset, "", "Lima weist den Botschafter aus.", "de")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("Styrkorna stannar.", True),
        ("De amerikanska marinstyrkorna stannar.", True),
        ("UTLANDSSTYRKOR stannar.", True),
        ("Alla styrker det.", False),
        ("Svenska utlands styrkor stannar.", True),
        ("Amerikanska försvarsavtal stannar.", True),
        ("Amerikanska försvarsavta stannar.", False),
    ],
)
def test_a_part_of_a_compound_is_found_anywhere_in_it(text: str, matches: bool) -> None:
    concepts = {"force": {"sv": ["*styrkor*", "amerikan* *avtal*"]}}
    ruleset = rules(concepts, {"all": ["force"], "weight": 1.0})
    assert bool(find_topics(ruleset, "", text, "sv")) is matches


@pytest.mark.parametrize("language", ["no", "nb", "nn-NO"])
def test_both_forms_of_norwegian_have_the_same_terms(language: str) -> None:
    ruleset = rules({"force": {"no": ["styrker"]}}, {"all": ["force"], "weight": 1.0})
    assert find_topics(ruleset, "", "Styrker kommer.", language)


def test_evidence_points_into_the_original() -> None:
    title, text = "¿Apruébanlo? Sí", "Hoy.\nEl Congreso APROBÓ el ingreso de “tropas”. Fin."
    concepts = {"act": {"es": ["aprob*", "aprueb*"]}, "force": {"es": ["tropas"]}}
    ruleset = rules(concepts, PATTERN, {"all": ["act"], "weight": 0.1})
    (topic,) = find_topics(ruleset, title, text, "es")
    assert {e.field for e in topic.evidence} == {"title", "text"}
    for e in topic.evidence:
        whole = title if e.field == "title" else text
        assert whole[e.start : e.end] == e.text
        assert e.text in e.sentence
        assert e.sentence in whole
