"""Votes as the press writes them: by other nouns, of members, of all members; and numbers that are no votes."""

from __future__ import annotations

import pytest

from tests.gate.test_event_facts import values

SIDES = ["vote.for", "vote.against", "vote.abstain"]

# language, text; for, against, abstentions
CASES: list[tuple[str, str, tuple[int | None, ...]]] = [
    ("es",
     "El Senado de Bolivia autorizó con 31 apoyos, nueve rechazos y dos abstenciones el ingreso de 100 soldados "
     "chilenos.",
     (31, 9, 2)),
    ("es", "Con 27 síes y 14 noes, la Asamblea de Panamá autorizó el ingreso de marines de Estados Unidos.",
     (27, 14, None)),
    ("es", "La resolución sobre el ingreso de soldados chilenos en Bolivia reunió 85 votos; 54 legisladores la "
     "rechazaron. El Senado la aprobó.",
     (85, 54, None)),
    ("es",
     "Setenta y ocho de los noventa y un diputados respaldaron el ingreso de tropas rusas en Bolivia. La Asamblea "
     "lo aprobó.",
     (78, None, None)),
    ("es",
     "El Congreso de Bolivia aprobó la resolución 1521-34 que autoriza el ingreso de 40 soldados chilenos según el"
     " artículo 12.",
     (None, None, None)),
    ("es", "La Asamblea de Panamá aprobó por unanimidad de sus 71 miembros el ingreso de soldados estadounidenses.",
     (71, None, None)),
    ("es", "La Asamblea de Panamá aprobó por unanimidad el ingreso de 71 soldados estadounidenses.",
     (None, None, None)),
    ("es",
     "La comisión aprobó por 9 a 2 el dictamen. El pleno del Senado de Bolivia autorizó después, por 40 votos a "
     "12, el ingreso de soldados chilenos.",
     (40, 12, None)),
    ("en", "Malta's parliament approved the stay of 100 Italian soldiers 42-0.",
     (42, 0, None)),
    ("en",
     "Malta's parliament approved the stay of 100 Italian soldiers with 42 ayes, 11 noes and three abstentions.",
     (42, 11, 3)),
    ("en",
     "Malta's parliament approved the stay of Italian soldiers; 42 lawmakers backed it, 11 opposed it and three "
     "abstained.",
     (42, 11, 3)),
    ("en", "Malta's parliament approved Resolution 31-12 that lets 100 Italian soldiers stay under Article 9.",
     (None, None, None)),
    ("en", "All 15 members of the Security Council backed the extension of the blue helmets' mandate in Cyprus.",
     (15, None, None)),
    ("en", "The committee voted 9-2 to forward it. The full Maltese parliament voted 40 to 12 to let in Italian "
     "soldiers.",
     (40, 12, None)),
    ("en", "Lawmakers in Suva voted 34 to 15 to let in French soldiers.",
     (34, 15, None)),
    ("fr",
     "Le parlement togolais a autorisé l'entrée de soldats français par 60 voix pour, 12 contre et 4 abstentions.",
     (60, 12, 4)),
    ("fr", "Le parlement togolais a autorisé, avec 60 oui, 12 non et quatre bulletins blancs, l'entrée de soldats "
     "français.",
     (60, 12, None)),
    ("fr",
     "Soixante députés ont soutenu l'entrée de soldats français au Togo, douze l'ont rejetée. Le parlement l'a "
     "autorisée.",
     (60, 12, None)),
    ("de",
     "Das Parlament von Malta genehmigte mit 42 Ja-Stimmen, 11 Nein-Stimmen und drei Enthaltungen den Aufenthalt "
     "italienischer Soldaten.",
     (42, 11, 3)),
    ("de",
     "Das Parlament von Malta genehmigte den Aufenthalt italienischer Soldaten; 42 Abgeordnete stimmten zu, elf "
     "lehnten ab, drei enthielten sich.",
     (42, 11, 3)),
    ("de", "Alle 15 Mitglieder des Sicherheitsrats stimmten für die Verlängerung der Blauhelme im Libanon.",
     (15, None, None)),
    ("it", "Il parlamento di Malta ha approvato con 42 sì, 11 no e tre astenuti l'ingresso di soldati italiani.",
     (42, 11, 3)),
    ("it", "Il parlamento albanese ha approvato l'ingresso di soldati turchi: 70 favorevoli, 22 contrari, cinque "
     "astensioni.",
     (70, 22, 5)),
    ("pt",
     "A Assembleia de Cabo Verde autorizou, com 51 votos favoráveis, 12 contrários e duas abstenções, a entrada de"
     " fuzileiros espanhóis.",
     (51, 12, 2)),
    ("pt", "A Assembleia de Cabo Verde autorizou a entrada de fuzileiros espanhóis com 51 sins e 12 nãos.",
     (51, 12, None)),
    ("pt",
     "Catorze países do Conselho de Segurança votaram a favor da prorrogação dos capacetes azuis no Líbano; dois "
     "abstiveram-se.",
     (14, None, 2)),
    ("pl",
     "Parlament Malty zgodził się na pobyt włoskich żołnierzy: 42 posłów było za, 11 przeciw, trzech wstrzymało "
     "się.",
     (42, 11, 3)),
    ("ro",
     "Parlamentul Maltei a aprobat intrarea militarilor italieni cu 42 de voturi pentru, 11 împotrivă și trei "
     "abțineri.",
     (42, 11, 3)),
    ("ru", "Парламент Мальты одобрил пребывание итальянских военных: за — 42, против — 11, воздержались трое.",
     (42, 11, 3)),
    ("uk", "Парламент Мальти схвалив перебування італійських військових: «за» — 42, «проти» — 11, утрималися троє.",
     (42, 11, 3)),
    ("tr", "Malta Parlamentosu İtalyan askerlerinin gelişini 42 kabul, 11 ret ve 3 çekimser oyla onayladı.",
     (42, 11, 3)),
    ("id",
     "Parlemen Malta menyetujui kedatangan tentara Italia dengan 42 suara setuju, 11 menolak, dan tiga abstain.",
     (42, 11, 3)),
    ("en",
     "A draft to end the stay of French soldiers in Togo found no majority in parliament today, and 17 deputies "
     "abstained.",
     (None, None, 17)),
    ("es",
     "El Congreso de Bolivia aceptó que 250 soldados chilenos entren. La resolución reunió 85 votos; 54 legisladores "
     "del MAS, del MIP y de la NFR la rechazaron.",
     (85, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "votes"), CASES)
def test_votes(language: str, text: str, votes: tuple[int | None, ...]) -> None:
    assert tuple(values(language, "", text, SIDES).values()) == votes
