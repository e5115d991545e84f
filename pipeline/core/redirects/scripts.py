"""Reads scripts that do nothing but go to another address."""

from __future__ import annotations

import re
from urllib.parse import unquote

_LIMIT = 4_000  # characters of a script that only sets a location
_PARTS = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*|<!--[^\n]*|-->[^\n]*|<!\[CDATA\[|\]\]>)"""
    r"""|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`)"""
    r"""|(?P<word>[A-Za-z_$][\w$]*)|(?P<number>\d[\w.]*)|(?P<space>\s+)|(?P<mark>.)""",
    re.S,
)
#: The words of such a script. Any other word, such as `if` or `cookie`, means that it does more.
_WORDS = frozenset({
    "window", "document", "top", "self", "parent", "location", "href", "replace", "assign", "opener", "null", "this",
    "setTimeout", "function", "var", "let", "const", "onload", "addEventListener", "load", "DOMContentLoaded", "return",
    "void", "true", "false", "try", "catch", "open", "_self", "_top", "decodeURIComponent", "decodeURI", "unescape",
    "String", "toString", "globalThis", "history", "jQuery", "$", "ready",
})  # fmt: skip
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|\n|(.))", re.S)
_DECLARED = re.compile(r"\b(?:var|let|const)\s+([A-Za-z_$][\w$]*)|function\s*([A-Za-z_$][\w$]*)?\s*\(([\w$,\s]*)\)")
#: `location = …`, `location.href = …`, `location.replace(…)`, `open(…)`. \x01 stands for a string, with its number.
_GOES = re.compile(
    r"(?:\blocation(?:\.href|\.assign|\.replace)?|\bwindow\.open|^open)\s*(?:=(?!=)|\()\s*"
    r"(?:(?:decodeURIComponent|decodeURI|unescape|String)\s*\(\s*)?(?:\x01(\d+)\x01|([A-Za-z_$][\w$]*))(?!\s*[\w$+.(\[?])"
)


def goes_to(script: str) -> str | None:
    """The address to which `script` sets the location, as written; None if it does anything else, or nothing."""
    if "location" not in script and "open" not in script:
        return None
    if len(script) > _LIMIT:
        return None
    read = _read(script)
    if read is None:
        return None
    code, texts = read
    names = {name for found in _DECLARED.findall(code) for part in found for name in re.findall(r"[\w$]+", part)}
    if any(word not in _WORDS and word not in names for word in re.findall(r"[A-Za-z_$][\w$]*", code)):
        return None
    # setTimeout("location.href='…'", 0)
    for text in texts:
        if "location" in text and re.search(r"setTimeout\s*\(\s*\x01\d+\x01", code) and (inner := goes_to(text)):
            return inner
    targets = [_target(found, code, texts) for found in _GOES.finditer(code)]
    addresses = {target for target in targets if target}
    return addresses.pop() if len(addresses) == 1 and len(targets) <= 3 else None


def _read(script: str) -> tuple[str, list[str]] | None:
    """The code without comments, with each string as \\x01number\\x01, and the strings; joined ones are one."""
    pieces: list[str] = []
    texts: list[str] = []
    for part in _PARTS.finditer(script):
        match part.lastgroup:
            case "comment":
                pieces.append(" ")
            case "text":
                joins = re.search(r"\x01(\d+)\x01\s*\+\s*$", "".join(pieces[-4:]))
                text = _unescaped(part[0][1:-1])
                if joins:
                    texts[int(joins[1])] += text
                    while not pieces[-1].startswith("\x01"):
                        pieces.pop()
                else:
                    pieces.append(f"\x01{len(texts)}\x01")
                    texts.append(text)
            case "mark" if part[0] == "\x01":
                return None
            case _:
                pieces.append(part[0])
    # window["location"] is window.location
    code = "".join(pieces)
    code = re.sub(r"\[\s*\x01(\d+)\x01\s*\]", lambda found: f".{_word(texts[int(found[1])])}", code)
    return re.sub(r"\s*\.\s*", ".", code), texts


def _word(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z]+", text) else "other"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(min(int(m[1] or m[2] or m[3], 16), 0x10FFFF)) if m[1] or m[2] or m[3]
                       else m[4] or "", text)  # fmt: skip


def _target(found: re.Match[str], code: str, texts: list[str]) -> str | None:
    """The address of one place where the location is set: a string, or a variable that is set to one."""
    number = found[1]
    if number is None:
        name = re.escape(found[2])
        values = re.findall(rf"(?<![\w$.]){name}\s*=\s*\x01(\d+)\x01", code)
        if len(values) != 1:
            return None
        number = values[0]
    text = texts[int(number)].strip()
    return unquote(text) if "decodeURI" in found[0] or "unescape" in found[0] else text
