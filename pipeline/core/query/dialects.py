"""What Factiva, LexisNexis and Google write otherwise: read if it means the same, else refused with a rewrite.

Sources: the help pages of these services on search operators, field tags and document segments.
"""

from __future__ import annotations

import re

from pipeline.core.query.remarks import QueryError
from pipeline.core.wording import Text

#: Field tags of Factiva (`hd=…`) and segments of LexisNexis (`headline(…)`) that are a field here.
_SAME = {
    "hd": "title", "headline": "title", "title": "title", "heading": "title",
    "by": "author", "byline": "author", "author": "author",
    "la": "language", "language": "language",
    "sn": "source", "publication": "source", "source": "source",
    "td": "text", "body": "text", "text": "text",
    "wc": "word_count", "length": "word_count", "word_count": "word_count",
    "pd": "published",
}  # fmt: skip

_NAME, _NOTHING = Text('"the name"'), Text("nothing: all articles are text")
#: Others -> the way to write it.
_OTHER = {
    "hlp": "title:(…) OR text:(…)", "hlead": "title:(…) OR text:(…)", "lp": "text:(…)", "lead": "text:(…)",
    "re": "country:PE", "ns": "topic:…", "in": "topic:…", "co": _NAME, "fds": _NAME, "pe": _NAME,
    "rst": "source:…", "sc": "source:…", "an": "id:…", "de": "topic:…", "se": "section:…", "section": "section:…",
    "term": "topic:…", "subject": "topic:…", "geographic": "country:PE", "company": _NAME,
    "person": _NAME, "date": "published:[2026-01-01 TO 2026-01-31]", "caps": Text("=APPLE, for words all in capitals"),
    "nocaps": Text("the word; =APPLE finds only capitals"), "plural": Text("the plural itself"),
    "singular": Text("the singular itself"),
    "allintitle": "title:(a b)", "allintext": "text:(a b)", "allinurl": "site:…", "inurl": "site:…", "url": "site:…",
    "inanchor": "text:…", "filetype": _NOTHING, "ext": _NOTHING,
    "related": "site:…", "cache": "site:…", "link": "site:…", "info": "site:…", "define": Text("the word"),
    "location": "country:PE", "imagesize": Text("nothing"), "daterange": "published:[2026-01-01 TO 2026-01-31]",
}  # fmt: skip

_ATLEAST = re.compile(r"atleast\s*(\d*)", re.IGNORECASE)
_ASSIGNED = re.compile(r"([A-Za-z]{2,10})(?:=(?!=)|(?=[<>]))(.*)", re.DOTALL)
_DOLLAR = re.compile(r"([^\W_]+)\$\d*")
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(?:\\u[0-9A-Fa-f]{4}|\\$)")
_DOTS = re.compile(r"(\d+)\.\.(\d+)")
_OPERATORS = {
    "ANDNOT": "AND NOT", "AND_NOT": "AND NOT", "BUTNOT": "AND NOT", "BUT_NOT": "AND NOT",
    "XOR": "(a AND NOT b) OR (b AND NOT a)", "NEXT": Text('{}, or "{}"', "a PRE/1 b", "NEXT"),
    "BEFORE": Text('{}, or "{}"', "a PRE/5 b", "BEFORE"),
}  # fmt: skip
_CURRENCY = re.compile(r"[A-Z]{1,3}\$\d.*")  # US$500


def refuse(found: str, column: int) -> None:
    """Raises QueryError for an operator of another language that cannot be expressed."""
    if _ATLEAST.fullmatch(found):
        raise QueryError("words are not counted, so there is no atleast", column, "write the word without it")
    if found in _OPERATORS:
        raise QueryError(Text("{} is not an operator here", found), column, Text("write {}", _OPERATORS[found]))
    if (dollar := _DOLLAR.fullmatch(found)) and not _CURRENCY.fullmatch(found):
        raise QueryError("$ does not shorten a word here", column, Text("write {}", f"{dollar[1]}*"))
    if escape := _ESCAPE.search(found):
        raise QueryError(Text("{} is no escape here", escape[0]), column + escape.start(), "write the character itself")
    if found == "*:*":
        raise QueryError("*:* matches everything", column, "leave the query out, or say what must be there")
    if found[0] in "<>":
        raise QueryError("a range needs a field right before it", column, "word_count:>300")
    if dots := _DOTS.fullmatch(found):
        field = "published" if len(dots[1]) == len(dots[2]) == 4 else "personnel"
        raise QueryError("numbers in words have no range", column, f"{field}:[{dots[1]} TO {dots[2]}]")
    if found == "%":
        raise QueryError("% does not stand for a word here", column, Text("write {}", "a PRE/2 b"))


def opens(found: str) -> bool:
    """Whether a word right before a parenthesis is the name of a segment or a function of another language."""
    return found.isalpha() and (found.lower() in _SAME or found.lower() in _OTHER or found.lower() == "allcaps")


def called(found: str, column: int) -> str:
    """The field that `found(…)` means; "=" for words in capitals. Raises QueryError."""
    return "=" if found.lower() == "allcaps" else _known(found, f"{found}(…)", column)


def assigned(found: str) -> tuple[str, str] | None:
    """Name and the rest of `name=rest`, `name>5` or `name<5`; None for other words."""
    read = _ASSIGNED.fullmatch(found)
    return (read[1], read[2]) if read else None


def field_of(name: str, column: int) -> str:
    """The field that a tag means. Raises QueryError."""
    return _known(name, f"{name}=…", column)


def _known(name: str, written: str, column: int) -> str:
    if (field := _SAME.get(name.lower())) is not None:
        return field
    if (other := _OTHER.get(name.lower())) is not None:
        raise QueryError(Text("{} is not known here", written), column, Text("write {}", other))
    raise QueryError(
        Text("{} is not known here", written), column, "fields are written field:value, ranges word_count:>300"
    )


def google(name: str, rest: str, column: int) -> tuple[str, str] | None:
    """Field and value that Google's `name:rest` means; None if it is no field of Google's. Raises QueryError."""
    match name.lower():
        case "intitle":
            return "title", rest
        case "intext":
            return "text", rest
        case "before" if rest:
            return "published", "<" + rest
        case "after" if rest:
            return "published", ">" + rest
    if name == name.lower() and name in _OTHER and name not in _SAME and name not in ("section",):
        raise QueryError(Text("{}: is not known here", name), column, Text("write {}", _OTHER[name]))
    return None
