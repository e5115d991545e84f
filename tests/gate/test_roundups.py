"""Articles on several countries: each event has its own host, senders, body, number and last day, and no other's."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from pipeline.records import Facts, Stated
from tests.gate.shipped import troops_in


class Event(NamedTuple):
    """Some facts of an event. `outcome`: None if it is not looked at. `most`: soldiers. `until`: the last day."""

    outcome: str | None
    host: str
    senders: str
    body: str
    most: int | None = None
    until: str | None = None


#: Language, title, text, the events in order.
Case = tuple[str, str, str, list[Event]]

SEVERAL: list[Case] = [
    ("en", "Three African states decide on French troops",
     "ACCRA: Three governments in West Africa took decisions on French soldiers this week.\n"
     "In Togo, the National Assembly on Monday approved a stay of 100 French soldiers until 30 June. They "
     "will train in Kara.\n"
     "Benin's parliament voted 61 to 40 on Tuesday against letting in 200 French soldiers.\n"
     "On Wednesday Niger's president ended the agreement under which 1,000 French soldiers are in Agadez. "
     "They have until 31 August to leave.\n"
     "Paris took note of the decisions.",
     [Event("authorised", "TG", "FR", "the National Assembly", 100, "2027-06-30"),
          Event(None, "BJ", "FR", "Benin's parliament", 200),
          Event("revoked", "NE", "FR", "Niger's president", 1000, "2027-08-31")]),
    ("es", "Tres países deciden sobre tropas extranjeras",
     "Tres parlamentos de la región votaron esta semana sobre tropas extranjeras.\n"
     "En Bolivia, el Senado autorizó el martes el ingreso de 60 soldados chilenos hasta el 30 de junio.\n"
     "En Panamá, la Asamblea Nacional rechazó el miércoles la entrada de 200 marines estadounidenses.\n"
     "En República Dominicana, la Cámara de Diputados prorrogó el jueves hasta el 31 de agosto la "
     "permanencia de 40 militares españoles.",
     [Event("authorised", "BO", "CL", "el Senado", 60, "2027-06-30"),
          Event("rejected", "PA", "US", "la Asamblea Nacional", 200),
          Event("extended", "DO", "ES", "la Cámara de Diputados", 40, "2027-08-31")]),
    ("fr", "Troupes françaises : trois décisions",
     "Le Togo, le Bénin et le Sénégal ont tranché cette semaine.\n"
     "A Lomé, l'Assemblée nationale a autorisé lundi 100 soldats français à rester jusqu'au 30 juin.\n"
     "Le Parlement béninois a rejeté mardi l'arrivée de 200 militaires français.\n"
     "Le président sénégalais a mis fin mercredi à l'accord de défense : 350 soldats français doivent "
     "partir avant le 31 août.",
     [Event("authorised", "TG", "FR", "l'Assemblée nationale", 100, "2027-06-30"),
          Event("rejected", "BJ", "FR", "Le Parlement béninois", 200),
          Event("revoked", "SN", "FR", "Le président sénégalais", 350, "2027-08-31")]),
    ("de", "Beschlüsse zu fremden Truppen",
     "Mehrere Parlamente haben in dieser Woche über fremde Soldaten entschieden.\n"
     "Das Parlament in Valletta genehmigte am Dienstag den Aufenthalt von 90 italienischen Soldaten bis zum "
     "30. Juni.\n"
     "In Albanien lehnte das Parlament am Mittwoch 200 griechische Soldaten ab.\n"
     "Die Regierung von Montenegro verlängerte am Donnerstag den Einsatz von 40 slowenischen Soldaten bis "
     "zum 31. August.",
     [Event("authorised", "MT", "IT", "Das Parlament in Valletta", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "das Parlament", 200),
          Event("extended", "ME", "SI", "Die Regierung von Montenegro", 40, "2027-08-31")]),
    ("it", "Tre decisioni sulle truppe straniere",
     "Il Parlamento maltese ha approvato martedì l'ingresso di 90 soldati greci fino al 30 giugno.\n"
     "In Albania il Parlamento ha respinto mercoledì l'arrivo di 200 militari turchi.\n"
     "Il governo del Montenegro ha prorogato giovedì la permanenza di 40 soldati sloveni fino al 31 agosto.",
     [Event("authorised", "MT", "GR", "Il Parlamento maltese", 90, "2027-06-30"),
          Event("rejected", "AL", "TR", "il Parlamento", 200),
          Event("extended", "ME", "SI", "Il governo del Montenegro", 40, "2027-08-31")]),
    ("pt", "",
     "A Assembleia Nacional de Cabo Verde aprovou na terça-feira a entrada de 120 fuzileiros espanhóis até "
     "30 de junho.\n"
     "Na Guiné-Bissau, o Parlamento rejeitou na quarta-feira a chegada de 200 militares turcos.\n"
     "O Governo de Angola prorrogou na quinta-feira a permanência de 40 soldados russos até 31 de agosto.",
     [Event("authorised", "CV", "ES", "A Assembleia Nacional de Cabo Verde", 120, "2027-06-30"),
          Event("rejected", "GW", "TR", "o Parlamento", 200),
          Event("extended", "AO", "RU", "O Governo de Angola", 40, "2027-08-31")]),
    ("pl", "",
     "Parlament Malty zgodził się we wtorek na pobyt 90 włoskich żołnierzy do 30 czerwca.\n"
     "W Albanii parlament odrzucił w środę wniosek o wpuszczenie 200 greckich żołnierzy.\n"
     "Rząd Czarnogóry przedłużył w czwartek pobyt 40 słoweńskich żołnierzy do 31 sierpnia.",
     [Event("authorised", "MT", "IT", "Parlament Malty", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "parlament", 200),
          Event("extended", "ME", "SI", "Rząd Czarnogóry", 40, "2027-08-31")]),
    ("ru", "",
     "Парламент Мальты во вторник одобрил пребывание 90 итальянских военных до 30 июня.\n"
     "В Албании парламент в среду отклонил размещение 200 греческих военных.\n"
     "Правительство Черногории в четверг продлило пребывание 40 словенских военных до 31 августа.",
     [Event("authorised", "MT", "IT", "Парламент Мальты", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "парламент", 200),
          Event("extended", "ME", "SI", "Правительство Черногории", 40, "2027-08-31")]),
    ("tr", "",
     "Malta Parlamentosu salı günü 90 İtalyan askerinin 30 Haziran'a kadar kalmasını onayladı.\n"
     "Arnavutluk'ta parlamento çarşamba günü 200 Yunan askerinin konuşlanmasını reddetti.\n"
     "Karadağ hükümeti perşembe günü 40 Sloven askerinin kalış süresini 31 Ağustos'a kadar uzattı.",
     [Event("authorised", "MT", "IT", "Malta Parlamentosu", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "parlamento", 200),
          Event("extended", "ME", "SI", "Karadağ hükümeti", 40, "2027-08-31")]),
    ("nl", "",
     "Het parlement van Malta heeft dinsdag het verblijf van 90 Italiaanse soldaten tot 30 juni "
     "goedgekeurd.\n"
     "In Albanië verwierp het parlement woensdag de komst van 200 Griekse soldaten.\n"
     "De regering van Montenegro verlengde donderdag het verblijf van 40 Sloveense soldaten tot 31 "
     "augustus.",
     [Event("authorised", "MT", "IT", "Het parlement van Malta", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "het parlement", 200),
          Event("extended", "ME", "SI", "De regering van Montenegro", 40, "2027-08-31")]),
    ("sv", "",
     "Maltas parlament godkände på tisdagen ankomsten av 90 italienska soldater till den 30 juni.\n"
     "I Albanien avslog parlamentet på onsdagen att ta emot 200 grekiska soldater.\n"
     "Montenegros regering förlängde på torsdagen vistelsen för 40 slovenska soldater till den 31 augusti.",
     [Event("authorised", "MT", "IT", "Maltas parlament", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "parlamentet", 200),
          Event("extended", "ME", "SI", "Montenegros regering", 40, "2027-08-31")]),
    ("ro", "",
     "Parlamentul Maltei a aprobat marți intrarea a 90 de militari italieni până la 30 iunie.\n"
     "În Albania, parlamentul a respins miercuri staționarea a 200 de militari greci.\n"
     "Guvernul Muntenegrului a prelungit joi șederea a 40 de militari sloveni până la 31 august.",
     [Event("authorised", "MT", "IT", "Parlamentul Maltei", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "parlamentul", 200),
          Event("extended", "ME", "SI", "Guvernul Muntenegrului", 40, "2027-08-31")]),
    ("uk", "",
     "Парламент Мальти у вівторок схвалив перебування 90 італійських військових до 30 червня.\n"
     "В Албанії парламент у середу відхилив розміщення 200 грецьких військових.\n"
     "Уряд Чорногорії в четвер продовжив перебування 40 словенських військових до 31 серпня.",
     [Event("authorised", "MT", "IT", "Парламент Мальти", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "парламент", 200),
          Event("extended", "ME", "SI", "Уряд Чорногорії", 40, "2027-08-31")]),
    ("cs", "",
     "Parlament Malty v úterý schválil pobyt 90 italských vojáků do 30. června.\n"
     "V Albánii parlament ve středu zamítl příchod 200 řeckých vojáků.\n"
     "Vláda Černé Hory ve čtvrtek prodloužila pobyt 40 slovinských vojáků do 31. srpna.",
     [Event("authorised", "MT", "IT", "Parlament Malty", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "parlament", 200),
          Event("extended", "ME", "SI", "Vláda Černé Hory", 40, "2027-08-31")]),
    ("id", "",
     "Parlemen Malta pada Selasa menyetujui kedatangan 90 tentara Italia hingga 30 Juni.\n"
     "Di Albania, parlemen pada Rabu menolak penempatan 200 tentara Yunani.\n"
     "Pemerintah Montenegro pada Kamis memperpanjang kehadiran 40 tentara Slovenia hingga 31 Agustus.",
     [Event("authorised", "MT", "IT", "Parlemen Malta", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "parlemen", 200),
          Event("extended", "ME", "SI", "Pemerintah Montenegro", 40, "2027-08-31")]),
    ("zh", "",
     "马耳他议会周二批准90名意大利士兵入境，期限至6月30日。\n"
     "阿尔巴尼亚议会周三否决了200名希腊士兵的部署。\n"
     "黑山政府周四将40名斯洛文尼亚士兵的驻留延长至8月31日。",
     [Event("authorised", "MT", "IT", "马耳他议会", 90, "2027-06-30"),
          Event("rejected", "AL", "GR", "阿尔巴尼亚议会", 200),
          Event("extended", "ME", "SI", "黑山政府", 40, "2027-08-31")]),
    ("en", "Paris loses two bases in a day",
     "Chad's foreign ministry on Thursday announced the end of its defence agreement with France, and about "
     "1,000 French soldiers have to leave.\n"
     "Hours later Senegal's president, Bassirou Diomaye Faye, told Le Monde that soon there would be no "
     "French soldiers in Dakar. There are 350 of them. He gave no date.\n"
     "Mali had shown the way in 2022; Burkina Faso followed in 2023.\n"
     "Djibouti keeps 1,500 French soldiers.",
     [Event("revoked", "TD", "FR", "Chad's foreign ministry", 1000),
          Event(None, "SN", "FR", "Senegal's president", 350)]),
]  # fmt: skip
# Reactions, the senders' parliament, other countries years ago: one event, with nothing of theirs.
ONE: list[Case] = [
    ("en", "",
     "Togo's National Assembly on Tuesday approved a stay of 100 French soldiers until 30 June.\n"
     "In Benin, where French troops left in 2024, the decision was watched closely. The government in "
     "Cotonou said it had no plans to admit foreign soldiers.",
     [Event("authorised", "TG", "FR", "Togo's National Assembly", 100, "2027-06-30")]),
    ("en", "",
     "Togo's National Assembly on Tuesday approved a stay of 100 French soldiers until 30 June.\n"
     "Mali expelled 2,400 French soldiers in 2022. Niger ended its agreement with Paris a year later, and "
     "Chad in 2024.",
     [Event("authorised", "TG", "FR", "Togo's National Assembly", 100, "2027-06-30")]),
    ("es", "",
     "El Senado de Bolivia autorizó el martes el ingreso de 60 soldados chilenos hasta el 30 de junio.\n"
     "El Senado de Chile aprobó el miércoles el envío de los 60 soldados.\n"
     "En Argentina el Congreso rechazó en 2024 un pedido parecido.",
     [Event("authorised", "BO", "CL", "El Senado de Bolivia", 60, "2027-06-30")]),
    ("fr", "",
     "L'Assemblée nationale du Togo a autorisé mardi 100 soldats français à rester jusqu'au 30 juin.\n"
     "Le Mali avait expulsé les soldats français en 2022. Le Sénégal a salué la décision.",
     [Event("authorised", "TG", "FR", "L'Assemblée nationale du Togo", 100, "2027-06-30")]),
    ("de", "",
     "Das Parlament von Malta genehmigte am Dienstag den Aufenthalt von 90 italienischen Soldaten bis zum "
     "30. Juni.\n"
     "In Zypern lehnte die Opposition am Mittwoch fremde Soldaten ab. Der Bundestag beschloss 2024 einen "
     "ähnlichen Einsatz.",
     [Event("authorised", "MT", "IT", "Das Parlament von Malta", 90, "2027-06-30")]),
    ("ru", "",
     "Парламент Мальты во вторник одобрил пребывание 90 итальянских военных до 30 июня.\n"
     "Правительство Италии в среду одобрило отправку военных. В 2024 году Греция отказала турецким военным.",
     [Event("authorised", "MT", "IT", "Парламент Мальты", 90, "2027-06-30")]),
]  # fmt: skip


def value(leaf: Stated | None) -> str | int | None:
    return leaf.value if leaf else None


def event(facts: Facts) -> Event:
    outcome, host, body = (value(leaf) for leaf in (facts.outcome, facts.host, facts.body))
    senders = "+".join(str(sender.value) for sender in facts.senders)
    most = value(facts.personnel.max) if facts.personnel else None
    until = value(facts.period.end) if facts.period else None
    return Event(
        str(outcome) if outcome else None, str(host), senders, str(body), int(most) if most else None,
        str(until) if until else None,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), SEVERAL + ONE)
def test_each_country_has_its_own_facts(language: str, title: str, text: str, expected: list[Event]) -> None:
    found = [event(facts) for facts in troops_in(text, language, date(2027, 6, 11), title).facts]
    assert len(found) == len(expected)
    for one, wanted in zip(found, expected, strict=True):
        assert one._replace(outcome=one.outcome if wanted.outcome else None) == wanted
