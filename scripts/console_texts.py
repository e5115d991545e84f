"""Collects the texts of the console, and brings the files of its translations up to date.

    ./test python -m scripts.console_texts

Texts are those in `_()`, `ngettext()` and `N_()` of pipeline/console/. languages/CODE.po keeps its translations; new
texts get an empty one, texts that are gone are removed. Prints what is not translated yet.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

CONSOLE = Path(__file__).parent.parent / "pipeline" / "console"
LANGUAGES = CONSOLE / "languages"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def collected() -> Catalog:
    """Every text of the console, in the order of the texts."""
    found = Catalog()
    for _, _, message, comments, _ in extract_from_dir(CONSOLE, METHODS, OPTIONS, KEYWORDS):
        found.add(message, auto_comments=comments)
    ordered = Catalog()
    for one in sorted((one for one in found if one.id), key=_text):
        ordered.add(one.id, flags=one.flags)
    return ordered


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
