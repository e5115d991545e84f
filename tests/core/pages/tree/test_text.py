"""Markup to text: the same rules in pages and in the HTML of feeds."""

from __future__ import annotations

import pytest

from pipeline.core.pages import extract
from tests.core.pages.pages import HEAD, article

OPENING = "Engineers lowered the lake under the glacier by six metres, so that the village need not be emptied."
CLOSING = "The mayor thanked the crews and said that the camp site stays closed until the slope has been looked at."
LAST = "Geologists will climb to the moraine in August and report to the council before the autumn rain comes."
FOURTH = "Soldiers laid two kilometres of pipes in three weeks, and the pumps will run until the first frost."

#: Markup inside a paragraph, and its text.
SENTENCES = {
    "time": ("The road was shut on <time datetime='2026-11-26'>Thursday 26 November</time> because of ice.",
             "The road was shut on Thursday 26 November because of ice."),
    "time in a wrapper": ("The road was shut on <span class='d'><time>Thursday</time></span> because of ice on it.",
                          "The road was shut on Thursday because of ice on it."),
    "time in a short sentence": ("She died on <time>4 May</time>.", "She died on 4 May."),
    "time between few words": ("It <time>never</time> rains", "It never rains"),
    "output at the end": ("Sum: <output>42</output>", "Sum: 42"),
    "output": ("The price has <output>doubled</output> since the ministry ended its subsidy.",
               "The price has doubled since the ministry ended its subsidy."),
    "data": ("It costs <data value='1.9'>1.90 a kilo</data> in every shop.", "It costs 1.90 a kilo in every shop."),
    "nobr and wbr": ("The <nobr>Reichs<wbr>tag</nobr> met <mark>again</mark>.", "The Reichstag met again."),
    "label": ("Whoever ticks the box <label>I agree</label> is asked again on the next page of the form.",
              "Whoever ticks the box I agree is asked again on the next page of the form."),
    "button": ("Drivers who pressed the <button>Start</button> key twice were locked out of their cars.",
               "Drivers who pressed the Start key twice were locked out of their cars."),
    "custom element": ("The fund holds <x-money cur='EUR'>nine million euros</x-money> in shares.",
                       "The fund holds nine million euros in shares."),
    "custom elements inside one another": ("It is <x-a><x-b>nine</x-b> <x-c>million</x-c></x-a> euros in all shares.",
                                           "It is nine million euros in all shares."),
    "name with a colon": ("He was born in <st1:city>Lima</st1:city> and lives in <o:p>Quito</o:p> today.",
                          "He was born in Lima and lives in Quito today."),
    "noindex": ("The paper quotes <noindex><a href='/x'>a letter</a></noindex> of the minister to the bank.",
                "The paper quotes a letter of the minister to the bank."),
    "abbr, dfn, kbd, ins": ("The <abbr>UN</abbr> calls <dfn>that</dfn> <ins>rightly</ins> <kbd>X</kbd>.",
                            "The UN calls that rightly X."),
    "q": ("She said <q>never</q> and left.", "She said “never” and left."),
    "q with marks": ("She said <q>“never”</q> and left.", "She said “never” and left."),
    "meter": ("The dam is <meter value='0.6'>60 per cent</meter> full after the rain of the weekend.",
              "The dam is 60 per cent full after the rain of the weekend."),
    "aria-hidden words": ("The dam is <span aria-hidden='true'>sixty per cent</span> full after the rain in May.",
                          "The dam is sixty per cent full after the rain in May."),
    "aria-hidden with a replacement": (
        "A ticket costs <span aria-hidden='true'>$5</span><span class='sr-only'>five dollars</span> at the gate now.",
        "A ticket costs five dollars at the gate now."),
    "ruby": ("<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>で地震があった。", "東京で地震があった。"),
    "ruby without rp": ("<ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>で地震があった。", "東京で地震があった。"),
    "square metres": ("The hall has 900 m<sup>2</sup> and 30 km<sup>2</sup> of land.",
                      "The hall has 900 m² and 30 km² of land."),
    "formula": ("H<sub>2</sub>O, CO<sub>2</sub>, C<sub>6</sub>H<sub>12</sub> and SO<sub>4</sub><sup>2-</sup>.",
                "H₂O, CO₂, C₆H₁₂ and SO₄²⁻."),
    "fine dust": ("The PM<sub>2.5</sub> limit was passed.", "The PM2.5 limit was passed."),
    "ordinals": ("Le 1<sup>er</sup> mai, the 21<sup>st</sup>, XIX<sup>e</sup>, n<sup>o</sup> 4, M<sup>me</sup> Blanc.",
                 "Le 1er mai, the 21st, XIXe, no 4, Mme Blanc."),
    "powers": ("About 10<sup>6</sup> cells, x<sup>2</sup> and E=mc<sup>2</sup>.", "About 10⁶ cells, x² and E=mc²."),
    "footnote": ("The price rose<sup>1</sup> and fell<sup>2</sup>.", "The price rose 1 and fell 2."),
    "linked footnote": ("The price rose<sup><a href='#fn1'>1</a></sup>, then fell.", "The price rose 1, then fell."),
    "footnote of Wikipedia": ("The price rose.<sup class='reference'><a href='#c'>[12]</a></sup> Then it fell.",
                              "The price rose. [12] Then it fell."),
    "footnote behind a year": ("That was in 2020<sup>3</sup> already.", "That was in 2020 3 already."),
    "footnote before a word": ("The price rose<sup>a</sup>sharply.", "The price rose a sharply."),
    "trade mark": ("The Walkman<sup>TM</sup> was new.", "The WalkmanTM was new."),
    "one break": ("The council<br>voted late at night.", "The council voted late at night."),
    "one break, XHTML": ("The council<br/>voted late.", "The council voted late."),
    "two breaks": ("The council voted.<br><br>Nobody spoke.", "The council voted.\nNobody spoke."),
    "two breaks inside bold": ("<b>The council voted.<br> <br>Nobody spoke.</b>", "The council voted.\nNobody spoke."),
    "breaks and bullets": ("Closed:<br>- the bridge<br>- the harbour", "Closed:\n- the bridge\n- the harbour"),
    "line ends in the source": ("The council\n   voted\r\nlate.", "The council voted late."),
    "soft hyphens": ("Die Hafen&shy;kommis&shy;sion tagt.", "Die Hafenkommission tagt."),
    "zero-width space": ("The har&#8203;bour and the \ufeffquay.", "The harbour and the quay."),
    "Persian": ("او می\u200cگوید که کتاب\u200cها رسید.", "او می\u200cگوید که کتاب\u200cها رسید."),
    "Hindi": ("क्\u200dष और श्री\u200c।", "क्\u200dष और श्री\u200c।"),
    "joiner in English": ("The har\u200cbour and the qu\u200day.", "The harbour and the quay."),
    "escaped twice": ("Fish &amp;amp; chips &amp;quot;to go&amp;quot;.", "Fish & chips \"to go\"."),
    "markup escaped twice": ("The &lt;b&gt;minister&lt;/b&gt; said &lt;em&gt;no&lt;/em&gt; to it.",
                             "The minister said no to it."),
    "a tag named in code": ("Write <code>&lt;b&gt;x&lt;/b&gt;</code> here.", "Write <b>x</b> here."),
    "formula in MathML": ("We know <math><mi>x</mi><mo>=</mo><mn>5</mn><annotation>x=5</annotation></math> now.",
                          "We know x=5 now."),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_a_paragraph_of_a_feed(name: str) -> None:
    raw, text = SENTENCES[name]
    assert extract.fragment(f"<p>{raw}</p>") == text


@pytest.mark.parametrize("name", [name for name in SENTENCES if not name.startswith("formula in")])
def test_a_paragraph_of_a_page(name: str) -> None:
    raw, text = SENTENCES[name]
    found = article(f"{HEAD}<article><p>{OPENING}</p><p>{raw}</p><p>{CLOSING}</p><p>{LAST}</p></article>").text
    assert found == f"{OPENING}\n{text}\n{CLOSING}\n{LAST}"


#: Blocks, and their text with one block per line.
BLOCKS = {
    "a dateline is no text": ("<p><time>26 November 2026</time></p><p>It rains in Lima.</p>", "It rains in Lima."),
    "a dateline with a label": ("<p class='m'>Published on <time>26 November</time></p><p>It rains.</p>",
                                "It rains."),
    "a time between others": ("<div><span>2 min read</span><time>26 November</time></div><p>It rains.</p>",
                              "2 min read\nIt rains."),
    "a button is no text": ("<p>It rains.</p><div><button>Send</button></div>", "It rains."),
    "custom containers": ("<x-story><x-part>It rains.</x-part><x-part>It <x-b>snows</x-b>.</x-part></x-story>",
                          "It rains.\nIt snows."),
    "custom container with blocks": ("<x-body><h2>Rain</h2><p>It rains.</p></x-body>", "Rain\nIt rains."),
    "heading, list, paragraph": ("<h2>Rain</h2><ul><li>Lima</li><li>Quito</li></ul><p>It rains.</p>",
                                 "Rain\nLima\nQuito\nIt rains."),
    "nested list": ("<ul><li>Peru<ul><li>Lima</li></ul></li><li>Ecuador</li></ul>", "Peru\nLima\nEcuador"),
    "definition list": ("<dl><dt>Rain</dt><dd>Water.</dd></dl>", "Rain\nWater."),
    "data table": ("<table><tr><th>Team</th><th>Won</th></tr><tr><td>Lions</td><td>3</td></tr></table>",
                   "Team | Won\nLions | 3"),
    "caption": ("<table><caption>League</caption><tr><td>Lions</td><td>3</td></tr></table>", "League\nLions | 3"),
    "cells with paragraphs": ("<table><tr><td><p>Lions</p></td><td><p>3</p></td></tr></table>", "Lions | 3"),
    "layout table": ("<table role='presentation'><tr><td><p>It rains.</p><p>It snows.</p></td></tr></table>",
                     "It rains.\nIt snows."),
    "a table in a layout table": (
        "<table role='none'><tr><td>It rains.<table><tr><td>Lima</td><td>3</td></tr></table></td></tr></table>",
        "It rains.\nLima | 3"),
    "pre with rows": ("<pre>Lions  3\nTigers 2</pre>", "Lions 3\nTigers 2"),
    "pre with wrapped prose": (
        "<pre>The council of the harbour town met late on Tuesday and\nvoted for the new budget of the town after "
        "a long\ndebate.\n\nNobody spoke.</pre>",
        "The council of the harbour town met late on Tuesday and voted for the new budget of the town after a long "
        "debate.\nNobody spoke."),
    "text between blocks": ("It rains.<p>It snows.</p>It hails.", "It rains.\nIt snows.\nIt hails."),
    "divs": ("<div>It rains.</div><div>It <b>snows</b>.</div>", "It rains.\nIt snows."),
    "spans shown as blocks": ("<span style='display:block'>It rains.</span><span style='display: block'>So</span>",
                              "It rains.\nSo"),
    "breaks that separate paragraphs": ("It rains in Lima.<br>It snows in Quito.<br>It hails<br>in La Paz.",
                                        "It rains in Lima.\nIt snows in Quito.\nIt hails in La Paz."),
    "hidden": ("<p>It rains.</p><p hidden>No</p><p aria-hidden='true'>No</p><p style='color:red;display : none'>No</p>",
               "It rains."),
    "hidden until found": ("<p>It rains.</p><p hidden='until-found'>It snows.</p>", "It rains.\nIt snows."),
    "shadow root": ("<x-story><template shadowrootmode='open'><style>p{}</style><p>It rains.</p></template></x-story>",
                    "It rains."),
    "a template is no text": ("<p>It rains.</p><template><p>No {{name}}</p></template>", "It rains."),
    "a lazy picture": ("<p>It rains.</p><noscript><img src='/a.jpg' alt='a'></noscript>", "It rains."),
    "center": ("<p>It rains.</p><center>Go.</center><center><p>It snows.</p></center>", "It rains.\nGo.\nIt snows."),
    "a menu of sentences": ("<menu><li>It rains.</li><li>It snows.</li></menu>", "It rains.\nIt snows."),
    "a menu of commands": ("<p>It rains.</p><menu><li>Cut</li><li>Copy</li></menu>", "It rains."),
    "address": ("<p>It rains.</p><address>Port Road 1</address><p>Go.</p>", "It rains.\nPort Road 1\nGo."),
    "quote in a figure": (
        "<figure><blockquote>The harbour is open to all ships again, and cranes work at night.</blockquote></figure>",
        "The harbour is open to all ships again, and cranes work at night."),
    "cells with indentation": (
        "<table>" + "".join(f"<tr><td>{' ' * 200}{n} g{' ' * 200}</td><td>\n{' ' * 300}<span>flour</span></td></tr>"
                            for n in (50, 60)) + "</table>", "50 g | flour\n60 g | flour"),
    "labels and long values": (
        "<table>" + "".join(f"<tr><td>{label}</td><td>The hall of the harbour town.<br>It is behind the ice house.<br>"
                            "Two trams stop there, and a bus at night, as does the ferry.</td></tr>"
                            for label in ("Where", "Parking", "Way")) + "</table>",
        "\n".join(f"{label} | The hall of the harbour town. It is behind the ice house. Two trams stop there, and a "
                  "bus at night, as does the ferry." for label in ("Where", "Parking", "Way"))),
    "a list in a cell": ("<table><tr><td>Lima</td><td><ul><li>rain</li><li>fog</li></ul></td></tr></table>",
                         "Lima | rain fog"),
    "a heading in bold": ("<div><b>Rain in Lima</b><br>It rains a lot<br>in May.</div>",
                          "Rain in Lima\nIt rains a lot in May."),
    "an icon": ("<p>It rains a lot in Lima this year <span aria-hidden='true'>→</span></p>",
                "It rains a lot in Lima this year"),
    "a hidden paragraph behind a shown one": (
        "<p>It rains in Lima, and the river rises every day by a hand's breadth.</p>"
        "<p style='display:none'>Subscribe to our letter, and get the news of Lima every day by mail.</p>",
        "It rains in Lima, and the river rises every day by a hand's breadth."),
    "plain text": ("First line\nsecond line", "First line\nsecond line"),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_of_a_feed(name: str) -> None:
    raw, text = BLOCKS[name]
    assert extract.fragment(raw) == text


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("<h2>Slope</h2>", "Slope"),
        ("<ul><li>The bridge is closed.</li><li>The harbour is open.</li></ul>",
         "- The bridge is closed.\n- The harbour is open."),
        ("<dl><dt>Moraine</dt><dd>Stones that a glacier leaves.</dd></dl>",
         "- Moraine\n- Stones that a glacier leaves."),
        ("<table><tr><th>Pump</th><th>Litres</th></tr><tr><td>North</td><td>300</td></tr></table>",
         "| Pump | Litres |\n| North | 300 |"),
        ("<pre>North 300\nSouth 200</pre>", "North 300\nSouth 200"),
        ("<x-par>The pumps were flown in three weeks ago by two helicopters.</x-par>",
         "The pumps were flown in three weeks ago by two helicopters."),
        ("<figure><img src='a'><figcaption>A picture of the lake</figcaption></figure>", ""),
        ("<div class='wp-caption'><img src='a'><p class='wp-caption-text'>The lake. (J. Berg)</p></div>", ""),
        ("<p class='caption-lead'>The lake has grown by a third since May.</p>",
         "The lake has grown by a third since May."),
        ("<h3><button aria-expanded='false'>Who pays for the pumps?</button></h3>", "Who pays for the pumps?"),
        ("<h3>Who pays for the pumps?<button>Copy</button></h3>", "Who pays for the pumps?"),
        ("<p>Hits: 1,204</p><div>12 comments</div><div>3 / 12</div>", ""),
        ("<p>12 views of a lake</p>", "12 views of a lake"),
        ("<div hidden>Sign up for our letter about lakes.</div>", ""),
        (f"<div id='terms' hidden><p>{'These are the terms of use of the site. ' * 30}</p></div>", ""),
    ],
)  # fmt: skip
def test_blocks_of_a_page(raw: str, found: str) -> None:
    text = article(f"{HEAD}<article><p>{OPENING}</p><p>{CLOSING}</p>{raw}<p>{LAST}</p></article>").text
    assert text.split("\n") == [OPENING, CLOSING, *filter(None, found.split("\n")), LAST]


BODY = "".join(f"<p>{paragraph}</p>" for paragraph in (OPENING, CLOSING, LAST, FOURTH))
PROSE = f"{OPENING}\n{CLOSING}\n{LAST}\n{FOURTH}"

#: Where pages hold the article itself.
HOLDERS = {
    "hidden": f"<div hidden>{BODY}</div>",
    "display: none": f"<div style='display: none'>{BODY}</div>",
    "aria-hidden, as behind a dialog": f"<div aria-hidden='true'><main>{BODY}</main></div><div>Accept cookies?</div>",
    "class hidden": f"<div class='paid hidden' style='display:none'>{BODY}</div>",
    "aside": f"<aside>{BODY}</aside>",
    "noscript": f"<div id='app'></div><noscript>{BODY}</noscript>",
    "fieldset": f"<form><fieldset>{BODY}</fieldset></form>",
    "dialog": f"<dialog open>{BODY}</dialog>",
    "declarative shadow root": f"<x-story><template shadowrootmode='open'><slot></slot>{BODY}</template></x-story>",
    "template that a script shows": f"<div id='app'></div><template>{BODY}</template>",
    "label": f"<label>{BODY}</label>",
    "noindex": f"<noindex>{BODY}</noindex>",
    "noscript with breaks": "<div class='cookie-consent'><p>We use cookies, as our partners do.</p></div><noscript>"
    + BODY.replace("<p>", "").replace("</p>", "<br><br>")
    + "</noscript>",
    "layout table with a menu": "<table><tr><td><a href='/'>Home</a></td><td>"
    + BODY.replace("<p>", "").replace("</p>", "<br><br>")
    + "</td></tr></table>",
    "layout table with headings": f"<table><tr><th><h1>Harbour budget approved</h1></th></tr><tr>"
    f"<td>{BODY}</td></tr></table>",
    "layout table": f"<table><tr><td><a href='/'>Home</a></td><td>{BODY}</td></tr></table>",
    "custom element": f"<x-app><x-body>{BODY}</x-body></x-app>",
    "custom paragraphs": "<x-app>" + BODY.replace("<p>", "<x-p>").replace("</p>", "</x-p>") + "</x-app>",
}


@pytest.mark.parametrize("name", HOLDERS)
def test_the_article_is_found_wherever_it_is(name: str) -> None:
    assert article(f"{HEAD}<header><a href='/'>Home</a></header>{HOLDERS[name]}<footer>Imprint</footer>").text == PROSE


def test_what_a_button_unfolds_is_text() -> None:
    first, second, *rest = (f"{part}</p>" for part in BODY.split("</p>")[:-1])
    folded = f"<div class='read-more' style='display:none'>{''.join(rest)}</div>"
    assert article(f"{HEAD}<article>{first}{second}{folded}<button>Read on</button></article>").text == PROSE


def test_paragraphs_hidden_behind_a_shown_one_are_the_rest_of_the_text() -> None:
    first, *rest = BODY.split("</p>")[:-1]
    hidden = "".join(part.replace("<p>", "<p style='display:none'>") + "</p>" for part in rest)
    assert article(f"{HEAD}<article>{first}</p>{hidden}</article>").text == PROSE


@pytest.mark.parametrize(
    "more",
    [
        "<p hidden>Our readers trust us: for five euros a month you get every story, and the crossword too.</p>",
        "<newsletter-signup><p>Get the news of the glacier every morning by mail, and on Sundays a longer read.</p>"
        "</newsletter-signup>",
        f"<div hidden>{BODY}</div>",  # the same text for another device
        f"<div hidden class='cookie-consent'>{BODY.replace('lake', 'cookie').replace('Engineers', 'Partners')}</div>",
        "<noscript><p>Please enable JavaScript in your browser to read this page as it was meant.</p></noscript>",
        "<aside><p>Another story, in short: the ferry runs again since Monday, and the fare is the same.</p></aside>",
    ],
)
def test_what_is_hidden_beside_the_article_is_no_text(more: str) -> None:
    assert article(f"{HEAD}<article>{BODY}</article>{more}").text == PROSE
