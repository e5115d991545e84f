"""Finds and repairs text that was decoded with the wrong character set before it was published.

"CafÃ©" is UTF-8 that somebody read as windows-1252 and saved again. The way back is taken only where it is certain: it
must lead to valid UTF-8 for all of a piece of text, or the sequence must be one that no language has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The bytes that lead in UTF-8, per charset that it is wrongly read with: those of which text is full.
_LEADS: dict[str, Iterable[int]] = {
    "cp1252": range(0xC2, 0xF1),
    "cp1251": (0xC3, 0xD0, 0xD1, 0xE2),
    "cp1250": (0xC3, 0xC4, 0xC5, 0xE2),
    "cp437": (0xC3, 0xD0, 0xD1, 0xE2),
    "mac_roman": (0xC3, 0xE2),
}
_REST = range(0x80, 0xC0)
_C1 = "\x80-\x9f"


def _table(name: str) -> dict[int, str]:
    """The characters of a charset from 0x80 on; an undefined byte is the control character, as browsers read it."""
    read = {code: bytes((code,)).decode(name, "replace") for code in range(0x80, 0x100)}
    return {code: chr(code) if character == "\ufffd" else character for code, character in read.items()}


_TABLES = {name: _table(name) for name in _LEADS}
#: Back to bytes. What was read as Latin-1 has control characters where windows-1252 has marks.
_BACK = {name: {ord(character): code for code, character in table.items()} for name, table in _TABLES.items()}
_BACK["cp1252"] |= {code: code for code in range(0x80, 0xA0)}


def _class(name: str, codes: Iterable[int]) -> str:
    return "".join(re.escape(_TABLES[name][code]) for code in codes)


_SUSPECT = {
    name: re.compile(f"[{_class(name, leads)}][{_class(name, _REST)}{_C1 if name == 'cp1252' else ''}]")
    for name, leads in _LEADS.items()
}
#: Most texts have nothing of the kind; one search shows it.
_ANY = re.compile(
    f"[{''.join(_class(name, leads) for name, leads in _LEADS.items())}]"
    f"[{''.join(_class(name, _REST) for name in _LEADS)}{_C1}]"
)
#: Sequences that no language has, in the middle of a text that is right otherwise.
_CERTAIN = re.compile(
    "â(?:€|\x80)[™œ\x9d“”¦¢˜\x93\x94\x98\x99\x9c\xa6]|â‚¬|â„¢|ð[Ÿ\x9f][\x80-\u2fff]{2}"
    "|Ã[\xa1-\xaa\xac-\xba\xbc-\xbf](?=[a-z\\s,.]|$)|Â[\xa0-\xaa\xac-\xb8\xba\xbf]"
)
#: What is left of characters that were lost before: U+FFFD, also read as windows-1252 or GBK; control characters.
_LOST = ("\ufffd", "ï¿½", "锟斤拷")
_CONTROL = re.compile("[\x80-\x84\x86-\x9f]")
_MARKS = frozenset("‚„…‹›‘’“”–—«»\xa0")
_EDGE = "<>\n"
_WINDOW = 512  # characters


def repaired(text: str) -> str:
    """`text` with double encodings undone where that is certain."""
    for _ in range(3):  # some went through it more than once
        again = _once(text)
        if again == text:
            break
        text = again
    return text


def garbled(text: str) -> bool:
    """Whether `text` has lost characters, or a double encoding that cannot be undone."""
    if any(lost in text for lost in _LOST) or _CONTROL.search(text):
        return True
    return bool(_ANY.search(text) and (_CERTAIN.search(text) or len(_SUSPECT["cp1251"].findall(text)) >= 4))


def _once(text: str) -> str:
    kept, at = [], 0
    while found := _next(text, at):
        begin = max(at, *(text.rfind(edge, at, found.start()) + 1 for edge in _EDGE))
        end = min((there for edge in _EDGE if (there := text.find(edge, found.end())) >= 0), default=len(text))
        kept += [text[at:begin], _piece(text[begin:end])]
        at = end
    return "".join((*kept, text[at:])) if kept else text


def _next(text: str, at: int) -> re.Match[str] | None:
    """`_ANY.search(text, at)`, which takes ten times as long on markup: windows of ASCII are passed over."""
    for begin in range(at, len(text), _WINDOW):
        if not text[begin : begin + _WINDOW].isascii():  # a pair begins with the first character beyond ASCII
            found = _ANY.search(text, begin, begin + _WINDOW + 1)
            if found:
                return found
    return None


def _piece(piece: str) -> str:
    for name, suspect in _SUSPECT.items():
        pairs = suspect.findall(piece)
        if pairs and _enough(name, pairs) and (whole := _undone(piece, name)):
            if not _ordinary(whole):  # perhaps it went through it twice
                whole = _piece(whole) if _ANY.search(whole) else whole
            if _ordinary(whole):
                return whole
    return _CERTAIN.sub(lambda found: _undone(found[0], "cp1252") or found[0], piece)


def _enough(name: str, pairs: list[str]) -> bool:
    """Whether so many pairs cannot be chance: an accented capital before a closing quote or a dash is one."""
    if name in ("cp1251", "cp437") and len(pairs) < 3 and not any(pair[1] in "©±€Ђ┬á" for pair in pairs):
        return False
    return len(pairs) > 1 or pairs[0][1] not in _MARKS


def _undone(piece: str, name: str) -> str | None:
    """`piece` encoded as it was wrongly decoded, and read as UTF-8; None if that is impossible."""
    back = _BACK[name]
    try:
        body = bytes(ord(character) if character < "\x80" else back[ord(character)] for character in piece)
    except KeyError:
        return None
    spaced = re.sub(rb"\xc3(?: (?= )| |$)", b"\xc3\xa0 ", body).replace(b"\xa0  ", b"\xa0 ")
    for attempt in (body, spaced):  # the no-break space of "Ã\xa0", which is "à", became a space or went with others
        try:
            return attempt.decode()
        except UnicodeDecodeError:
            continue
    return None


def _ordinary(text: str) -> bool:
    """Whether the characters of `text` are usual in some language: no controls, phonetic or ancient letters."""
    return not re.search("[\x80-\x9f\u0180-\u0191\u0193-\u0217\u021c-\u036f\u0460-\u048f\ufffd\ue000-\uf8ff]", text)
