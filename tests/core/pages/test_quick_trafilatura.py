"""The quick run of trafilatura: every node test against the library's own expression, every text against its own run.

An upgrade of the library that changes an expression or a function that is rebuilt fails here. What to do then: read the
change, compare node by node with the tests below, and put in the new digests.
"""

from __future__ import annotations

import hashlib
import inspect
import random
import re
from copy import copy, deepcopy
from importlib.metadata import version
from typing import Any, cast

import pytest
import trafilatura
from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura import core, external, htmlprocessing, main_extractor, xpaths
from trafilatura.baseline import baseline, basic_cleaning, html2txt
from trafilatura.settings import BASIC_CLEAN_XPATH, Document, Extractor

from pipeline.core.pages import markup, node_expressions, quick_trafilatura
from pipeline.core.pages.quick_trafilatura import NodeTest
from pipeline.core.pages.tree.prepare import prepare
from tests.core.pages.pages import PAGES, SENTENCE

EXPRESSIONS: dict[str, list[XPath]] = {
    **{name: getattr(xpaths, name) for name in quick_trafilatura.LISTS}, "BASIC_CLEAN_XPATH": [BASIC_CLEAN_XPATH],
}  # fmt: skip
REBUILT: list[Any] = [
    trafilatura.bare_extraction, core.trafilatura_sequence, core._prepare_tree, core._extract_and_compare,
    core._recall_retry, main_extractor._extract, main_extractor.extract_content, main_extractor.recover_wild_text,
    main_extractor.prune_unwanted_sections, htmlprocessing.prune_unwanted_nodes, external.compare_extraction,
    external.justext_rescue, baseline, html2txt, basic_cleaning, htmlprocessing.tree_cleaning,
    htmlprocessing.delete_by_link_density, htmlprocessing.link_density_test,
]  # fmt: skip
FAST, WHOLE = (Extractor(output_format="python", fast=fast, comments=False) for fast in (True, False))


def digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def test_the_library_is_the_version_that_this_was_written_for() -> None:
    assert version("trafilatura") == "2.3.1"
    assert digest(*(each.path for name in sorted(EXPRESSIONS) for each in EXPRESSIONS[name])) == "987c84220907ac57"
    assert digest(*map(inspect.getsource, REBUILT)) == "9e4034c0cf5ff795"


# --- node by node --------------------------------------------------------------------------------------------------

TAGS = (
    "div", "p", "section", "span", "ul", "ol", "li", "article", "main", "aside", "details", "list", "item", "footer",
    "h1", "a", "header", "figure", "svg", "template", "fencedframe", "td", "blockquote", "o:p", "form",
)  # fmt: skip
OTHERS = {
    "role": ["article", "navigation", "main", "Navigation", "x"], "itemprop": ["articleBody", "name"],
    "style": ["display:none", "display: none", "color:red", "visibility:hidden"], "aria-hidden": ["true", "false", ""],
    "data-component": ["MostPopularStories", "Byline"], "data-lp-replacement-content": ["", "1"], "href": ["/x"],
}  # fmt: skip


def words(expressions: list[XPath]) -> list[str]:
    """Values of id and class: what the expressions look for, and neighbours of it that they must not find."""
    found: set[str] = set()
    for each in expressions:
        for path in (each.path, re.sub(r"\w\?|-\?", "", each.path), each.path.replace("?", "")):
            found.update(re.findall(r"[\w -]+", path))
    found = {word for word in found if word.strip() and word.strip() not in ("or", "re", "self")}
    found |= {"mvp-post-add-box", "x infinite-scroll", "comments-content", "commentary", "main-Content"}
    near = {word.upper() for word in found} | {word.capitalize() for word in found} | {f"x{word}y" for word in found}
    return sorted(found) * 2 + sorted(near) + ["col-md-8", "content wide", "é", "", " ", "a" * 500, "post-1234"]


def made_page(chance: random.Random, vocabulary: list[str], nodes: int = 120) -> str:
    """Nested elements with attributes in either order, some with text."""
    open_tags: list[str] = []
    parts = ["<html><body>"]
    for number in range(nodes):
        tag = chance.choice(TAGS)
        attributes = [(name, chance.choice(vocabulary)) for name in ("id", "class") if chance.random() < 0.6]
        attributes += [(name, chance.choice(values)) for name, values in OTHERS.items() if chance.random() < 0.12]
        chance.shuffle(attributes)
        given = "".join(f' {name}="{value}"' for name, value in attributes)
        parts.append(f"<{tag}{given}>{f'{number} {SENTENCE}' * chance.choice((0, 0, 1, 3))}")
        open_tags.append(tag)
        while open_tags and chance.random() < 0.5:
            parts.append(f"</{open_tags.pop()}>{chance.choice(('', 'a tail '))}")
    return "".join(parts)


def made_trees(count: int, seed: int, *names: str) -> list[HtmlElement]:
    chance = random.Random(seed)
    vocabulary = words([each for name in names or EXPRESSIONS for each in EXPRESSIONS[name]])
    trees = [markup.parse(made_page(chance, vocabulary).encode()) for _ in range(count)]
    found = [tree for tree in trees if tree is not None]
    for tree in found[::2]:  # as the library has it when it looks for the text
        htmlprocessing.convert_tags(tree, FAST)
    return found


def stored_trees() -> list[HtmlElement]:
    bodies = [path.read_bytes() for path in sorted(PAGES.glob("*.html"))]
    return [tree for body in bodies if (tree := markup.parse(body)) is not None]


def select(expression: XPath, tree: HtmlElement) -> list[HtmlElement]:
    return cast("list[HtmlElement]", expression(tree))


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_each_expression_selects_the_same_nodes(name: str) -> None:
    trees = [*made_trees(40, 1, name), *made_trees(20, 2), *stored_trees()]
    for index, expression in enumerate(EXPRESSIONS[name]):
        test, selected = NodeTest(expression), 0
        below = node_expressions.read(expression.path).looks_below
        for tree in trees:
            expected = select(expression, tree)
            selected += len(expected)
            assert test.first(tree) == expected[:1] or below
            if name != "BODY_XPATH":  # of which the library takes the first
                assert test.guarded(tree) == expected
                assert below or test(tree) == expected
        assert selected > 10, f"{name}[{index}] is hardly tried"


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_tests_of_a_list_select_what_the_library_selects_with_it(name: str) -> None:
    for tree in made_trees(20, 7, name):
        expected = [node for each in EXPRESSIONS[name] for node in select(each, tree)]
        together = NodeTest(*EXPRESSIONS[name])
        if name not in ("BODY_XPATH", "RAW_TREE_PRUNE_XPATH"):
            assert together(tree) == expected
        elif name == "RAW_TREE_PRUNE_XPATH":
            assert together.guarded(tree) == expected


def test_a_full_memory_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_trafilatura, "REMEMBERED", 3)
    test = NodeTest(*xpaths.OVERALL_DISCARD_XPATH)
    for tree in made_trees(5, 3):
        assert (
            test(tree) == test(tree) == [node for each in xpaths.OVERALL_DISCARD_XPATH for node in select(each, tree)]
        )
        assert len(test._known) <= 3


@pytest.mark.parametrize(
    "path",
    [
        "//p",
        ".//p[",
        ".//p[text()]",
        ".//p[@id='a'",
        ".//p[re:test(@id, '')]",
        ".//p[contains(., 'x')]",
        ".//p[2]",
        ".//p]",
    ],
)
def test_what_is_not_understood_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        node_expressions.read(path)


# --- whole texts ---------------------------------------------------------------------------------------------------


def quick(tree: HtmlElement, options: Extractor) -> str:
    try:
        return quick_trafilatura.text_of(tree, options)
    except (TypeError, ValueError):  # for which the library returns nothing
        return ""


def own(tree: HtmlElement, options: Extractor) -> str:
    found = trafilatura.bare_extraction(tree, options=options)
    return (found.text or "") if isinstance(found, Document) else ""


@pytest.mark.parametrize("options", [FAST, WHOLE], ids=["fast", "whole"])
def test_the_texts_are_those_of_the_library(options: Extractor) -> None:
    trees, texts = stored_trees() + made_trees(30, 11), 0
    for tree in trees:
        pruned = deepcopy(tree)
        prepare(pruned)
        for each in (tree, pruned):
            expected = own(each, options)
            texts += bool(expected)
            assert quick(copy(each), options) == expected
    assert texts > len(trees) / 2


def test_the_library_stays_as_it_is() -> None:
    for name, expressions in EXPRESSIONS.items():
        assert all(isinstance(each, XPath) for each in expressions), name
    assert main_extractor._extract.__globals__["BODY_XPATH"] is xpaths.BODY_XPATH
    assert core.trafilatura_sequence.__globals__["_prepare_tree"] is core._prepare_tree
