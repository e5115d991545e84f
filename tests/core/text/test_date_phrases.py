"""Visible dates in many languages: found, with their time, and told apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.core.text.date_phrases import find_dates, is_dateline, labelled, without_dates
from pipeline.core.text.dated import hints

SEEN = datetime(2026, 11, 29, tzinfo=UTC)

Expected = list[tuple[str | None, str]]


def read(text: str, language: str | None) -> Expected:
    found = find_dates(text, hints(SEEN, language, None))
    return [(kind, moment.value.isoformat()[:16]) for kind, moment, _ in found]


NOON, DAY, NEXT = "2026-05-12T14:30", "2026-05-12T00:00", "2026-05-13T00:00"
BERLIN = "2026-05-12T12:30"  # 14:30 there


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12 May 2026", "en", [(None, DAY)]),
        ("May 12, 2026 at 2:30 p.m.", "en", [(None, NOON)]),
        ("Tue, May 12th, 2026", "en", [(None, DAY)]),
        ("14:30, 12 May 2026", "en", [(None, NOON)]),
        ("Published 12 May 2026 | Updated 13 May 2026", "en", [("published", DAY), ("modified", NEXT)]),
        ("Last updated: May 13, 2026", "en", [("modified", NEXT)]),
        ("Publicado el 12 de mayo de 2026, 14:30 h", "es", [("published", NOON)]),
        ("Lima, 12 may. 2026 | 02:30 pm", "es", [(None, NOON)]),
        ("Actualizado: 13/05/2026", "es", [("modified", NEXT)]),
        ("Publicado em 12/05/2026 às 14h30", "pt", [("published", "2026-05-12T17:30")]),
        ("Stand: 12.05.2026, 14.30 Uhr", "de", [("modified", BERLIN)]),
        ("Veröffentlicht am 12. Mai 2026 um 14:30 Uhr, aktualisiert am 13.5.26", "de",
         [("published", BERLIN), ("modified", NEXT)]),
        ("Publié le 12/05/2026 à 14:30 - Mis à jour le 13/05/2026", "fr", [("published", BERLIN), ("modified", NEXT)]),
        ("Le 12 mai 2026 à 14h30", "fr", [(None, BERLIN)]),
        ("12 maggio 2026 alle 14:30", "it", [(None, BERLIN)]),
        ("Aggiornato il 13 maggio 2026", "it", [("modified", NEXT)]),
        ("Gepubliceerd op 12 mei 2026 om 14:30", "nl", [("published", BERLIN)]),
        ("Opublikowano: 12 maja 2026, 14:30", "pl", [("published", BERLIN)]),
        ("kl. 14.30, 12. maj 2026", "da", [(None, BERLIN)]),
        ("Publicerad 12 maj 2026", "sv", [("published", DAY)]),
        ("Julkaistu 12.5.2026", "fi", [("published", DAY)]),
        ("2026. május 12. 14:30", "hu", [(None, BERLIN)]),
        ("12 Mayıs 2026 Salı 14:30 Güncelleme: 13 Mayıs 2026", "tr", [(None, "2026-05-12T11:30"), ("modified", NEXT)]),
        ("Опубликовано: 12.05.2026 14:30 Обновлено: 13.05.2026", "ru",
         [("published", "2026-05-12T11:30"), ("modified", NEXT)]),
        ("12 мая 2026, 14:30", "ru", [(None, "2026-05-12T11:30")]),
        ("12 Μαΐου 2026", "el", [(None, DAY)]),
        ("2026年5月12日 14:30 更新", "ja", [("modified", "2026-05-12T05:30")]),
        ("发布时间：2026-05-12 14:30", "zh", [("published", "2026-05-12T06:30")]),
        ("입력 2026.05.12. 오후 2:30 수정 2026.05.13.", "ko", [("published", "2026-05-12T05:30"), ("modified", NEXT)]),
        ("Thứ ba, 12/5/2026, 14:30 (GMT+7)", "vi", [(None, "2026-05-12T07:30")]),
        ("Selasa, 12 Mei 2026 14:30 WIB", "id", [(None, "2026-05-12T07:30")]),
        ("12 พฤษภาคม 2569", "th", [(None, DAY)]),
        ("١٢ مايو ٢٠٢٦", "ar", [(None, DAY)]),
        ("نشر الجمعة 24 نيسان / أبريل 2026", "ar", [("published", "2026-04-24T00:00")]),
        # what is none
        ("05/06/2026", "en", []),  # May or June
        ("12 May", "en", []),
        ("Call 555 1212", "en", []),
        ("32 May 2026", "en", []),
        ("The 2026 budget has 12 chapters", "en", []),
        ("12 May 2026 " + "and much more " * 30, "en", []),  # a paragraph
    ],
)  # fmt: skip
def test_dates_in_a_line(text: str, language: str, expected: Expected) -> None:
    assert read(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Published 12 May", True), ("Stand: gestern", True), ("(Updated)", True), ("Public opinion", False)],
)
def test_a_line_that_begins_with_a_label(text: str, expected: bool) -> None:
    assert labelled(text) is expected


def test_dates_are_cut_out_of_bylines() -> None:
    assert without_dates("Ana Ruiz 12 May 2026, 14:30").split() == ["Ana", "Ruiz", "|"]
    assert without_dates("Ana Ruiz") == "Ana Ruiz"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-12 14:30 来源：海岸通讯社", True),
        ("Haber Giriş Tarihi: 12.05.2026 14:30", True),
        ("Published: 12 May 2026 | Updated: 13 May 2026", True),
        ("12 May 2026, 14:30", True),
        (
            "[Update 12 May 2026] The video was later removed because it had broken the rules of the place where it",
            False,
        ),
        ("Lima, 12 May 2026", False),  # the first line of many statements
        ("When: 12 May 2026, 14:30", False),
        ("| Deadline | 12 May 2026, 14:30 |", False),
        ("The quay was closed on 12 May 2026 at 14:30.", False),
        ("Rain in Lima", False),
    ],
)
def test_a_line_about_publication(text: str, expected: bool) -> None:
    assert is_dateline(text) is expected
