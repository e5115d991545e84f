"""Which feeds a seed publishes, and which it leaves to users and to other seeds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.feeds.changes import Plan, additions, removal, url_key
from pipeline.core.feeds.seed import Seed, plan_of
from pipeline.records import Feed


def feed(identity: str, origin: str = "config", seed: str = "ours", **more: Any) -> Feed:
    values: dict[str, Any] = {"name": identity.upper(), "url": f"https://{identity}.example/rss"} | more
    return Feed(id=identity, origin=origin, seed=seed if origin == "config" else "", **values)


A, ASIDE = feed("a"), feed("a", seed="theirs")
MINE = feed("a", "cli")
RENAMED = feed("a", name="AA")


def shown(plan: Plan) -> list[str]:
    changes = [f"{change.kind} {change.feed.id}" for change in plan.changes]
    return changes + [f"{kept.reason} {kept.listed.id}{' same' if kept.same else ''}" for kept in plan.kept]


@pytest.mark.parametrize(
    ("known", "listed", "expected"),
    [
        pytest.param([], [A], ["added a"], id="new"),
        pytest.param([A], [A], [], id="as it is"),
        pytest.param([A], [RENAMED], ["changed a"], id="edited"),
        pytest.param([A], [feed("a", enabled=False)], ["disabled a"], id="switched off"),
        pytest.param([feed("a", enabled=False)], [A], ["enabled a"], id="switched on"),
        pytest.param([A, feed("b", "cli")], [], ["removed a"], id="gone from the file; what a user added stays"),
        pytest.param([removal(A).feed], [], [], id="removed once is enough"),
        pytest.param([removal(A).feed], [A], ["added a"], id="back in the file"),
        pytest.param([removal(A, origin="cli").feed], [A], ["removed a"], id="removed by a user: kept so"),
        pytest.param([ASIDE], [], [], id="of another seed: not removed"),
        pytest.param([ASIDE], [A], ["seed a same"], id="of another seed, listed alike"),
        pytest.param([ASIDE], [RENAMED], ["seed a"], id="of another seed, listed otherwise"),
        pytest.param([removal(ASIDE).feed], [A], ["added a"], id="that another seed removed"),
        pytest.param([MINE], [RENAMED], ["user a"], id="of a user"),
        pytest.param([feed("a", "opml")], [A], ["user a same"], id="of a user, listed alike"),
        pytest.param([feed("x", url=A.url)], [A], ["added a", "removed x"], id="another id in our own file"),
        pytest.param([feed("x", seed="theirs", url=A.url)], [A], ["seed a"], id="the URL in another seed"),
        pytest.param([feed("x", "cli", url="http://WWW.a.example/rss")], [A], ["user a"], id="the URL, of a user"),
        pytest.param([A, feed("x", "cli", url=A.url)], [RENAMED], ["changed a"], id="ours, although a user has it too"),
        pytest.param(
            [A, feed("b", seed="theirs")], [feed("a", url="https://b.example/rss")], ["seed a"], id="moved to their URL"
        ),
        pytest.param(
            [A, feed("c"), feed("x", "cli", url="https://x.example/rss")],
            [feed("a", url=feed("c").url), feed("c", url="https://x.example/rss")],
            ["changed a", "removed c", "user c"],
            id="moved to a user's URL, and its own is now that of another",
        ),
    ],
)
def test_a_seed_changes_only_its_own(known: list[Feed], listed: list[Feed], expected: list[str]) -> None:
    plan = plan_of({feed.id: feed for feed in known}, Seed("ours", tuple(listed)))
    assert shown(plan) == expected
    assert all((change.feed.origin, change.feed.seed) == ("config", "ours") for change in plan.changes)


@pytest.mark.parametrize(
    ("known", "listed", "expected"),
    [
        pytest.param([ASIDE], [A], ["adopted a"], id="of another seed"),
        pytest.param([MINE], [A], ["adopted a"], id="of a user"),
        pytest.param([ASIDE, feed("b", seed="theirs")], [A], ["adopted a"], id="only what the file lists"),
        pytest.param([feed("x", seed="theirs", url=A.url)], [A], ["added a", "removed x"], id="the URL elsewhere"),
        pytest.param([removal(A, origin="cli").feed], [A], ["removed a"], id="what a user removed stays removed"),
        pytest.param(
            [feed("a", seed="theirs", url="https://b.example/rss"), feed("b", seed="theirs", url=A.url)],
            [A, feed("b")], ["adopted a", "adopted b"], id="ids exchanged",
        ),
    ],
)  # fmt: skip
def test_adopting(known: list[Feed], listed: list[Feed], expected: list[str]) -> None:
    assert shown(plan_of({feed.id: feed for feed in known}, Seed("ours", tuple(listed)), adopt=True)) == expected


def test_replacing_another_seed() -> None:
    known = {one.id: one for one in (ASIDE, feed("b", seed="theirs"), feed("c", seed="others"), feed("d", "cli"))}
    plan = plan_of(known, Seed("ours", (A, feed("c"))), replaces=["theirs"])
    assert shown(plan) == ["adopted a", "removed b", "seed c same"]
    assert [one.listed.id for one in plan.disputed] == []


def test_a_file_that_is_missing_says_nothing() -> None:
    assert plan_of({"a": A}, Seed("ours", (), exists=False)) == Plan()
    assert shown(plan_of({"a": A}, Seed("ours", ()))) == ["removed a"]


def after(known: dict[str, Feed], plan: Plan) -> dict[str, Feed]:
    return known | {change.feed.id: change.feed for change in plan.changes}


IDS = st.sampled_from("abcd")
LISTED = st.builds(
    lambda identity, host, name: Feed(id=identity, name=name, url=f"https://{host}.example/"), IDS, IDS, IDS
)
FEEDS = st.lists(LISTED, unique_by=(lambda one: one.id, lambda one: one.url), max_size=4).map(tuple)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["one", "two"]), FEEDS, st.booleans()),
        st.tuples(st.just("add"), FEEDS, st.just(False)),
        st.tuples(st.just("remove"), IDS, st.just(False)),
    ),
    max_size=8,
)


def acted(known: dict[str, Feed], act: tuple[str, Any, bool]) -> Plan:
    who, what, adopt = act
    if who == "add":
        return additions(known, [msgspec.structs.replace(one, origin="cli") for one in what])
    if who == "remove":
        return Plan(tuple(removal(known[i], origin="cli") for i in [what] if i in known and not known[i].removed))
    return plan_of(known, Seed(who, what), adopt=adopt)


@given(ACTS)
def test_two_seeds_and_a_user_never_fight(acts: list[tuple[str, Any, bool]]) -> None:
    """Whatever the order: applying twice changes nothing; a seed touches nothing of others unasked; no URL is polled
    twice by what seeds publish; both seeds applied in turn come to rest."""
    known: dict[str, Feed] = {}
    last: dict[str, Seed] = {}
    for act in acts:
        plan = acted(known, act)
        if act[0] in ("one", "two"):
            last[act[0]] = Seed(act[0], act[1])
            if not act[2]:
                foreign = {i: f for i, f in known.items() if not f.removed and (f.origin, f.seed) != ("config", act[0])}
                assert not foreign.keys() & {change.feed.id for change in plan.changes}
            assert acted(after(known, plan), act).changes == ()
        known = after(known, plan)
        urls = [url_key(one) for one in known.values() if not one.removed]
        assert len(urls) == len(set(urls))
    for _ in range(2):
        for seed in last.values():
            known = after(known, plan_of(known, seed))
    assert all(plan_of(known, seed).changes == () for seed in last.values())
