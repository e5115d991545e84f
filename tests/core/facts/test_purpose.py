"""What they come for, in the words of the text."""

from __future__ import annotations

import pytest

from tests.core.facts.scenes import facts_in, words

PURPOSES = [
    ("es", "El Congreso autorizó el ingreso de tropas chilenas para entrenar a la infantería de marina.",
     "entrenar a la infantería de marina"),
    ("es", "El Congreso autorizó el ingreso de tropas chilenas. Su misión será reparar los puentes del norte, dijo "
     "el ministro.", "reparar los puentes del norte"),
    ("en", "Parliament approved the entry of Turkish troops to train the coast patrol.", "train the coast patrol"),
    ("en", "Parliament approved the entry of Turkish troops. Their task is the clearance of mines along the river.",
     "clearance of mines along the river"),
    ("pt", "O Congresso autorizou a entrada de tropas indianas para combater incêndios no norte, até maio.",
     "combater incêndios no norte"),
    ("fr", "Les députés ont autorisé l'entrée de soldats turcs chargés de surveiller la frontière nord.",
     "surveiller la frontière nord"),
    ("de", "Das Parlament hat türkischen Soldaten die Einreise zur Ausbildung der Grenztruppen erlaubt.",
     "Ausbildung der Grenztruppen"),
    ("it", "Il Parlamento ha autorizzato l'ingresso di soldati turchi per addestrare le forze locali, fino a maggio.",
     "addestrare le forze locali"),
    ("pl", "Sejm zgodził się na pobyt wojsk tureckich w celu ochrony przesmyku.", "ochrony przesmyku"),
    ("ro", "Parlamentul a aprobat intrarea trupelor turce pentru instruirea echipajelor de tancuri.",
     "instruirea echipajelor de tancuri"),
    ("uk", "Рада схвалила допуск турецьких військ для розмінування полів.", "розмінування полів"),
    ("ru", "Парламент разрешил въезд турецких войск для разминирования полей.", "разминирования полей"),
    ("tr", "Meclis, Romanya askerlerinin ülkeye girmesine izin verdi. Askerler mayınların temizlenmesi için gelecek.",
     "mayınların temizlenmesi"),
    ("id", "Parlemen menyetujui masuknya tentara India untuk melatih pasukan penerjun.", "melatih pasukan penerjun"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "purpose"), PURPOSES)
def test_a_purpose(language: str, text: str, purpose: str) -> None:
    found = facts_in(text, language).purpose
    assert found is not None
    assert purpose in str(found.value)
    assert len(str(found.value).split()) <= len(purpose.split()) + 2
    assert words(found, "", text) == found.value


NONE = [
    ("en", "Parliament approved the entry of Turkish troops by 60 votes to 40."),
    ("es", "El Congreso autorizó el ingreso de tropas chilenas, informó la comisión de Defensa."),
    ("de", "Der Sicherheitsausschuss hat türkischen Soldaten die Einreise erlaubt."),
    ("ru", "Парламент разрешил въезд турецких войск, сообщил комитет по обороне."),
]


@pytest.mark.parametrize(("language", "text"), NONE)
def test_no_purpose_is_made_up(language: str, text: str) -> None:
    assert facts_in(text, language).purpose is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # Who takes part, where they work, when the exercise is
        ("es", "El Congreso autorizó el ingreso de tropas. Participarán 60 soldados de Chile."),
        ("en", "Parliament approved the entry of troops. They will train in Tamale."),
        ("it", "Il Parlamento ha autorizzato l'ingresso di truppe. L'esercitazione si tiene il 5 marzo."),
    ],
)
def test_who_where_and_when_is_no_purpose(language: str, text: str) -> None:
    assert facts_in(text, language).purpose is None
