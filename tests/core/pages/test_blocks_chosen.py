"""Which blocks of a page are the article: one of two bodies, no cards, the lead whatever its class, all siblings."""

from __future__ import annotations

import time

import pytest

from tests.core.pages.pages import article

HEADLINE = "Town buys railway yard for a park"
PROSE = (
    "The council of Ardmoor has decided to buy the old railway yard for two million crowns, and to turn it into a park "
    "with a lake before the end of 2028, the mayor said.",
    "Residents had collected nine thousand signatures against an earlier plan, which would have put four hundred flats "
    "and a car park for a supermarket on the same ground.",
    "The seller, a company from the coast, wanted twice the price in spring, but gave in when a survey found oil in "
    "the soil beneath the workshops and the signal box.",
    "Cleaning the ground takes a year and is paid from a fund of the province, whose governor called the purchase the "
    "cheapest lake that the town will ever get.",
    "Work starts in March. Until then the yard is open on Sundays, and a society of railway lovers shows the last of "
    "the engines that were built there in 1911.",
)
OTHERS = (
    ("Ferry aground", "Ferry ran aground off Selle island and forty people were brought to the shore in boats."),
    ("Seed bank sends wheat", "A seed bank sends the first wheat to eleven villages that had lost their harvest."),
    ("Court stops sale", "Court stops the sale of the observatory until the complaint of its friends is decided."),
)
HEAD = (
    f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{HEADLINE} | Ardmoor Post</title></head><body>"
)
H1 = f"<h1>{HEADLINE}</h1>"
MENU = "<ul class='menu'><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul>"


def paragraphs(*prose: str) -> str:
    return "".join(f"<p>{each}</p>" for each in prose or PROSE)


def cards(tag: str, name: str, heading: str) -> str:
    return "".join(
        f"<{tag} class='{name}'><{heading}><a href='/c{at}'>{title}</a></{heading}><p>{lead}</p></{tag}>"
        for at, (title, lead) in enumerate(OTHERS)
    )


MAIN = f"<main><article class='main'>{H1}{paragraphs()}</article></main>"
CUT = f"{paragraphs(*PROSE[:2])}<p>{PROSE[2][:80]}…</p>"
TWICE = {
    "desktop and mobile": f"<main>{H1}<div class='desktop body'>{paragraphs()}</div>"
    f"<div class='mobile body'>{paragraphs()}</div></main>",
    "hidden by class": f"<main>{H1}<div class='hidden-mobile'>{paragraphs()}</div>"
    f"<div class='only-mobile'>{paragraphs()}</div></main>",
    "once with breaks": f"<main>{H1}<div>{paragraphs()}</div><div>{'<br><br>'.join(PROSE)}</div></main>",
    "a shorter copy first": f"<main>{H1}<div class='m'>{CUT}</div><div class='d'>{paragraphs()}</div></main>",
    "two articles": f"<article class='desktop'>{H1}{paragraphs()}</article>"
    f"<article class='mobile'>{H1}{paragraphs()}</article>",
    "for printing": f"<div id='content'>{H1}<div class='body'>{paragraphs()}</div></div>"
    f"<div id='print'>{paragraphs()}</div>",
}
CARDS = {
    "items before": f"{MENU}<ul>{cards('li', 'x', 'h3')}</ul>{MAIN}",
    "boxes before": f"{MENU}<div class='top'>{cards('div', 'box', 'h2')}</div>{MAIN}",
    "articles before": f"{MENU}<section class='top'>{cards('article', 'card', 'h3')}</section>{MAIN}",
    "stories after": f"{MENU}{MAIN}<section><h2>More stories</h2>{cards('article', 'story', 'h3')}</section>",
    "inside, at the end": f"{MENU}<article>{H1}{paragraphs()}"
    f"<div><h3>More</h3>{cards('div', 'it', 'h4')}</div></article>",
    "inside, in the middle": f"{MENU}<article>{H1}{paragraphs(*PROSE[:2])}<div>{cards('div', 'it', 'h4')}</div>"
    f"{paragraphs(*PROSE[2:])}</article>",
    "links as a whole": MENU
    + "".join(f"<a href='/c{at}'><h3>{title}</h3><p>{lead}</p></a>" for at, (title, lead) in enumerate(OTHERS))
    + MAIN,
    "without headings": MENU
    + "".join(f"<div class='card'><a href='/c'>{title}</a><p>{lead}</p></div>" for title, lead in OTHERS)
    + MAIN,
}
LEADS = {
    **{
        f"p {name}": f"<article><div class='body'>{H1}<p class='{name}'>{PROSE[0]}</p>"
        f"{paragraphs(*PROSE[1:])}</div></article>"
        for name in ("teaser", "lead share-lead", "meta-intro", "author-lead", "premium related", "summary hidden-xs",
                     "entry-caption", "embed", "newsletter-lead", "tags", "banner")
    },
    **{
        f"div {name}": f"<article>{H1}<div class='{name}'><p>{PROSE[0]}</p></div>"
        f"<div class='article-body'>{paragraphs(*PROSE[1:])}</div></article>"
        for name in ("article-teaser", "social-intro", "header-meta", "sidebar-lead")
    },
    "in a header": f"<article><header>{H1}<p class='standfirst'>{PROSE[0]}</p></header>"
    f"<div class='article-body'>{paragraphs(*PROSE[1:])}</div></article>",
    "a heading": f"<article>{H1}<h2 class='subtitle'>{PROSE[0]}</h2>"
    f"<div class='article-body'>{paragraphs(*PROSE[1:])}</div></article>",
    "strong": f"<main>{H1}<div class='lead'><strong>{PROSE[0]}</strong></div>"
    f"<div class='text'>{paragraphs(*PROSE[1:])}</div></main>",
}  # fmt: skip
SIBLINGS = {
    "article-body": H1 + "".join(f"<div class='article-body'><p>{each}</p></div>" for each in PROSE),
    "with advertisements": f"<article>{H1}"
    + "".join(
        f"<section><div class='entry-content'><p>{each}</p></div></section><div class='ad'>Advertisement</div>"
        for each in PROSE
    )
    + "</article>",
    "of text": H1 + "".join(f"<div class='text'>{each}</div>" for each in PROSE),
    "of one property": f"<main>{H1}"
    + "".join(f"<div itemprop='articleBody'>{each}</div>" for each in PROSE)
    + "</main>",
    "deep": f"<main>{H1}"
    + "".join(
        f"<div class='m'><div class='b'><div class='article-content'><p>{each}</p></div></div></div>" for each in PROSE
    )
    + "</main>",
}
SECOND = "".join(f"<p>{lead} Nobody was hurt, and the inquiry has begun.</p>" for _, lead in OTHERS)
OTHER = f"<h1>{OTHERS[0][0]}</h1>{SECOND}"
NEXT = {
    "articles": f"<main><article class='x'>{H1}{paragraphs()}</article><article class='x'>{OTHER}</article></main>",
    "before": f"<main><article class='x'>{OTHER}</article><article class='x'>{H1}{paragraphs()}</article></main>",
    "in wrappers": f"<div class='w'><article>{H1}{paragraphs()}</article></div><div class='w'><article>{OTHER}"
    "</article></div>",
    "divs": f"<div class='post'>{H1}<div>{paragraphs()}</div></div><div class='post'>{OTHER}</div>",
}
FIELD = "<form><input type='email' name='e'><button>Subscribe</button></form>"
LETTER = "Get the most important stories of the week in your inbox. Sign up for our free newsletter now."
PROMPTS = {
    "in the middle": f"<article>{H1}{paragraphs(*PROSE[:2])}<div class='nl'><h3>The Yard</h3><p>{LETTER}</p>{FIELD}"
    f"</div>{paragraphs(*PROSE[2:])}</article>",
    "at the end": f"<article>{H1}{paragraphs()}<section><p>{LETTER}</p><div>{FIELD}</div></section></article>",
    "beside the text": f"<div class='a'>{H1}<div class='b'>{paragraphs()}{FIELD}</div></div>",
}
KICKERS = {
    "a line above": f"<article><h1><span>Ardmoor</span> <span>{HEADLINE}</span></h1>{paragraphs()}</article>",
}


@pytest.mark.parametrize(
    "body",
    [pytest.param(page, id=f"{group}: {name}") for group, pages in
     {"twice": TWICE, "cards": CARDS, "lead": LEADS, "siblings": SIBLINGS, "next article": NEXT, "prompt": PROMPTS,
      "headline": KICKERS}.items() for name, page in pages.items()],
)  # fmt: skip
def test_the_text_is_the_article_whole_and_once(body: str) -> None:
    assert article(HEAD + body).text.split("\n") == list(PROSE)


def test_a_list_of_linked_headlines_that_is_the_article_stays() -> None:
    items = "".join(
        f"<div class='item'><h3><a href='https://other.example/{at}'>{title}</a></h3><p>{prose}</p></div>"
        for at, ((title, _), prose) in enumerate(zip(OTHERS, PROSE[1:], strict=False))
    )
    text = article(f"{HEAD}<article>{H1}<p>{PROSE[0]}</p>{items}</article>").text
    assert [each for each in text.split("\n") if each in PROSE] == list(PROSE[:4])


def test_posts_that_link_to_a_place_on_their_page_stay() -> None:
    posts = "".join(
        f"<article class='post'><h3><a href='#p{at}'>{title}</a></h3><p>{lead}</p></article>"
        for at, (title, lead) in enumerate(OTHERS)
    )
    text = article(f"{HEAD}<main>{H1}{paragraphs()}{posts}</main>").text
    assert all(lead in text for _, lead in OTHERS)


def test_sections_with_headlines_of_the_same_level_stay() -> None:
    sections = "".join(f"<section><h1>Part {at}</h1><p>{prose}</p></section>" for at, prose in enumerate(PROSE[1:]))
    text = article(f"{HEAD}<article>{H1}<p>{PROSE[0]}</p>{sections}</article>").text
    assert [each for each in text.split("\n") if each in PROSE] == list(PROSE)


def test_a_news_flash_is_not_the_cards_below_it() -> None:
    flash = "The council has bought the railway yard, the mayor said on Tuesday. More follows soon."
    body = f"<article>{H1}<p>{flash}</p></article><section><h2>More</h2>{cards('div', 'card', 'h3')}</section>"
    assert article(HEAD + body).text == flash


def test_a_short_text_with_a_field_for_an_address_stays() -> None:
    flash = "The council has bought the railway yard, the mayor said on Tuesday. More follows soon."
    assert article(f"{HEAD}{H1}<div class='b'><p>{flash}</p>{FIELD}</div>").text == flash


def test_a_list_is_whole() -> None:
    items = ("Two million crowns for the yard", "A lake", "Open on Sundays until the work starts in March")
    listed = "".join(f"<li>{each}" for each in items)
    text = article(f"{HEAD}{H1}<p>{PROSE[0]}<ul>{listed}</ul><p>{PROSE[1]}<p>{PROSE[2]}").text
    assert text.split("\n") == [PROSE[0], *(f"- {each}" for each in items), *PROSE[1:3]]


@pytest.mark.slow
def test_thousands_of_long_paragraphs_take_seconds_at_most() -> None:
    words = [f"word{n}" for n in range(150)]
    page = "".join(f"<p>{' '.join(words[n % 150 :] + words[: n % 150])} {n}.</p>" for n in range(5_000))
    started = time.process_time()
    assert article(f"{HEAD}{H1}{page}").truncated
    assert time.process_time() - started < 20
