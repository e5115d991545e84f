"""The consumer groups of the stages."""

from __future__ import annotations

import pytest

from pipeline.log.groups import READS, all_groups, groups_of
from pipeline.log.streams import STAGES
from pipeline.stage import Stage
from pipeline.stages import alert, clean, index, notify, poll, relate, tag


@pytest.mark.parametrize(
    "stage", [poll.Poll, clean.Clean, tag.Tag, relate.Relate, index.Index, alert.Alert, notify.Notify]
)
def test_the_table_says_what_the_stages_read(stage: type[Stage]) -> None:
    assert set(READS[stage.name]) == set(stage.reads)


def test_every_stage_is_in_the_table() -> None:
    assert tuple(READS) == STAGES


def test_old_news_and_delayed_items_have_groups_of_their_own() -> None:
    assert groups_of("clean", READS["clean"]) == {
        "clean": ("items",), "clean-backfill": ("items-backfill",), "later": ("items-later",),
    }  # fmt: skip
    assert set(all_groups()) == {*STAGES, "clean-backfill", "tag-backfill", "later"}
