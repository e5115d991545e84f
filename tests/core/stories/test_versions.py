"""What counts as a change between two versions, and as a material one."""

from __future__ import annotations

import pytest

from pipeline.core.stories import versions
from pipeline.core.stories.traits import NAMES, NEGATIONS, NUMBERS, traits
from pipeline.core.text.prose import body
from pipeline.records import Change, Traits

TITLE = "Council votes on the ferry"


def read(text: str, language: str | None = "en", title: str = TITLE) -> Traits:
    return traits(title, body(text), language)


def kinds(old: str, new: str, language: str = "en") -> list[tuple[str, str, str]]:
    return [(c.kind, c.before, c.after) for c in versions.changes(read(old, language), read(new, language))]


#: language, old, new, the change that must be found
MATERIAL = [
    ("es", "El pleno aprobó la resolución con 73 votos a favor en Lima.", "73", "75", ("vote", "73 for", "75 for")),
    ("en", "The council approved the plan by 73 votes in the capital.", "73", "75", ("number", "73", "75")),
    ("pt", "O plenário aprovou a resolução com 73 votos a favor.", "73", "75", ("vote", "73 for", "75 for")),
    ("fr", "Les députés ont approuvé la résolution par 73 voix.", "73", "75", ("number", "73", "75")),
    ("de", "Das Parlament stimmte mit 73 Stimmen für den Antrag.", "73", "75", ("number", "73", "75")),
    ("it", "La Camera ha approvato la risoluzione con 73 voti.", "73", "75", ("number", "73", "75")),
    ("zh", "议会以73票赞成通过了允许外国军队入境的决议案。", "73", "75", ("vote", "73 for", "75 for")),
    ("en", "The budget was cut by 1,200 crowns on the same evening.", "1,200", "12,000", ("number", "1200", "12000")),
    ("en", "Prices rose by 1.5% against the month before.", "1.5%", "15%", ("number", "1.5%", "15%")),
    ("en", "It was 5 degrees in the morning at the station.", "was 5", "was -5", ("number", "5", "-5")),
    ("es", "El pleno aprobó la resolución sobre el ingreso.", "aprobó", "no aprobó", ("negation", "", "no aprobo")),
    ("en", "The council has approved the plan for the port.", "has approved", "has not approved",
     ("negation", "", "not approved")),
    ("en", "The council did approve the plan for the port.", "did", "didn’t", ("negation", "", "didn't approve")),
    ("pt", "O plenário aprovou a resolução ontem.", "aprovou", "não aprovou", ("negation", "", "nao aprovou")),
    ("fr", "Les députés ont approuvé le texte hier.", "ont approuvé", "n'ont pas approuvé",
     ("negation", "", "n ont pas approuve")),
    ("de", "Das Parlament hat dem Antrag gestern zugestimmt.", "gestern", "gestern nicht",
     ("negation", "", "nicht zugestimmt")),
    ("it", "La Camera ha approvato la risoluzione ieri.", "ha", "non ha", ("negation", "", "non ha")),
    ("ru", "Парламент одобрил резолюцию о вводе войск.", "одобрил", "не одобрил", ("negation", "", "не одобрил")),
    ("ar", "قال الوزير إن القوات وصلت إلى البلاد أمس.", "وصلت", "لم تصل", ("negation", "", "لم تصل")),
    ("zh", "议会昨天批准了允许外国军队入境的决议。", "批准", "未批准", ("negation", "", "未 批")),
    ("es", "Regirá desde el 14 de diciembre de 2026 en todo el país.", "14 de diciembre", "15 de diciembre",
     ("date", "2026-12-14", "2026-12-15")),
    ("es", "La sesión fue el martes por la tarde en el centro.", "martes", "jueves", ("date", "w1", "w3")),
    ("en", "It takes effect on December 14, 2026 in the north.", "December 14", "November 14",
     ("date", "2026-12-14", "2026-11-14")),
    ("de", "Die Regel gilt ab dem 3. März im ganzen Land.", "März", "Mai", ("date", "3-3", "5-3")),
    ("fr", "La règle vaut à partir du 1er juin dans tout le pays.", "juin", "juillet", ("date", "6-1", "7-1")),
    ("en", "The law was signed on 2026-03-01 in the palace.", "2026-03-01", "2026-03-02",
     ("date", "2026-03-01", "2026-03-02")),
    ("en", "The motion came from Irene Sandoval of the port.", "Sandoval", "Salazar", ("name", "Sandoval", "Salazar")),
    ("es", "Lo firmó el ministro Ernesto Quiroga ayer.", "Quiroga", "Quispe", ("name", "Quiroga", "Quispe")),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "old", "new", "change"), MATERIAL, ids=lambda value: str(value)[:20])
def test_material(language: str, text: str, old: str, new: str, change: tuple[str, str, str]) -> None:
    corrected = text.replace(old, new, 1)
    assert corrected != text
    found = versions.changes(read(text, language), read(corrected, language))
    assert change in [(c.kind, c.before, c.after) for c in found]
    assert versions.material(found)
    undone = versions.changes(read(corrected, language), read(text, language))
    assert (change[0], change[2], change[1]) in [(c.kind, c.before, c.after) for c in undone]


BASE = (
    'The council said "yes" to the plan of 1,200 crowns - the first since 2019. Irene Sandoval spoke last.\n'
    "Nobody in the hall objected when the vote of 31 to 12 was read out on Tuesday."
)


@pytest.mark.parametrize(
    "text",
    [
        BASE.replace('"', "”").replace(" - ", " — "),
        BASE.replace("1,200", "1 200").replace("first since", "first  since"),
        BASE.replace("first", "ﬁrst"),
        BASE.replace("Council", "council").replace("Tuesday", "TUESDAY"),
        BASE.replace("\n", "\n\n"),
        BASE + "\nUpdated 3 minutes ago",
        BASE + "\nPublished: 4 March 2026, 10:43",
        BASE + "\n245 comments",
        BASE + "\nShare 12",
        "By Our Reporter\n" + BASE,
        "Actualizado el 4 de marzo de 2026 a las 10:43.\n" + BASE,
        BASE + "\nRead more: 7 things to know",
    ],
)
def test_typography_and_boilerplate_are_no_change(text: str) -> None:
    assert versions.changes(read(BASE), read(text)) == ()


def test_other_words_are_a_version_but_not_material() -> None:
    found = versions.changes(read(BASE), read(BASE.replace("spoke last", "had the last word")))
    assert [change.kind for change in found] == ["text"]
    assert not versions.material(found)


def test_another_title_is_told() -> None:
    found = versions.changes(read(BASE), read(BASE, title="Ferry plan passes"))
    assert found == (Change(kind="title", before=TITLE, after="Ferry plan passes"),)
    assert not versions.material(found)


def test_a_number_in_the_title_is_material() -> None:
    found = versions.changes(read(BASE, title="31 votes for ferry"), read(BASE, title="33 votes for ferry"))
    assert {change.kind for change in found} >= {"number", "title"}
    assert versions.material(found)


def test_what_is_added_is_told_without_a_before() -> None:
    more = BASE + " The Norberg Bank lends 4,500 crowns more."
    assert ("number", "", "4500") in kinds(BASE, more)
    assert ("name", "", "Norberg") in kinds(BASE, more)


def test_a_full_list_pushed_over_its_edge_is_no_change() -> None:
    many = " ".join(f"On that day {n} boats went out." for n in range(100, 100 + NUMBERS + 20))
    names = " ".join(f"It was Nam{chr(97 + n % 26)}{chr(97 + n // 26)}o there." for n in range(NAMES + 20))
    nots = " ".join(f"It was not word{chr(97 + n)} there." for n in range(NEGATIONS + 5))
    more = "It was 7 boats and not Sandoval who won there. "
    for text in (many, names, nots):
        found = versions.changes(read(text), read(more + text))
        assert all(change.before == "" for change in found), found
        assert {change.after for change in found} <= {"7", "Sandoval", "not sandoval", "won", ""}


def test_many_changes_are_cut() -> None:
    old = " ".join(f"Boat {n} sank." for n in range(200, 240))
    new = " ".join(f"Boat {n} sank." for n in range(300, 340))
    assert len(versions.changes(read(old), read(new))) == versions.CHANGES


LONG = " ".join(
    f"Speaker Abel{chr(97 + n)}o gave {n + 100} reasons for the plan, and the hall listened." for n in range(20)
)


def test_a_page_behind_a_paywall_is_shortened() -> None:
    assert versions.shortened(read(LONG), read(LONG[:300]))
    assert not versions.shortened(
        read(LONG), read("This report was withdrawn on 5 March because it was wrong, says Irene.")
    )
    assert not versions.shortened(read(LONG), read(LONG[: len(LONG) * 3 // 4]))
    assert not versions.shortened(read(LONG), read("The hall did not listen to the speakers, as this page had said."))


@pytest.mark.parametrize(
    ("title", "text", "kin"),
    [
        ("Council votes on ferry", "Irene Sandoval and 31 others voted for Isla Brenta on Tuesday.", True),
        ("Ferry: the vote in full", "The vote of Irene Sandoval and 31 others was for Isla Brenta.", True),
        ("Rain in the north", "The weather service in Norberg expects 40 millimetres.", False),
    ],
)
def test_overlap(title: str, text: str, kin: bool) -> None:
    known = read(
        "A majority of 31 around Irene Sandoval wants the boat to Isla Brenta.", title="Council votes on the ferry"
    )
    assert (versions.overlap(known, read(text, title=title)) >= 0.5) is kin
