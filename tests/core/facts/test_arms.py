"""Whether they are armed, and with what."""

from __future__ import annotations

import pytest

from tests.core.facts.scenes import facts_in, words

ARMED = [
    ("es", "El Congreso autorizó el ingreso de tropas chilenas. Los soldados traerán fusiles M4 y pistolas Glock.",
     ["fusiles M4", "pistolas Glock"]),
    ("en", "Parliament approved the entry of Turkish troops. The soldiers will carry assault rifles and MAG 58 machine "
     "guns.", ["assault rifles", "machine guns"]),
    ("pt", "O Congresso autorizou a entrada de tropas indianas. Os militares trarão fuzis e pistolas.",
     ["fuzis", "pistolas"]),
    ("fr", "Les députés ont autorisé l'entrée de soldats turcs. Ils seront dotés de fusils HK416 et d'armes légères.",
     ["fusils HK416", "armes légères"]),
    ("de", "Das Parlament hat türkischen Soldaten die Einreise erlaubt. Sie führen Sturmgewehre und Pistolen mit.",
     ["Sturmgewehre", "Pistolen"]),
    ("it", "Il Parlamento ha autorizzato l'ingresso di soldati turchi. Porteranno con sé fucili d'assalto e pistole.",
     ["fucili d'assalto", "pistole"]),
    ("pl", "Sejm zgodził się na pobyt wojsk tureckich. Żołnierze przywiozą karabiny i pociski Javelin.",
     ["karabiny", "pociski Javelin"]),
    ("ro", "Parlamentul a aprobat intrarea trupelor turce. Militarii aduc cu ei puști și armament individual.",
     ["puști", "armament individual"]),
    ("uk", "Рада схвалила допуск турецьких військ. Військові матимуть автомати та пістолети.",
     ["автомати", "пістолети"]),
    ("ru", "Парламент разрешил въезд турецких войск. Военные привезут с собой автоматы и пулемёты.",
     ["автоматы", "пулемёты"]),
    ("tr", "Meclis, Romanya askerlerinin ülkeye girmesine izin verdi. Askerler yanlarında tabanca ve hafif silah "
     "taşıyacak.", ["tabanca", "hafif silah"]),
    ("id", "Parlemen menyetujui masuknya tentara India. Para prajurit membawa senapan serbu dan pistol.",
     ["senapan serbu", "pistol"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "weapons"), ARMED)
def test_weapons_that_they_bring(language: str, text: str, weapons: list[str]) -> None:
    facts = facts_in(text, language)
    assert [weapon.value for weapon in facts.weapons] == weapons
    assert [words(weapon, "", text) for weapon in facts.weapons] == weapons
    assert facts.armed is not None
    assert facts.armed.value == "yes"


UNARMED = [
    ("es", "El Senado autorizó el ingreso de tropas chilenas, que vendrán sin armamento.", "sin armamento"),
    ("en", "Parliament approved the entry of Turkish troops. The soldiers will be unarmed.", "unarmed"),
    ("en", "Parliament approved the entry of Turkish troops. Their weapons will stay at home.",
     "weapons will stay at home"),
    ("pt", "O Congresso autorizou a entrada de tropas indianas. Os militares virão desarmados.", "desarmados"),
    ("fr", "Les députés ont autorisé l'entrée de soldats turcs, qui viendront sans armes.", "sans armes"),
    ("de", "Das Parlament hat türkischen Soldaten die Einreise erlaubt. Sie kommen unbewaffnet.", "unbewaffnet"),
    ("it", "Il Parlamento ha autorizzato l'ingresso di soldati turchi. I militari saranno disarmati.", "disarmati"),
    ("pl", "Sejm zgodził się na pobyt wojsk tureckich. Żołnierze przyjadą bez broni.", "bez broni"),
    ("ro", "Parlamentul a aprobat intrarea trupelor turce. Militarii vor veni fără arme.", "fără arme"),
    ("uk", "Рада схвалила допуск турецьких військ. Військові приїдуть без зброї.", "без зброї"),
    ("ru", "Парламент разрешил въезд турецких войск. Военные прибудут без оружия.", "без оружия"),
    ("tr", "Meclis, Romanya askerlerinin ülkeye girmesine izin verdi. Askerler silahsız olacak.", "silahsız"),
    ("id", "Parlemen menyetujui masuknya tentara India. Para prajurit datang tanpa senjata.", "tanpa senjata"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "said"), UNARMED)
def test_without_arms(language: str, text: str, said: str) -> None:
    facts = facts_in(text, language)
    assert facts.armed is not None
    assert facts.armed.value == "no"
    assert words(facts.armed, "", text).startswith(said)
    assert facts.weapons == ()


UNSAID = [
    ("en", "Parliament approved the entry of the Turkish armed forces for an exercise."),
    ("en", "Parliament approved the entry of Turkish troops. The army bought 40 howitzers from Seoul last week."),
    ("en", "Parliament approved the entry of Turkish troops. An opposition member asked what rifles they would carry."),
    ("es", "El Congreso autorizó el ingreso de personal de la Armada chilena."),
    ("fr", "Les députés ont autorisé l'entrée de l'armée turque. Deux drones non armés seront du voyage."),
    ("ru", "Парламент разрешил въезд подразделений вооружённых сил Турции."),
    ("tr", "Meclis, Romanya silahlı kuvvetlerinin ülkeye girmesine izin verdi."),
]


@pytest.mark.parametrize(("language", "text"), UNSAID)
def test_what_is_not_said(language: str, text: str) -> None:
    facts = facts_in(text, language)
    assert (facts.armed, facts.weapons) == (None, ())


def test_weapons_that_are_banned_are_not_brought() -> None:
    text = "Parliament approved the entry of Turkish troops. They may carry pistols; howitzers are banned."
    facts = facts_in(text, "en")
    assert [weapon.value for weapon in facts.weapons] == ["pistols"]
