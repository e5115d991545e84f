"""Who wrote an article: names are split and cleaned; sites, desks, numbers, dates and addresses are no authors."""

from __future__ import annotations

import pytest

from pipeline.core.pages.bylines import as_written, read_byline


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("By Jane Doe", "Jane Doe"),
        ("by JANE DOE", "JANE DOE"),
        ("By Jane Doe and John Roe", "Jane Doe, John Roe"),
        ("Jane Doe, John Roe & Li Wei", "Jane Doe, John Roe, Li Wei"),
        ("Por María José Pérez y Juan Ortega y Gasset", "María José Pérez, Juan Ortega y Gasset"),
        ("Von Roland Brock und Anna Weiß", "Roland Brock, Anna Weiß"),
        ("Par Sébastien Farcis et Anne Blanc", "Sébastien Farcis, Anne Blanc"),
        ("Di Marco Rossi", "Marco Rossi"),
        ("De Gaulle", "De Gaulle"),
        ("de María Pérez", "María Pérez"),
        ("Door Jan de Vries", "Jan de Vries"),
        ("Av Kari Nordmann", "Kari Nordmann"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("Autor: Jan Kowalski", "Jan Kowalski"),
        ("中村花子記者", "中村花子"),
        ("文/张三", "张三"),
        ("记者 李四", "李四"),
        ("بقلم: أحمد علي", "أحمد علي"),
        ("E. BARRENE / J. I. DA SILVA", "E. BARRENE, J. I. DA SILVA"),
        ("Jane Doe, Political Correspondent", "Jane Doe"),
        ("Jane Doe, Madrid", "Jane Doe"),
        ("Jane Doe (Port Alder)", "Jane Doe"),
        ("Jane Doe | 12 May 2026, 14:30", "Jane Doe"),
        ("By GILLIAN MOHN March 11, 2015 3:46 PM", "GILLIAN MOHN"),
        ("coastwire - Alberto Ávila", "Alberto Ávila"),
        ("Dr. Rainer Quitz", "Dr. Rainer Quitz"),
        ("Ursula von der Lahn", "Ursula von der Lahn"),
        ("J. K. Rowan", "J. K. Rowan"),
        # agencies only without a person
        ("AFP", "AFP"),
        ("Jane Doe, AFP", "Jane Doe"),
        ("EFE y Jane Doe", "Jane Doe"),
        ("dpa/lno", "dpa"),
        # nobody
        ("Coastwire", ""),
        ("COASTWIRE", ""),
        ("coastwire.example", ""),
        ("www.coastwire.com", ""),
        ("Coastwire Staff", ""),
        ("The Coastwire editors", ""),
        ("Redaktion Coastwire", ""),
        ("Coastwire Online", ""),
        ("12345", ""),
        ("2026", ""),
        ("12 May 2026", ""),
        ("2026-05-12T10:00:00Z", ""),
        ("jane@coastwire.example", ""),
        ("https://coastwire.example/authors/jane", ""),
        ("Staff", ""),
        ("Staff Writer", ""),
        ("Web Desk", ""),
        ("admin", ""),
        ("wpadmin", ""),
        ("Redaktion", ""),
        ("Redacción", ""),
        ("La Rédaction", ""),
        ("Redazione", ""),
        ("Редакция", ""),
        ("編集部", ""),
        ("No Author", ""),
        ("Haven GmbH, Hamburg, Germany", ""),
        ("Copyright 2026 Haven", ""),
        ("", ""),
    ],
)
def test_names(raw: str, names: str) -> None:
    assert read_byline([raw], "Coastwire", "coastwire") == names


def test_names_of_several_entries_once() -> None:
    assert read_byline(["By Ana Ruiz", "ana ruiz", "Li Wei", "Coastwire"], "Coastwire") == "Ana Ruiz, Li Wei"


@pytest.mark.parametrize(
    ("author", "bylines", "kept"),
    [
        ("Ana Ruiz", ("Ana Ruiz",), ""), ("Ana Ruiz", ("By Ana Ruiz", "Ana  Ruiz", ""), ""),
        ("Jane Doe", ("Jane Doe, AFP",), "Jane Doe, AFP"),
        ("Max Muster", ("", "Von Max Muster, dpa"), "Von Max Muster, dpa"),
        ("Ana Ruiz", ("Ana Ruiz", "Ana Ruiz (con información de EFE)"), "Ana Ruiz (con información de EFE)"),
        ("", ("Staff",), "Staff"), ("Ana Ruiz", ("x" * 500,), "x" * 200),
    ],
)  # fmt: skip
def test_a_byline_that_says_more_than_the_author_is_kept(author: str, bylines: tuple[str, ...], kept: str) -> None:
    assert as_written(author, *bylines) == kept
