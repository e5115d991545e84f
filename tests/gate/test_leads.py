"""The leads to train on are complete, consistent and balanced, and stay away from the countries kept for measuring."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipeline.commands.evaluate import read_labels
from pipeline.core.evaluation.labels import LabelledArticle
from tests.gate.shipped import TROOPS, shipped

LEADS = Path("tests/gate/leads")
LANGUAGES = {"ar", "de", "en", "es", "fr", "id", "it", "nl", "pl", "pt", "ro", "ru", "tr", "uk", "zh"}
FEWER = {"id", "ro", "uk"}  # languages of which a few leads are enough
FORMS = {
    "": r"l\d+[a-z]",
    "topics": r"t\d+",
    "topics2": r"u\d+",
    "more": r"v\d+",
    "ordinary": r"o\d+",
    "reports": r"r\d+[a-z]",
}  # of ids, by the end of the file's name
SENTENCE_END = re.compile(r"[.!?…؟][\"'»”)]*(?=\s|$)|[。！？]")
# These countries are kept for measuring. A lead does not even mention them.
KEPT_COUNTRIES = re.compile(
    r"""\bper[uú]\b|peruan|peruvian|péruv|\bpérou|перу\b|перуан|秘鲁|بيرو(?![تق])
    |\bmexi[ck]|méxic|mexiq|messic|meksy|meksik|мексик|墨西哥|مكسيك
    |paragua|paragwaj|парагва|巴拉圭|باراغواي|argentin|argenty|arjantin|аргентин|阿根廷|أرجنتين
    |urugua|urugwaj|uruguay|уругва|乌拉圭|أوروغواي|costa\ ?ric|costarric|kostary|коста-рик|哥斯达黎加|كوستاريك
    |colombi[aà]|colombie|kolumbi|kolombi|колумби|哥伦比亚|كولومبي
    |ecuador|ecuatoria|équateur|equador|ekwador|ekvador|эквадор|厄瓜多尔|إكوادور
    |\bniger\b|nigérien|nigerin|\bnijer\b|\bnigr[ue]\b|\bнигер[аеу]?\b|尼日尔|النيجر\b
    |ukrain|ucrain|ucran|ucrâ|ukrayna|oekra|украин|україн|乌克兰|أوكران
    |japan|japon|japón|giappon|япон|japoń|日本|يابان|somal|сомал|索马里|صومال|mo[cçzs]amb|mozamb|мозамби|莫桑比克|موزمبيق
    |lithuan|litau|lituan|litouw|litewsk|\blitw|litvan|литов|литв|立陶宛|ليتواني
    |ka[sz]a[ck]h|kazak|cazaq|cazaj|казах|哈萨克|كازاخ|ha[iï]t[ií]|гаити|гаїті|海地|هايتي
    |\bira[qk]|irach|iraak|ирак|ірак|伊拉克|عراق|finland|finlan|finnish|\bfinn[eil]|fińs|финлянд|финск|芬兰|فنلند
    |\bswed|suecia|suède|suédois|\bsuec|schwed|zweed|zwed|svez|svedes|\bszwe[cd]|швед|швец|isveç|瑞典|سويد
    |slova[kq]|slovacc|eslov[aá][cq]|slowak|słowac|słowak|словак|словац|斯洛伐克|سلوفاك
    |\bpoland|\bpolish|\bpolen\b|polaco|polac[ck]|polonia|polonais|pologne|polsk|\bpolak|polon[yu]|польш|поляк|波兰|بولند
    |roumani|roumain|romania|românia|români|romên|rumän|\brumun|rumeni?[ao]|romeen|romanya|румын|румун|罗马尼亚|رومانيا
    |trinidad|тринидад|特立尼达|ترينيداد|kenya|keni[aj]|\bkény|qu[êé]ni|кени[ияйю]|кені|肯尼亚|كيني
    |guatemal|gwatemal|гватемал|危地马拉|غواتيمالا|hondur|гондурас|洪都拉斯|هندوراس""",
    re.IGNORECASE | re.VERBOSE,
)


@pytest.fixture(scope="module")
def leads() -> tuple[LabelledArticle, ...]:
    """Reading refuses unknown keys and topics, and two equal ids."""
    return read_labels(LEADS, shipped())


@pytest.fixture(scope="module")
def by_language(leads: tuple[LabelledArticle, ...]) -> dict[str, list[LabelledArticle]]:
    """The leads about foreign troops and what looks like them, without those on the other topics."""
    grouped: dict[str, list[LabelledArticle]] = defaultdict(list)
    for lead in leads:
        if "-l" in lead.id:
            grouped[lead.language].append(lead)
    return dict(grouped)


def test_a_lead_is_in_the_file_of_its_language(leads: tuple[LabelledArticle, ...]) -> None:
    assert {lead.language for lead in leads} <= LANGUAGES
    for file in sorted(LEADS.glob("*.toml")):
        language, _, others = file.stem.partition("-")
        form = rf'id = "{language}-{FORMS[others]}"'
        lines = file.read_text(encoding="utf-8").splitlines()
        ids = [line for line in lines if line.startswith("id = ")]
        assert [line for line in ids if not re.fullmatch(form, line)] == [], file
        assert len(ids) == lines.count(f'language = "{language}"'), file


def test_no_lead_is_there_twice(leads: tuple[LabelledArticle, ...]) -> None:
    texts = Counter(lead.text for lead in leads)
    assert [text for text, times in texts.items() if times > 1] == []


def test_a_lead_is_short_and_has_no_facts(leads: tuple[LabelledArticle, ...]) -> None:
    assert [lead.id for lead in leads if lead.facts] == []
    assert [lead.id for lead in leads if not 1 <= len(SENTENCE_END.findall(lead.text)) <= 6] == []


def test_the_note_says_near_miss_where_the_topic_is_missing(by_language: dict[str, list[LabelledArticle]]) -> None:
    leads = [lead for group in by_language.values() for lead in group]
    assert [lead.id for lead in leads if lead.note.startswith("near miss: ") != (TROOPS not in lead.topics)] == []


def test_the_note_of_a_second_lead_on_other_topics_says_which_it_misses(leads: tuple[LabelledArticle, ...]) -> None:
    second = [lead for lead in leads if "-u" in lead.id]
    assert [lead.id for lead in second if not lead.topics and not lead.note.startswith("near miss: ")] == []
    assert [lead.id for lead in second if lead.note.removeprefix("near miss: ") in lead.topics] == []


def test_the_second_leads_on_other_topics_have_both_sides_of_each(leads: tuple[LabelledArticle, ...]) -> None:
    second = [lead for lead in leads if "-u" in lead.id]
    having = Counter(topic for lead in second for topic in lead.topics)
    missing = Counter(lead.note.removeprefix("near miss: ") for lead in second if lead.note)
    assert len(having) == 12
    assert {
        topic: (having[topic], missing[topic]) for topic in having if not 0.6 <= missing[topic] / having[topic] <= 1.5
    } == {}


def test_no_lead_names_a_country_kept_for_measuring(leads: tuple[LabelledArticle, ...]) -> None:
    checked = [lead for lead in leads if not re.search(r"-t\d", lead.id)]
    named = {lead.id: KEPT_COUNTRIES.search(f"{lead.title}\n{lead.text}") for lead in checked}
    assert {lead_id: match.group() for lead_id, match in named.items() if match} == {}


@pytest.mark.parametrize("text", ["Perú", "the Niger junta", "в Кении", "على العراق", "在日本", "Rumänien"])
def test_a_kept_country_would_be_seen(text: str) -> None:
    assert KEPT_COUNTRIES.search(text)


@pytest.mark.parametrize("text", ["Nigeria", "بيروت", "Ecuatoguineano", "Colombo", "romano", "Polizei"])
def test_similar_words_are_not_taken_for_kept_countries(text: str) -> None:
    assert not KEPT_COUNTRIES.search(text)


def test_every_language_has_leads_on_both_sides(by_language: dict[str, list[LabelledArticle]]) -> None:
    for language, leads in by_language.items():
        share = sum(TROOPS in lead.topics for lead in leads) / len(leads)
        assert 0.38 <= share <= 0.55, (language, share)
        assert len(leads) >= (10 if language in FEWER else 35), language


def test_most_families_have_both_sides(by_language: dict[str, list[LabelledArticle]]) -> None:
    for language, leads in by_language.items():
        families: dict[str, set[bool]] = defaultdict(set)
        for lead in leads:
            families[lead.id[:-1]].add(TROOPS in lead.topics)
        assert sum(len(sides) == 2 for sides in families.values()) >= 0.7 * len(families), language
