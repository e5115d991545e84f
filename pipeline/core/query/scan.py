"""Cuts a query into lexemes, and refuses what has no meaning. Linear in the length of the query."""

from __future__ import annotations

import re

from pipeline.core.query import dialects, lookalikes, proximity
from pipeline.core.query.lexeme import Lexeme
from pipeline.core.query.remarks import QueryError, Remark
from pipeline.core.query.visible import visible
from pipeline.core.wording import Text

LENGTH = 20_000  # characters of a query; one of 3,000 words parses in 0.1 s
DEPTH = 40  # nested groups

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|[()]|[\[{][^\[\]{}]*[\]}]?|[\]}]|(?:[^\s()\[\]{}"\\]|\\.?)+|\s+', re.DOTALL)
_PHRASE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCHEME = re.compile(r"(?:(?:https?|ftp|file):|[a-z][a-z0-9+.-]*://|www\.)", re.IGNORECASE)
_FIELD = re.compile(r"(@?[^\W\d][\w.]*):(?!:)")
_RANGE = re.compile(r"\s*(?:\"((?:[^\"\\]|\\.)*)\"|(\S+))\s+TO\s+(?:\"((?:[^\"\\]|\\.)*)\"|(\S+))\s*", re.DOTALL)
_MOVES = re.compile(r"~([^\s()\"]*)")
_AROUND = re.compile(r"\s*\(\s*(\d+)\s*\)")
_NAME = re.compile(r"@[^\W_][\w-]*")

_LOWER = ("and", "or", "not")
_PLAIN = re.compile(r"\s*((?!atleast)[a-z]+|AND|OR|NOT)(?=[\s)]|\Z)")
_PARENTHESIS = Text("a parenthesis")
_CONNECTIVES = {"AND": "and", "OR": "or", "NOT": "not", "&&": "and", "||": "or", "|": "or"}


def scan(text: str) -> tuple[list[Lexeme], list[Remark]]:
    """The lexemes of a query, the last of kind end, and warnings. Raises QueryError for the first fault."""
    if len(text) > LENGTH:
        raise QueryError(Text("the query has {} characters, {} are allowed", len(text), LENGTH), LENGTH)
    scanner = _Scanner(text)
    scanner.run()
    if len(scanner.found) == 1:
        raise QueryError("the query is empty", 1)
    return scanner.found, scanner.warnings


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, columns = visible(text)
        self._column = columns.__getitem__
        self.found: list[Lexeme] = []
        self.warnings: list[Remark] = []
        self._opened: list[int] = []
        self._lower = False  # whether it has and, or, not in lower case
        self._foreign = False  # whether it has operators of other search languages
        self._single = 0  # column of a word that begins with an apostrophe, as in 'so and so'
        self._at = 0

    def run(self) -> None:
        while self._at < len(self.text):
            plain = _PLAIN.match(self.text, self._at)
            if plain and plain[1] not in lookalikes.LOWER:  # most, which no rule below is about
                self._add(_CONNECTIVES.get(plain[1], "word"), plain[1], plain.start(1))
                self._at = plain.end()
                continue
            piece = _PIECE.match(self.text, self._at)
            assert piece is not None, self.text[self._at]
            at, found = self._at, piece[0]
            self._at = piece.end()
            if found in "()":
                self._parenthesis(found, self._column(at))
            elif found[0] == '"':
                self._phrase(found, at)
            elif found[0] in "[{]}":
                self._range(found, at)
            elif not found.isspace():
                self._word(found, at)
        if self._opened:
            raise QueryError("this parenthesis is never closed", self._opened[-1])
        self._add("end", "", len(self.text))
        if self._foreign or (self._lower and lookalikes.groups(self.found)):
            self._read_lower_case()
        if lookalikes.IN_A_ROW.search(self.text):
            lookalikes.in_a_row(self.found, self.warnings)

    def _read_lower_case(self) -> None:
        """Takes and, or, not for operators, as other languages do."""
        for n, found in enumerate(self.found):
            if found.kind == "word" and found.text in _LOWER:
                self.found[n] = found._replace(kind=found.text)
                self.warnings = [one for one in self.warnings if one.column != found.column]
                self.warnings.append(Remark(Text("{} is read as {}", found.text, found.text.upper()), found.column))

    def _add(self, kind: str, text: str, at: int, number: int = 0) -> None:
        self.found.append(Lexeme(kind, text, self._column(at), number))

    def _parenthesis(self, found: str, column: int) -> None:
        if found == "(":
            self._opened.append(column)
            if len(self._opened) > DEPTH:
                raise QueryError(Text("more than {} nested groups", DEPTH), column)
        elif not self._opened:
            raise QueryError("this parenthesis closes nothing", column)
        else:
            self._opened.pop()
            self._unstuck(self._at, _PARENTHESIS)
        self.found.append(Lexeme(found, "", column))

    def _phrase(self, found: str, at: int) -> None:
        if not _PHRASE.fullmatch(found):
            raise self._error("this quotation mark is never closed", at)
        before = self.text[at - 1 : at]
        if before and not before.isspace() and before not in "(:+-=<>!~":
            raise self._error("a quotation mark inside a word", at, "put a space before it")
        slop = self._moves() if self.text.startswith("~", self._at) else 0
        self._unstuck(self._at, Text("a phrase"))
        self._add("phrase", found[1:-1], at, number=slop)

    def _moves(self) -> int:
        """The number after ~."""
        found = _MOVES.match(self.text, self._at)
        assert found is not None
        if not re.fullmatch(r"[0-9]{1,9}", found[1]):
            raise self._error("the number after ~ must be whole", self._at, '"near words"~5')
        self._at = found.end()
        return int(found[1])

    def _unstuck(self, at: int, what: str) -> None:
        """Raises QueryError for something stuck to the end of a phrase or group."""
        after = self.text[at : at + 1]
        if after == "^":
            raise self._error("^ is not supported", at, "words have no weights")
        if after == "~":
            raise self._error(Text("~ after {} is not supported", what), at, 'only "near phrase"~5 exists')
        if after and not after.isspace() and after != ")" and not (what == _PARENTHESIS and after == "("):
            raise self._error(Text("a word stuck to the end of {}", what), at, "put a space before it")

    def _range(self, found: str, at: int) -> None:
        whole = _RANGE.fullmatch(found[1:-1]) if found[0] in "[{" and found[-1] in "]}" else None
        if found[0] in "]}" or found[-1] not in "]}":
            raise self._error("this bracket is not closed or not opened", at, "a range is written [from TO to]")
        if whole is None:
            raise self._error("this is no range", at, "a range is written [from TO to]; groups take ( and )")
        ends = [whole[1] if whole[1] is not None else whole[2], whole[3] if whole[3] is not None else whole[4]]
        low, high = (None if end == "*" else end for end in ends)
        self._unstuck(self._at, Text("a range"))
        self.found.append(Lexeme("range", found, self._column(at), ends=(low, high, found[0] == "[", found[-1] == "]")))

    # -- words

    def _word(self, found: str, at: int) -> None:
        if found in _CONNECTIVES:
            self._add(_CONNECTIVES[found], found, at)
            return
        if self._near(found, at) or self._signed(found, at):
            return
        self._refuse(found, at)
        if dialects.opens(found) and self.text.startswith("(", self._at):
            self._called(found, at)
            return
        if (assigned := dialects.assigned(found)) is not None:  # hd=…, wc>300
            self._assigned(assigned, found, at)
            return
        if field := _FIELD.match(found):
            self._field(field[1], found[field.end() :], at)
            return
        self._plain_word(found, at)

    def _near(self, found: str, at: int) -> bool:
        """Reads an operator of nearness."""
        negated = bool(self.found) and (self.found[-1].kind == "not" or self.found[-1][:2] == ("word", "not"))
        start = self.found[-1].column if negated else self._column(at)
        around = _AROUND.match(self.text, self._at) if found.upper() == "AROUND" else None
        if around:
            self._at = around.end()
            found = f"NEAR/{around[1]}"
        read = proximity.read(found, self._column(at), negated)
        if read is None:
            return False
        if negated:
            self.found.pop()
            if self.found and self.found[-1].kind == "and":  # a AND NOT NEAR/5 b
                self.found.pop()
            self.warnings = [one for one in self.warnings if one.column != start]
        self._foreign |= not found.isupper() or found.startswith(("W", "/"))
        self.found.append(Lexeme("near", found, start, near=read))
        return True

    def _signed(self, found: str, at: int) -> bool:
        """Reads a sign and what follows it in the same piece."""
        if found[0] not in "+-!":
            return False
        rest = found[1:]
        if not rest and self.text[self._at : self._at + 1] not in ("(", '"'):
            raise self._error(Text("{} stands alone", found[0]), at, "put it right before a word, or quote it")
        if rest[:1] and rest[0] in "+-!":
            raise self._error("two signs before a word", at, "write one, or quote it")
        self._add("sign", found[0], at)
        if rest:
            self._word(rest, at + 1)
        return True

    def _refuse(self, found: str, at: int) -> None:
        """Raises QueryError for what is written otherwise here."""
        lookalikes.refuse(found, self._column(at))
        if _SCHEME.match(found):
            raise self._error("an address must be in quotation marks", at, Text('"{}", or site:… for all of it', found))
        if found.startswith("/"):
            raise self._error("regular expressions are not supported", at, "use prefix*, or quote the words")
        if found == "&":
            raise self._error("& is not an operator here", at, "write AND, or quote it")
        if found[0] in "–—−":
            raise self._error("a long dash is not a minus sign", at, "write - or NOT")
        dialects.refuse(found, self._column(at))

    def _called(self, found: str, at: int) -> None:
        """Reads headline(…), which other languages have, as title:(…)."""
        field = dialects.called(found, self._column(at))
        if field == "=":
            close = self.text.find(")", self._at)
            inner = self.text[self._at + 1 : close].strip()
            if close < 0 or not inner or not inner.replace(" ", "").isalnum() or " " in inner:
                raise self._error(Text("{}(…) takes one word", found), at, "=RICO finds a word in capitals")
            self._note(Text("{} is read as {}", f"{found}({inner})", f"={inner.upper()}"), at)
            self._at = close + 1
            self._add("capitals", inner.upper(), at)
            return
        self._note(Text("{} is read as {}", f"{found}(…)", f"{field}:(…)"), at)
        self._add("field", field, at)

    def _assigned(self, assigned: tuple[str, str], found: str, at: int) -> None:
        name, rest = assigned
        field = dialects.field_of(name, self._column(at))
        sign = rest[0] if rest.startswith(("<", ">")) else "="
        self._note(Text("{} is read as {}", f"{name}{sign}", f"{field}:"), at)
        self._field(field, rest, at, len(found) - len(rest))

    def _field(self, name: str, rest: str, at: int, skip: int | None = None) -> None:
        read = dialects.google(name, rest, self._column(at))
        if read is not None:
            self._note(Text("{} is read as {}", f"{name}:", f"{read[0]}:{read[1][:1] if read[1] != rest else ''}"), at)
        field, value = read or (name, rest)
        self._add("field", field, at)
        if value:
            start = at + (len(name) + 1 if skip is None else skip)
            if value[0] in "+-!" and value is rest:
                raise self._error(Text("{} after a field", value[0]), start, Text("write {}", f"{value[0]}{name}:…"))
            self._value(value, start)
        elif self.text[self._at : self._at + 1].isspace() and not self.text[self._at :].strip():
            raise self._error(Text("{}: has no value", field), at, Text('write {}:…, or quote "{}"', field, name))

    def _value(self, value: str, at: int) -> None:
        """Reads what stands right after a field."""
        if compared := re.match(r"[<>]=?", value):
            self._compared(compared[0], value[compared.end() :], at)
        elif value == "*":
            self._add("exists", value, at)
        elif value in _CONNECTIVES:
            raise self._error(Text("{} after a field", value), at, Text('write {0} before it, or "{0}"', value))
        elif value[0] == "/":
            self._refuse(value, at)
        else:
            self._plain_word(value, at)

    def _compared(self, sign: str, end: str, at: int) -> None:
        """Reads >end, >=end, <end or <=end."""
        if not end and self.text.startswith('"', self._at) and (quoted := _PHRASE.match(self.text, self._at)):
            end, self._at = quoted[0][1:-1], quoted.end()
        if not end:
            raise self._error(Text("a value is missing after {}", sign), at, Text("write no space: {}", f"{sign}5"))
        inclusive = sign.endswith("=")
        ends = (end, None, inclusive, True) if sign[0] == ">" else (None, end, True, inclusive)
        self.found.append(Lexeme("range", sign + end, self._column(at), ends=ends))

    def _plain_word(self, found: str, at: int) -> None:
        column = self._column(at)
        if self.text.startswith("(", self._at):
            raise self._error("a parenthesis stuck to a word", self._at, "put a space before it")
        if found[0] == "@" and len(found) > 1:
            if not _NAME.fullmatch(found):
                raise QueryError(Text("{} is no name of a list", found), column, "letters, digits and hyphens")
            self._add("list", found[1:], at)
        elif found[0] in "~=" and len(found) > 1:
            self._add("stem" if found[0] == "~" else "capitals", found[1:], at)
        else:
            self._remark(found, column)
            self._add("word", found, at)

    def _remark(self, found: str, column: int) -> None:
        """Warns of words that are rarely meant."""
        self._foreign |= found.endswith("!") and len(found) > 1
        self._lower |= found in _LOWER
        if (rarely := lookalikes.remark(found, column)) is not None:
            self.warnings.append(rarely)
        self._single = column if found[0] in "'‘" else self._single
        if self._single and found[-1] in "'’" and len(found) > 1:
            self.warnings.append(Remark("single quotation marks make no phrase", self._single, Text("write {}", '"…"')))
            self._single = 0

    def _error(self, message: str, at: int, hint: str = "") -> QueryError:
        return QueryError(message, self._column(at), hint)

    def _note(self, message: str, at: int) -> None:
        self._foreign = True
        self.warnings.append(Remark(message, self._column(at)))
