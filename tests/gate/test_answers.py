"""Outcomes told after the request or agreement was named: "It approved it", "the measure", "la rechazaron".

tests/gate/answers has texts that weights are fitted to. Those here were written later and no weight has seen them.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.gate.shipped import troops_in

PUBLISHED = date(2027, 6, 10)

#: Language, title, text, outcome, words of the body.
CASES = [
    ("en", "Chilean engineers for Belize",
     "Chile has asked Belize to host 60 engineers of its army for a year. The plan was put to the House of"
     " Representatives last week. Members backed it on Friday, 21 to 8.",
     "authorised"),
    ("en", "",
     "The deal that keeps 150 French soldiers in Libreville dates from 1960. Gabon's transitional "
     "government had promised to review it. It scrapped it on Sunday.",
     "revoked"),
    ("en", "Norwegian soldiers at an Icelandic airfield",
     "Norway wanted to move 90 soldiers to an airfield in Iceland. Foreign Minister Katrín Jónsdóttir "
     "brought the idea before the Althing's foreign affairs committee. The committee turned the request "
     "down.",
     "rejected"),
    ("es", "Infantes de marina en Colón",
     "Estados Unidos solicitó permiso para que 180 infantes de marina permanezcan en Colón, Panamá. La "
     "petición entró a la Asamblea el lunes. Por 40 votos, los diputados le dieron luz verde.",
     "authorised"),
    ("es", "",
     "La ministra de Defensa boliviana, Rosa Quispe, recibió en mayo el plan de Brasil para enviar 80 "
     "soldados a Guayaramerín. El texto pasó al Senado. La cámara lo rechazó ayer.",
     "rejected"),
    ("fr", "Instructeurs turcs à Cotonou",
     "La Turquie voulait déployer 60 instructeurs militaires à Cotonou. Le dossier était sur la table du "
     "gouvernement béninois depuis février. Celui-ci a donné son accord mercredi.",
     "authorised"),
    ("fr", "",
     "Le traité qui autorise 300 soldats français à stationner à Djibouti expire en août. Le Parlement en "
     "a débattu mardi. Les députés l'ont prorogé de cinq ans.",
     "extended"),
    ("de", "",
     "Seit 2014 sind 45 slowenische Soldaten in Podgorica. Ihr Mandat endet im Sommer. Die "
     "montenegrinische Regierung hat es am Donnerstag nicht verlängert.",
     "revoked"),
    ("it", "Militari croati a Durazzo",
     "La Croazia chiede di far entrare 70 militari a Durazzo per un corso. La proposta era ferma da mesi "
     "al governo albanese. Ieri l'esecutivo l'ha accolta.",
     "authorised"),
    ("pt", "Militares portugueses em São Tomé",
     "Portugal propôs mandar 30 militares para São Tomé. A proposta foi discutida no Parlamento são-"
     "tomense na quarta-feira. Foi aprovada por unanimidade.",
     "authorised"),
    ("pt", "",
     "Os Estados Unidos pediram para colocar 50 soldados na Praia. O Governo cabo-verdiano analisou o "
     "pedido durante um mês. Ontem recusou-o.",
     "rejected"),
    ("pl", "Amerykanie w Reykjavíku",
     "Amerykanie chcieli przysłać 60 żołnierzy do Reykjavíku. Prośba trafiła do rządu Islandii w maju. "
     "Rząd ją odrzucił.",
     "rejected"),
    ("pl", "",
     "Umowa o stacjonowaniu 100 żołnierzy niemieckich w Prisztinie wygasa jesienią. Zgromadzenie Kosowa "
     "zajęło się nią w środę. Posłowie przedłużyli ją o trzy lata.",
     "extended"),
    ("ru", "Иранские инструкторы в Душанбе",
     "Иран предложил направить 40 военных инструкторов в Душанбе. Документ внесли в парламент "
     "Таджикистана. Депутаты приняли его единогласно.",
     "authorised"),
    ("ru", "",
     "Индия просила разместить 60 военных на базе Айни. Правительство Таджикистана изучило просьбу. На "
     "прошлой неделе оно её отклонило.",
     "rejected"),
    ("uk", "Турецькі військові в Батумі",
     "Туреччина просила пустити 70 військових до Батумі. Документ надійшов до парламенту Грузії. У "
     "п'ятницю його підтримали 90 депутатів.",
     "authorised"),
    ("tr", "Larnaka'da Yunan askerleri",
     "Yunanistan, Larnaka'ya 100 asker göndermek istedi. Öneri Kıbrıs parlamentosunda bir hafta "
     "tartışıldı. Milletvekilleri perşembe günü öneriyi onayladı.",
     "authorised"),
    ("tr", "",
     "Azerbaycan'daki 200 Türk askerinin görev süresi ağustosta doluyor. Konuyla ilgili teklif Milli "
     "Meclis'e geldi. Meclis süreyi bir yıl uzattı.",
     "extended"),
    ("id", "Tentara Singapura di Brunei",
     "Singapura ingin menempatkan 80 tentara di Brunei. Usulan itu dibawa ke kabinet. Kabinet menolaknya "
     "pada Rabu.",
     "rejected"),
    ("ro", "Militari turci la Skopje",
     "Turcia a propus să trimită 50 de militari la Skopje. Propunerea a fost discutată de Parlamentul "
     "macedonean. Deputații au respins-o joi.",
     "rejected"),
    ("nl", "Belgische militairen in Bamako",
     "België vraagt om 40 militairen in Bamako te mogen houden. De Malinese regering boog zich over de "
     "vraag. Ze wees die woensdag af.",
     "rejected"),
    ("sv", "Danska soldater i Reykjavik",
     "Danmark vill placera 60 soldater i Reykjavik. Förslaget har diskuterats i alltinget. Ledamöterna "
     "avslog det i torsdags.",
     "rejected"),
    ("sk", "Chorvátski vojaci v Skadare",
     "Chorvátsko požiadalo o pobyt 70 vojakov v Skadare. Návrh dostal albánsky parlament. Poslanci ho vo "
     "štvrtok zamietli.",
     "rejected"),
    ("ar", "جنود أتراك في جيبوتي",
     "طلبت تركيا الإذن بنشر ثمانين جنديا في جيبوتي. عُرض الطلب على الجمعية الوطنية. وصوت النواب ضده يوم "
     "الأربعاء.",
     "rejected"),
    ("ar", "",
     "تنتهي في أغسطس الاتفاقية التي تسمح ببقاء 300 جندي أمريكي في الكويت. ناقشها مجلس الأمة يوم الثلاثاء. "
     "ثم مددها سنتين.",
     "extended"),
    ("zh", "法国士兵在吉布提",
     "法国希望派80名士兵驻扎吉布提。该提案周三提交国民议会。议员们以多数票通过了它。",
     "authorised"),
    ("zh", "",
     "新加坡军队在文莱的驻留协议将于八月到期。内阁周四开会讨论。会议决定将协议延长五年。",
     "extended"),
    ("el", "Ιταλοί στρατιώτες στα Τίρανα",
     "Η Ιταλία θέλει να στείλει 90 στρατιώτες στα Τίρανα. Η πρόταση συζητήθηκε στην αλβανική βουλή. Οι "
     "βουλευτές την απέρριψαν την Πέμπτη.",
     "rejected"),
    ("hu", "Szlovén katonák Podgoricában",
     "Szlovénia 45 katonát küldene Podgoricába. A javaslatot a montenegrói kormány tárgyalta. A "
     "miniszterek csütörtökön elfogadták.",
     "authorised"),
    ("da", "Norske soldater i Reykjavik",
     "Norge vil have 70 soldater i Reykjavik. Altinget drøftede ønsket i mandags. Et flertal stemte det "
     "ned.",
     "rejected"),
    ("no", "Danske soldater i Reykjavik",
     "Danmark ønsker å ha 70 soldater i Reykjavik. Alltinget drøftet ønsket mandag. Et flertall sa ja til "
     "det.",
     "authorised"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "outcome"), CASES)
def test_an_act_on_what_was_named_before_decides_it(language: str, title: str, text: str, outcome: str) -> None:
    [facts] = troops_in(text, language, PUBLISHED, title).facts
    assert facts.outcome is not None
    assert facts.outcome.value == outcome


#: Words that only look like such an act: a description, a new request, an article before a noun.
OTHERS = [
    (
        "en",
        "A request from Rome",
        "Italy asked Malta's parliament in March to admit 120 soldiers. The request will be debated on Monday.",
        "proposed",
    ),
    (
        "es",
        "Una petición de Roma",
        "Italia pidió en marzo al Parlamento de Malta el ingreso de 120 soldados. La solicitud se debatirá el lunes.",
        "proposed",
    ),
]


@pytest.mark.parametrize(("language", "title", "text", "outcome"), OTHERS)
def test_what_is_still_to_be_decided_is_no_answer(language: str, title: str, text: str, outcome: str) -> None:
    [facts] = troops_in(text, language, PUBLISHED, title).facts
    assert facts.outcome is not None
    assert facts.outcome.value == outcome


def test_the_body_of_the_sentence_before_is_the_subject() -> None:
    text = (
        "Italy asked in March to send 120 soldiers to Gozo for a training course. The request reached the House on "
        "Monday. It approved it the next day, after a short debate."
    )
    [facts] = troops_in(text, "en", PUBLISHED, "Italian soldiers on Gozo").facts
    assert facts.body is not None
    assert facts.body.value == "the House"
