"""Templates: what they can say, what `check` finds in them, and that no template can hang or be used for a forgery."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from pipeline.core.faults import Faults
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.samples import samples
from pipeline.core.messages.template_language import LOOP
from pipeline.core.messages.template_values import ALERT, STORY, VARIABLES
from pipeline.core.messages.templates import MOST, Template, TemplateFault, filled, read_template
from pipeline.core.messages.write import fault_of, written
from tests.core.messages.samples import MADRID, hostile, message, vote
from tests.core.messages.samples import STORY as ONE_STORY

SHORT = """\
{{ severity | upper }} {{ rule }}
{% for alert in alerts %}
{{ loop.index }}. {{ alert.title }} ({{ alert.outlet }}, {{ alert.country }})
   {{ alert.quotes | join(" / ") }}
   {{ alert.link }}
{% endfor %}
{% if story and story.articles > 1 %}
{{ story.articles }} reports: {{ story.outlets | join(", ") }}
{% endif %}
"""


def fill(source: str, medium: Medium = Medium.PLAIN, name: str = "short.txt") -> str:
    return filled(read_template(name, source), message(story=ONE_STORY), medium, MADRID)


@pytest.mark.parametrize(
    ("medium", "quote", "link"),
    [
        (Medium.PLAIN, "El pleno admitió tropas de tres países.", "Article: https://news.example.org/a1"),
        (
            Medium.DISCORD,
            "El pleno admitió **tropas** de tres países.",
            "[Article on news.example.org](<https://news.example.org/a1>)",
        ),
        (
            Medium.SLACK,
            "El pleno admitió *tropas* de tres países.",
            "<https://news.example.org/a1|Article on news.example.org>",
        ),
    ],
)
def test_a_template_writes_in_each_medium(medium: Medium, quote: str, link: str) -> None:
    assert fill(SHORT, medium) == (
        "HIGH Foreign troops\n"
        "1. El Congreso admite tropas extranjeras (El Faro del Sur, Peru)\n"
        f"   {quote}\n"
        f"   {link}\n"
        "3 reports: El Faro del Sur, Nord-Kurier, \u2068صحيفة الشمال\u2069\n"
    )


def test_text_becomes_html_and_html_is_html_only() -> None:
    assert fill("<b>\n{{ rule }}", Medium.HTML, "mail.html") == "<b>\nForeign troops"
    assert fill("a\n{{ rule }}", Medium.HTML) == "a<br>\nForeign troops"
    html = read_template("mail.html", "<i>{{ rule }}</i>")
    one = message()
    plain = written(one, Medium.PLAIN, Limit(), Voice(template=html))
    assert plain == written(one, Medium.PLAIN, Limit(), Voice())
    assert fault_of(one, Medium.PLAIN, Voice(template=html)) == ""
    assert written(one, Medium.HTML, Limit(), Voice(template=html))[0].body == "<i>Foreign troops</i>"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("\n{{ titel }}", "templates/short.txt:2: there is no titel (did you mean time?)"),
        ("{% for a in alerts %}\n{{ a.titel }}{% endfor %}", "short.txt:2: this has no titel (did you mean title?)"),
        ("{% for a in alerts if a.foo %}{% endfor %}", "templates/short.txt:1: this has no foo"),
        ("{% if story.outlet %}{% endif %}", "templates/short.txt:1: this has no outlet (did you mean outlets?)"),
        ("{% set s = story %}{{ s.x }}", "templates/short.txt:1: this has no x"),
        ("{{ alerts[0]['titel'] }}", "templates/short.txt:1: this has no titel"),
        ("{{ (alerts | first).titel }}", "templates/short.txt:1: this has no titel"),
        ("{% for a in alerts %}{% endfor %}{{ a.title }}", "templates/short.txt:1: there is no a"),
        ("{{ alerts }}", "templates/short.txt:1: a list cannot be written as it is"),
        ("{{ story }}", "templates/short.txt:1: this has fields, and cannot be written as it is"),
        ("{% for a in kind %}{% endfor %}", "templates/short.txt:1: for needs a list"),
        ("x\n{% if %}", "templates/short.txt:2: Expected an expression"),
        ("{{ kind | shout }}", "templates/short.txt:1: No filter named 'shout'"),
        ("{{ kind is foo }}", "templates/short.txt:1: No test named 'foo'"),
        ("{{ kind.__class__ }}", "templates/short.txt:1: a text has no __class__"),
        ("{{ kind.upper() }}", "templates/short.txt:1: a call with ( ) cannot be used"),
        ("{{ range(10) }}", "templates/short.txt:1: a call with ( ) cannot be used"),
        ("{{ 10 ** 10 ** 10 }}", "templates/short.txt:1: ** cannot be used"),
        ("{{ 'x' * 10000000000 }}", "templates/short.txt:1: * cannot be used"),
        ("{{ '%9999999999d' % 1 }}", "templates/short.txt:1: % cannot be used"),
        ("{{ rule | safe }}", "templates/short.txt:1: safe cannot be used"),
        ("{% include 'secrets.txt' %}", "templates/short.txt:1: include cannot be used"),
        ("{% macro f() %}{{ f() }}{% endmacro %}", "templates/short.txt:1: macro cannot be used"),
        ("{% for a in alerts recursive %}{% endfor %}", "templates/short.txt:1: a for needs one name"),
        ("{{ " + "(" * 9000 + "1" + ")" * 9000 + " }}", "templates/short.txt: it cannot be read"),
        ("x" * 20_001, "templates/short.txt: it has 20,001 characters"),
    ],
)  # fmt: skip
def test_faults_are_found_before_a_template_is_used(source: str, fault: str) -> None:
    with pytest.raises(Faults) as caught:
        read_template("short.txt", source)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "{% for a in story.outlets %}" * 12 + "x" + "{% endfor %}" * 12,
            "short.txt: its loops make more than 20,000 rounds",
        ),
        (
            "{% set k = [body, body, body, body] | join(body) %}" * 1
            + "{% set k = [k, k, k, k, k, k, k, k] | join(k) %}" * 30
            + "{{ k }}",
            "short.txt: join makes more than 200,000 characters",
        ),
        ("x\n{{ alerts[7].title }}", "short.txt:2: "),
        ("\n\n{{ new.articles }}", "short.txt:3: "),
        (
            "{% for a in alerts %}\n{% for b in a.words | first %}{% endfor %}{% endfor %}",
            "short.txt: for needs a list",
        ),
        ("{{ kind | truncate('x') }}", "short.txt:1: "),
    ],
)
def test_what_fails_or_would_not_end_is_stopped_and_the_built_in_form_is_sent(source: str, reason: str) -> None:
    template = Template("short.txt", source)
    one = message(story=ONE_STORY)
    begun = time.monotonic()
    with pytest.raises(TemplateFault) as caught:
        filled(template, one, Medium.PLAIN, MADRID)
    assert str(caught.value).startswith(reason)
    voice = Voice(zone=MADRID.zone, template=template)
    [sent], [built_in] = written(one, Medium.PLAIN, Limit(), voice), written(one, Medium.PLAIN, Limit(), MADRID)
    assert sent.title == built_in.title
    assert sent.body.startswith(f"{built_in.body}\n\nThe template of this channel fails: short.\u200atxt")
    assert fault_of(one, Medium.PLAIN, voice).startswith(reason)
    assert time.monotonic() - begun < 5


def test_what_a_template_writes_is_limited() -> None:
    long = message(*(vote(article=f"a{n}", title="x" * 1000) for n in range(100)))
    source = "{% for a in alerts %}" + "{{ a.title }}" * 5 + "{% endfor %}"
    with pytest.raises(TemplateFault, match="writes more than"):
        filled(read_template("t.txt", source), long, Medium.PLAIN, MADRID)
    assert MOST < 5 * 100 * 1000


def test_fields_are_never_attributes_of_python() -> None:
    assert fill("{{ alerts[0].copy }} {{ alerts[-1]['title'] }}") == "no El Congreso admite tropas extranjeras"
    for wrong in ("alerts[0].items", "alerts[0].keys", "story.values", "alerts.append", "kind.format"):
        with pytest.raises(Faults):
            read_template("t.txt", "{{ " + wrong + " }}")
        with pytest.raises(TemplateFault):
            filled(Template("t.txt", "{{ " + wrong + " }}"), message(story=ONE_STORY), Medium.PLAIN, MADRID)


EVERYTHING = (
    "".join(f"{{{{ {name} }}}}\n" for name, known in VARIABLES.items() if isinstance(known.shape, str))
    + "{% for a in alerts %}"
    + "".join(
        f"{{{{ a.{name} | join(' ') }}}}\n" if isinstance(variable.shape, list) else f"{{{{ a.{name} }}}}\n"
        for name, variable in ALERT.items()
    )
    + "".join(f"{{{{ loop.{name} }}}}\n" for name in LOOP)
    + "{% endfor %}"
    + "".join(
        f"{{% if {story} %}}"
        + "".join(
            f"{{{{ {story}.{name} | join }}}}\n" if isinstance(variable.shape, list) else f"{{{{ {story}.{name} }}}}\n"
            for name, variable in STORY.items()
        )
        + "{% endif %}"
        for story in ("story", "new")
    )
)  # fmt: skip


@pytest.mark.parametrize("medium", Medium)
def test_every_variable_has_a_value_in_every_kind_of_message(medium: Medium) -> None:
    template = read_template("all.txt", EVERYTHING)
    for sample in samples():
        filled(template, sample, medium, MADRID)


@given(hostile)
def test_a_template_makes_no_link_of_what_comes_from_outside(text: str) -> None:
    one = message(vote(title=text, source=text, branch=text, fact_lines=(text,)), name=text)
    source = (
        "# {{ alerts[0].title }}\n\n[{{ alerts[0].outlet }}]({{ alerts[0].url }})\n\n{{ rule | upper }}\n\n"
        "{{ alerts[0].facts | join('') }}{{ alerts[0].branch }}{{ alerts[0].words | join('.') }}{{ rule }}"
    )
    parsed = MarkdownIt("gfm-like").parse(filled(read_template("t.md", source), one, Medium.MARKDOWN, MADRID))
    tokens = [token for block in parsed for token in (block, *(block.children or ()))]
    links = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert links <= {"https://news.example.org/a1"}
    assert not [token for token in tokens if token.type in ("image", "html_inline", "html_block")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for a in alerts[:1] %}{{ loop.revindex }}{% endfor %}", "1"),
        ("{{ alerts | length + more - 1 }}", "0"),
        ("{{ 'Rule ' ~ rule ~ '!' }}", "Rule Foreign troops!"),
        ("{{ rule | replace('troops', 'soldiers') | title | trim }}", "Foreign Soldiers"),
        ("{{ rule[:7] }}", "Foreign"),
        ("{{ story.outlets[1:] | sort | first }}", "Nord-Kurier"),
        ("{{ ['b', 'a', 'b'] | unique | reverse | join(' ') }}", "a b"),
        ("{{ rule | e }}{{ rule | escape }}", "Foreign troopsForeign troops"),
        ("{{ 'x' if new is none else 'y' }}", "x"),
    ],
)
def test_what_users_of_jinja_expect(source: str, expected: str) -> None:
    assert fill(source) == expected


@given(hostile)
def test_joined_and_changed_values_are_escaped_once(text: str) -> None:
    source = (
        "{{ alerts[0].title ~ alerts[0].link ~ alerts[0].quotes[0] }} {{ alerts[0].title[1:] | replace('x', '@') }}"
    )
    written_ = filled(read_template("t.txt", source), message(vote(title=text)), Medium.MARKDOWN, MADRID)
    tokens = [token for block in MarkdownIt().parse(written_) for token in block.children or ()]
    assert {token.attrs["href"] for token in tokens if token.type == "link_open"} == {"https://news.example.org/a1"}
    assert "**tropas**" in written_


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% set k = body ~ body %}" + "{% set k = k ~ k %}" * 40 + "{{ k }}", "~ makes more than"),
        ("{% set k = body[:0] ~ rule %}{{ k | replace('o', 'x') }}", "cannot change a text with markup"),
        ("{{ rule + rule }}", "+ needs two numbers"),
        ("{{ 999999999999 + 1 }}", "+ needs two numbers"),
        ("{% set k = rule | replace('', rule) %}" + "{% set k = k | replace('', k) %}" * 9 + "{{ k }}", "characters"),
    ],
)
def test_what_grows_or_breaks_markup_is_stopped(source: str, reason: str) -> None:
    begun = time.monotonic()
    with pytest.raises(TemplateFault) as caught:
        filled(Template("short.txt", source), message(), Medium.PLAIN, MADRID)
    assert reason in str(caught.value)
    assert time.monotonic() - begun < 5
