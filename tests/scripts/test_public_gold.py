"""scripts/public_gold.py: records in each of the formats it reads, made up here, and its figures about them."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.core.topics.judge import parse_rules
from scripts.public_gold import (
    FITS,
    Record,
    brat,
    collect,
    files,
    fitting,
    petrarch,
    plover,
    protests,
    relations,
    report,
    snippets,
)
from tests.topic_files import shipped_topics, topic_files

VERBS = "<Verbfile>CAMEO.2.0.txt</Verbfile>"
TWO = """<Validation>
#### records like these are not well formed & need not be
<!-- <Sentence id="0"><EventCoding eventcode="010"></EventCoding><Text>Taken out.</Text></Sentence> -->
<Sentences>
<Sentence date="20300101" id="1" evaluate="true"/>
<EventCoding eventcode="141" sourcecode="AAA" />
<EventCoding eid="2" eventcode="130_threaten" plover="" />
<Text>
Bakers &amp; millers marched
through Elmstad.
</Text>
<Parse>1 Bakers</Parse>
</Sentence>
<Sentence id="2"><Text>No codes, no gold.</Text></Sentence>
</Sentences>"""
NOTED = """<Sentence id="1"><EventCoding eventcode="15" plover="MOBILIZE" /><Text>
20300101	20300101_AB_P1 | Los panaderos salieron a la calle</Text></Sentence>"""
GROUP = ["Padeiros protestam na praça.", "O protesto dos padeiros durou três dias."]


def zipped(members: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return packed.getvalue()


BAKERS = "Bakers & millers marched through Elmstad."
PANADEROS = "Los panaderos salieron a la calle"


@pytest.mark.parametrize(
    ("reader", "path", "data", "expected"),
    [
        (petrarch, "a.xml", VERBS + TWO, [(BAKERS, "en", {"CAMEO 141", "CAMEO 130"})]),
        (petrarch, "a.xml", "<Verbfile>PETR.Validate.verbs.txt</Verbfile>" + TWO, [(BAKERS, "en", set())]),
        (petrarch, "spanish/spanish_b.xml", VERBS + NOTED, [(PANADEROS, "es", {"PLOVER MOBILIZE"})]),
        (petrarch, "spanish/b.xml", VERBS + NOTED, [(PANADEROS, "en", {"PLOVER MOBILIZE"})]),
        (plover, "x.txt", '[{"event": "DOCUMENT"}, {"event": "AID", "text": "A lent  B a mill.", "language": "en"}]',
         [("A lent B a mill.", "en", {"PLOVER AID"})]),
        (relations, "x.tsv", "uid\tgold_root\tsentence\n1\tREJECT\tA turned B's mill down.\n",
         [("A turned B's mill down.", "en", {"PLOVER REJECT"})]),
        (protests, "x.json", '{"id": 1, "sentence": "Os padeiros fazem greve hoje.", "label": 1}\n'
         '{"id": 2, "text": "O pão ficou mais caro na cidade.", "label": 0}',
         [("Os padeiros fazem greve hoje.", "pt", {"CASE protest"}),
          ("O pão ficou mais caro na cidade.", "pt", {"CASE no protest"})]),
        (protests, "x.json", json.dumps({"sentences": GROUP, "event_clusters": [[1, 2]]}),
         [(one, "pt", {"CASE protest"}) for one in GROUP]),
        (snippets, "x.tsv", 'id\tEventSnippet\tSubType\n1\t"Bread, they cried\tPEACE_PROTEST\n2\tA blast.\tATTACK\n',
         [('"Bread, they cried', "en", {"CASE PEACE_PROTEST"}), ("A blast.", "en", {"CASE ATTACK"})]),
    ],
)  # fmt: skip
def test_readers(
    reader: Callable[[str, bytes], Iterator[Record]], path: str, data: str, expected: list[tuple[str, str, set[str]]]
) -> None:
    assert [(r.text, r.language, set(r.classes)) for r in reader(path, data.encode())] == expected


def test_an_article_of_brat_has_title_and_text_and_the_codes_beside_it() -> None:
    members = {
        "a/one.txt": "\nMarcha de panaderos\n\nELMSTAD, Ene 3\n\n\nLos panaderos marcharon.\nEra enero.\n",
        "a/later/one.ann": "T1\tsource 1 2\tx\nT2\t141_Demonstrate_or_rally 3 4\tmarcharon\nR1\tsrcAct Arg1:T1\n",
        "a/two.txt": "Sin códigos\n\nTexto.",
        "a/two.ann": "T1\tlocation 1 2\tx\n",
        "a/three.ann": "T1\t141_Demonstrate_or_rally 3 4\tsin texto\n",
    }
    title, text = "Marcha de panaderos", "Los panaderos marcharon.\nEra enero."
    assert list(brat("gold.zip", zipped(members))) == [Record(text, "es", frozenset({"CAMEO 141"}), title)]


def test_a_text_that_comes_twice_counts_once_with_all_its_classes() -> None:
    first = '<Sentence><EventCoding eventcode="141"/><Text>Bread!</Text></Sentence>'
    second = '<Sentence><EventCoding eventcode="145"/><Text>Bread!</Text></Sentence>'
    sets = collect([("a.xml", first.encode()), ("b.xml", second.encode()), ("UnitTest.xml", second.encode())])
    assert {key: len(records) for key, records in sets.items()} == {
        ("PETRARCH's sentences", "en"): 1,
        ("PETRARCH's unit tests", "en"): 1,
    }
    assert sets["PETRARCH's sentences", "en"][0].classes == {"CAMEO 141", "CAMEO 145"}


def test_a_git_directory_is_read_as_a_folder_is(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "data").mkdir(parents=True)
    (tree / "data" / "a.xml").write_text(TWO)
    (tree / "readme.md").write_text("not gold")
    git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "gold"]):
        subprocess.run([*git, *words], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(tree), str(tmp_path / "bare")], check=True)
    assert list(files(tmp_path / "bare")) == [("data/a.xml", TWO.encode())]
    assert [data for _, data in files(tree)] == [TWO.encode()]
    assert list(files(tree / "data" / "a.xml")) == [(str(tree / "data" / "a.xml"), TWO.encode())]


@pytest.mark.parametrize(
    ("classes", "topic", "whole", "expected"),
    [
        ({"CAMEO 1412"}, "protest-and-unrest", True, True),
        ({"CAMEO 114", "CAMEO 145"}, "protest-and-unrest", True, True),
        ({"CAMEO 114"}, "protest-and-unrest", False, False),
        ({"CAMEO 062"}, "military-exercises", False, True),
        ({"CAMEO 062"}, "military-exercises", True, False),  # a class that is wider than the topic
        (set(), "terrorism", False, False),
    ],
)
def test_fitting(classes: set[str], topic: str, whole: bool, expected: bool) -> None:
    assert fitting(classes, topic, whole=whole) is expected


def test_every_topic_that_a_class_fits_is_there() -> None:
    assert {topic for _, topic, _ in FITS} <= set(shipped_topics())


RULES = topic_files(
    {
        "id": "protest-and-unrest", "version": 1, "threshold": 0.5, "title": {"en": "Protest"},
        "concepts": {"march": {"en": ["marched"]}},
        "patterns": [{"all": ["march"], "where": "headline", "weight": 0.5}],
        "must_match": [{"title": "They marched", "language": "en"}],
        "must_not_match": [{"text": "They marched", "language": "en"}],
    }
)  # fmt: skip


def test_the_report_counts_by_class_and_way_and_shows_what_is_odd() -> None:
    records = [
        Record("Bakers marched.", "en", frozenset({"CAMEO 141"})),
        Record("Bakers sat down.", "en", frozenset({"CAMEO 141"})),
        Record("The bride marched in.", "en", frozenset({"CAMEO 042"})),
        Record("They marched.", "en", frozenset({"CAMEO 042"}), title="A wedding"),
    ]
    lines = [" ".join(line.split()) for line in report(parse_rules(RULES), records, sample=5)]
    assert lines == [
        "class topic texts text title both",
        "CAMEO 14* protest-and-unrest 2 0 1 1",
        "no fitting class protest-and-unrest 2 0 1 1",
        "! protest-and-unrest [CAMEO 042] The bride marched in.",
        "? protest-and-unrest [CAMEO 141] Bakers sat down.",
    ]
    assert not any(line.startswith(("!", "?")) for line in report(parse_rules(RULES), records, sample=0))
