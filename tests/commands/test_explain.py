"""`almenara explain` and `almenara evaluate`, from files to what is printed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.commands import CommandError, evaluate, explain
from pipeline.config.shipped import SHIPPED_CONFIG as SHIPPED
from pipeline.core.faults import Faults

TOPIC = "foreign-troop-authorization"
TITLE = "Congreso aprueba el ingreso de tropas de Estados Unidos"
TEXT = (
    "El pleno aprobó por 71 votos la resolución que permite la entrada de personal militar estadounidense armado. "
    "Los soldados llegarán en abril a la base naval y se quedarán hasta diciembre para adiestrar a la marina."
)
DOMESTIC = "El Gobierno aprobó el despliegue de las fuerzas armadas en las calles de la ciudad por treinta días."

Out = Callable[[], str]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    return lambda: capsys.readouterr().out


def test_an_article_has_its_topic_for_words_in_sentences(tmp_path: Path, out: Out) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"{TITLE}\n{TEXT}\n")
    explain.explain(str(file), None, SHIPPED, False)
    shown = out()
    assert re.fullmatch(rf"{TOPIC}: yes, score 1 \(threshold 0\.\d+\)", shown.splitlines()[1])
    assert re.search(r"\n    party: [a-z-]+: '.*tropas.*' in title: Congreso aprueba", shown)
    assert re.search(
        r"\n  Verifier: 0\.\d+ \(threshold 0\.\d+\), by signs and the (vector|meaning) of .*\n    [+-]\d", shown
    )
    assert "  Best pattern (+" in shown
    assert "in title: Congreso aprueba" in shown
    assert len(shown.splitlines()) < 55
    assert "outcome = authorised by 'aprueba' in title: Congreso aprueba" in shown
    assert "senders = US by 'Estados Unidos' in title" in shown


def test_a_near_miss_says_what_was_lacking(tmp_path: Path, out: Out) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"Calles vigiladas\n{DOMESTIC} {DOMESTIC}\n")
    explain.explain(str(file), TOPIC, SHIPPED, False)
    shown = out()
    assert f"{TOPIC}: no, the verifier refuses it: 0.0" in shown.splitlines()[1]
    assert "  Nearest pattern (+" in shown
    assert "missing: " in shown
    assert "(e.g. " in shown
    explain.explain(str(file), None, SHIPPED, False)
    assert "--topic NAME shows what it lacks for one" in out()


def test_json_lines_in_and_out(tmp_path: Path, out: Out) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps({"id": n, "title": TITLE, "text": TEXT}) + "\n" for n in (1, 2)))
    explain.explain(str(file), TOPIC, SHIPPED, True)
    lines = json.loads(out())
    assert [line["id"] for line in lines] == ["1", "2"]
    [topic] = lines[0]["topics"]
    assert (topic["id"], topic["matches"], topic["by"]) == (TOPIC, True, "patterns")
    assert topic["score"] == 1 > topic["verifier"]["probability"] > topic["verifier"]["threshold"]
    assert [slot["slot"] for slot in topic["slots"]] == ["party", "act", "stay", "body", "origin"]
    total = sum(one["weight"] for one in topic["verifier"]["contributions"])
    assert topic["verifier"]["probability"] == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-3)
    assert {pattern["holds"] for pattern in topic["patterns"]} == {True, False}
    assert topic["best"] in topic["patterns"]
    assert lines[0]["facts"][0]["senders"][0]["value"] == "US"


def test_a_topic_that_is_no_candidate_says_which_slot_is_empty(tmp_path: Path, out: Out) -> None:
    file = tmp_path / "a.txt"
    file.write_text("La cosecha\nEl Congreso aprobó el presupuesto de la cosecha de café para el año próximo.\n")
    explain.explain(str(file), TOPIC, SHIPPED, False)
    shown = out()
    assert "    party: missing: " in shown
    assert "  Verifier: not asked, since nothing fills party" in shown


def test_a_language_without_terms_is_said(tmp_path: Path, out: Out) -> None:
    line = {
        "title": "Kongressi",
        "text": "Parlamentti hyväksyi talousarvion eilen illalla äänestyksen jälkeen Helsingissä.",
    }
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({**line, "language": "fi"}) + "\n")
    explain.explain(str(file), None, SHIPPED, True)
    [article] = json.loads(out())
    assert "border-dispute" in article["untagged"]
    explain.explain(str(file), None, SHIPPED, False)
    assert "no terms in this language, and not found: " in out()


def test_an_earlier_year_is_no_news(tmp_path: Path, out: Out) -> None:
    file = tmp_path / "a.txt"
    sentence = "En 2019 el Senado autorizó la entrada de 200 soldados estadounidenses al país."
    file.write_text(f"Siete años de la base\n{sentence} {sentence}\n")
    explain.explain(str(file), TOPIC, SHIPPED, False)
    assert f"{TOPIC}: no" in out()


@pytest.mark.parametrize(
    ("name", "content", "topic", "said"),
    [
        ("a.txt", f"{TITLE}\n{TEXT}", "no-such", "no topic 'no-such': there are arms-deals"),
        ("a.jsonl", '{"title": "x"}', TOPIC, 'has neither "html" nor "text"'),
        ("a.txt", "Title alone\n", TOPIC, "no article: "),
    ],
)
def test_what_cannot_be_explained_is_said(tmp_path: Path, name: str, content: str, topic: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(CommandError, match=re.escape(said)):
        explain.explain(str(tmp_path / name), topic, SHIPPED, False)


def test_a_set_is_measured(tmp_path: Path, out: Out) -> None:
    (tmp_path / "es.toml").write_text(f"""
[[article]]
id = "1"
language = "es"
published = 2026-03-14
title = "{TITLE}"
text = "{TEXT}"
topics = ["{TOPIC}"]
[[article]]
id = "2"
language = "es"
published = 2026-03-14
title = "Calles vigiladas"
text = "{DOMESTIC}"
topics = ["{TOPIC}"]
""")
    evaluate.evaluate(tmp_path, SHIPPED, True, as_json=True)
    measured = json.loads(out())
    assert (measured["topics"]["precision"], measured["topics"]["recall"]) == (1.0, 0.5)
    assert [one["kind"] for one in measured["errors"]] == ["missed"]
    assert measured["errors"][0]["topics"] == {TOPIC: 1}
    assert measured["mistakes"] == [{"id": "2", "title": "Calles vigiladas", "wrong": [], "missed": [TOPIC]}]
    evaluate.evaluate(tmp_path, SHIPPED, True, as_json=False)
    printed = out()
    assert f"2: missed {TOPIC}: Calles vigiladas" in printed
    assert "Errors by class:" in printed


def test_no_set_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="has no labelled articles"):
        evaluate.evaluate(tmp_path, SHIPPED, False, as_json=False)
