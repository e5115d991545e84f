"""Edits of articles in many languages: which ones change what a reader learned, and which are only another wording."""

from __future__ import annotations

import pytest

from pipeline.core.stories import versions
from pipeline.core.stories.traits import traits
from pipeline.core.text.prose import body

#: language, sentence, what is replaced, by what, kind of change
REAL = [
    # votes: swapped sides too
    ("es", "La ley pasó con 27 votos a favor y 31 en contra en el Senado.",
     "27 votos a favor y 31", "31 votos a favor y 27", "vote"),
    ("es", "El pleno votó con 27 a favor y 4 abstenciones el proyecto.", "27 a favor", "29 a favor", "vote"),
    ("pt", "O plenário votou com 27 votos a favor e 31 contra o projeto.",
     "27 votos a favor e 31", "31 votos a favor e 27", "vote"),
    ("fr", "Le texte a recueilli 120 voix pour et 98 voix contre au Sénat.",
     "120 voix pour et 98", "98 voix pour et 120", "vote"),
    ("ru", "За проект проголосовали 244 за, 12 против, сообщили в Думе.", "244 за, 12", "12 за, 244", "vote"),
    ("it", "La Camera ha votato con 150 favorevoli e 90 contrari al testo.",
     "150 favorevoli e 90", "90 favorevoli e 150", "vote"),
    ("de", "Der Bundestag stimmte mit 320 Stimmen dafür und 280 dagegen ab.",
     "320 Stimmen dafür und 280", "280 Stimmen dafür und 320", "vote"),
    ("en", "The motion had 51 senators in favour and 48 against it last night.",
     "51 senators in favour and 48", "48 senators in favour and 51", "vote"),
    ("en", "The chamber voted 51-48 for the motion after a long debate.", "51-48", "48-51", "number"),
    # outcomes
    ("en", "The council approved the plan for the harbour in the capital.", "approved", "rejected", "outcome"),
    ("en", "The court convicted the former minister of fraud in the capital.", "convicted", "acquitted", "outcome"),
    ("en", "Two people were injured when the ferry hit the quay wall.", "injured", "killed", "outcome"),
    ("en", "Shares of the bank rose after the announcement in the morning.", "rose", "fell", "outcome"),
    ("es", "El Congreso aprobó el ingreso de las tropas extranjeras.", "aprobó", "rechazó", "outcome"),
    ("pt", "O Senado aprovou o envio de tropas para a fronteira norte.", "aprovou", "rejeitou", "outcome"),
    ("fr", "Les députés ont adopté la motion contre le gouvernement.", "adopté", "rejeté", "outcome"),
    ("de", "Das Parlament hat den Antrag der Regierung gebilligt.", "gebilligt", "abgelehnt", "outcome"),
    ("it", "La Camera ha approvato la mozione sulle truppe.", "approvato", "respinto", "outcome"),
    ("ru", "Парламент одобрил ввод войск на территорию страны.", "одобрил", "отклонил", "outcome"),
    ("uk", "Парламент схвалив введення військ на територію країни.", "схвалив", "відхилив", "outcome"),
    ("pl", "Sejm przyjął ustawę o pobycie wojsk obcych w kraju.", "przyjął", "odrzucił", "outcome"),
    ("tr", "Meclis yabancı askerlerin girişine izin tezkeresini kabul etti.", "kabul etti", "reddetti", "outcome"),
    ("ar", "وافق البرلمان على دخول القوات الأجنبية إلى البلاد.", "وافق", "رفض", "outcome"),
    ("zh", "议会批准了外国军队入境的决议草案。", "批准", "否决", "outcome"),
    ("id", "Parlemen menyetujui masuknya pasukan asing ke negara itu.", "menyetujui", "menolak", "outcome"),
    # negations
    ("en", "The minister will attend the meeting of the alliance.", "will attend", "will not attend", "negation"),
    ("es", "El ministro asistirá a la reunión de la alianza.", "asistirá", "no asistirá", "negation"),
    ("pt", "O ministro vai participar da reunião da aliança.", "vai participar", "não vai participar", "negation"),
    ("fr", "Le ministre participera à la réunion de l'alliance.", "participera", "ne participera pas", "negation"),
    ("de", "Der Minister wird an dem Treffen teilnehmen.", "wird an", "wird nicht an", "negation"),
    ("ru", "Министр будет участвовать во встрече союза.", "будет", "не будет", "negation"),
    ("uk", "Міністр братиме участь у зустрічі союзу.", "братиме", "не братиме", "negation"),
    ("pl", "Minister weźmie udział w spotkaniu sojuszu.", "weźmie", "nie weźmie", "negation"),
    ("id", "Menteri akan menghadiri pertemuan aliansi itu.", "akan", "tidak akan", "negation"),
    ("ar", "قال الوزير إن القوات دخلت المدينة صباح اليوم.", "دخلت", "لم تدخل", "negation"),
    # numbers in words
    ("en", "Seven people died when the bridge fell into the river.", "Seven", "Eight", "number"),
    ("en", "The town sent twenty-one firefighters to the harbour.", "twenty-one", "twenty-two", "number"),
    ("es", "Siete personas esperaban en el puente cuando llegó el tren.", "Siete", "Ocho", "number"),
    ("fr", "Sept personnes attendaient sur le pont à l'arrivée du train.", "Sept", "Huit", "number"),
    ("de", "Sieben Menschen warteten auf der Brücke auf den Zug.", "Sieben", "Acht", "number"),
    ("it", "Sette persone aspettavano sul ponte l'arrivo del treno.", "Sette", "Otto", "number"),
    ("pt", "Sete pessoas esperavam na ponte a chegada do trem.", "Sete", "Oito", "number"),
    ("ru", "Семь человек ждали на мосту прибытия поезда.", "Семь", "Восемь", "number"),
    # percent, currency, scale, unit
    ("en", "Inflation was 5 percent in the month of the report.", "5 percent", "6 percent", "number"),
    ("en", "The fund has $500 million for the repair of roads.", "million", "billion", "number"),
    ("en", "The fund has $500 million for the repair of roads.", "$500", "€500", "number"),
    ("es", "El fondo tiene 500 millones de dólares para caminos.", "dólares", "euros", "number"),
    ("de", "Der Fonds hat 500 Millionen Euro für Straßen.", "Millionen", "Milliarden", "number"),
    ("ru", "Фонд располагает суммой 500 млн рублей на дороги.", "млн", "млрд", "number"),
    ("zh", "该基金有5亿美元用于修路,官员表示。", "5亿", "5万", "number"),
    ("en", "The zone reaches 30 km from the plant in every direction.", "30 km", "30 miles", "number"),
    ("en", "The emergency lasts for 30 days in the northern provinces.", "30 days", "30 months", "number"),
    ("es", "La emergencia durará 30 días en las provincias del norte.", "30 días", "30 meses", "number"),
    # scores
    ("en", "The home side beat the visitors 2-1 in the cup final.", "2-1", "2-2", "number"),
    ("es", "El partido terminó 3-1 en el estadio de la capital.", "3-1", "1-3", "number"),
    # dates, absolute and relative
    ("en", "The talks begin on Monday in the capital of the country.", "Monday", "Tuesday", "date"),
    ("en", "The chamber will decide on the matter tomorrow evening.", "tomorrow", "today", "date"),
    ("es", "El fallo se conocerá hoy por la tarde en la capital.", "hoy", "ayer", "date"),
    ("de", "Das Urteil fällt morgen am Gericht der Hauptstadt.", "morgen", "heute", "date"),
    ("ru", "Заседание состоится завтра в столице страны.", "завтра", "сегодня", "date"),
    ("it", "La sentenza arriverà domani nella capitale.", "domani", "oggi", "date"),
    ("pt", "A decisão entra em vigor em 14 de maio no país.", "14 de maio", "15 de maio", "date"),
    # names: another spelling may be another person
    ("en", "The order was signed by Jon Smith of the harbour office.", "Jon Smith", "John Smith", "name"),
    ("fr", "L'ordre a été signé par Jean Dupont au port.", "Dupont", "Durand", "name"),
    ("uk", "Наказ підписав Іван Петренко у порту міста.", "Петренко", "Петрук", "name"),
]  # fmt: skip

#: language, sentence, what is replaced, by what: another wording
SAME = [
    ("en", "The council approved the plan for the harbour in the capital.", "approved", "adopted"),
    ("en", "The council approved the plan for the harbour in the capital.", "for the harbour", "about the harbour"),
    ("en", "Seven people waited on the bridge above the river.", "Seven", "7"),
    ("en", "The town sent twenty-one firefighters to the harbour.", "twenty-one", "21"),
    ("en", "Inflation was 5 percent in the month of the report.", "5 percent", "5%"),
    ("en", "Inflation was 5 per cent in the month of the report.", "5 per cent", "5 percent"),
    ("en", "The fund has $5 million for the repair of roads.", "$5 million", "$5,000,000"),
    ("en", "The fund has $5 million for the repair of roads.", "$5 million", "5 million dollars"),
    ("en", "The zone reaches 30 km from the plant in every direction.", "30 km", "30 kilometres"),
    ("en", "The home side met the visitors and it was 2-1 in the cup final.", "2-1", "2–1"),
    ("es", "Siete personas esperaban en el puente cuando llegó el tren.", "Siete", "7"),
    ("es", "La inflación fue de 5 por ciento en el mes del informe.", "5 por ciento", "5 %"),
    ("es", "El fondo tiene 5 millones de euros para los caminos.", "5 millones de euros", "5.000.000 euros"),
    ("pt", "A inflação foi de 5 por cento no mês do relatório.", "5 por cento", "5%"),
    ("fr", "L'inflation est de 5 pour cent au mois du rapport.", "5 pour cent", "5 %"),
    ("de", "Die Inflation lag bei 5 Prozent im Monat des Berichts.", "5 Prozent", "5 %"),
    ("de", "Der Fonds hat 2,5 Millionen Euro für Straßen.", "2,5 Millionen Euro", "2.500.000 Euro"),
    ("it", "L'inflazione era al 5 per cento nel mese.", "5 per cento", "5%"),
    ("ru", "Инфляция составила 5 процентов за месяц.", "5 процентов", "5%"),
    ("ru", "Фонд располагает суммой 500 млн рублей на дороги.", "млн", "миллионов"),
    ("ru", "Парламент одобрил ввод войск на территорию страны.", "одобрил", "утвердил"),
    ("uk", "Інфляція становила 5 відсотків за місяць.", "5 відсотків", "5%"),
    ("tr", "Enflasyon bu ay yüzde 5 olarak açıklandı kurum tarafından.", "yüzde 5", "5%"),
    ("pl", "Inflacja wyniosła 5 procent w tym miesiącu.", "5 procent", "5%"),
    ("ar", "بلغ التضخم 5 في المئة خلال الشهر.", "5 في المئة", "5%"),
    ("zh", "通货膨胀率为百分之5,官员表示。", "百分之5", "5%"),
    ("id", "Inflasi tercatat 5 persen pada bulan itu.", "5 persen", "5%"),
    ("es", "El Congreso aprobó el ingreso de las tropas extranjeras.", "aprobó", "avaló"),
    ("en", "The order was signed by José Muñoz of the harbour office.", "José Muñoz", "Jose Munoz"),
    ("fr", "L’ordre a été signé par Jean-Luc Dupont au port.", "Jean-Luc", "Jean‑Luc"),
]  # fmt: skip


def changes(language: str, text: str, edited: str) -> list[tuple[str, str, str]]:
    one, other = (traits("A day at the harbour", body(each), language) for each in (text, edited))
    return [(change.kind, change.before, change.after) for change in versions.changes(one, other)]


@pytest.mark.parametrize(("language", "text", "old", "new", "kind"), REAL, ids=lambda value: str(value)[:16])
def test_real(language: str, text: str, old: str, new: str, kind: str) -> None:
    assert old in text
    edited = text.replace(old, new, 1)
    for before, after in ((text, edited), (edited, text)):
        assert kind in [found[0] for found in changes(language, before, after)], changes(language, before, after)


@pytest.mark.parametrize(("language", "text", "old", "new"), SAME, ids=lambda value: str(value)[:16])
def test_wording(language: str, text: str, old: str, new: str) -> None:
    assert old in text
    edited = text.replace(old, new, 1)
    for before, after in ((text, edited), (edited, text)):
        found = changes(language, before, after)
        assert not [one for one in found if one[0] in versions.MATERIAL], found


def test_paragraphs_in_another_order_are_no_change() -> None:
    parts = [
        "The council approved the plan by 51 votes to 48 on Monday in the capital.",
        "Seven people died and 12 were injured when the bridge fell last year.",
        "The fund has $500 million, or 5 percent of the budget, for the repair of roads.",
    ]
    found = changes("en", "\n".join(parts), "\n".join(reversed(parts)))
    assert not [one for one in found if one[0] in versions.MATERIAL], found
