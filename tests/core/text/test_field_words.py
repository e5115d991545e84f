"""Words and what else they may be written as: each typed form finds each written form, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.query.document_view import DocumentView
from pipeline.core.text.field_words import Extra, FieldWords, field_words
from pipeline.core.text.positions import positions
from pipeline.core.text.typed import Alternatives, alternatives, lost, phrase_parts
from pipeline.core.text.words import spans, words
from tests.builders import document

#: What it shows -> forms of which each, typed, finds each in a text; and texts that none of them finds.
SAME: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "thousands": (
        ("3,500", "3.500", "3 500", "3\u00a0500", "3\u202f500", "3'500", "3’500", "3500", "٣٬٥٠٠", "٣٥٠٠",
         "３，５００"),
        ("500", "3", "3 50", "35 00", "13,500", "3,500,000"),
    ),
    "millions": (("1,250,000", "1.250.000", "1 250 000", "1250000", "12,50,000"), ("250", "1,250", "1.25")),
    "decimals": (("3.5", "3,5", "٣٫٥"), ("5", "3", "35", "3.55")),
    "both": (("1.234,56", "1,234.56", "1 234,56", "1'234.56"), ("1234", "56")),
    "amounts": (("$3,500", "$3500", "3 500 $", "$ 3.500"), ("3500", "€3500", "$3")),
    "percent": (("5%", "5 %", "5％", "٥٪"), ("5", "15%")),
    "dotted": (("F.B.I.", "FBI", "F. B. I.", "F.B.I"), ("fbis", "F B I")),
    "plural acronym": (("EE.UU.", "EE. UU.", "EEUU", "EE.UU"), ("EE", "UU EE")),
    "Cyrillic acronym": (("С.Ш.А.", "США"), ("С",)),
    "letters and digits": (("Su-27", "Su27", "SU–27", "Su\u201127"), ("Su", "27", "Su-270")),
    "hyphen": (("cease-fire", "cease\u2011fire", "cease–fire", "Cease-Fire"), ("cease", "fire cease")),
    "compound": (("vote-by-mail", "vote‑by‑mail"), ("vote by", "mail")),
    "Hebrew hyphen": (("בית־ספר", "בית-ספר"), ("בית",)),
    "gershayim": (("צה״ל", 'צה"ל', "צה''ל", "צהל"), ("צה",)),
    "Catalan": (("col·lecció", "col·leccio", "collecció"), ("col",)),
    "non-joiner": (("می‌گوید", "مي‌گويد", "میگوید", "می گوید"), ("گوید",)),
    "plural apart": (("تحریم‌ها", "تحریمها", "تحریم ها"), ("تحریم",)),
    "Indic joiner": (("ක්‍ෂ", "ක්ෂ"), ("ක",)),
    "apostrophe": (("Sana'a", "Sana’a", "Sanaa", "Sanaʼa"), ("Sana",)),
    "Cyrillic apostrophe": (("Куп'янськ", "Куп’янськ", "Купʼянськ", "Купянськ"), ("янськ",)),
    "names": (("O'Brien", "O’Brien", "OBrien"), ("Brien",)),
    "capital D": (("D'Souza", "DSouza"), ("Souza",)),
    "owner of a name": (("Moody's", "Moody’s", "Moodys"), ("moody",)),
    "C++": (("C++", "c++", "Ｃ＋＋"), ("C", "C+", "C#")),
    "Canal+": (("Canal+", "CANAL+"), ("canal", "Canal plus")),
    ".NET": ((".NET", ".net"), ("net", "the .5 net")),
    "G20+": (("G20+", "g20+"), ("G20",)),
    "AT&T": (("AT&T", "ＡＴ＆Ｔ", "at&t", "AT & T"), ("AT T", "AT-T")),
    "accents": (("Perú", "Peru\u0301", "PERU"), ("Perus",)),
    "Greek": (("Μητσοτάκης", "ΜΗΤΣΟΤΑΚΗΣ", "μητσοτακης"), ("μητσο",)),
    "Thai digits": (("๒๕๖๙", "2569"), ("2", "69")),
}  # fmt: skip

#: A typed form that finds the first texts, and not the others.
ONE_WAY: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("cease-fire", ("ceasefire", "cease fire", "a cease-fire"), ("cease the fire",)),
    ("ceasefire", ("cease-fire", "ceasefire"), ("cease fire",)),
    ("U.S.", ("the US", "the U.S.", "U.S.-led", "U. S. troops"), ("tell us", "us", "U S A")),
    ("us", ("tell us", "US", "U.S."), ("usa",)),
    ("Ph.D.", ("a PhD", "Ph.D", "Ph. D."), ("ph",)),
    ("US$500", ("US$500",), ("US 500",)),
    ("#TropasFuera", ("#TropasFuera", "#tropasfuera", "tropas fuera", "TropasFuera"), ("tropas", "fuera tropas")),
    ("tropas", ("#TropasFuera", "#Tropas_Fuera"), ("#tropasfuera",)),
    ("Su-27", ("Su 27",), ("Su 270",)),
    ("su", ("Su27", "Su-27"), ("sus",)),
    ("peru", ("Peru's", "Perú"), ("Perus",)),
    ("lune", ("la lune",), ("l'une", "L’une")),
    ("dune", ("Dune",), ("d'une",)),
    ("well", ("well",), ("we'll",)),
    ("its", ("its",), ("it's",)),
    ("OTAN", ("l'OTAN", "l’Otan"), ("lotan",)),
    ("3.5bn", ("$3.5bn", "3,5bn"), ("3.5", "5bn")),
    ("500", ("500 men", "in 2026 500 men"), ("3 500 men", "1.500", "500,000")),
    ("2026", ("20.02.2026", "2026-27"), ("2,027",)),
    ("国会", ("国会批准", "在国会"), ("会国", "国 x 会")),
    ("ガソリン", ("ｶﾞｿﾘﾝ", "ガソリン"), ("がそりん",)),
)


def finds(parts: tuple[Alternatives, ...], text: str) -> bool:
    """Whether the parts are side by side somewhere in the text."""
    read = FieldWords(text)
    places = {Extra(word, n, n) for n, word in enumerate(read.base) if word} | set(read.extras)
    starts: dict[tuple[str, int], set[int]] = {}
    for token, first, last in places:
        starts.setdefault((token, first), set()).add(last + 1)

    def ends(tokens: tuple[str, ...], at: set[int]) -> set[int]:
        for token in tokens:
            at = {end for start in at for end in starts.get((token, start), ())}
        return at

    at = set(range(len(read.base)))
    for part in parts:
        at = set().union(*(ends(way, at) for way in part))
    return bool(parts and at)


@pytest.mark.parametrize(("forms", "others"), SAME.values(), ids=SAME)
def test_each_form_finds_each_and_nothing_else(forms: tuple[str, ...], others: tuple[str, ...]) -> None:
    for typed, written in product(forms, forms):
        assert finds((alternatives(typed),), f"x {written} y"), (typed, written)
        assert finds(phrase_parts(f"x {typed} y"), f"x {written} y"), (typed, written)
        assert lost(typed) == []
    for typed, other in product(forms, others):
        assert not finds((alternatives(typed),), f"x {other} y"), (typed, other)


@pytest.mark.parametrize(("typed", "found", "others"), ONE_WAY, ids=[row[0] for row in ONE_WAY])
def test_a_typed_form_finds(typed: str, found: tuple[str, ...], others: tuple[str, ...]) -> None:
    assert [text for text in found if not finds((alternatives(typed),), text)] == []
    assert [text for text in others if finds((alternatives(typed),), text)] == []


@pytest.mark.parametrize(
    ("text", "capitals"),
    [
        ("The WHO and the US", {"=who", "=us"}),
        ("Who gave us aids", set()),
        ("US TROOPS ENTER LIMA", set()),  # nothing but capitals: they mark no name
        ("BREAKING NEWS FROM LIMA: the US agrees", {"=us"}),
        ("The EU, NATO, UN and WHO met", {"=eu", "=nato", "=un", "=who"}),
        ("US", {"=us"}),
        ("I saw A.", set()),
        ("США и НАТО, ΕΕ", {"=сша", "=нато", "=εε"}),
        ("U.S. SENDS TEAM", {"=us"}),  # points say that it is an acronym
        ("the G20 summit", {"=g20"}),
    ],
)
def test_capitals_count_where_they_mean_something(text: str, capitals: set[str]) -> None:
    assert {extra.token for extra in FieldWords(text).extras if extra.token[0] == "="} == capitals


def test_blocks_and_sentences_are_known() -> None:
    read = FieldWords("A title. And more\n\nOne. Two three\n…\n国会。再び")
    assert read.base == ["a", "title", "and", "more", "one", "two", "three", "国", "会", "再", "び"]
    assert read.blocks == [0, 4, 7]
    assert [read.block(n) for n in (0, 3, 4, 6, 7, 10)] == [0, 0, 1, 1, 2, 2]
    assert read.sentences == [0, 2, 4, 5, 7, 9]


def test_a_word_too_long_keeps_its_place() -> None:
    assert FieldWords(f"a {'b' * 256} c").base == ["a", "", "c"]


PIECES = st.sampled_from([
    "a", "Us", "US", "3", "500", "000", "Su", "27", "-", "\u2013", "'", "\u2019", ".", ",", " ", " ", "\u00a0", "\n",
    "+", "#", "&",
    "@", "$", "€", "%", "_", "\u200c", "\u200d", "می", "ها", "צה", "״", "ל", "国", "ｶﾞ", "ß", "é", "e\u0301", "É",
    "٣", "½", "❤️",
    "s", "l", "EE", "UU", "U", "S", "हि", "ක්", "ö", "x" * 200, '"', "(", ")", "/", ":",
])  # fmt: skip
TEXT = st.lists(st.one_of(PIECES, st.characters(exclude_categories=("Cs", "Cn"))), max_size=24).map("".join)


@given(TEXT)
def test_words_are_numbered_as_everywhere_and_extras_stay_in_their_block(text: str) -> None:
    read = FieldWords(text)
    assert len(read.base) == len(spans(text)) == len(read.spans)
    assert all(0 <= one.first <= one.last < len(read.base) for one in read.extras)
    assert all(read.block(one.first) == read.block(one.last) for one in read.extras)
    assert set(read.blocks) <= set(read.sentences) or not read.base
    assert all(" " not in token and "|" not in token for token in [*read.base, *(one.token for one in read.extras)])


@given(TEXT)
def test_what_is_pasted_finds_itself(text: str) -> None:
    line = text.replace("\n", " ")
    assume(all(words(line)))  # a word of more than 255 characters is in no phrase, but takes a place in the text
    assert finds(phrase_parts(line), line) or not phrase_parts(line)


def test_index_and_alert_cut_a_text_once() -> None:
    text = "Cut once, in which process ever: by whoever comes first"
    before = field_words.cache_info().misses
    positions(text, "en")
    assert DocumentView(document("", text)).words("text") is field_words(text)
    assert field_words.cache_info().misses == before + 1
