"""Formations that are named."""

from __future__ import annotations

import pytest

from tests.core.facts.scenes import facts_in, words

NAMED = [
    ("es", "El Congreso autorizó el ingreso de soldados de la 3.ª Brigada Acorazada.", "3.ª Brigada Acorazada"),
    ("es", "El Congreso autorizó el ingreso de un equipo del 7th Special Forces Group de Estados Unidos.",
     "7th Special Forces Group"),
    ("en", "Parliament approved the entry of troops of the 82nd Airborne Division.", "82nd Airborne Division"),
    ("en", "Parliament approved the entry of British troops from the Royal Marines.", "Royal Marines"),
    ("pt", "O Congresso autorizou a entrada de militares franceses do 3º Regimento Estrangeiro de Infantaria.",
     "3º Regimento Estrangeiro de Infantaria"),
    ("fr", "Les députés ont autorisé l'entrée de soldats du 3e RPIMa français.", "3e RPIMa"),
    ("de", "Das Parlament hat Soldaten der Panzerbrigade 45 die Einreise erlaubt.", "Panzerbrigade 45"),
    ("it", "Il Parlamento ha autorizzato l'ingresso di soldati turchi della 66ª brigata.", "66ª brigata"),
    ("pl", "Sejm zgodził się na pobyt żołnierzy brytyjskich z batalionu Royal Welsh.", "batalionu Royal Welsh"),
    ("ro", "Parlamentul a aprobat intrarea militarilor francezi din Regimentul 16 Vânători.", "Regimentul 16 Vânători"),
    ("uk", "Рада схвалила допуск британських військових 33-го інженерного полку.", "33-го інженерного полку"),
    ("ru", "Парламент разрешил въезд российских военных 15-й мотострелковой бригады.", "15-й мотострелковой бригады"),
    ("tr", "Meclis, Romanya'nın 146'ncı Mayın Filotillası askerlerinin ülkeye girmesine izin verdi.",
     "146'ncı Mayın Filotillası"),
    ("id", "Parlemen menyetujui masuknya tentara Australia dari 1st Combat Engineer Regiment.",
     "1st Combat Engineer Regiment"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "name"), NAMED)
def test_a_formation_by_number_or_name(language: str, text: str, name: str) -> None:
    found = facts_in(text, language).units
    assert [unit.value for unit in found] == [name]
    assert words(found[0], "", text) == name


NONE = [
    ("es", "El Congreso autorizó el ingreso de una compañía de 120 soldados chilenos."),
    ("en", "Parliament approved the entry of 200 US Marines for training with the 4th Infantry Brigade."),
    ("en", "Parliament approved the entry of two brigades of the Turkish Army."),
    ("de", "Das Parlament hat am 3. März einer Brigade aus der Türkei die Einreise erlaubt."),
    ("fr", "Les députés ont autorisé l'entrée d'un bataillon turc."),
    ("pl", "Sejm zgodził się na pobyt 3 batalionów tureckich."),
    ("ru", "Парламент разрешил въезд роты турецких десантников."),
]


@pytest.mark.parametrize(("language", "text"), NONE)
def test_what_has_no_name_is_none(language: str, text: str) -> None:
    assert facts_in(text, language).units == ()
