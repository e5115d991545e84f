"""The facts that the shipped rules find, in languages that the tests of tests/core/facts do not cover."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.records import Facts
from tests.gate import northern_facts as northern
from tests.gate.shipped import troops_in

PUBLISHED = date(2027, 2, 20)  # a Saturday


def facts_in(text: str, language: str) -> Facts:
    return troops_in(text, language, PUBLISHED).facts[0]


# ruff: noqa: E501

OUTCOMES = [
    ("cs", "Parlament schválil vstup belgických vojáků.", "authorised"),
    ("cs", "Vláda požádala parlament o souhlas se vstupem belgických vojáků.", "proposed"),
    ("cs", "Poslanci debatovali o vstupu belgických vojáků, hlasování odložili.", "debated"),
    ("cs", "Parlament zamítl vstup belgických vojáků.", "rejected"),
    ("cs", "Vláda prodloužila pobyt belgických vojáků.", "extended"),
    ("cs", "Vláda zrušila povolení pro belgické vojáky.", "revoked"),
    ("sk", "Parlament schválil vstup belgických vojakov.", "authorised"),
    ("sk", "Vláda požiadala parlament o súhlas so vstupom belgických vojakov.", "proposed"),
    ("sk", "Poslanci debatovali o vstupe belgických vojakov, hlasovanie odložili.", "debated"),
    ("sk", "Parlament zamietol vstup belgických vojakov.", "rejected"),
    ("sk", "Vláda predĺžila pobyt belgických vojakov.", "extended"),
    ("sk", "Vláda zrušila povolenie pre belgických vojakov.", "revoked"),
    ("hu", "A parlament jóváhagyta a belga katonák belépését.", "authorised"),
    ("hu", "A kormány a parlament hozzájárulását kéri a belga katonák belépéséhez.", "proposed"),
    ("hu", "A képviselők vitatkoztak a belga katonák belépéséről, a szavazást elhalasztották.", "debated"),
    ("hu", "A parlament elutasította a belga katonák belépését.", "rejected"),
    ("hu", "A kormány meghosszabbította a belga katonák tartózkodását.", "extended"),
    ("hu", "A kormány visszavonta a belga katonák engedélyét.", "revoked"),
    ("el", "Η Βουλή ενέκρινε την είσοδο Βέλγων στρατιωτών.", "authorised"),
    ("el", "Η κυβέρνηση ζήτησε από τη Βουλή να επιτρέψει την είσοδο Βέλγων στρατιωτών.", "proposed"),
    ("el", "Οι βουλευτές συζήτησαν για την είσοδο Βέλγων στρατιωτών, χωρίς ψηφοφορία.", "debated"),
    ("el", "Η Βουλή απέρριψε την είσοδο Βέλγων στρατιωτών.", "rejected"),
    ("el", "Η κυβέρνηση παρέτεινε την παραμονή των Βέλγων στρατιωτών.", "extended"),
    ("el", "Η κυβέρνηση ανακάλεσε την άδεια των Βέλγων στρατιωτών.", "revoked"),
]


@pytest.mark.parametrize(("language", "text", "outcome"), OUTCOMES + northern.OUTCOMES)
def test_outcomes(language: str, text: str, outcome: str) -> None:
    found = facts_in(text, language).outcome
    assert found is not None
    assert found.value == outcome


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("cs", "Sněmovna schválila pobyt amerických vojáků: pro hlasovalo 71 poslanců, proti 34, čtyři se zdrželi."),
        ("cs", "Poslanci 71 hlasy proti 34 schválili vstup německých jednotek, čtyři se zdrželi hlasování."),
        ("sk", "Parlament schválil pobyt nemeckých vojakov: za hlasovalo 71 poslancov, proti 34, štyria sa zdržali."),
        (
            "hu",
            "Az Országgyűlés 71 igen szavazattal, 34 nem ellenében, 4 tartózkodás mellett hozzájárult a német csapatok érkezéséhez.",
        ),
        ("hu", "71 igennel, 34 nemmel és 4 tartózkodással engedélyezte a parlament a német csapatok belépését."),
        ("el", "Η Βουλή ενέκρινε την είσοδο γαλλικών στρατευμάτων με 71 ψήφους υπέρ, 34 κατά και 4 λευκά."),
        ("el", "Η Βουλή κύρωσε τη συμφωνία για τις γαλλικές δυνάμεις: 71 ψήφισαν υπέρ, 34 κατά και 4 δήλωσαν παρών."),
        *northern.VOTES,
    ],
)
def test_votes(language: str, text: str) -> None:
    vote = facts_in(text, language).vote
    assert vote is not None
    assert [leaf and leaf.value for leaf in (vote.for_, vote.against, vote.abstain)] == [71, 34, 4]


@pytest.mark.parametrize(
    ("language", "text", "host", "senders"),
    [
        ("cs", "Vláda Kypru vpustila do země německé vojáky.", "CY", "DE"),
        ("cs", "Norský parlament schválil příjezd vojáků z Belgie.", "NO", "BE"),
        ("sk", "Vláda Cypru vpustila do krajiny nemeckých vojakov.", "CY", "DE"),
        ("sk", "Nórsky parlament schválil príchod vojakov z Belgicka.", "NO", "BE"),
        ("hu", "A ciprusi kormány beengedte a német katonákat.", "CY", "DE"),
        ("el", "Το νορβηγικό κοινοβούλιο ενέκρινε την άφιξη στρατιωτών από το Βέλγιο.", "NO", "BE"),
        ("el", "Η κυβέρνηση της Μάλτας επέτρεψε την είσοδο Γάλλων στρατιωτών.", "MT", "FR"),
        *northern.PARTIES,
    ],
)
def test_parties(language: str, text: str, host: str, senders: str) -> None:
    found = facts_in(text, language)
    assert found.host is not None
    assert found.host.value == host
    assert {leaf.value for leaf in found.senders} == set(senders.split())


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("cs", "Parlament schválil vstup 430 belgických vojáků.", "430-430 belgických vojáků"),
        ("cs", "Vláda povolila příjezd až šedesáti instruktorů z Kanady.", "-60 instruktorů"),
        ("sk", "Parlament schválil vstup 430 belgických vojakov.", "430-430 belgických vojakov"),
        ("hu", "A parlament jóváhagyta legfeljebb 430 belga katona belépését.", "-430 belga katona"),
        ("el", "Η Βουλή ενέκρινε την είσοδο έως 430 Βέλγων στρατιωτών.", "-430 Βέλγων στρατιωτών"),
        *northern.PERSONNEL,
    ],
)
def test_personnel(language: str, text: str, expected: str) -> None:
    found = facts_in(text, language).personnel
    assert found is not None
    low, high, unit = (leaf.value if leaf else "" for leaf in (found.min, found.max, found.unit))
    assert f"{low}-{high} {unit}" == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("cs", "Parlament povolil pobyt britských vojáků od 1. dubna do 30. září.", northern.SPRING),
        ("cs", "Vláda prodloužila pobyt ruských vojáků do 31. prosince.", "/2027-12-31"),
        ("sk", "Parlament povolil pobyt britských vojakov od 1. apríla do 30. septembra.", northern.SPRING),
        ("sk", "Vláda predĺžila pobyt ruských vojakov do 31. decembra.", "/2027-12-31"),
        (
            "hu",
            "A parlament április 1-jétől szeptember 30-ig engedélyezte a brit katonák tartózkodását.",
            northern.SPRING,
        ),
        ("hu", "A kormány december 31-ig meghosszabbította az orosz katonák tartózkodását.", "/2027-12-31"),
        (
            "el",
            "Η Βουλή ενέκρινε την παραμονή βρετανικών δυνάμεων από την 1η Απριλίου έως τις 30 Σεπτεμβρίου.",
            northern.SPRING,
        ),
        ("el", "Η κυβέρνηση παρέτεινε έως τις 31 Δεκεμβρίου την παραμονή των ρωσικών στρατευμάτων.", "/2027-12-31"),
        *northern.PERIODS,
    ],
)
def test_periods(language: str, text: str, expected: str) -> None:
    found = facts_in(text, language).period
    assert found is not None
    start, end = (leaf.value if leaf else "" for leaf in (found.start, found.end))
    assert f"{start}/{end}" == expected


@pytest.mark.parametrize(
    ("language", "text", "body"),
    [
        ("cs", "Kabinet v Nikósii souhlasil s příjezdem řeckých vojáků.", "Kabinet v Nikósii"),
        ("sk", "Nórsky parlament zamietol žiadosť vlády o vstup britských vojakov.", "Nórsky parlament"),
        ("hu", "A norvég parlament elutasította a brit katonák belépését.", "A norvég parlament"),
        ("el", "Το υπουργικό συμβούλιο ενέκρινε την άφιξη Γάλλων στρατιωτών.", "Το υπουργικό συμβούλιο"),
    ],
)
def test_bodies(language: str, text: str, body: str) -> None:
    found = facts_in(text, language).body
    assert found is not None
    assert found.value == body


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "cs",
            "Český parlament schválil pobyt tureckých vojáků. Vojáci budou působit na základně Náměšť a v Lipníku.",
            ["základně Náměšť", "Lipníku"],
        ),
        (
            "sk",
            "Nórsky parlament schválil pobyt tureckých vojakov. Vojaci budú pôsobiť na základni Bardufoss.",
            ["základni Bardufoss"],
        ),
        (
            "el",
            "Η Βουλή ενέκρινε την παρουσία Αμερικανών στρατιωτών στην Ελλάδα. Θα σταθμεύουν στη Λάρισα και στον Άραξο.",
            ["Λάρισα", "Άραξο"],
        ),
    ],
)
def test_places(language: str, text: str, names: list[str]) -> None:
    assert [place.value for place in facts_in(text, language).places] == names


def test_instruments() -> None:
    text = "Prezident podepsal zákon č. 44/2027 z 3. února, který umožňuje pobyt tureckých vojsk na území země."
    found = facts_in(text, "cs").instrument
    assert found is not None
    assert [leaf and leaf.value for leaf in (found.kind, found.number, found.date)] == [
        "zákon",
        "44/2027",
        "2027-02-03",
    ]


@pytest.mark.parametrize(("language", "text"), northern.ARMED)
def test_arms(language: str, text: str) -> None:
    found = facts_in(text, language).armed
    assert found is not None
    assert found.value == "yes"
