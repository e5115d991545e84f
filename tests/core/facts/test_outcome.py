import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.facts.scenes import facts_in, words

# language, text, outcome, words of the act
CASES = [
    ("es", "El Senado aprobó el ingreso de 40 soldados chilenos.", "authorised", "aprobó"),
    ("es", "El Gobierno pide al Congreso que autorice la entrada de tropas chilenas.", "proposed", "pide"),
    ("es", "Los diputados discutieron el ingreso de soldados chilenos y terminaron sin votación.", "debated", None),
    ("es", "El Congreso rechazó el ingreso de soldados chilenos.", "rejected", "rechazó"),
    ("es", "El Congreso prorrogó la permanencia de los soldados chilenos.", "extended", "prorrogó"),
    ("es", "El Gobierno revocó el permiso de los soldados chilenos.", "revoked", "revocó"),
    ("en", "Parliament approved the entry of 40 Kenyan soldiers.", "authorised", "approved"),
    ("en", "The government asks parliament to approve the entry of Kenyan soldiers.", "proposed", "asks"),
    ("en", "Parliament will vote on Monday on a bill that would let Kenyan soldiers in.", "proposed", None),
    ("en", "Lawmakers debated the entry of Kenyan soldiers and adjourned without a vote.", "debated", None),
    ("en", "Parliament votes down the extension of the Kenyan soldiers' stay.", "rejected", "votes down"),
    ("en", "The cabinet extended the stay of the Kenyan soldiers.", "extended", "extended"),
    ("en", "The cabinet withdrew permission for the Kenyan soldiers.", "revoked", "withdrew permission"),
    ("pt", "O Parlamento autorizou a entrada de soldados angolanos.", "authorised", "autorizou"),
    ("pt", "O Governo solicitou ao Parlamento a entrada de soldados angolanos.", "proposed", "solicitou"),
    ("pt", "Os deputados debateram a entrada de soldados angolanos, sem votação.", "debated", None),
    ("pt", "O Parlamento chumbou a entrada de soldados angolanos.", "rejected", "chumbou"),
    ("pt", "O Governo prorrogou a presença dos soldados angolanos.", "extended", "prorrogou"),
    ("pt", "O Governo revogou a autorização dada aos soldados angolanos.", "revoked", "revogou"),
    ("fr", "Le Sénat a autorisé l'entrée de soldats belges.", "authorised", None),
    ("fr", "Le gouvernement a soumis au Sénat l'entrée de soldats belges.", "proposed", None),
    ("fr", "Les députés ont débattu de l'entrée de soldats belges, sans vote.", "debated", None),
    ("fr", "Le Sénat a rejeté l'entrée de soldats belges.", "rejected", "rejeté"),
    ("fr", "Le Sénat a prolongé la présence des soldats belges.", "extended", "prolongé"),
    ("fr", "Le gouvernement a révoqué l'autorisation des soldats belges.", "revoked", "révoqué"),
    ("de", "Das Parlament hat den Aufenthalt belgischer Soldaten gebilligt.", "authorised", "gebilligt"),
    ("de", "Die Regierung bittet das Parlament um Zustimmung zum Einsatz belgischer Soldaten.", "proposed", "bittet"),
    ("de", "Das Parlament stritt über belgische Soldaten und vertagte sich ohne Ergebnis.", "debated", None),
    ("de", "Das Parlament lehnte den Einsatz belgischer Soldaten ab.", "rejected", None),
    ("de", "Die Regierung verlängerte den Aufenthalt der belgischen Soldaten.", "extended", "verlängerte"),
    ("de", "Die Regierung widerrief die Genehmigung für die belgischen Soldaten.", "revoked", "widerrief"),
    ("it", "Il Senato ha approvato l'ingresso di soldati greci.", "authorised", "approvato"),
    ("it", "Il governo ha chiesto al Senato l'ingresso di soldati greci.", "proposed", None),
    ("it", "Il Senato ha discusso dell'ingresso di soldati greci senza votare.", "debated", None),
    ("it", "Il Senato ha bocciato l'ingresso di soldati greci.", "rejected", "bocciato"),
    ("it", "Il governo ha prorogato la permanenza dei soldati greci.", "extended", "prorogato"),
    ("it", "Il governo ha revocato l'autorizzazione ai soldati greci.", "revoked", "revocato"),
    ("pl", "Parlament zgodził się na pobyt żołnierzy czeskich.", "authorised", None),
    ("pl", "Rząd skierował do Sejmu wniosek o zgodę na pobyt żołnierzy czeskich.", "proposed", None),
    ("pl", "Posłowie spierali się o pobyt żołnierzy czeskich i rozeszli się bez głosowania.", "debated", None),
    ("pl", "Parlament odrzucił wniosek o pobyt żołnierzy czeskich.", "rejected", "odrzucił"),
    ("pl", "Rząd przedłużył pobyt żołnierzy czeskich.", "extended", "przedłużył"),
    ("pl", "Rząd cofnął zgodę na pobyt żołnierzy czeskich.", "revoked", "cofnął"),
    ("ro", "Parlamentul a aprobat intrarea soldaților bulgari.", "authorised", "aprobat"),
    ("ro", "Guvernul a cerut Parlamentului intrarea soldaților bulgari.", "proposed", None),
    ("ro", "Deputații au dezbătut intrarea soldaților bulgari, fără vot.", "debated", None),
    ("ro", "Parlamentul a respins intrarea soldaților bulgari.", "rejected", "respins"),
    ("ro", "Guvernul a prelungit prezența soldaților bulgari.", "extended", "prelungit"),
    ("ro", "Guvernul a revocat autorizația soldaților bulgari.", "revoked", "revocat"),
    ("uk", "Верховна Рада схвалила допуск литовських військових.", "authorised", "схвалила"),
    ("uk", "Президент вніс до Ради законопроєкт про допуск литовських військових.", "proposed", "вніс"),
    ("uk", "Депутати сперечалися про допуск литовських військових, голосування не було.", "debated", None),
    ("uk", "Рада відхилила допуск литовських військових.", "rejected", "відхилила"),
    ("uk", "Рада продовжила термін перебування литовських військових.", "extended", "продовжила"),
    ("uk", "Уряд скасував дозвіл литовським військовим.", "revoked", "скасував"),
    ("ru", "Парламент разрешил ввод узбекских военных.", "authorised", "разрешил"),
    ("ru", "Правительство внесло в парламент просьбу о вводе узбекских военных.", "proposed", None),
    ("ru", "Депутаты спорили о вводе узбекских военных, голосования не было.", "debated", None),
    ("ru", "Парламент отклонил ввод узбекских военных.", "rejected", "отклонил"),
    ("ru", "Парламент продлил пребывание узбекских военных.", "extended", "продлил"),
    ("ru", "Правительство отозвало разрешение у узбекских военных.", "revoked", "отозвало"),
    ("tr", "Meclis, Macar askerlerinin gelişini onayladı.", "authorised", "onayladı"),
    ("tr", "Hükümet, Macar askerleri için tezkereyi Meclis'e sundu.", "proposed", None),
    ("tr", "Meclis, Macar askerlerini tartıştı, oylama yapılmadı.", "debated", None),
    ("tr", "Meclis, Macar askerlerinin gelişini reddetti.", "rejected", "reddetti"),
    ("tr", "Hükümet, Macar askerlerinin görev süresini uzattı.", "extended", "uzattı"),
    ("tr", "Hükümet, Macar askerlerine verilen izni iptal etti.", "revoked", None),
    ("id", "Parlemen menyetujui masuknya tentara Thailand.", "authorised", "menyetujui"),
    ("id", "Pemerintah meminta parlemen mengizinkan masuknya tentara Thailand.", "proposed", None),
    ("id", "Parlemen memperdebatkan masuknya tentara Thailand tanpa keputusan.", "debated", None),
    ("id", "Parlemen menolak masuknya tentara Thailand.", "rejected", "menolak"),
    ("id", "Pemerintah memperpanjang izin tentara Thailand.", "extended", "memperpanjang"),
    ("id", "Pemerintah mencabut izin tentara Thailand.", "revoked", "mencabut"),
]


@pytest.mark.parametrize("in_title", [False, True], ids=["text", "title"])
@pytest.mark.parametrize(("language", "text", "outcome", "act"), CASES)
def test_the_outcome_is_told_with_the_words_of_the_act(
    language: str, text: str, outcome: str, act: str | None, in_title: bool
) -> None:
    title, body = (text.rstrip("."), "x.") if in_title else ("", text)
    leaf = facts_in(body, language, title).outcome
    assert leaf is not None
    assert leaf.value == outcome
    if act:
        assert words(leaf, title, body) == act


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Lawmakers rejected the request. If approved, it would have let Kenyan soldiers in.", "rejected"),
        ("A general visited the base. In 2019 parliament approved the entry of Kenyan soldiers.", "past"),
        ("Parliament approved the entry of Kenyan soldiers by 60 votes to 2. They have to leave in May.", "authorised"),
        ("Lawmakers approve the entry of Kenyan soldiers.", "authorised"),
        ("Parliament let in Kenyan soldiers in 2027.", "authorised"),
        ("The junta is breaking off its military agreement with Kenya.", "revoked"),
        ("The weather was fine.", None),
    ],
)
def test_what_decides_where_several_things_are_told(text: str, outcome: str | None) -> None:
    leaf = facts_in(text, "en").outcome
    assert (leaf.value if leaf else None) == outcome


_SOME = sorted({word for _, text, *_ in CASES for word in text.split()})


@given(st.lists(st.sampled_from(_SOME), max_size=40), st.sampled_from(sorted({case[0] for case in CASES})))
def test_a_leaf_lies_in_its_field(chosen: list[str], language: str) -> None:
    text = " ".join(chosen)
    facts = facts_in(text, language, " ".join(chosen[:8]))
    leaves = [leaf for leaf in (facts.outcome, facts.host, facts.body, *facts.senders) if leaf]
    for leaf in leaves:
        field = text if leaf.field == "text" else " ".join(chosen[:8])
        assert 0 <= leaf.start < leaf.end <= len(field)
        assert field[leaf.start : leaf.end] in leaf.sentence
    if facts.body:
        assert words(facts.body, " ".join(chosen[:8]), text) == facts.body.value
    if facts.host:
        assert facts.host.value not in {sender.value for sender in facts.senders}
