"""Says which parts of a query a document does not meet."""

from __future__ import annotations

from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds, match
from pipeline.core.query.snippets import snippet
from pipeline.core.query.tree import And, Equal, Node, Not, Or
from pipeline.core.query.written import to_text
from pipeline.core.text.tidy import cut
from pipeline.core.wording import Text

NAMED = 6  # alternatives and values that are named
LONGEST = 80  # characters of a part that are shown


def unmet(node: Node, view: DocumentView) -> tuple[str, ...]:
    """Why the document does not match, a phrase for each part that fails; empty if it matches."""
    if holds(node, view):
        return ()
    match node:
        case And(parts):
            return tuple(why for part in parts for why in unmet(part, view))
        case Or(parts):
            named = ", ".join(_short(part) for part in parts[:NAMED])
            if len(parts) > NAMED:
                return (Text("none of {} and {} more holds", named, len(parts) - NAMED),)
            return (Text("none of {} holds", named),)
        case Not(part):
            words = words_of(part, view)
            if words:
                return (Text("{} excludes it: it has {}", _short(part), words),)
            return (Text("{} excludes it", _short(part)),)
        case Equal(field):
            values = sorted(view.value(field))
            has = f"{', '.join(values[:NAMED])}{' …' if len(values) > NAMED else ''}" if values else Text("none")
            return (Text("{} does not hold: {} is {}", _short(node), field, has),)
    return (Text("{} is missing", _short(node)),)


def words_of(node: Node, view: DocumentView) -> str:
    """The words of the document by which it matches, each in quotation marks; "" without any."""
    found = match(node, view)
    words = dict.fromkeys(" ".join(span.text.split()) for span in found.spans) if found else {}
    shown = ", ".join(f'"{cut(word, LONGEST)}"' for word in list(words)[:NAMED])
    return shown + (" …" if len(words) > NAMED else "")


def place_of(node: Node, view: DocumentView) -> str:
    """The words around the first match, and whether they stand in title or text; "" if no words matched."""
    found = match(node, view)
    if not found or not found.spans:
        return ""
    field = found.spans[0].field
    around = snippet(view.value(field), [span for span in found.spans if span.field == field])
    return Text("in the title: {}", around) if field == "title" else Text("in the text: {}", around)


def _short(node: Node) -> str:
    return f"`{cut(to_text(node), LONGEST)}`"
