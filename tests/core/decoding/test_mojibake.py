"""Double encodings: what is repaired, what is left alone, what is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.decoding.decode import decode
from pipeline.core.decoding.mojibake import garbled, repaired
from tests.core.decoding.texts import TEXTS


def misread(text: str, charset: str) -> str:
    """`text` in UTF-8 as somebody reads it in `charset`; undefined bytes become control characters."""
    read = (bytes((byte,)).decode(charset, "replace") for byte in text.encode())
    return "".join(c if c != "\ufffd" else chr(byte) for c, byte in zip(read, text.encode(), strict=True))


@pytest.mark.parametrize("language", sorted(TEXTS))
@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
def test_every_language_read_as_western(language: str, charset: str) -> None:
    once = misread(TEXTS[language], charset)
    assert repaired(once) == TEXTS[language]
    assert repaired(f"<p>{misread(once, charset)}</p>") == f"<p>{TEXTS[language]}</p>"
    assert decode(f"<t>{once}</t>".encode()).text == f"<t>{TEXTS[language]}</t>"


@pytest.mark.parametrize(
    ("text", "charset"),
    [(TEXTS["ru"], "cp1251"), (TEXTS["uk"], "cp1251"), (TEXTS["ru"], "cp437"), ("příští měsíc, šest", "cp1250"),
     ("Café à la crème", "cp1250"), ("Café à la crème", "mac_roman"), ("Café à la crème", "cp1251")],
)  # fmt: skip
def test_other_charsets(text: str, charset: str) -> None:
    assert repaired(misread(text, charset)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Itâ€™s the café’s â€œlastâ€\x9d", "It’s the café’s “last”"),  # only a quotation is wrong
        ("CafÃƒÂ© OlÃƒÂ©", "Café Olé"),
        ("Ã la carte et dÃ©jÃ vu", "à la carte et déjà vu"),
        ("100 â‚¬ für é", "100 € für é"),
        ("Ã  la carte et dÃ©jÃ  vu", "à la carte et déjà vu"),
        ("<b>naÃ¯ve</b> <i>naïve</i>", "<b>naïve</b> <i>naïve</i>"),
        ("ðŸ˜€ storm – é", "😀 storm – é"),
    ],
)
def test_parts(text: str, expected: str) -> None:
    assert repaired(text) == expected
    assert not garbled(expected)


@pytest.mark.parametrize(
    "text",
    [*TEXTS.values(), *(text.upper() for text in TEXTS.values()), "A MANHÃ” disse", "«IRMÃ»", "CAFÉ»", "«ГДР» и «СССР»",
     "ÉTÉ à Paris © 2026", "À bientôt… Âge", "«MAÇû", "РФ и США – «Россия»", "Việt Nam ổn định “Đà Nẵng”", "Ã",
     "№ 5 – «РИА»: США…", "ÎLE-DE-FRANCE – « É »", "Ð and Þ are letters", "ŠKODA “Ž” š"],
)  # fmt: skip
def test_right_text_is_left_alone(text: str) -> None:
    assert repaired(text) == text
    assert not garbled(text)


@pytest.mark.parametrize(
    "text", ["caf\ufffd", "cafï¿½", "锟斤拷锟斤拷", "a\x93b", "Itâ€™s ÿ ÑŒ é ß", "ñ РїСЂРё РІРµС‚ РјРёСЂ ñ"]
)
def test_what_cannot_be_repaired_is_marked(text: str) -> None:
    assert garbled(repaired(text)) or "â€" not in repaired(text)
    if "â€" not in text:
        assert garbled(repaired(text))


@given(st.text(max_size=60))
def test_repair_ends_and_never_grows(text: str) -> None:
    assert len(repaired(text)) <= len(text)
    assert len(repaired(repaired(text))) <= len(repaired(text))
