"""Forces are the deciding country's own only if the text says so: by the shipped words, in several languages."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.core.facts.own_forces import OWN
from tests.gate.shipped import troops_in

SENDING = [
    (
        "it",
        "La Camera ha prorogato la presenza di 300 militari italiani in Lettonia e di 90 a Gibuti.",
    ),  # whose Chamber?
    ("tr", "TBMM, Türk askerinin Lübnan'daki görev süresini bir yıl daha uzattı."),  # not Lebanon's parliament
    ("zh", "比利时议会同意延长比利时士兵在马里的任务。"),  # 同 is no "together with"
    ("es", "El Congreso chileno autorizó el envío de soldados chilenos al extranjero."),  # abroad is not foreign
    ("de", "Der Bundestag verlängert den Einsatz der Bundeswehr im Libanon."),
]
ADMITTING = [
    ("de", "Das georgische Parlament billigte die Einreise fremder Truppen. Die georgische Armee soll davon lernen."),
    ("en", "The Philippine Senate let foreign troops in. The law is meant to strengthen the Philippine army."),
    ("fr", "L'Assemblée ivoirienne accepte des militaires étrangers. L'armée ivoirienne en profitera."),
    ("hu", "A szerb parlament jóváhagyta, hogy külföldi csapatok érkezzenek. A szerb hadsereg velük gyakorlatozik."),
]


def share(language: str, text: str) -> float:
    found = troops_in(text, language, date(2026, 11, 5)).found
    assert found
    return found.own_forces


@pytest.mark.parametrize(("language", "text"), SENDING)
def test_a_country_that_sends_its_own_forces(language: str, text: str) -> None:
    assert share(language, text) == OWN


@pytest.mark.parametrize(("language", "text"), ADMITTING)
def test_the_hosts_army_does_not_hide_forces_that_are_called_foreign(language: str, text: str) -> None:
    assert share(language, text) < OWN
