"""Tells tables of data, which give a line per row, from tables that only arrange the page, which become containers."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BLOCKS
from pipeline.core.pages.tree.paragraphs import wrap

_PROSE = 100  # characters of a cell with paragraphs inside, from which the table only arranges them
_LONG = 400  # characters of a cell without paragraphs
_INNER = tuple(tag for tag in BLOCKS if tag not in ("td", "th", "tr", "table", "caption"))


def arrange(tree: HtmlElement, tags: set[str]) -> None:
    """Turn layout tables into containers and captions into paragraphs. Needs tables without <tbody> and its like."""
    if "table" not in tags:
        return
    for table in reversed(list(tree.iter("table"))):  # inner ones first
        rows = list(table.iterchildren("tr"))
        cells = [cell for row in rows for cell in row.iterchildren("td", "th")]
        if _only_arranges(table, rows, cells):
            for element in (table, *rows, *cells):
                element.tag = "div"
            for cell in cells:
                wrap(cell)
        caption = table.find("caption")
        if caption is not None:
            caption.tag = "p"
            if table.tag == "table":
                caption.tail = None
                table.addprevious(caption)


def _only_arranges(table: HtmlElement, rows: list[HtmlElement], cells: list[HtmlElement]) -> bool:
    if table.get("role") in ("presentation", "none") or len(cells) <= 1:
        return True
    if table.find("caption") is not None or any(cell.tag == "th" for cell in cells):
        return False
    if len(cells) == len(rows) and any(len(cell.text_content()) > _PROSE for cell in cells):
        return True  # one column
    return any(_holds_prose(cell) for cell in cells)


def _holds_prose(cell: HtmlElement) -> bool:
    inner = next(cell.iterdescendants(*_INNER), None)
    if inner is None:
        return len(cell) > 0 and len(cell.text_content()) > _LONG
    return inner.tag in ("h1", "h2", "article", "main") or len(cell.text_content()) > _PROSE
