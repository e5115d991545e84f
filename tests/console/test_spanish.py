"""The console in Spanish: no English text is left on any page, and what code says about queries is Spanish too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import html

from pipeline.console import words
from pipeline.console.desk import Desk
from pipeline.console.language import Reader, catalogue, texts
from pipeline.core.documents.fields import QUERY_FIELDS
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.sentence import sentence
from pipeline.core.wording import Capital, Text, counted, joined
from pipeline.reports.problems.advice import ADVICE, GENERAL
from scripts.console_texts import strings
from tests.console.conftest import sent
from tests.console.newsroom import NOW
from tests.console.test_hostile import READ
from tests.reports.ledgers import delivery, message, mute, state

SPANISH = Reader(NOW, "es")
#: Route -> addresses of it in the newsroom, mistakes too.
PAGES: dict[str, tuple[str, ...]] = {
    "now": ("/", "/?q=strike&rule=Port+strikes&sources=2&topic=troops", "/?q=%28", "/?topic=zzz"),
    "search": (
        "/search", "/search?q=strike+country:PT", "/search?q=strike+OR", "/search?q=foo:bar", "/search?q=zzz",
        "/search?q=a+and+b", "/search?q=strike&page=900", "/search?topic=troops&language=en&span=7d",
    ),
    "search.complete": ("/search/complete?q=stri+country:", "/search/complete?q=title:"),
    "article": ("/article/p1", "/article/t1?q=troops", "/article/zzz", "/article/p1?version=1"),
    "article.why": ("/article/t1/why", "/article/p1/why?topic=troops"),
    "story": ("/story/p1", "/story/t1", "/story/zzz"),
    "alerts": ("/alerts", "/alerts?status=muted", "/alerts?rule=zzz"), "alert": ("/alerts/one", "/alerts/zzz"),
    "act": ("/act/zzz",), "rules": ("/rules",),
    "rules.edit": ("/rules/edit", "/rules/edit?rule=Port+strikes", "/rules/edit?query=%28", "/rules/edit?rule=zzz"),
    "rules.tried": ("/rules/backtest/zzz",), "watch": ("/watch",), "topics": ("/topics",),
    "topic": ("/topics/troops", "/topics/troops?near=1", "/topics/zzz"), "system": ("/system",),
    "configuration": ("/system/configuration",), "dead": ("/system/dead",),
    "dead.one": ("/system/dead/0", "/system/dead/9"), "audit": ("/system/audit",),
    "sources": ("/sources", "/sources?q=zzz"), "sources.ask": ("/sources/add",),
    "source": ("/sources/hafenblatt", "/sources/harbour-post", "/sources/zzz"), "settings": ("/settings",),
    "login": ("/login",),
}  # fmt: skip
#: Routes for programs, and those whose texts are not the reader's: feeds say in which language they are asked for.
OTHERS = {route for route in READ if route.startswith("atom.")} | {"article.record", "search.export", "sources.opml"}
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-confirm")  # attributes that people see or hear
_WORDS = re.compile(r"[a-z]{2,}[ ,]+[a-z]{2,}", re.IGNORECASE)
_VALUES = re.compile(r"%\(\w+\)s|%%?n|\{[^{}]*\}")


def english() -> dict[str, str]:
    """What no page may say: English texts, or the parts of them between values, with the Spanish ones."""
    found: dict[str, str] = {}
    own = {text.casefold() for one in catalogue("es") if one.id for text in strings(one)}
    for one in catalogue("es"):
        ids = () if not one.id else (one.id,) if isinstance(one.id, str) else one.id
        for text, said in zip(ids, strings(one), strict=False):
            if text != said:
                found |= {part.strip(" .,:;()"): said for part in _VALUES.split(text) if _WORDS.search(part)}
                found |= {text: said} if " " not in text and text.casefold() not in own else {}
    return found


ENGLISH = english()
PHRASES = re.compile("|".join(
    rf"(?<!\w){re.escape(text)}(?!\w)" for text in sorted(ENGLISH, key=len, reverse=True) if " " in text
))  # fmt: skip


def shown(page: str) -> Iterator[str]:
    """The texts of a page that are in its own language; code and addresses are left out."""
    root = html.fromstring(page)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        lines = [element, *element.iterancestors()]
        language = next((one.get("lang") for one in lines if one.get("lang") is not None), "")
        if language == "es" and not any(one.tag in ("code", "pre", "script", "style", "textarea") for one in lines):
            yield from (text for text in (element.text, *(element.get(name) for name in SHOWN)) if text)
        above = element.getparent()
        over = [] if above is None else [above, *above.iterancestors()]
        language = next((one.get("lang") for one in over if one.get("lang") is not None), "")
        if language == "es" and element.tail and not any(one.tag in ("code", "pre") for one in over):
            yield element.tail


def found(page: str) -> list[str]:
    """The English texts on a page."""
    wrong = []
    for text in (" ".join(one.split()) for one in shown(page)):
        wrong += [one[0] for one in PHRASES.finditer(text)]
        wrong += [text] if text in ENGLISH else []
    return wrong


def marked_english(page: str) -> set[str]:
    """What of a page is marked as English."""
    return {
        " ".join("".join(map(str, one.itertext())).split())
        for one in html.fromstring(page).iter()
        if one.get("lang") == "en"
    }


@pytest.fixture
async def spanish(client: httpx.AsyncClient, desk: Desk) -> httpx.AsyncClient:
    """A reader of Spanish; some alerts were sent, held and muted."""
    at = NOW - timedelta(hours=2)
    about: dict[str, Any] = {
        "article": "p1",
        "story": "p1",
        "title": "Dockers strike",
        "source": "Harbour Post",
        "at": at,
        "seen": at,
    }
    await desk.log.publish([
        state("one", "Port strikes", message="m1", **about),
        state("two", "Port strikes", status="held", why="quiet", **about),
        message("m1", "one", rule="Port strikes", at=at), delivery("m1", "refused", at=at),
        mute("q1", NOW + timedelta(days=1), story="p1"),
    ])  # fmt: skip
    await desk.follower.look()
    client.cookies.set("language", "es")
    return client


def test_every_route_is_looked_at() -> None:
    assert set(PAGES) | OTHERS == set(READ)


@pytest.mark.parametrize("path", [path for paths in PAGES.values() for path in paths])
async def test_no_english_is_left(spanish: httpx.AsyncClient, path: str) -> None:
    answer = await spanish.get(path, follow_redirects=True)
    page = f'<div lang="es">{answer.text}</div>' if "<html" not in answer.text else answer.text
    assert found(page) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"query": "("}, "este paréntesis no se cierra"),
        ({"query": "country:per"}, "es un código de dos letras, como PE"),
        ({"query": "strike", "budget": "many"}, "debe ser un número entero de 1 a 10.000, no un texto"),
        ({"query": "strike", "throttle": "often"}, "debe ser una duración: como &#34;30s&#34;"),
        ({"query": "strike", "channels": "fil"}, "no existe la vía de envío &#39;fil&#39;: ¿quiso decir file?"),
        ({"query": "strike", "topics": "troop"}, "no existe el tema &#39;troop&#39;: ¿quiso decir troops?"),
        ({"query": ""}, "no tiene consulta ni filtro"),
        ({"query": "a\nb and c"}, "&#39;and&#39; se busca como palabra"),
        ({"query": "strike", "trigger": "growth"}, "falta: el disparador growth necesita saber"),
        ({"query": "strike OR huelga"}, "Cada alerta al momento y por separado, sin límites, a file."),
    ],
)  # fmt: skip
async def test_faults_of_rules(spanish: httpx.AsyncClient, fields: dict[str, str], said: str) -> None:
    draft = {"name": "Draft", "channels": "file", "trigger": "article", "enabled": "1", **fields}
    answer = await sent(spanish, "/rules/check", draft, "/rules/edit")
    assert said in answer.text
    assert found(f'<div lang="es">{answer.text}</div>') == []


async def test_what_is_english_says_so(spanish: httpx.AsyncClient) -> None:
    """What servers and libraries said stays as it is, and is marked for those who listen to the page."""
    assert "the server answered 503" in marked_english((await spanish.get("/sources/hafenblatt")).text)
    assert any("ValueError" in text for text in marked_english((await spanish.get("/system/dead")).text))
    for path in (
        "/",
        "/search?q=strike+country:PT",
        "/alerts",
        "/article/t1",
        "/article/t1/why",
        "/story/p1",
        "/rules",
    ):
        own = {
            one for one in marked_english((await spanish.get(path)).text) if not one.startswith(("Dockers", "Latvia"))
        }
        assert {one for one in own if not re.search(r"dockers|troops|script|Harbour", one, re.IGNORECASE)} == set(), (
            path
        )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('"foreign troops" country:PE', '"foreign troops", en el titular o el texto, y con país "PE"'),
        ("troops NEAR/5 congress", '"troops" a menos de cinco palabras de "congress", en el titular o el texto'),
        ("title:(vote OR ballot) -title:sport", '"vote" o "ballot", en el titular, pero sin "sport", en el titular'),
        ("author:*", "algún valor en autor"),
        ("published:>=2025-06", "publicado desde 1 jun 2025, 00:00"),
        ("first_seen:>now-7d", "visto después de now-7d"),
        ("word_count:[300 TO 1500]", "número de palabras al menos 300 y 1500 como máximo"),
        ("=US ~authorise troop*", '"US" en mayúsculas, cualquier forma de "authorise" y una palabra que empieza '
         'por "troop", en el titular o el texto'),
        ("vote PRE/s troops", '"vote" antes de "troops" en una misma oración, en el titular o el texto'),
        ("vote NOT NEAR/1 troops", '"vote" no justo al lado de "troops", en el titular o el texto'),
        ('"foreign troops"~1', '"foreign troops" (desplazadas una palabra como mucho), en el titular o el texto'),
        ("armed:yes OR host:LV", '(armados "yes" o anfitrión "LV")'),
    ],
)  # fmt: skip
def test_queries_read_back(query: str, said: str) -> None:
    made = sentence(parse(query).node)
    assert SPANISH.said(made) == f"Artículos con {said}."
    assert SPANISH.says(made)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "la consulta está vacía"), ("(a", "este paréntesis no se cierra"),
        ("a)", "este paréntesis no cierra nada"), ('"abc', "esta comilla no se cierra"),
        ("-a", "la consulta solo excluye, así que coincide con casi todo "
         "(añada una palabra o un valor que deba estar)"),
        ("tittle:a", "no existe el campo tittle (¿quiso decir title:?; póngalo entre comillas si busca las palabras)"),
        ("a OR b c", "OR junto a palabras sin operador se puede leer de dos maneras "
         "((a OR b) AND c  o bien  a OR (b AND c))"),
        ("near/ x", 'near/ no es un operador (escriba NEAR/5, o "near/" para las palabras)'),
        ("country:P*", "* no se puede usar con country (escriba el valor entero, o varios con OR)"),
        ("a,b", ", no significa nada aquí (escriba AND u OR entre las palabras, o póngalas entre comillas)"),
        ("word_count:1,5", "word_count: '1,5' no es un número entero; escriba 15"),
        ("published:2026-13", "published: '2026-13' no está en el calendario"),
        ("published:[now TO now-7d]", "published: el intervalo acaba antes de empezar"),
        ("a AND", "la consulta termina antes de tiempo (¿falta algo tras el último operador?)"),
        ("re=PE", "re=… no se conoce aquí (escriba country:PE)"),
        ("a NEAR/5 author:b", "solo las palabras del titular y del texto tienen un lugar (escriba … AND author:b)"),
        ("@list", 'no existe la lista @list (las listas están en config/lists/, o "@list" para el propio nombre)'),
        ("/a.*/", "no se admiten expresiones regulares (use prefijo*, o ponga las palabras entre comillas)"),
    ],
)  # fmt: skip
def test_mistakes_in_queries(query: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    [text] = caught.value.args
    assert SPANISH.said(text) == f"columna {caught.value.column}: {said}"
    assert str(caught.value) == text == Reader(NOW).said(text)
    assert SPANISH.says(text)


def test_values_are_in_the_words_of_the_reader() -> None:
    assert SPANISH.said(Text("none of its {:,} names is there", 12_345)) == "no está ninguno de sus 12.345 nombres"
    assert SPANISH.said(Text("score {:g} (threshold {:g})", 0.5, 0.65)) == "puntuación 0,5 (umbral 0,65)"
    one, two = (counted("{} waits for another try: {}", "{} wait for another try: {}", n, "x") for n in (1, 2))
    assert (one, two) == ("1 waits for another try: x", "2 wait for another try: x")
    assert (SPANISH.said(one), SPANISH.said(two)) == ("1 espera otro intento: x", "2 esperan otro intento: x")
    text = Text("{}; to {}.", Capital(joined(", ", [Text("no follow-ups"), Text("times of {}", "UTC")])), "desk")
    assert (text, SPANISH.said(text)) == (
        "No follow-ups, times of UTC; to desk.",
        "Sin seguimiento, horas de UTC; a desk.",
    )


def test_what_is_not_known_stays_as_it_is() -> None:
    assert (SPANISH.said("connection reset"), SPANISH.says("connection reset")) == ("connection reset", False)
    assert not SPANISH.says(Text("{}: {}", "x.toml", Text("something that nobody translated")))
    assert SPANISH.said(Text("{braces}")) == "{braces}"


def test_every_field_state_and_part_has_a_name() -> None:
    assert {*words.FIELDS} == {*QUERY_FIELDS}
    assert {state for _, state in ADVICE} | {*GENERAL} <= {*words.STATES}
    assert {part for part, _ in ADVICE} <= {*words.PARTS}
    assert {*words.FIELDS, *words.STATES, *words.PARTS} <= texts("es")
