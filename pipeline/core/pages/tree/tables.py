"""Tells tables of data, which give a line per row, from tables that only arrange the page, which become containers."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BLOCKS, UNWRAPPED
from pipeline.core.pages.tree.paragraphs import wrap

_PROSE = 100  # characters of a cell with paragraphs inside, from which the table only arranges them
_LONG = 400  # characters of a cell without paragraphs
_ROWS, _LABEL = 3, 40  # rows of a table with labels; characters of a label
_BESIDE_LINKS = 200  # characters of a cell beside one that is a menu
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
        else:
            _in_one_line(cells)
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
        return any(_size(cell) > _LONG and len(cell.findall(".//p")) > 1 for cell in cells)
    if _has_labels(rows):
        return False
    if len(cells) == len(rows) and any(_size(cell) > _PROSE for cell in cells):
        return True  # one column
    return any(_holds_prose(cell) for cell in cells) or (
        any(_size(cell) > _BESIDE_LINKS for cell in cells) and any(_is_links(cell) for cell in cells)
    )


def _size(cell: HtmlElement) -> int:
    """The number of characters without indentation of the source."""
    return len(" ".join(cell.text_content().split()))


def _has_labels(rows: list[HtmlElement]) -> bool:
    """Whether the first column names what stands in the others."""
    if len(rows) < _ROWS or len({len(row) for row in rows}) > 1 or len(rows[0]) < 2:
        return False
    return all(0 < _size(row[0]) <= _LABEL and next(row.iter("h1", "table"), None) is None for row in rows)


def _is_links(cell: HtmlElement) -> bool:
    """Whether the cell is a menu."""
    links = sum(len(anchor.text_content().strip()) for anchor in cell.iter("a"))
    return links > 0 and len("".join(cell.text_content().split())) <= links


def _in_one_line(cells: list[HtmlElement]) -> None:
    """Blocks and breaks in cells become words of the row; trafilatura leaves lists out."""
    for cell in cells:
        for element in list(cell.iterdescendants("li", "ul", "ol", "p", "div", "br")):
            element.tail = f" {element.tail or ''}"
            element.tag = UNWRAPPED


def _holds_prose(cell: HtmlElement) -> bool:
    inner = next(cell.iterdescendants(*_INNER), None)
    if inner is None:
        breaks = len(cell.findall(".//br"))
        return _size(cell) > (_PROSE if breaks > 1 else _LONG if len(cell) else 4 * _LONG)
    return inner.tag in ("h1", "h2", "article", "main") or _size(cell) > _PROSE
