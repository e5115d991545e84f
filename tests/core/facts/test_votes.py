"""How a vote went, in twelve languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.facts.votes import find_vote
from tests.core.facts.scenes import scene, words

SIDES = ("for_", "against", "abstain")


def tally(text: str, language: str, title: str = "") -> str:
    """The vote as "71 34 4", with a dash for an unknown number."""
    vote = find_vote(scene(text, language, title))
    leaves = [getattr(vote, side) for side in SIDES] if vote else []
    return " ".join(str(leaf.value) if leaf else "-" for leaf in leaves)


# ruff: noqa: E501

#: Told of a request that is granted: language, what the chamber did, and how it voted.
GRANTED = [
    ("es", "El Congreso autorizó con 71 votos a favor, 34 en contra y 4 abstenciones el ingreso de tropas de EE. UU."),
    ("es", "Por 71 votos contra 34 y cuatro abstenciones, el Senado aprobó el ingreso de soldados brasileños."),
    ("es", "El Congreso aprobó la entrada de militares de EE. UU. con setenta y un votos a favor, treinta y cuatro en contra y cuatro abstenciones."),
    ("es", "La Cámara aprobó la entrada de tropas brasileñas: 71 diputados votaron a favor, 34 en contra y 4 se abstuvieron."),
    ("en", "Parliament approved the entry of US troops by 71 votes to 34, with four abstentions."),
    ("en", "Lawmakers voted 71-34, with 4 abstentions, to let French soldiers in."),
    ("en", "The Senate approved the deployment of US troops, with 71 in favour, 34 against and four abstaining."),
    ("en", "Seventy-one members voted for the entry of Kenyan troops, thirty-four voted against and four abstained."),
    ("pt", "O Congresso autorizou o ingresso de tropas dos EUA por 71 votos a favor, 34 contra e 4 abstenções."),
    ("pt", "O Senado aprovou por 71 votos a 34, com quatro abstenções, a entrada de militares franceses."),
    ("pt", "Com 71 votos favoráveis, 34 contrários e quatro abstenções, a Câmara aprovou a entrada de tropas francesas."),
    ("fr", "L'Assemblée a autorisé l'entrée de soldats français par 71 voix pour, 34 contre et 4 abstentions."),
    ("fr", "Par 71 voix contre 34 et quatre abstentions, les députés ont autorisé l'entrée de troupes russes."),
    ("de", "Das Parlament hat mit 71 gegen 34 Stimmen bei vier Enthaltungen die Stationierung von US-Soldaten genehmigt."),
    ("de", "Das Parlament genehmigte den Einsatz rumänischer Soldaten: 71 Abgeordnete stimmten dafür, 34 dagegen, vier enthielten sich."),
    ("de", "Die Kammer stimmte der Einreise französischer Truppen mit 71 Ja-Stimmen, 34 Nein-Stimmen und vier Enthaltungen zu."),
    ("it", "Il Parlamento ha autorizzato con 71 voti a favore, 34 contrari e 4 astenuti l'ingresso di militari turchi."),
    ("it", "Con 71 sì, 34 no e quattro astensioni il Senato ha approvato l'ingresso di soldati francesi."),
    ("pl", "Sejm zgodził się na pobyt wojsk brytyjskich. Za głosowało 71 posłów, przeciw było 34, a 4 wstrzymało się od głosu."),
    ("pl", "Parlament zgodził się na wjazd wojsk USA stosunkiem głosów 71 do 34 przy czterech wstrzymujących się."),
    ("ro", "Parlamentul a aprobat cu 71 de voturi pentru, 34 împotrivă și 4 abțineri intrarea militarilor francezi."),
    ("ro", "Senatul a aprobat, cu 71 de voturi la 34 și patru abțineri, staționarea trupelor americane."),
    ("uk", "Рада дозволила в'їзд британських військових: за проголосували 71 депутат, проти — 34, утрималися четверо."),
    ("uk", "Парламент 71 голосом проти 34 схвалив допуск військ Польщі; четверо утрималися."),
    ("ru", "Парламент разрешил ввод войск США: за проголосовал 71 депутат, против — 34, воздержались четверо."),
    ("ru", "Сенат 71 голосом против 34 при четырёх воздержавшихся одобрил въезд российских военных."),
    ("tr", "Meclis, ABD askerlerinin ülkeye girişine 71 evet, 34 hayır ve 4 çekimser oyla izin verdi."),
    ("tr", "Fransız askerlerinin gelişi 34'e karşı 71 oyla kabul edildi, dört vekil çekimser kaldı."),
    ("id", "DPR menyetujui kedatangan pasukan Australia: 71 anggota setuju, 34 menolak, dan 4 abstain."),
    ("id", "Parlemen mengizinkan masuknya tentara AS dengan 71 suara berbanding 34, empat anggota abstain."),
]  # fmt: skip
REFUSED = [
    ("es", "El Senado rechazó por 71 votos contra 34 el ingreso de tropas de EE. UU."),
    ("en", "The Senate rejected the entry of US troops by 71 votes to 34."),
    ("pt", "O Senado rejeitou por 71 votos a 34 a entrada de tropas dos EUA."),
    ("fr", "Par 71 voix contre 34, le Sénat a rejeté l'entrée de troupes russes."),
    ("de", "Das Parlament hat die Stationierung von US-Soldaten mit 71 gegen 34 Stimmen abgelehnt."),
    ("it", "Il Senato ha respinto per 71 voti a 34 l'ingresso di militari turchi."),
    ("pl", "Sejm odrzucił zgodę na pobyt wojsk USA: przeciw było 71 posłów, za 34."),
    ("ro", "Senatul a respins cu 71 de voturi la 34 intrarea trupelor ruse."),
    ("uk", "Парламент відхилив допуск військ Росії: проти — 71, за — 34."),
    ("ru", "Сенат отклонил ввод войск США: против высказался 71 сенатор, за — 34."),
    ("tr", "Meclis, Rus askerlerinin gelişini 71 oya karşı 34 oyla reddetti."),
    ("id", "Parlemen menolak masuknya tentara AS: 71 anggota menolak, 34 mendukung."),
]


@pytest.mark.parametrize(("language", "text"), GRANTED)
def test_granted(language: str, text: str) -> None:
    assert tally(text, language) == "71 34 4"


@pytest.mark.parametrize(("language", "text"), REFUSED)
def test_who_wins_when_it_is_refused(language: str, text: str) -> None:
    assert tally(text, language) == "34 71 -"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "Верховна Рада 244 голосами дозволила допуск військ Польщі.", "244 - -"),
        ("es", "El pleno autorizó por 71 votos el ingreso de tropas de EE. UU.", "71 - -"),
        ("tr", "Meclis, yabancı askerlerin ülkeye girişine 130 oyla izin verdi.", "130 - -"),
        ("ru", "Милли Меджлис разрешил въезд турецких военных. «За» высказались 108 депутатов, голосов против не было.", "108 0 -"),
        ("en", "The House approved the entry of US troops with 71 votes in favour and none against.", "71 0 -"),
        ("de", "81 der 139 Abgeordneten stimmten für die Einreise tschechischer Soldaten, 58 waren dagegen.", "81 58 -"),
        ("en", "Of the 120 members, 71 voted in favour of admitting US troops and 34 against.", "71 34 -"),
        ("es", "El Congreso autorizó el ingreso de tropas de EE. UU. La votación: 71 sí, 34 no.", "71 34 -"),
    ],
)  # fmt: skip
def test_parts_of_a_tally(language: str, text: str, expected: str) -> None:
    assert tally(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Parliament debated the entry of US troops. The motion needs 66 votes of 120."),
        ("es", "El Congreso debate el ingreso de tropas de EE. UU. Se necesitan 66 votos."),
        ("ru", "Парламент обсудил ввод войск США. Для решения нужны 126 голосов."),
        ("en", "The Senate let in 34 soldiers, 71 vehicles and four ships of the US Navy."),
        ("de", "Das Parlament erlaubte die Einreise von 71 Soldaten für ein Manöver am 3. Mai."),
        ("pl", "Sejm zgodził się na pobyt 71 żołnierzy na 34 dni."),
        ("es", "El Congreso autorizó el ingreso de tropas. La selección ganó 3-1 en Lima."),
        ("fr", "Le gouvernement a autorisé l'entrée de 150 soldats pour six mois, contre 200 l'an dernier."),
    ],
)
def test_what_is_no_tally(language: str, text: str) -> None:
    assert tally(text, language) == ""


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Parliament let US troops in. The vote was 71 to 34.", "71 34 -"),
        (
            "en",
            "The House approved the entry of US troops; the tally was 71 ayes, 34 noes and 4 abstentions.",
            "71 34 4",
        ),
        ("fr", "L'Assemblée a autorisé l'entrée de soldats russes: 71 députés ont voté pour, 34 contre.", "71 34 -"),
        ("fr", "L'entrée des soldats russes a été autorisée par 71 voix, contre 34.", "71 34 -"),
        ("it", "Il Senato ha approvato con 71 voti contro 34 l'ingresso di soldati francesi.", "71 34 -"),
        ("it", "Il Parlamento ha approvato l'ingresso di truppe: 71 favorevoli, 34 contrari, 4 astenuti.", "71 34 4"),
        ("pt", "O Congresso aprovou a entrada de tropas dos EUA. O placar foi de 71 a 34.", "71 34 -"),
        ("pt", "O Congresso aprovou a entrada de tropas com 71 votos contra 34.", "71 34 -"),
        ("es", "El Congreso aprobó el ingreso de tropas con 71 votos a favor contra 34.", "71 34 -"),
        (
            "es",
            "El ingreso de tropas fue aprobado por 71 congresistas; 34 votaron en contra y 4 se abstuvieron.",
            "71 34 4",
        ),
        ("es", "El Congreso aprobó el ingreso de tropas con 71 votos afirmativos y 34 negativos.", "71 34 -"),
        ("de", "Für die Einreise der US-Soldaten stimmten 71 Abgeordnete, dagegen 34.", "71 34 -"),
        ("de", "Das Parlament erlaubte die Einreise von US-Soldaten mit 71 zu 34 Stimmen.", "71 34 -"),
        (
            "de",
            "71 Abgeordnete votierten für die Aufnahme der US-Soldaten, 34 dagegen, vier enthielten sich der Stimme.",
            "71 34 4",
        ),
        ("pl", "Sejm zgodził się na pobyt wojsk USA 71 głosami, przy 34 przeciw i 4 wstrzymujących się.", "71 34 4"),
        ("pl", "Za zgodą na pobyt wojsk USA opowiedziało się 71 posłów, 34 było przeciw.", "71 34 -"),
        ("ro", "Parlamentul a aprobat intrarea trupelor: 71 de voturi pentru, 34 contra și patru abțineri.", "71 34 4"),
        ("tr", "Meclis, ABD askerlerinin gelişine 71 kabul, 34 ret oyuyla izin verdi.", "71 34 -"),
        ("tr", "Oylamada 71 milletvekili evet, 34 milletvekili hayır dedi; ABD askerlerine izin çıktı.", "71 34 -"),
        ("id", "DPR mengizinkan masuknya tentara AS dengan 71 suara setuju dan 34 suara menolak.", "71 34 -"),
        ("ru", "Парламент разрешил ввод войск США 71 голосом «за» при 34 «против».", "71 34 -"),
        ("uk", "Рада дозволила в'їзд військ Польщі: 71 «за», 34 «проти», 4 утрималися.", "71 34 4"),
        ("ru", "Ввод войск США поддержали 71 депутат, 34 выступили против.", "71 34 -"),
    ],
)
def test_other_ways_to_say_so(language: str, text: str, expected: str) -> None:
    assert tally(text, language) == expected


def test_title_and_text_tell_of_one_vote() -> None:
    title = "Parliament lets US troops in, 71-34"
    text = "The House approved the entry of US troops. There were four abstentions."
    assert tally(text, "en", title) in ("71 34 4", "71 34 -")


@pytest.mark.parametrize(("language", "text"), [*GRANTED, *REFUSED])
def test_leaves_stand_on_the_words_for_the_number(language: str, text: str) -> None:
    vote = find_vote(scene(text, language))
    assert vote
    for side in SIDES:
        leaf = getattr(vote, side)
        if leaf and words(leaf, "", text).isdigit():
            assert int(words(leaf, "", text)) == leaf.value
        assert leaf is None or leaf.sentence in text


@given(st.text("vote 1-7 by 34 against, for. \n", max_size=80), st.sampled_from(["en", "es", "de", None]))
def test_any_text(text: str, language: str | None) -> None:
    vote = find_vote(scene(text, language or "ja"))
    for leaf in (vote.for_, vote.against, vote.abstain) if vote else ():
        assert leaf is None or 0 <= leaf.start < leaf.end <= len(text)
