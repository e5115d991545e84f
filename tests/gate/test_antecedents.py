"""Later words for an act ("the resolution", "la medida"), and sentences that go on about it, mean the act before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from tests.gate.shipped import troops_in

# language, text, what the act is: number and date, however they are spread over the sentences
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("en", "Belize's House approved Resolution No. 41, which lets 60 Chilean soldiers stay. "
     "The resolution was signed on 4 March 2027.", {"number": "41", "date": "2027-03-04"}),
    ("en", "Belize's House approved a resolution that lets 60 Chilean soldiers stay. "
     "The resolution, No. 41 of 4 March, goes to the president.", {"number": "41", "date": "2027-03-04"}),
    ("en", "Malta's cabinet adopted a decree that admits 60 Greek soldiers. It was issued on Tuesday.",
     {"number": None, "date": "2027-03-09"}),
    ("en", "Belize's House approved Resolution No. 41, which lets Chilean soldiers stay. "
     "Another resolution, No. 42, is on fishing.", {"number": "41", "date": None}),
    ("es", "El Senado boliviano aprobó la Resolución N.º 41, que autoriza el ingreso de 60 soldados chilenos. "
     "La resolución fue promulgada el 4 de marzo de 2027.", {"number": "41", "date": "2027-03-04"}),
    ("es", "El Gobierno boliviano emitió un decreto que autoriza el ingreso de 60 soldados chilenos. "
     "El decreto N.º 512 entra en vigor hoy.", {"number": "512", "date": None}),
    ("pt", "O Parlamento cabo-verdiano aprovou a Resolução n.º 41, que autoriza a entrada de 60 soldados espanhóis. "
     "A resolução foi promulgada a 4 de março de 2027.", {"number": "41", "date": "2027-03-04"}),
    ("fr", "Le Parlement togolais a adopté la loi n° 41, qui autorise 60 soldats italiens à entrer dans le pays. "
     "La loi a été promulguée le 4 mars 2027.", {"number": "41", "date": "2027-03-04"}),
    ("fr", "Le gouvernement togolais a pris un décret qui autorise 60 soldats italiens à entrer dans le pays. "
     "Le décret n° 512 est entré en vigueur.", {"number": "512", "date": None}),
    ("de", "Das Parlament in Tirana billigte ein Gesetz, das 60 griechischen Soldaten den Aufenthalt erlaubt. "
     "Das Gesetz Nr. 41 vom 4. März tritt heute in Kraft.", {"number": "41", "date": "2027-03-04"}),
    ("it", "Il Parlamento maltese ha approvato la legge n. 41, che autorizza l'ingresso di 60 soldati greci. "
     "La legge è stata promulgata il 4 marzo 2027.", {"number": "41", "date": "2027-03-04"}),
    ("ru", "Президент Белоруссии подписал указ, который разрешает въезд 60 сербских военных. "
     "Указ № 41 от 4 марта уже опубликован.", {"number": "41", "date": "2027-03-04"}),
]  # fmt: skip

# Published on 10 June 2027. By another noun, "this" or its date a later mention means the act in the news; "previous",
# an earlier month or another country show that it does not, so that its number and date are not taken.
LATER: list[tuple[str, str, dict[str, Any]]] = [
    ("en", "Belize's House approved Resolution No. 41 last week, which lets 60 Chilean soldiers stay until "
     "December. The measure, voted on 2 June, goes to the president.",
     {"number": "41", "date": "2027-06-02"}),
    ("en", "Belize's House passed a bill that lets 60 Chilean soldiers stay. The law, No. 41, was signed on 4 "
     "June 2027.",
     {"number": "41", "date": "2027-06-04"}),
    ("en", "Malta and Italy signed a treaty on Tuesday that lets 60 Italian soldiers stay. Under that "
     "agreement, number 12, they may carry arms.",
     {"number": "12", "date": "2027-06-08"}),
    ("en", "Belize's House approved on Tuesday a resolution that lets 60 Chilean soldiers stay. The law of "
     "March, No. 12 of 2 March 2027, had let in only sailors.",
     {"number": None, "date": "2027-06-08"}),
    ("en", "Belize's House approved on Tuesday a resolution that lets 60 Chilean soldiers stay. The measure "
     "voted in March, No. 12, had let in only sailors.",
     {"number": None, "date": "2027-06-08"}),
    ("en", "Belize's House approved Resolution No. 41 on 2 June, which lets 60 Chilean soldiers stay. The "
     "measure voted in June took effect on Monday.",
     {"number": "41", "date": "2027-06-02"}),
    ("en", "Belize's House approved a resolution on 2 June, which lets 60 Chilean soldiers stay. A Mexican "
     "resolution, No. 7, is on fishing.",
     {"number": None, "date": "2027-06-02"}),
    ("en", "Belize's House approved on Tuesday a resolution that lets 60 Chilean soldiers stay. The previous "
     "resolution, No. 12, expires in June.",
     {"number": None, "date": "2027-06-08"}),
    ("en", "Belize's House approved on Tuesday a resolution that lets 60 Chilean soldiers stay. The Chilean "
     "law, No. 12, requires a mandate.",
     {"number": None, "date": "2027-06-08"}),
    ("es", "El Senado boliviano aprobó la semana pasada la resolución que autoriza el ingreso de 60 soldados "
     "chilenos. La medida N.º 41, votada el 2 de junio, pasa al presidente.",
     {"number": "41", "date": "2027-06-02"}),
    ("es", "El Senado boliviano aprobó el martes un proyecto de ley que autoriza el ingreso de 60 soldados "
     "chilenos. La norma N.º 41 será promulgada mañana.",
     {"number": "41", "date": "2027-06-08"}),
    ("es", "Bolivia y Chile firmaron el martes un tratado que permite el ingreso de 60 soldados chilenos. Ese "
     "acuerdo, el n.º 12, permite llevar armas.",
     {"number": "12", "date": "2027-06-08"}),
    ("es", "El Senado boliviano aprobó el martes una resolución que autoriza el ingreso de 60 soldados "
     "chilenos. La resolución de marzo, la N.º 12, solo admitía marineros.",
     {"number": None, "date": "2027-06-08"}),
    ("es", "El Senado boliviano aprobó el martes una resolución que autoriza el ingreso de 60 soldados "
     "chilenos. La anterior ley, la N.º 12, vence en junio.",
     {"number": None, "date": "2027-06-08"}),
    ("fr", "Le Parlement togolais a adopté une loi qui autorise 60 soldats italiens à entrer dans le pays. La "
     "mesure n° 41, votée le 2 juin, passe au président.",
     {"number": "41", "date": "2027-06-02"}),
    ("fr", "Le Togo et l'Italie ont signé mardi un traité qui autorise 60 soldats italiens à entrer dans le "
     "pays. Cet accord, n° 12, leur permet de porter des armes.",
     {"number": "12", "date": "2027-06-08"}),
    ("fr", "Le Parlement togolais a adopté mardi une loi qui autorise 60 soldats italiens à entrer dans le "
     "pays. La loi de mars, n° 12, n'admettait que des marins.",
     {"number": None, "date": "2027-06-08"}),
    ("fr", "Le Parlement togolais a adopté mardi une loi qui autorise 60 soldats italiens à entrer dans le "
     "pays. La loi italienne n° 12 exige un mandat.",
     {"number": None, "date": "2027-06-08"}),
    ("de", "Das Parlament in Tirana billigte ein Gesetz, das 60 griechischen Soldaten den Aufenthalt erlaubt. "
     "Die am 2. Juni beschlossene Regelung Nr. 41 geht an den Präsidenten.",
     {"number": "41", "date": "2027-06-02"}),
    ("de", "Albanien und Griechenland unterzeichneten am Dienstag einen Vertrag, der 60 griechischen Soldaten "
     "den Aufenthalt erlaubt. Dieses Abkommen Nr. 12 gilt ein Jahr.",
     {"number": "12", "date": "2027-06-08"}),
    ("de", "Das Parlament in Tirana billigte am Dienstag ein Gesetz, das 60 griechischen Soldaten den "
     "Aufenthalt erlaubt. Das Gesetz vom März, Nr. 12, erlaubte nur Seeleute.",
     {"number": None, "date": "2027-06-08"}),
    ("de", "Das Parlament in Tirana billigte am Dienstag ein Gesetz, das 60 griechischen Soldaten den "
     "Aufenthalt erlaubt. Das bisherige Gesetz Nr. 12 läuft aus.",
     {"number": None, "date": "2027-06-08"}),
    ("it", "Il Parlamento maltese ha approvato una legge che autorizza l'ingresso di 60 soldati greci. Il "
     "provvedimento n. 41, votato il 2 giugno, passa al presidente.",
     {"number": "41", "date": "2027-06-02"}),
    ("it", "Malta e la Grecia hanno firmato martedì un trattato che permette l'ingresso di 60 soldati greci. "
     "Quell'accordo, il n. 12, vale un anno.",
     {"number": "12", "date": "2027-06-08"}),
    ("it", "Il Parlamento maltese ha approvato martedì una legge che autorizza l'ingresso di 60 soldati greci. "
     "La precedente legge n. 12 scade a giugno.",
     {"number": None, "date": "2027-06-08"}),
    ("pt", "O Parlamento cabo-verdiano aprovou uma resolução que autoriza a entrada de 60 soldados espanhóis. A "
     "medida n.º 41, votada a 2 de junho, segue para o presidente.",
     {"number": "41", "date": "2027-06-02"}),
    ("pt", "O Parlamento cabo-verdiano aprovou na terça-feira uma resolução que autoriza a entrada de 60 "
     "soldados espanhóis. A resolução de março, a n.º 12, só admitia marinheiros.",
     {"number": None, "date": "2027-06-08"}),
    ("nl", "Het parlement van Malta nam een wet aan die 60 Italiaanse soldaten toelaat. De maatregel nr. 41, "
     "goedgekeurd op 2 juni, gaat naar de president.",
     {"number": "41", "date": "2027-06-02"}),
    ("nl", "Het parlement van Malta nam dinsdag een wet aan die 60 Italiaanse soldaten toelaat. De vorige wet, "
     "nr. 12, loopt af.",
     {"number": None, "date": "2027-06-08"}),
    ("pl", "Parlament Malty przyjął ustawę, która pozwala na pobyt 60 włoskich żołnierzy. Akt nr 41, uchwalony "
     "2 czerwca, trafi do prezydenta.",
     {"number": "41", "date": "2027-06-02"}),
    ("pl", "Parlament Malty przyjął we wtorek ustawę, która pozwala na pobyt 60 włoskich żołnierzy. Poprzednia "
     "ustawa nr 12 wygasa w czerwcu.",
     {"number": None, "date": "2027-06-08"}),
    ("ro", "Parlamentul Maltei a adoptat o lege care permite intrarea a 60 de militari italieni. Măsura nr. 41, "
     "votată la 2 iunie, ajunge la președinte.",
     {"number": "41", "date": "2027-06-02"}),
    ("ro", "Parlamentul Maltei a adoptat marți o lege care permite intrarea a 60 de militari italieni. Legea "
     "anterioară nr. 12 expiră în iunie.",
     {"number": None, "date": "2027-06-08"}),
    ("ru", "Парламент Мальты принял закон, который разрешает въезд 60 итальянских военных. Акт № 41 был "
     "подписан 2 июня.",
     {"number": "41", "date": "2027-06-02"}),
    ("ru", "Парламент Мальты во вторник принял закон, который разрешает въезд 60 итальянских военных. Прежний "
     "закон № 12 истекает в июне.",
     {"number": None, "date": "2027-06-08"}),
    ("uk", "Парламент Мальти ухвалив закон, який дозволяє перебування 60 італійських військових. Акт № 41 "
     "підписано 2 червня.",
     {"number": "41", "date": "2027-06-02"}),
    ("uk", "Парламент Мальти у вівторок ухвалив закон, який дозволяє перебування 60 італійських військових. "
     "Попередній закон № 12 спливає в червні.",
     {"number": None, "date": "2027-06-08"}),
    ("tr", "Malta Parlamentosu 60 İtalyan askerinin gelişine izin veren bir yasa kabul etti. 2 Haziran'da "
     "imzalanan 41 sayılı düzenleme yürürlüğe girdi.",
     {"number": "41", "date": "2027-06-02"}),
    ("tr", "Malta Parlamentosu salı günü 60 İtalyan askerinin gelişine izin veren bir yasa kabul etti. Önceki "
     "12 sayılı yasa haziranda sona eriyor.",
     {"number": None, "date": "2027-06-08"}),
    ("id", "Parlemen Malta menyetujui undang-undang yang mengizinkan 60 tentara Italia masuk. Aturan itu, Nomor "
     "41, ditandatangani pada 2 Juni.",
     {"number": "41", "date": "2027-06-02"}),
    ("id", "Parlemen Malta pada Selasa menyetujui undang-undang yang mengizinkan 60 tentara Italia masuk. "
     "Undang-undang sebelumnya, Nomor 12, berakhir pada Juni.",
     {"number": None, "date": "2027-06-08"}),
    ("sv", "Maltas parlament antog en lag som låter 60 italienska soldater stanna. Beslutet nr 41, fattat den 2 "
     "juni, gäller genast.",
     {"number": "41", "date": "2027-06-02"}),
    ("sv", "Maltas parlament antog på tisdagen en lag som låter 60 italienska soldater stanna. Den tidigare "
     "lagen nr 12 löper ut i juni.",
     {"number": None, "date": "2027-06-08"}),
    ("cs", "Parlament Malty schválil zákon, který umožňuje pobyt 60 italských vojáků. Norma č. 41 byla "
     "podepsána 2. června.",
     {"number": "41", "date": "2027-06-02"}),
    ("cs", "Parlament Malty v úterý schválil zákon, který umožňuje pobyt 60 italských vojáků. Předchozí zákon "
     "č. 12 vyprší v červnu.",
     {"number": None, "date": "2027-06-08"}),
    ("sk", "Parlament Malty v utorok schválil zákon, ktorý umožňuje pobyt 60 talianskych vojakov. "
     "Predchádzajúci zákon č. 12 vyprší v júni.",
     {"number": None, "date": "2027-06-08"}),
    ("da", "Maltas parlament vedtog tirsdag en lov, der lader 60 italienske soldater blive. Den tidligere lov "
     "nr. 12 udløber i juni.",
     {"number": None, "date": "2027-06-08"}),
    ("no", "Maltas parlament vedtok tirsdag en lov som lar 60 italienske soldater bli. Den tidligere loven nr. "
     "12 utløper i juni.",
     {"number": None, "date": "2027-06-08"}),
    ("fi", "Maltan parlamentti hyväksyi tiistaina lain, joka sallii 60 italialaisen sotilaan oleskelun. "
     "Edellinen laki nro 12 raukeaa kesäkuussa.",
     {"number": None}),
    ("hu", "Málta parlamentje kedden törvényt fogadott el, amely engedélyezi 60 olasz katona tartózkodását. A "
     "korábbi, 12. számú törvény júniusban lejár.",
     {"number": None, "date": "2027-06-08"}),
    ("el", "Η Βουλή της Μάλτας ενέκρινε την Τρίτη νόμο που επιτρέπει την παραμονή 60 Ιταλών στρατιωτών. Ο "
     "προηγούμενος νόμος, αριθ. 12, λήγει τον Ιούνιο.",
     {"number": None, "date": "2027-06-08"}),
    ("ar", "أقر برلمان مالطا يوم الثلاثاء قانونا يسمح بدخول 60 جنديا إيطاليا. وينتهي القانون السابق رقم 12 في "
     "يونيو.",
     {"number": None, "date": "2027-06-08"}),
    ("zh", "马耳他议会周二通过法律，允许60名意大利士兵入境。此前的第12号法律将于6月到期。",
     {"number": None, "date": "2027-06-08"}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_later_words_for_an_act_mean_the_one_before(language: str, text: str, expected: dict[str, Any]) -> None:
    assert act_in(language, text, date(2027, 3, 10), expected) == expected


@pytest.mark.parametrize(("language", "text", "expected"), LATER)
def test_a_later_mention_means_the_act_that_fits_what_it_says(
    language: str, text: str, expected: dict[str, Any]
) -> None:  # fmt: skip
    assert act_in(language, text, date(2027, 6, 10), expected) == expected


def act_in(language: str, text: str, published: date, names: Iterable[str]) -> dict[str, Any]:
    """The values of these fields of the act in a text; None where there is none."""
    [facts] = troops_in(text, language, published).facts
    assert facts.instrument is not None
    found = {name: getattr(facts.instrument, name) for name in names}
    return {name: leaf.value if leaf else None for name, leaf in found.items()}
