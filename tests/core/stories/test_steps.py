"""Records of growing stories in steps: what is written always leads to the exact record, and is much smaller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.core.stories import record
from pipeline.core.stories.steps import MOST, assembled, continued, story_of_key, written
from pipeline.records import Correction, Document, Relation, Story, encode
from tests.builders import document
from tests.stages.relate.house import T0


def report(number: int, *, version: int = 1, hours: float = 0.0, copy: bool = False, text: str = "") -> Document:
    made = document(f"Title {number} of a report on the harbour of Valmora", text or f"{number} people were hurt.",
                    id=f"a{number}", url=f"https://paper{number % 40}.example/news/{number}", seq=1)  # fmt: skip
    seen = T0 + timedelta(hours=hours)
    relation = Relation(
        kind="copy" if copy else "new", first_seen=seen, seq=1, version=version, story_id="a0",
        duplicate_of="a0" if copy else None,
    )  # fmt: skip
    return replace(made, article=replace(made.article, seen=seen, source=f"paper{number % 40}"), relation=relation)


class Stream:
    """The newest record of each key, as a compacted stream has them after a while."""

    def __init__(self) -> None:
        self.records: dict[str, Story] = {}
        self.bytes: list[int] = []
        self.story: Story | None = None

    def take(self, grown: Story) -> None:
        key, out, self.story = written(self.story, grown)
        assert story_of_key(key) == grown.id
        self.records[key] = out
        self.bytes.append(len(encode(out)))

    def read(self) -> Story:
        return assembled(self.records["a0"], self.get)

    def get(self, keys: Sequence[str]) -> dict[str, Story]:
        return {key: self.records[key] for key in keys if key in self.records}


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    found: list[Document] = []
    for seq in range(1, draw(st.integers(1, 60))):
        number = draw(st.integers(0, 40))
        known = sum(one.article.id == f"a{number}" for one in found)
        one = report(
            number, version=known + 1, hours=draw(st.integers(-300, 300)), copy=draw(st.booleans()) and number > 0,
            text=draw(st.sampled_from(("", "3 people were hurt.", "Nothing to count."))),
        )  # fmt: skip
        found.append(replace(one, relation=replace(one.relation, seq=seq)))
    return found


@settings(max_examples=60, deadline=None)
@given(documents())
def test_what_is_written_leads_to_the_record(reports: list[Document]) -> None:
    stream, plain = Stream(), None
    for one in reports:
        plain = record.with_document(plain, one)
        stream.take(record.with_document(stream.story, one))
        read = stream.read()
        assert read == stream.story
        assert replace(read, steps=0) == plain


def grown(size: int) -> Stream:
    stream = Stream()
    for number in range(size):
        one = report(number, hours=number / 7, copy=number % 3 == 1, text="The harbour reopened." * 9)
        stream.take(record.with_document(stream.story, replace(one, relation=replace(one.relation, seq=number + 1))))
    return stream


def test_a_large_story_costs_little_for_each_article() -> None:
    stream = grown(400)
    whole = len(encode(stream.read()))
    assert whole > 40_000
    assert sum(stream.bytes[200:]) / 200 < whole / 15
    assert stream.read().size == 400
    assert len(stream.records) <= 1 + MOST


def test_a_step_follows_only_on_the_record_before() -> None:
    before = grown(22).read()
    key, step, now = written(before, record.with_document(before, with_seq(report(30, hours=9), 23)))
    assert (key, step.after, len(step.articles)) == (f"a0+{before.steps + 1}", 22, 1)
    assert continued(before, step) == now
    assert continued(now, step) is None
    assert continued(replace(before, seq=21), step) is None
    assert continued(replace(before, redirect="b"), step) is None


def with_seq(one: Document, seq: int) -> Document:
    return replace(one, relation=replace(one.relation, seq=seq))


def test_what_no_step_says_is_written_whole() -> None:
    before = grown(22).read()
    for changed in (
        replace(before, seq=23, merged=("b",)),
        replace(before, seq=23, kept=(Correction(kind="merge", story="b", into="a0", by="person"),)),
        replace(before, seq=23, articles=before.articles[:-1], size=21),
    ):
        key, out, _ = written(before, changed)
        assert (key, out.after, out.steps) == ("a0", None, 0)
