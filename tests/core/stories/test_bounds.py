"""Lists of a story's record are bounded; what they do not remember any more is found in records of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from pipeline.core.stories import record
from pipeline.core.stories.updates import corrected, home, resolved
from pipeline.records import Correction, Story, StoryArticle, encode
from tests.stages.relate.house import T0


def listed(id: str, seq: int) -> StoryArticle:
    return StoryArticle(
        id=id, seq=seq, seen=T0 + timedelta(minutes=seq), source="s", title="T", url="https://s.example/"
    )


def story(id: str, *articles: str, seq: int = 1) -> Story:
    rows = tuple(listed(one, seq + n) for n, one in enumerate(articles or (id,)))
    return record.completed(Story(id=id, seq=seq, changed=T0, opened=T0, articles=rows, size=len(rows)))


class Records:
    def __init__(self, *stories: Story) -> None:
        self.all = {one.id: one for one in stories}

    def get(self, ids: Sequence[str]) -> Mapping[str, Story]:
        return {id: self.all[id] for id in ids if id in self.all}

    def correct(self, correction: Correction, seq: int) -> None:
        self.all |= {one.id: one for one in corrected(correction, {}, self.get, seq, T0 + timedelta(hours=seq))}


def test_ids_that_were_merged_long_ago_still_lead_on() -> None:
    records = Records(story("main"))
    for n in range(record.MERGED + 50):
        records.all[f"s{n}"] = story(f"s{n}", seq=n)
        records.correct(Correction(kind="merge", story=f"s{n}", into="main"), 1000 + n)
    main = records.all["main"]
    assert len(main.merged) == record.MERGED
    assert main.merged[-1] == f"s{record.MERGED + 49}"
    for n in range(record.MERGED + 50):
        assert resolved(f"s{n}", {}, records.get) is main


def test_articles_that_were_moved_long_ago_are_still_found() -> None:
    """Also after the story that they left became part of another one."""
    records = Records(story("main"))
    moves = 3 * record.MOVED // 2
    for n in range(moves):
        main = records.all["main"]
        more = replace(main, articles=(*main.articles, listed(f"a{n}", n + 5)), size=main.size + 1)
        records.all["main"] = record.completed(more)
        split = Correction(kind="split", story="main", into=f"a{n}", articles=(f"a{n}",))
        records.correct(split, 1000 + n)
    assert len(records.all["main"].moved) == record.MOVED
    assert all(home(f"a{n}", "main", {}, records.get) is records.all[f"a{n}"] for n in range(moves))
    records.all["other"] = story("other", seq=3)
    records.correct(Correction(kind="merge", story="main", into="other"), 9000)
    assert records.all["main"].redirect == "other"
    assert home("main", "main", {}, records.get) is records.all["other"]
    assert all(home(f"a{n}", "main", {}, records.get) is records.all[f"a{n}"] for n in range(moves))


def test_what_people_decided_is_bounded() -> None:
    records = Records(story("main", "main", *(f"a{n}" for n in range(150))))
    for n in range(150):
        articles = tuple(f"a{one}" for one in range(60))
        made = Correction(kind="split", story="main", into=f"a{n}", articles=articles, by="person")
        records.all["main"] = record.keeping(records.all["main"], made)
    kept = records.all["main"].kept
    assert len(kept) == record.KEPT
    assert kept[-1].into == "a149"
    assert sum(len(one.articles) for one in kept) <= record.KEPT_ARTICLES
    assert len(encode(records.all["main"])) < 100_000
    assert record.keeping(records.all["main"], kept[3]) == records.all["main"]
