"""Names of character sets as feeds, pages and servers write them, and the charsets usual in a language.

Labels are those of the WHATWG Encoding Standard, section 4.2, which also says that some mean a larger charset
(iso-8859-1 is windows-1252). Common misspellings are understood too. Results are names of Python codecs.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CODECS = {
    "utf-8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 unicode utf utf8mb3 utf8mb4 utf8bom "
    "utf8generalci utf8sig",
    "utf-16-le": "utf16 utf16le csunicode iso10646ucs2 ucs2 unicodefeff",
    "utf-16-be": "utf16be unicodefffe",
    "cp1252": "ascii usascii ansix341968 isoir100 csisolatin1 l1 ibm819 cp819 latin ansi1252 westerneuropean",
    "iso8859-2": "csisolatin2 isoir101 l2",
    "iso8859-3": "csisolatin3 isoir109 l3",
    "iso8859-4": "csisolatin4 isoir110 l4",
    "iso8859-5": "csisolatincyrillic cyrillic isoir144",
    "iso8859-6": "arabic asmo708 csisolatinarabic ecma114 isoir127 csiso88596e csiso88596i iso88596e iso88596i",
    "iso8859-7": "csisolatingreek ecma118 elot928 greek greek8 isoir126 suneugreek",
    "iso8859-8": "csiso88598e csisolatinhebrew hebrew isoir138 iso88598e visual iso88598i csiso88598i logical",
    "cp1254": "csisolatin5 isoir148 l5 turkish",
    "iso8859-10": "csisolatin6 isoir157 l6",
    "iso8859-15": "csisolatin9 l9",
    "cp866": "ibm866 866 csibm866",
    "koi8-r": "koi koi8 koi8r cskoi8r",
    "koi8-u": "koi8u koi8ru",
    "mac_roman": "mac macintosh csmacintosh xmacroman macroman",
    "mac_cyrillic": "xmaccyrillic xmacukrainian maccyrillic",
    "cp874": "dos874 tis620 windows874 iso885911",
    "gb18030": "gb18030 gbk gb2312 chinese csgb2312 csiso58gb231280 gb231280 isoir58 xgbk cngb gb euccn cp936 ms936",
    "hz": "hzgb2312",
    "big5hkscs": "big5 big5hkscs cnbig5 csbig5 xxbig5 cp950 big5eten",
    "euc_jp": "eucjp cseucpkdfmtjapanese xeucjp ujis",
    "iso2022_jp": "iso2022jp csiso2022jp jis",
    "iso2022_kr": "iso2022kr csiso2022kr",
    "cp932": "shiftjis sjis csshiftjis ms932 mskanji windows31j xsjis shiftjisx0213 cp943",
    "cp949": "euckr cseuckr csksc56011987 isoir149 korean ksc56011987 ksc56011989 ksc5601 uhc ms949 xwindows949",
}
_BY_LABEL = {label: codec for codec, labels in _CODECS.items() for label in labels.split()}
#: What is said to be of these is written by browsers as a larger one.
_WIDER = {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874"}
_WINDOWS = re.compile(r"(?:x|microsoft|windows|win|cp|ms|ansi|codepage|ibm)*(125[0-8]|874|866|932|936|949|950)")
_ISO = re.compile(r"(?:iso|x)*8859(\d{1,2})(?:e|i|19\d\d)?|latin(\d{1,2})|isolatin(\d)")
_LATIN = {2: 2, 3: 3, 4: 4, 5: 9, 6: 10, 7: 13, 8: 14, 9: 15, 10: 16}

#: Charsets of ASCII bytes only: nothing but their declaration tells.
STATEFUL = frozenset({"iso2022_jp", "iso2022_kr", "hz"})
WIDE = frozenset({"utf-16-le", "utf-16-be"})


@lru_cache(maxsize=512)
def codec(label: str) -> str | None:
    """The codec that `label` means; None if it means none."""
    key = re.sub(r"[^a-z0-9]", "", label[:60].lower())
    if key in _BY_LABEL:
        return _BY_LABEL[key]
    if found := _WINDOWS.fullmatch(key):
        number = found[1]
        return _BY_LABEL.get(f"cp{number}") or _BY_LABEL.get(f"ms{number}") or f"cp{number}"
    if found := _ISO.fullmatch(key):
        part = int(found[1]) if found[1] else _LATIN.get(int(found[2] or found[3]), 1)
        name = f"iso8859-{part}"
        return _WIDER.get(name, name) if 1 <= part <= 16 and part != 12 else None
    return None


#: Defaults of browsers by language (HTML standard, 13.2.3.2), and what else is in use there, the most usual first.
_USUAL = {
    "cp1250 iso8859-2": "bs cs hr hu pl ro sk sl sq",
    "cp1251 koi8-u cp866 iso8859-5 mac_cyrillic": "be bg kk ky mk mn ru sr tg tt uk uz",
    "cp1252": "af ca da de en es eu fi fr ga gl id is it ms nb nl nn no pt sv sw tl",
    "cp1253 iso8859-7": "el",
    "cp1254": "az tr",
    "cp1255 iso8859-8": "he iw yi",
    "cp1256 iso8859-6": "ar fa ku ps ur",
    "cp1257 iso8859-4 iso8859-13": "et lt lv",
    "cp1258": "vi",
    "cp874": "th",
    "gb18030 big5hkscs": "zh",
    "cp932 euc_jp": "ja",
    "cp949": "ko",
}
_BY_LANGUAGE = {code: tuple(codecs.split()) for codecs, codes in _USUAL.items() for code in codes.split()}
#: All of them, for text in an unknown language.
ALL = (*dict.fromkeys(name for codecs in _USUAL for name in codecs.split()), "mac_roman")


def usual(language: str) -> tuple[str, ...]:
    """The charsets usual in `language` (ISO 639-1, also with a region); Big5 first in Taiwan and Hong Kong."""
    code = language.strip().lower().replace("_", "-")
    if re.match("zh-(?:tw|hk|mo|hant)", code):
        return ("big5hkscs", "gb18030")
    return _BY_LANGUAGE.get(code.split("-")[0], ())
