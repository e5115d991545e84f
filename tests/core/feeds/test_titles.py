"""Headlines: tags that they name and tags that they use; entries without one."""

from __future__ import annotations

import pytest

from pipeline.core.feeds.plain import first_words, title
from tests.core.feeds.bodies import items, read, rss


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        # named
        ("Why the <marquee> element was dropped", "Why the <marquee> element was dropped"),
        ("A guide to &lt;head&gt; and &lt;body&gt; elements", "A guide to <head> and <body> elements"),
        ("How to use the <br> tag", "How to use the <br> tag"),
        ("The <b> and </b> tags", "The <b> and </b> tags"),
        ("<details> and <summary> in practice", "<details> and <summary> in practice"),
        ("Sorting a List<String> in Java", "Sorting a List<String> in Java"),
        ("std::vector<int> is slow", "std::vector<int> is slow"),
        ("La etiqueta <strong> y el SEO", "La etiqueta <strong> y el SEO"),
        ("Тег <b> и его друзья", "Тег <b> и его друзья"),
        ("<p> 标签的用法", "<p> 标签的用法"),
        ("Use <dialog> now", "Use <dialog> now"),
        ("<script> tags considered harmful", "<script> tags considered harmful"),
        # used
        ("Firms with profit &lt; loss ask for <b>help</b>", "Firms with profit < loss ask for help"),
        ("<em>Velmar</em> votes", "Velmar votes"),
        ("<b>Tag</b> der offenen Tür", "Tag der offenen Tür"),
        ("<b>Breaking: the truncated", "Breaking: the truncated"),
        ("One<br>two", "One two"),
        ("One <br/> two", "One two"),
        ('<a href="https://x.example/">A link</a>', "A link"),
        ("H<sub>2</sub>O and E=mc<sup>2</sup>", "H2O and E=mc2"),
        ('<iframe src="x"></iframe>News', "News"),
        ("<script>alert(1)</script>News", "News"),
        ("News<!-- comment -->", "News"),
        ("safe</applet> description", "safe description"),
        ("3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
        ("<3 for all", "<3 for all"),
        ("", None),
        (None, None),
    ],
)
def test_tags_in_titles(markup: str | None, expected: str | None) -> None:
    assert title(markup, 200) == expected


def atom(entry: str) -> str:
    more = '<id>urn:1</id><link href="https://faro.example/1"/>'
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>{entry}{more}</entry></feed>'


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<title>Why the &lt;marquee&gt; element</title>", "Why the <marquee> element"),
        ("<title>The &lt;b&gt; of it</title>", "The <b> of it"),
        ("<title type='text'>a &lt; b &amp; c</title>", "a < b & c"),
        ("<title>It&amp;#39;s wrong type</title>", "It's wrong type"),
        ("<title>&lt;em&gt;wrong&lt;/em&gt; type</title>", "wrong type"),
        ("<title type='html'>a &amp;lt; b &lt;b&gt;c&lt;/b&gt;</title>", "a < b c"),
        ("<title type='html'><![CDATA[<b>a</b> &amp; b]]></title>", "a & b"),
        ("<title type='text/html' mode='escaped'>a &lt;b&gt;c&lt;/b&gt;</title>", "a c"),
        (
            "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>3 &lt; 5 in <em>V</em></div></title>",
            "3 < 5 in V",
        ),
        ("<title type='xhtml'><x:div xmlns:x='http://www.w3.org/1999/xhtml'>a <x:b>b</x:b></x:div></title>", "a b"),
        ("<title mode='base64'>QSBCIEM=</title>", "A B C"),
    ],
)
def test_titles_of_atom(element: str, expected: str) -> None:
    assert items(read(atom(element)))[0].title == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor has resigned today. More follows soon.", "The mayor has resigned today"),
        ("Short note", "Short note"),
        ("word " * 60, "word word word word word word word word word word word word…"),
        ("<p>港口委员会投票赞成修建第二座码头。辩论持续了四个小时。</p>", "港口委员会投票赞成修建第二座码头。"),
        ("x" * 300, "x" * 59 + "…"),
        ("<img src='a.jpg'>", None),
        (None, None),
    ],
)
def test_first_words(text: str | None, expected: str | None) -> None:
    assert first_words(text, 60) == expected


@pytest.mark.parametrize("given", ["", "<title/>", "<title></title>", "<title> \n </title>", "<title>&nbsp;</title>"])
def test_an_entry_without_title_gets_its_first_words(given: str) -> None:
    text = "<description><![CDATA[<p>The mayor of the harbour town resigned. More soon.</p>]]></description>"
    (item,) = items(read(rss(f"<item>{given}<link>https://faro.example/1</link>{text}</item>")))
    assert (item.title, item.untitled) == ("The mayor of the harbour town resigned", True)
    (item,) = items(read(rss(f"<item>{given}<link>https://faro.example/1</link></item>")))
    assert (item.title, item.untitled) == (None, True)
