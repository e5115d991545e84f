"""The act that lets forces in: what it is called, its number, its day, and the gazette it stands in."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.core.facts.instrument_dates import named_days
from pipeline.core.facts.noun_phrases import Timeline
from tests.core.facts.scenes import PUBLISHED, facts_in, scene, words

ACTS = [
    # language, text, kind, number, day
    ("es", "El Congreso aprobó la Resolución Legislativa N.º 31999, de fecha 4 de marzo, que autoriza el ingreso de "
     "tropas chilenas al país.", "Resolución Legislativa", "31999", "2027-03-04"),
    ("es", "La Cámara recibió el proyecto de ley 4512/2026 para permitir la entrada de soldados brasileños al país.",
     "proyecto de ley", "4512/2026", None),
    ("en", "Parliament passed Act No. 14 of 2027, which allows Indian troops to enter the country.",
     "Act", "14 of 2027", None),
    ("en", "Under Decree No. 81, dated 2 March, Turkish soldiers may stay in the country for a year.",
     "Decree", "81", "2027-03-02"),
    ("pt", "O Governo aprovou o Decreto n.º 7/2027, de 1 de março, que autoriza a entrada de tropas indianas no país.",
     "Decreto", "7/2027", "2027-03-01"),
    ("fr", "Les députés ont adopté la loi n° 2027-11 du 3 mars, qui autorise des soldats turcs à entrer dans le pays.",
     "loi", "2027-11", "2027-03-03"),
    ("de", "Das Parlament billigte das Gesetz Nr. 44 vom 3. März, das türkischen Soldaten die Einreise erlaubt.",
     "Gesetz", "44", "2027-03-03"),
    ("de", "Der Gesetzentwurf (Drucksache 20/1234) soll türkischen Truppen die Stationierung im Land erlauben.",
     "Gesetzentwurf", "20/1234", None),
    ("it", "Il Parlamento ha approvato la legge n. 12/2027 del 2 marzo, che autorizza l'ingresso di soldati turchi.",
     "legge", "12/2027", "2027-03-02"),
    ("pl", "Prezydent podpisał postanowienie nr 3.2.2027 z 1 marca, które zezwala na pobyt wojsk tureckich w Polsce.",
     "postanowienie", "3.2.2027", "2027-03-01"),
    ("ro", "Parlamentul a adoptat Hotărârea nr. 18 din 2 martie, prin care aprobă intrarea trupelor turce în țară.",
     "Hotărârea", "18", "2027-03-02"),
    ("uk", "Верховна Рада ухвалила закон № 9911-IX від 2 березня про допуск турецьких військ на територію країни.",
     "закон", "9911-IX", "2027-03-02"),
    ("ru", "Президент подписал указ № 412 от 2 марта, который разрешает турецким войскам въезд в страну.",
     "указ", "412", "2027-03-02"),
    ("tr", "2 Mart tarihli ve 1777 sayılı karara göre Meclis, Romanya askerlerinin ülkeye girmesine izin verdi.",
     "karara", "1777", "2027-03-02"),
    ("id", "DPR menyetujui Keputusan Nomor 9/DPR/2027 tertanggal 2 Maret 2027 tentang masuknya tentara India.",
     "Keputusan", "9/DPR/2027", "2027-03-02"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "kind", "number", "day"), ACTS)
def test_an_act_with_its_number_and_day(language: str, text: str, kind: str, number: str, day: str | None) -> None:
    found = facts_in(text, language).instrument
    assert found is not None
    assert found.kind is not None
    assert found.number is not None
    assert found.kind.value == kind == words(found.kind, "", text)
    assert found.number.value == number == words(found.number, "", text)
    assert (found.date.value if found.date else None) == day


MADE = [
    ("es", "El presidente firmó el martes el decreto que autoriza el ingreso de tropas chilenas al país.", "martes"),
    ("en", "The president on Tuesday signed a decree that lets Turkish troops into the country.", "Tuesday"),
    ("pt", "O presidente assinou ontem o decreto que autoriza a entrada de tropas indianas no país.", "ontem"),
    ("fr", "Le président a signé mardi le décret qui autorise l'entrée de soldats turcs dans le pays.", "mardi"),
    ("de", "Der Präsident unterzeichnete am Dienstag das Dekret, das türkischen Soldaten die Einreise erlaubt.",
     "Dienstag"),
    ("it", "Il presidente ha firmato ieri il decreto che autorizza l'ingresso di soldati turchi nel paese.", "ieri"),
    ("pl", "Prezydent podpisał we wtorek postanowienie, które zezwala na pobyt wojsk tureckich w Polsce.", "wtorek"),
    ("ro", "Președintele a semnat marți decretul prin care permite intrarea trupelor turce în țară.", "marți"),
    ("uk", "Президент підписав у вівторок указ, що дозволяє турецьким військам в'їзд до країни.", "вівторок"),
    ("ru", "Президент подписал во вторник указ, который разрешает турецким войскам въезд в страну.", "вторник"),
    ("tr", "Cumhurbaşkanı, Romanya askerlerinin ülkeye girmesine izin veren kararnameyi salı günü imzaladı.", "salı"),
    ("id", "Presiden pada Selasa meneken keputusan presiden yang mengizinkan tentara India masuk ke negara itu.",
     "Selasa"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "said"), MADE)
def test_the_day_on_which_it_was_made(language: str, text: str, said: str) -> None:
    found = facts_in(text, language).instrument
    assert found is not None
    assert found.date is not None
    assert (found.date.value, words(found.date, "", text)) == ("2027-03-09", said)
    assert found.date.implied


GAZETTES = [
    ("es", "El Diario Oficial La Gaceta publicó el decreto que autoriza el ingreso de tropas chilenas.",
     "Diario Oficial La Gaceta"),
    ("pt", "Saiu no Diário da República a resolução que autoriza a entrada de tropas indianas.", "Diário da República"),
    ("ro", "A apărut în Monitorul Oficial hotărârea care permite intrarea trupelor turce.", "Monitorul Oficial"),
    ("tr", "Romanya askerlerine izin veren karar Resmî Gazete'de yayımlandı.", "Resmî Gazete"),
    ("pl", "Postanowienie zezwalające na pobyt wojsk tureckich ogłoszono w Monitorze Polskim.", "Monitorze Polskim"),
    ("de", "Das Gesetz, das türkischen Truppen die Einreise erlaubt, steht im Bundesgesetzblatt.", "Bundesgesetzblatt"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "gazette"), GAZETTES)
def test_the_gazette(language: str, text: str, gazette: str) -> None:
    found = facts_in(text, language).instrument
    assert found is not None
    assert found.published is not None
    assert found.published.value == gazette == words(found.published, "", text)


def test_an_act_that_ends_another_comes_before_the_one_it_ends() -> None:
    text = "The government revoked the agreement on Turkish troops by decree no. 17."
    found = facts_in(text, "en").instrument
    assert found is not None
    assert found.kind is not None
    assert found.kind.value == "decree"


NO_ACT = [
    ("en", "Lawmakers approved the entry of Turkish troops. The opposition said the rule of law was at stake."),
    ("es", "El Gobierno autorizó el ingreso de tropas chilenas, de acuerdo con el ministro."),
    ("fr", "Le gouvernement a donné son accord à l'entrée de soldats turcs dans le pays."),
    ("de", "Das Parlament hat türkischen Soldaten die Einreise erlaubt, gestützt auf das Gesetz von 1998."),
]


@pytest.mark.parametrize(("language", "text"), NO_ACT)
def test_no_act_is_made_up(language: str, text: str) -> None:
    assert facts_in(text, language).instrument is None


def test_a_day_of_the_stay_is_not_that_of_the_act() -> None:
    text = "Parliament adopted the resolution that lets Turkish troops stay in the country until 30 June 2027."
    found = facts_in(text, "en").instrument
    assert found is not None
    assert found.date is None


TWO_DAYS_AGO = [
    ("es", "anteayer"), ("es", "antes de ayer"), ("en", "the day before yesterday"), ("pt", "anteontem"),
    ("fr", "avant-hier"), ("de", "vorgestern"), ("it", "l'altro ieri"), ("pl", "przedwczoraj"), ("ro", "alaltăieri"),
    ("uk", "позавчора"), ("ru", "позавчера"), ("tr", "evvelsi gün"), ("nl", "eergisteren"), ("sv", "i förrgår"),
    ("nb", "i forgårs"), ("da", "i forgårs"), ("fi", "toissapäivänä"), ("ar", "أول من أمس"), ("zh", "前天"),
    ("cs", "předevčírem"), ("sk", "predvčerom"), ("hu", "tegnapelőtt"), ("el", "προχθές"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "day"), TWO_DAYS_AGO)
def test_the_day_before_yesterday_is_two_days_ago(language: str, day: str) -> None:
    timeline = Timeline(scene(day + ".", language))
    sentence = timeline.scene.reading.sentences[-1]
    days = [one.day for one in named_days(timeline, sentence.first, sentence.last, PUBLISHED)]
    assert days == [date(2027, 3, 8)]
