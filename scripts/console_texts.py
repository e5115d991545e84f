"""Collects the texts of the console, and brings the files of its translations up to date.

    ./test python -m scripts.console_texts

Texts are those in `_()`, `ngettext()` and `N_()` of pipeline/console/, and those that other code makes for people: in
`Text()` and `counted()`, what errors and faults say, and what the fields of queries are. languages/CODE.po keeps their
translations; new texts get an empty one, texts that are gone are removed. Prints what is not translated yet.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pipeline.core.documents.fields import QUERY_FIELDS, plain_about

PIPELINE = Path(__file__).parent.parent / "pipeline"
CONSOLE = PIPELINE / "console"
LANGUAGES = CONSOLE / "languages"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

#: Where other code makes texts that the console shows.
MAKERS = (
    "core/wording.py", "core/query", "core/alerts", "core/topics", "core/tagging/examples.py",
    "core/toml_reader.py", "core/faults.py", "core/calendar", "core/feeds", "reports", "requests",
    "config/edit_rules.py", "config/rule_texts.py", "config/read_settings.py", "console/source_form.py",
)  # fmt: skip
#: Function -> which of its arguments are texts.
MAKING = {
    "Text": (0,), "QueryError": (0, 2), "_error": (0, 2), "Remark": (0, 2), "Refused": (0,), "fault": (1, 2),
    "warn": (1, 2), "missing": (1,), "_unused": (2,), "Fault": (2, 3), "CalendarError": (0, 1),
}  # fmt: skip


def collected() -> Catalog:
    """Every text of the console, in the order of the texts."""
    found = Catalog()
    for _, _, message, comments, _ in extract_from_dir(CONSOLE, METHODS, OPTIONS, KEYWORDS):
        found.add(message, auto_comments=comments)
    for maker in MAKERS:
        place = PIPELINE / maker
        for file in [place] if place.is_file() else place.rglob("*.py"):
            for text in made_texts(file.read_text(encoding="utf-8")):
                found.add(text)
    for field in QUERY_FIELDS.values():
        found.add(plain_about(field))
    ordered = Catalog()
    for one in sorted((one for one in found if one.id), key=_text):
        ordered.add(one.id, flags=one.flags)
    return ordered


def made_texts(source: str) -> Iterator[str | tuple[str, str]]:
    """The texts that calls in the source make: a template, or two for singular and plural."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "counted":
            one, several = (next(_constants(part)) for part in node.args[:2])
            yield one, several
        for place in MAKING.get(name, ()):
            if place < len(node.args):
                yield from (text for text in _constants(node.args[place]) if any(map(str.isalpha, text)))


def _constants(node: ast.expr) -> Iterator[str]:
    """The text that an argument is, or those that it may be."""
    match node:
        case ast.Constant(str() as text):
            yield text
        case ast.IfExp(_, one, other):
            yield from _constants(one)
            yield from _constants(other)


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def updated(code: str) -> Catalog:
    """The translations into a language, with exactly the texts that there are."""
    with (LANGUAGES / f"{code}.po").open("rb") as file:
        known = read_po(file, locale=code)
    catalogue = Catalog(locale=code)
    for one in collected():
        if one.id:
            old = known.get(one.id)
            catalogue.add(one.id, old.string if old else ("" if isinstance(one.id, str) else ("", "")), flags=one.flags)
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """The texts without a translation."""
    return [_text(one) for one in catalogue if one.id and not all(strings(one))]


def strings(message: Message) -> tuple[str, ...]:
    """The translations of a text: one, or one for each number."""
    found = message.string
    return (found,) if isinstance(found, str) else tuple(found or ("",))


def main() -> None:
    """Write the files."""
    for file in sorted(LANGUAGES.glob("*.po")):
        catalogue, out = updated(file.stem), BytesIO()
        write_po(out, catalogue, width=0, omit_header=True, no_location=True, sort_output=True)
        file.write_bytes(HEADER.format(code=file.stem).encode() + out.getvalue())
        for text in missing(catalogue):
            print(f"{file.stem}: not translated: {text}", file=sys.stderr)


HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"
"Language: {code}\\n"

"""

if __name__ == "__main__":
    main()
