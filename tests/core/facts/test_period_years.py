"""Years and parts of years that a period states, and the days of travel. All articles appeared on 10 March 2027."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.core.facts.test_period import stay


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        # The year stands before or after the range, or the range without a year is mostly over
        (
            "es",
            "El Congreso autorizó el ingreso de tropas durante todo 2028, del 1 de enero al 31 de diciembre.",
            "2028-01-01/2028-12-31",
        ),
        (
            "en",
            "Parliament approved the entry of troops from 1 January to 31 December, throughout 2028.",
            "2028-01-01/2028-12-31",
        ),
        (
            "ru",
            "Парламент разрешил пребывание войск в течение 2028 года, с 1 января по 31 декабря.",
            "2028-01-01/2028-12-31",
        ),
        # Halves and quarters
        ("es", "El Congreso autorizó el ingreso de tropas en el segundo semestre de 2027.", "2027-07-01/2027-12-31"),
        ("en", "Parliament approved the entry of troops in the second quarter of 2027.", "2027-04-01/2027-06-30"),
        (
            "fr",
            "Le Parlement autorise le séjour de troupes pour les six premiers mois de 2028.",
            "2028-01-01/2028-06-30",
        ),
        ("de", "Das Parlament genehmigte den Einsatz der Soldaten im zweiten Halbjahr 2027.", "2027-07-01/2027-12-31"),
        ("pl", "Sejm zgodził się na pobyt wojsk w drugiej połowie 2027 roku.", "2027-07-01/2027-12-31"),
        ("uk", "Рада дозволила перебування військ у другому півріччі 2027 року.", "2027-07-01/2027-12-31"),
        # Until the year is over
        ("es", "El Congreso permitió la permanencia de tropas hasta que termine 2028.", "/2028-12-31"),
        # Rotations: from the first day of all to the last
        (
            "es",
            "El Congreso autorizó el ingreso de tropas: del 2 al 20 de abril, del 5 al 25 de julio y del 1 al 20 de octubre.",
            "2027-04-02/2027-10-20",
        ),
        (
            "it",
            "Il Parlamento ha autorizzato l'ingresso di truppe dal 2 al 20 aprile e dal 5 al 25 luglio.",
            "2027-04-02/2027-07-25",
        ),
        # A month in the headline, the day of it in the text; a season is no year
        (
            "en",
            "Troops stay until November 2028. Parliament let the troops stay until 15 November 2028.",
            "/2028-11-15",
        ),
        ("en", "The troops will number 900 by 2028-29.", ""),
        # A weekday is the day of the vote
        ("ro", "Guvernul a prelungit joi până la 15 noiembrie 2028 prezența trupelor.", "/2028-11-15"),
        # The debate took three days, the stay takes four months
        (
            "es",
            "Tras tres días de debate, el Congreso autorizó el ingreso de tropas desde el 1 de mayo. Permanecerán cuatro meses.",
            "2027-05-01/2027-08-31",
        ),
    ],
)
def test_years_and_parts_of_years(language: str, text: str, expected: str) -> None:
    assert stay(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "es",
            "El Congreso autorizó el ingreso de tropas. El ejercicio será del 10 al 12 de mayo; la entrada es el 6 y la salida el 15.",
        ),
        (
            "en",
            "Parliament approved the entry of troops. The drill is on May 10-12; they arrive on May 6 and leave on May 15.",
        ),
        (
            "en",
            "Parliament approved the entry of troops. The drill is on May 10-12; they arrive on the 6th and leave on the 15th.",
        ),
        (
            "fr",
            "Le Parlement a autorisé l'entrée de soldats. L'exercice aura lieu du 10 au 12 mai ; l'arrivée est prévue le 6 mai et le départ le 15 mai.",
        ),
    ],
)
def test_the_days_of_travel_frame_those_of_an_exercise(language: str, text: str) -> None:
    assert stay(text, language) == "2027-05-06/2027-05-15"
