"""Articles in the states of pages without markup: where the state is, and in which shape the text."""

from __future__ import annotations

import json
import time
from html import escape
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.core.pages.embedded import article as embedded
from pipeline.core.pages.embedded import literals, states
from pipeline.stage import Drop
from tests.core.pages.pages import clean

TITLE = "Museum finds a lost map inside a piano"
FIRST = "Restorers of the museum at Hallen found a folded map of the coast in a grand piano, the director said."
SECOND = "The sheet, drawn by hand on parchment, shows three harbours which later vanished under the sand."
THIRD = "It will be shown from October together with the piano, which is playable again after eight months."
TEXT = [FIRST, SECOND, THIRD]
OTHER = "Readers of this paper can now follow the ferry on a map that shows every ship in the bay, day and night. " * 9
HTML = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
ARTICLE = {"title": TITLE, "body": HTML}


def page(scripts: str, title: str = TITLE) -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>{title} | Hallen Times</title>'
        f'<meta property="og:title" content="{title}"></head><body><div id="app"></div>{scripts}</body></html>'
    )


def read(scripts: str) -> list[str]:
    found = clean(page(scripts))
    assert not isinstance(found, Drop), found
    assert found.text_from == "data"
    return found.text.split("\n")


def as_json(value: Any) -> str:
    return json.dumps(value).replace("</", "<\\/")


STATE = {"props": {"pageProps": {"article": ARTICLE, "related": [{"title": "The ferry", "body": OTHER}]}}}
FLAT = [["Reactive", 1], {"data": 2}, {"a": 3}, {"title": 4, "body": 5}, TITLE, HTML]
APOLLO = {
    "ROOT_QUERY": {"article": {"__ref": "Article:7"}},
    "Article:7": {"headline": TITLE, "body": [{"__ref": "Text:1"}, {"__ref": "Text:2"}, {"__ref": "Text:3"}]},
    **{f"Text:{n}": {"__typename": "Paragraph", "text": text} for n, text in enumerate(TEXT, 1)},
    "Article:8": {"headline": "The ferry", "body": [{"__typename": "Paragraph", "text": OTHER}]},
}
FLIGHT = f"1:T{len(HTML.encode()):x},{HTML}2:" + json.dumps({"post": {"title": TITLE, "html": "$1"}}) + "\n"

PLACES = {
    "Next": f'<script id="__NEXT_DATA__" type="application/json">{as_json(STATE)}</script>',
    "Next, flight rows": "".join(
        f"<script>self.__next_f.push([1,{as_json(part)}])</script>" for part in (FLIGHT[:150], FLIGHT[150:])
    ),
    "Nuxt 2, an object": f"<script>window.__NUXT__={as_json({'data': [{'article': ARTICLE}]})};</script>",
    "Nuxt 2, a function": "<script>window.__NUXT__=(function(a,b,c){c.kind=\"x\";return {layout:\"default\",data:["
    "{post:{title:a,body:b,free:!0,none:void 0,c}}],state:{}}}"
    f"({as_json(TITLE)},{as_json(HTML)},{{}}));</script>",
    "Nuxt 3": f'<script type="application/json" id="__NUXT_DATA__" data-ssr="true">{as_json(FLAT)}</script>',
    "initial state": f"<script>window.__INITIAL_STATE__ = {as_json(STATE)};(function(){{}}());</script>",
    "a key in brackets": f"<script>window['__PRELOADED_STATE__'] = {as_json(STATE)}</script>",
    "an object literal": "<script>var pageData = {article: {title: '" + TITLE + "', // the headline\n"
    f"body: '{HTML}', tags: [,], n: -1,}}}};</script>",
    "a string of JSON": f"<script>window.__INITIAL_DATA__ = {as_json(json.dumps(STATE))};</script>",
    "JSON.parse": f"<script>window.__DATA__ = JSON.parse({as_json(json.dumps(STATE))});</script>",
    "percent escapes": f'<script>window.__S__ = JSON.parse(decodeURIComponent("{quote(json.dumps(STATE))}"));</script>',
    "Apollo": f"<script>window.__APOLLO_STATE__={as_json(APOLLO)};</script>",
    "Gatsby": "<script>/*<![CDATA[*/window.pagePath=\"/m\";window.pageData="
    + as_json({"result": {"data": {"post": ARTICLE}}}) + ";/*]]>*/</script>",
    "Fusion": f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={as_json(ARTICLE)};Fusion.x=1;</script>",
    "SvelteKit": '<script type="application/json" data-sveltekit-fetched>'
    + as_json({"status": 200, "body": json.dumps({"article": ARTICLE})}) + "</script>",
    "Angular": '<script id="s" type="application/json">'
    + json.dumps(ARTICLE).replace("&", "&a;").replace('"', "&q;").replace("<", "&l;").replace(">", "&g;") + "</script>",
    "Inertia": f'<div data-page="{escape(json.dumps({"props": {"article": ARTICLE}}))}"></div>',
    "shoebox": f'<script type="fastboot/shoebox" id="shoebox-a">{as_json(ARTICLE)}</script>',
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_where_the_state_is(name: str) -> None:
    assert read(PLACES[name]) == TEXT


def typed(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "text": text, **more}


def contentful(text: str) -> dict[str, Any]:
    return {"nodeType": "paragraph", "data": {}, "content": [{"nodeType": "text", "value": text, "marks": []}]}


def split(text: str) -> list[dict[str, Any]]:
    """A paragraph in three parts, the middle one bold."""
    return [{"text": text[:20]}, {"text": text[20:30], "bold": True}, {"text": text[30:]}]


SHAPES: dict[str, Any] = {
    "HTML": HTML,
    "plain text": "\n\n".join(TEXT),
    "strings": TEXT,
    "strings of HTML": [f"<p>{text}</p>" for text in TEXT],
    "objects with a text": [{"text": text} for text in TEXT],
    "Contentful": {"json": {"nodeType": "document", "content": [contentful(text) for text in TEXT]}},
    "Portable Text": [
        {"_type": "block", "style": "normal", "children": [{"_type": "span", **part} for part in split(text)]}
        for text in TEXT
    ],
    "ProseMirror": {"type": "doc", "content": [
        {"type": "paragraph", "content": [typed("text", text[:30]), typed("text", text[30:], marks=[{"type": "bold"}])]}
        for text in TEXT]},
    "Slate": [{"type": "paragraph", "children": split(text)} for text in TEXT],
    "Slate without types": [{"children": split(text)} for text in TEXT],
    "Lexical": {"root": {"type": "root", "children": [
        {"type": "paragraph", "children": [typed("text", text, format=0)]} for text in TEXT]}},
    "Draft.js": {"blocks": [typed("unstyled", text, key=text[:4], entityRanges=[]) for text in TEXT], "entityMap": {}},
    "Editor.js": {"time": 1, "blocks": [{"id": "a", "type": "paragraph", "data": {"text": text}} for text in TEXT]},
    "Gutenberg": [{"name": "core/paragraph", "attributes": {"content": text}, "innerBlocks": []} for text in TEXT],
    "Gutenberg in a group": [{"name": "core/group", "attributes": {}, "innerBlocks": [
        {"name": "core/paragraph", "attributes": {"content": text}} for text in TEXT]}],
    "Arc": [{"_id": "X", "type": "text", "content": text} for text in TEXT],
    "Optimo": {"blocks": [{"type": "text", "model": {"blocks": [{"type": "paragraph", "model": {
        "text": text, "blocks": [{"type": "fragment", "model": {"text": text}}]}}]}} for text in TEXT]},
    "React": [["$", "p", None, {"children": [text[:20], ["$", "b", None, {"children": text[20:]}]]}] for text in TEXT],
    "JsonML": ["div", *(["p", {"class": "x"}, text[:20], ["b", text[20:30]], text[30:]] for text in TEXT)],
    "rendered": {"rendered": HTML},
    "pictures and cards between": [
        typed("paragraph", FIRST),
        {"type": "image", "url": "https://a.example/a.jpg", "caption": "A picture of the piano in the hall of Hallen."},
        typed("paragraph", SECOND),
        {"type": "related", "items": [{"title": "The ferry", "url": "/b", "text": OTHER}]},
        {"title": "The ferry", "url": "/b", "summary": OTHER},
        typed("paragraph", THIRD),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("key", ["body", "content", "data", "unknown"])
def test_the_shape_of_the_text(name: str, key: str) -> None:
    state = {
        "page": {"story": {"headline": TITLE, key: SHAPES[name]}, "latest": [{"headline": "The ferry", "body": OTHER}]},
        "footer": {"text": OTHER},
        "ferry": {"headline": "The ferry", "body": OTHER},
    }
    assert read(f'<script id="__NEXT_DATA__" type="application/json">{as_json(state)}</script>') == TEXT


def test_headings_lists_and_links_of_blocks() -> None:
    blocks = [
        typed("heading", "The piano", level=2),
        {"type": "paragraph", "children": [typed("text", FIRST[:30]), {"type": "link", "url": "/m", "children": [
            typed("text", FIRST[30:])]}]},
        {"type": "list", "children": [{"type": "list-item", "children": [typed("text", "One map.")]},
                                      {"type": "list-item", "children": [typed("text", "One key.")]}]},
        typed("paragraph", SECOND),
    ]  # fmt: skip
    state = {"article": {"title": TITLE, "blocks": blocks}}
    assert read(f"<script>window.__STATE__={as_json(state)}</script>") == [
        "The piano", FIRST, "One map.", "One key.", SECOND]  # fmt: skip


NOTHING = {
    "no state": "<script>start()</script>",
    "words of the interface": "<script>window.i18n="
    + as_json({"messages": {f"k{n}": OTHER for n in range(9)}})
    + "</script>",
    "code": "<script>window.code=" + as_json({"body": "function a(b){return b+1};" * 40 + "Done. "}) + "</script>",
    "broken": '<script id="__NEXT_DATA__" type="application/json">{"body": "' + FIRST * 4 + "</script>",
}


@pytest.mark.parametrize("name", NOTHING)
def test_states_without_an_article(name: str) -> None:
    assert embedded.find(page(NOTHING[name]).encode()) == ""


NOTICE = "We and our partners store and read information on your device, such as cookies. You can refuse this. " * 4


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        (TITLE, HTML, True),  # has "museum", "piano"
        (TITLE, NOTICE, False),
        (
            "港口城市通过新的预算案",
            "周二晚上，港口城市的议会经过四个小时的辩论，通过了新的预算案，市长对此表示感谢。" * 6,
            True,
        ),
        ("港口城市通过新的预算案", NOTICE, False),
        ("Rain", NOTICE, False),
    ],
)
def test_a_text_without_headline_must_have_the_words_of_the_title(title: str, text: str, found: bool) -> None:
    state = f"<script>window.__STATE__={as_json({'view': {'words': text}})}</script>"
    assert bool(embedded.find(page(state, title).encode())) is found


def test_the_text_of_the_markup_stays_if_the_state_is_about_something_else() -> None:
    shown = f"<article><h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article>"
    state = f"<script>window.__STATE__={as_json({'story': {'title': 'The ferry runs', 'body': OTHER * 3}})}</script>"
    found = clean(page(shown + state))
    assert not isinstance(found, Drop)
    assert (found.text.split("\n"), found.text_from) == (TEXT, "page")


HOSTILE = {
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 50_000,
    "deep JSON": '{"body":' + "[" * 900 + '"x"' + "]" * 900 + "}",
    "a reference to itself": as_json(
        {"body": [{"__ref": "A:1"}], "A:1": {"children": [{"__ref": "A:1"}, {"__ref": "A:1"}]}}
    ),
    "many small objects": as_json({"body": [{"a": {"b": n}} for n in range(100_000)]}),
    "many texts": as_json({"body": [{"content": [{"content": [OTHER[:200]] * 40}] * 40}] * 4}),
    "an open string": '{a:"' + "\\" * 200_000,
    "a flattened loop": "[" + '{"a":1},[1,0]' + "]" + " " * 300,
    "many assignments": "{};" + "a.b={c:1};" * 50_000,
    "many parentheses": "(" * 100_000,
    "many pluses": '"a"' + '+"a"' * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("opening", ["<script>window.__S__=", '<script id="__NEXT_DATA__" type="application/json">'])
def test_hostile_states_take_bounded_time(name: str, opening: str) -> None:
    started = time.process_time()
    embedded.find(page(f"{opening}{HOSTILE[name]}</script>").encode())
    assert time.process_time() - started < 4


@pytest.mark.parametrize("repeated", ["<script id='__NEXT_DATA__'>{\"a\":", '<script>self.__next_f.push([1,"'])
@pytest.mark.parametrize("end", ["", "</script>"])
def test_scripts_that_are_not_closed_take_linear_time(repeated: str, end: str) -> None:
    html = page(repeated * 30_000 + end).encode()
    started = time.process_time()
    embedded.find(html)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{a:1,'b':[1,,2],\"c\":{}}", {"a": 1.0, "b": [1.0, 2.0], "c": {}}),
        ("{a:!0,b:!1,c:void 0,d:null,e:-2.5e1}", {"a": True, "b": False, "c": None, "d": None, "e": 25.0}),
        (r"'it\'s \u00e9 \x41 \u{1F600} \ud83d\ude00'", "it's é A 😀 😀"),
        (r'"it\'s \u00e9 \x41 \ud83d\ude00"', "it's é A 😀"),
        (r'"\u00e9 \/ \"\ud83d\ude00\" \ud83d"', 'é / "😀" �'),
        ("`two\nlines`", "two\nlines"),
        ('"a"+"b"', "ab"),
        ("new Date('2026-01-01')", "2026-01-01"),
        ("Object.freeze({a:1})", {"a": 1.0}),
        ("JSON.parse('{\"a\":1}')", {"a": 1}),
        ('(function(a,b){return {x:a,y:[b,a]}}(1,"two"))', {"x": 1.0, "y": ["two", 1.0]}),
        ("(function(a){a.b=2;return {x:a}})({})", {"x": {"b": 2.0}}),
        ("((a)=>{return [a]})(3)", [3.0]),
        ("{a:1, // comment\n /* and */ b:2}", {"a": 1.0, "b": 2.0}),
    ],
)
def test_literals(written: str, value: Any) -> None:
    assert literals.read(written)[0] == value


@pytest.mark.parametrize("written", ["", "{", "[1", '{"a" 1}', "(1", '"open', "*", "{a:1"])
def test_literals_that_are_none(written: str) -> None:
    with pytest.raises(ValueError, match="no "):
        literals.read(written)


def test_a_script_over_the_limit_is_not_read() -> None:
    script = f'<script type="application/json">{as_json({"body": FIRST, "x": "y" * states.STATE_LIMIT})}</script>'
    assert list(states.read(script.encode())) == []
