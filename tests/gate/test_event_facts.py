"""Facts of one event, by class of error: what the shipped rules find in sentences as the press writes them."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from tests.gate.shipped import troops_in

# language, title, text, and the values of some fields
CASES = [
    (
        "en",
        "Security Council keeps blue helmets in Cyprus",
        "NEW YORK: The UN Security Council on Thursday extended the mandate of UNFICYP, the force in Cyprus, "
        "by a year. About 300 British soldiers serve in it.",
        {"senders": [], "mandate": "Security Council", "outcome": "extended", "host": "CY"},
    ),
    (
        "es",
        "",
        "El Consejo de Seguridad de la ONU prorrogó el jueves por un año el mandato de los cascos azules en "
        "el Líbano. En la misión sirven 650 soldados españoles.",
        {"senders": [], "mandate": "Consejo de Seguridad", "outcome": "extended", "host": "LB"},
    ),
    (
        "fr",
        "",
        "Le Conseil de sécurité a prolongé jeudi le mandat des Casques bleus déployés au Liban. Quelque 700 "
        "soldats français y servent.",
        {"senders": [], "mandate": "Conseil de sécurité", "outcome": "extended", "host": "LB"},
    ),
    (
        "de",
        "",
        "Der Sicherheitsrat hat am Donnerstag das Mandat der Blauhelme im Libanon um ein Jahr verlängert. "
        "Auch deutsche Soldaten sind dort.",
        {"senders": [], "mandate": "Sicherheitsrat", "outcome": "extended", "host": "LB"},
    ),
    (
        "en",
        "",
        "At the request of the Comoran president, the African Union agreed on Friday to send 800 Tanzanian "
        "soldiers to Moroni.",
        {"senders": ["TZ"], "mandate": "African Union"},
    ),
    (
        "en",
        "",
        "Malta's parliament approved on Friday the stay of 100 Italian soldiers.",
        {"senders": ["IT"], "mandate": None},
    ),
    (
        "en",
        "",
        'Malta\'s parliament approved on Friday the visit of French troops. They arrive on the frigate "Lynch".',
        {"senders": ["FR"], "host": "MT"},  # a name in quotes ends the text
    ),
    (
        "en",
        "",
        "The National Security Council of Malta approved on Friday the stay of 100 Italian soldiers.",
        {"senders": ["IT"], "mandate": None},
    ),
    (
        "en",
        "",
        "Malta's parliament approved a resolution on Wednesday that lets 100 Italian soldiers stay until June.",
        {"instrument.kind": "resolution", "instrument.date": "2027-03-10"},
    ),
    (
        "es",
        "",
        "El Parlamento de Malta aprobó el miércoles la estancia de 100 soldados italianos. El decreto, que se"
        " publicará en junio, fija en un año su permanencia.",
        {"instrument.kind": "decreto", "instrument.date": "2027-03-10"},
    ),
    (
        "pt",
        "",
        "O parlamento de Cabo Verde autorizou na quarta-feira a entrada de 100 soldados espanhóis. O decreto "
        "fala em exercícios.",
        {"instrument.kind": "decreto", "instrument.date": "2027-03-10"},
    ),
    (
        "en",
        "",
        "Malta's parliament rejected a resolution on Wednesday that would let 100 Italian soldiers stay.",
        {"instrument.kind": "resolution", "instrument.date": None},
    ),
    (
        "en",
        "",
        "Togo and France signed a defence cooperation agreement on Wednesday that lets French soldiers stay; "
        "the National Assembly must still ratify it.",
        {"outcome": "proposed", "instrument.kind": "defence cooperation agreement", "instrument.date": "2027-03-10"},
    ),
    (
        "fr",
        "",
        "Le gouvernement togolais met fin à l'accord de défense avec Paris : les soldats français doivent partir.",
        {"outcome": "revoked", "instrument.kind": "accord de défense"},
    ),
    (
        "en",
        "",
        "Fiji's parliament approved the extension of the mission of 200 Indian soldiers for another year.",
        {"outcome": "extended"},
    ),
    (
        "es",
        "",
        "El parlamento no autoriza el ingreso de tropas italianas en Malta.",
        {"outcome": "rejected"},
    ),
    (
        "tr",
        "",
        "Malta Parlamentosu'nda İtalyan askerlerine izin tezkeresi geçmedi.",
        {"outcome": "rejected"},
    ),
    (
        "uk",
        "",
        "Парламент Мальти не дозволяє італійським військам перебувати в країні.",
        {"outcome": "rejected"},
    ),
    (
        "en",
        "",
        "Malta's government approved the stay of Italian soldiers. Libya's government rejected the presence "
        "of troops near its waters.",
        {"outcome": "authorised", "host": "MT"},
    ),
    (
        "en",
        "",
        "Malta's parliament approved on Friday the stay of 100 Italian soldiers. In 2019 it had approved a "
        "similar stay.",
        {"outcome": "authorised"},
    ),
]


def values(language: str, title: str, text: str, names: list[str]) -> dict[str, object]:
    """The values of the fields with these dotted names; None or [] where there is none."""
    facts = msgspec.to_builtins(troops_in(text, language, date(2027, 3, 12), title).facts[0])
    found: dict[str, object] = {}
    for name in names:
        value = facts
        for key in name.split("."):
            value = (value or {}).get(key)
        several = [one["value"] for one in value] if isinstance(value, list | tuple) else []
        found[name] = value["value"] if isinstance(value, dict) else several if name in ("senders", "places") else None
    return found


@pytest.mark.parametrize(("language", "title", "text", "expected"), CASES)
def test_facts_of_one_event(language: str, title: str, text: str, expected: dict[str, object]) -> None:
    assert values(language, title, text, list(expected)) == expected
