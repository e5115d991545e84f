"""Says which documents a view lets through, for the bar that counts what is new."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.console.asked import Asked
from pipeline.console.views.view import View
from pipeline.core.documents.fields import FACETS, several
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.records import Document


def passes(view: View, asked: Asked) -> Callable[[Document], bool]:
    """Whether a document has the values that the view asks for, and matches its query. What only a story has (rules,
    sources, followed) is not asked; a view that ended before now lets nothing through."""
    wanted = {name: set(values) for name, values in view.where if name in FACETS}

    def one(document: Document) -> bool:
        if document.relation.noted or view.until is not None or asked.error is not None:
            return False
        if any(some.isdisjoint(several(FACETS[name].get(document))) for name, some in wanted.items()):
            return False
        return asked.node is None or holds(asked.node, DocumentView(document))

    return one
