"""Runs trafilatura's cascade with faster tests of nodes and fewer copies; the texts are the library's, to the letter.

Most of trafilatura's time goes into XPath expressions with `re:test`, a function that libxml2 calls in Python for every
node. What such an expression says of a node depends only on its tag and a few of its attributes, and those repeat
within a page and from page to page. So the tree is walked in C, and the library's own expression is asked once per
combination, on a tree of one node.

The library itself is not changed: its functions are rebuilt with other globals. That ties this module to one version of
it; the test compares every expression and every function concerned with the version that this was written for.
docs/decisions/0027-quick-trafilatura.md describes the idea for other users of the library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from itertools import islice
from types import FunctionType
from typing import Any, cast

from lxml.etree import XPath, _Element
from lxml.html import HtmlElement
from trafilatura import core, external, htmlprocessing, main_extractor, xpaths
from trafilatura.baseline import baseline, basic_cleaning, html2txt
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.settings import BASIC_CLEAN_XPATH, MANUALLY_CLEANED, Extractor
from trafilatura.xml import delete_element, xmltotxt

from pipeline.core.pages import node_expressions

#: Combinations of tag and attributes that a test remembers, and characters of one; it starts over when full.
REMEMBERED, LONGEST = 16_384, 300


class NodeTest:
    """The nodes below a tree that one of several expressions selects."""

    def __init__(self, *expressions: XPath) -> None:
        self._expressions = expressions
        read = [node_expressions.read(each.path) for each in expressions]
        self._tests = tuple(each.test for each in read)
        self._tags = frozenset[str]().union(*(each.tags for each in read))
        self._attributes = frozenset[str]().union(*(each.attributes for each in read))
        self._walked = tuple(sorted(self._tags)) if all(each.only_tags for each in read) else ("*",)
        self._bare = any(test(tag, {}) for test in self._tests for tag in (*self._tags, ""))
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[int, ...]] = {}

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """The nodes in the order of the expressions, then of the document; a node may occur once per expression."""
        found: list[list[HtmlElement]] = [[] for _ in self._tests]
        for node, which in self._matches(tree):
            for index in which:
                found[index].append(node)
        return [node for nodes in found for node in nodes]

    def first(self, tree: HtmlElement) -> list[HtmlElement]:
        """The first node of the document that an expression selects, or nothing."""
        return [node for node, _ in islice(self._matches(tree), 1)]

    def guarded(self, tree: HtmlElement) -> list[HtmlElement]:
        """What the expressions select if some look below a node: they are evaluated only where they can select one."""
        if next(self._matches(tree), None) is None:
            return []
        return [node for each in self._expressions for node in cast("list[HtmlElement]", each(tree))]

    def _matches(self, tree: HtmlElement) -> Iterator[tuple[HtmlElement, tuple[int, ...]]]:
        """The nodes that are selected, and by which expressions."""
        attributes, tags, known, bare = self._attributes, self._tags, self._known, self._bare
        for node in tree.iterdescendants(*self._walked):
            items = node.items()
            if not items and not bare:
                continue
            tag = node.tag
            if tag not in tags:
                tag = ""
            relevant = tuple([pair for pair in items if pair[0] in attributes])
            which = known.get((tag, relevant))
            if which is None:
                which = self._decide(tag, relevant)
            if which:
                yield node, which

    def _decide(self, tag: str, relevant: tuple[tuple[str, str], ...]) -> tuple[int, ...]:
        attributes = dict(relevant)
        which = tuple([index for index, test in enumerate(self._tests) if test(tag, attributes)])
        if sum(map(len, attributes.values())) <= LONGEST:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[tag, relevant] = which
        return which


def _rebuilt(function: Any, **names: Any) -> Any:
    """A function of the library that finds `names` instead of the globals of its module."""
    known = {**function.__globals__, **names}
    made = FunctionType(function.__code__, known, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _guards(expressions: Sequence[XPath]) -> list[Callable[[HtmlElement], list[HtmlElement]]]:
    return [NodeTest(*expressions).guarded]


def _tests(expressions: Sequence[XPath]) -> list[Callable[[HtmlElement], list[HtmlElement]]]:
    return [NodeTest(*expressions)]


def _firsts(expressions: Sequence[XPath]) -> list[Callable[[HtmlElement], list[HtmlElement]]]:
    return [NodeTest(each).first for each in expressions]


#: What stands in for the lists of the library, by their name there.
LISTS = {
    "RAW_TREE_PRUNE_XPATH": _guards(xpaths.RAW_TREE_PRUNE_XPATH),
    "REMOVE_COMMENTS_AND_LISTS_XPATH": _tests(xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH),
    "OVERALL_DISCARD_XPATH": _tests(xpaths.OVERALL_DISCARD_XPATH),
    "DISCARD_IMAGE_ELEMENTS": _tests(xpaths.DISCARD_IMAGE_ELEMENTS),
    "TEASER_DISCARD_XPATH": _tests(xpaths.TEASER_DISCARD_XPATH),
    "BODY_XPATH": _firsts(xpaths.BODY_XPATH),
}
_basic_cleaning = _rebuilt(basic_cleaning, BASIC_CLEAN_XPATH=NodeTest(BASIC_CLEAN_XPATH))
_html2txt = _rebuilt(html2txt, basic_cleaning=_basic_cleaning)
_baseline = _rebuilt(baseline, basic_cleaning=_basic_cleaning)
_justext_rescue = _rebuilt(external.justext_rescue, basic_cleaning=_basic_cleaning)
_compare = _rebuilt(external.compare_extraction, justext_rescue=_justext_rescue)


def _prune(tree: HtmlElement, *arguments: Any, **named: Any) -> HtmlElement:
    """`prune_unwanted_sections` of the library, which looks for menus twice; here the second time only if something
    was removed since the first look began, because otherwise it finds the same."""
    removed = 0
    removed_before: dict[str, int] = {}

    def delete(element: HtmlElement, *rest: Any, **more: Any) -> None:
        nonlocal removed
        removed += 1
        delete_element(element, *rest, **more)

    find = _rebuilt(htmlprocessing.delete_by_link_density, delete_element=delete)

    def by_density(subtree: HtmlElement, tag: str, **more: Any) -> HtmlElement:
        if removed_before.get(tag) == removed:
            return subtree
        removed_before[tag] = removed
        return cast("HtmlElement", find(subtree, tag, **more))

    return cast("HtmlElement", _rebuilt(_prune_once, delete_by_link_density=by_density)(tree, *arguments, **named))


_prune_once = _rebuilt(main_extractor.prune_unwanted_sections, **LISTS)
_recover = _rebuilt(main_extractor.recover_wild_text, prune_unwanted_sections=_prune)
_find = _rebuilt(main_extractor._extract, prune_unwanted_sections=_prune, **LISTS)
_recovering = _rebuilt(main_extractor.extract_content, _extract=_find, recover_wild_text=_recover)


def _cleaned(tree: HtmlElement, options: Extractor) -> HtmlElement:
    """`tree_cleaning` of the library on a copy; it walks the tree once for each of fifty tags, here only for those that
    are there ("form" is handled apart from them)."""
    cleaned = copy(tree)
    there = {element.tag for element in cleaned.iter(*MANUALLY_CLEANED)} | {"form"}
    clean = _rebuilt(tree_cleaning, MANUALLY_CLEANED=[tag for tag in MANUALLY_CLEANED if tag in there])
    return cast("HtmlElement", clean(cleaned, options))


def _prepared(tree: HtmlElement, options: Extractor, url: str | None) -> tuple[HtmlElement, HtmlElement | None]:
    """`_prepare_tree` of the library; what the external extractors read is copied only if they will run."""
    cleaned = _cleaned(tree, options)
    unconverted = None if options.fast else copy(cleaned)
    return convert_tags(cleaned, options, url), unconverted


def _compared(
    cleaned: HtmlElement, unconverted: HtmlElement | None, tree: HtmlElement, options: Extractor
) -> tuple[_Element, str]:
    """`_extract_and_compare` of the library; `cleaned` is not copied in case little is found: then it is made again."""
    found = _find(cleaned, options)
    if len(found[0]) and len(found[1]) >= options.min_extracted_size:
        finish = _rebuilt(main_extractor.extract_content, _extract=lambda *_: found, deepcopy=lambda same: same)
        body, text = finish(found[0], options)  # it looks at the page itself only if little is found
    else:
        body, text = _recovering(convert_tags(_cleaned(tree, options), options, options.url), options)
    return (body, text) if options.fast else _compare(unconverted, copy(tree), body, text, options)


_COUNT = XPath("count(descendant-or-self::*)")
_retry = _rebuilt(core._recall_retry, _prepare_tree=_prepared, _extract_and_compare=_compared)
_sequence = _rebuilt(
    core.trafilatura_sequence, _prepare_tree=_prepared, _recall_retry=_retry, baseline=_baseline,
    justext_rescue=_justext_rescue, **LISTS,
)  # fmt: skip


def _most_text(tree: HtmlElement) -> int:
    """At least the length of the library's `html2txt`, which adds up to two spaces for each element."""
    return len(" ".join(tree.text_content().split())) + 2 * int(cast("float", _COUNT(tree)))


def text_of(tree: HtmlElement, options: Extractor) -> str:
    """The text that `trafilatura.bare_extraction` finds, "" for none. `tree` loses its comments.

    `options`: for Python output, without metadata, comments, deduplication or a language.
    """
    found: list[str] = []

    def compared(*arguments: Any) -> tuple[_Element, str]:
        body, text = _compared(*arguments)
        found.append(text)
        return body, text

    def page_text(tree: HtmlElement) -> str:
        """Only its length counts: the retry needs a text that is small beside it."""
        if len(found[0]) >= max(options.min_extracted_size, core.ESCALATION_PAGE_SHARE * _most_text(tree)):
            return ""
        return str(_html2txt(tree))

    sequence = _rebuilt(_sequence, _extract_and_compare=compared, html2txt=page_text)
    body: _Element
    body, text, _, _ = sequence(tree, options, None)
    return str(xmltotxt(body, False)) if len(text) >= options.min_output_size else ""
