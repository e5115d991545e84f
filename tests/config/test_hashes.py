"""Configurations that decide alike have the same hashes; every part has its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.folder import load
from pipeline.config.hashes import OF_ONE_MACHINE, Hashes, different_parts, hashes_of
from pipeline.config.read_settings import SECRETS, setting_paths
from pipeline.config.settings import Settings

FEEDS = '[[feed]]\nid = "x"\nname = "X"\nurl = "https://x.example/rss"\n'
MORE = '[[feed]]\nid = "y"\nname = "Y"\nurl = "https://y.example/rss"\n'
ALERTS = (
    '[[alert]]\nname = "A"\nquery = "copper"\nchannels = ["t"]\n[channels.t]\ntype = "apprise"\nurl = "json://{}"\n'
)
CHANNEL = ALERTS.partition("[channels")[0] + '[channels.t]\ntype = "terminal"\n'


def hashes(
    folder: Path, feeds: str = FEEDS, alerts: str = ALERTS.format("a"), settings: str = "", **environment: str
) -> Hashes:
    folder.mkdir(exist_ok=True)
    for name, text in {"feeds.toml": feeds, "alerts.toml": alerts, "almenara.toml": settings}.items():
        (folder / name).write_text(text)
    return hashes_of(load(folder, environment))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        pytest.param({"feeds": FEEDS + MORE}, ("feeds",), id="a feed"),
        pytest.param({"feeds": FEEDS.replace('"X"', '"XX"')}, ("feeds",), id="the name of a feed"),
        pytest.param({"alerts": ALERTS.replace("copper", "zinc").format("a")}, ("alerts",), id="a query"),
        pytest.param({"alerts": CHANNEL}, ("alerts",), id="a channel"),
        pytest.param({"settings": '[relate]\nwindow = "24h"\n'}, ("settings",), id="a setting"),
        pytest.param({"ALMENARA_FETCH_MAX_BYTES": "5MB"}, ("settings",), id="in the environment"),
        pytest.param({"settings": '[relate]\nwindow = "14d"\n'}, (), id="a default that is written down"),
        pytest.param({"feeds": f"# nothing new\n{FEEDS}"}, (), id="a comment"),
        pytest.param({"alerts": ALERTS.format("other")}, (), id="a secret of a channel"),
        pytest.param({"settings": 'data = "elsewhere"\n[kafka]\ninstance = "two"\n'}, (), id="of one machine"),
        pytest.param({"LOG_URL": "kafka://a:9092", "ALMENARA_LOGS_LEVEL": "debug"}, (), id="the way to the servers"),
        pytest.param(
            {"settings": "[fetch]\nredirects = 1\n", "feeds": MORE}, ("settings", "feeds"), id="two parts"
        ),
    ],
)  # fmt: skip
def test_what_decides_changes_the_hash_of_its_part(
    tmp_path: Path, change: dict[str, str], parts: tuple[str, ...]
) -> None:
    one, other = hashes(tmp_path / "one"), hashes(tmp_path / "other", **change)
    assert different_parts(str(one), str(other)) == parts


def test_the_order_of_feeds_does_not_matter(tmp_path: Path) -> None:
    assert hashes(tmp_path / "one", FEEDS + MORE) == hashes(tmp_path / "two", MORE + FEEDS)


def test_topic_rules_have_a_hash(tmp_path: Path) -> None:
    before = hashes(tmp_path / "one")
    shipped = Path(__file__).parents[2] / "config" / "topics"
    for topic in ("sanctions", *(folder.name for folder in shipped.glob("_*"))):
        shutil.copytree(shipped / topic, tmp_path / "one" / "topics" / topic)
    assert different_parts(str(before), str(hashes(tmp_path / "one"))) == ("rules",)


def test_another_process_has_the_same_hashes(tmp_path: Path) -> None:
    """Nothing in them depends on the order of sets, on addresses or on the random seed of a process."""
    mine = str(hashes(tmp_path / "one", FEEDS + MORE, settings='[fetch]\nallow_networks = ["10.0.0.0/8"]\n'))
    program = (
        "import sys; from pathlib import Path; from pipeline.config.folder import load; "
        "from pipeline.config.hashes import hashes_of; print(hashes_of(load(Path(sys.argv[1]), {})))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "one"], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == mine


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("rules=1 alerts=2", "rules=1 alerts=2", ()),
        ("rules=1 alerts=2", "rules=1 alerts=3", ("alerts",)),
        ("rules=1 alerts=2", "rules=1", ("all",)),
        ("", "rules=1", ("all",)),
        ("x", "y", ("all",)),
    ],
)
def test_texts_of_other_versions_differ_as_a_whole(one: str, other: str, parts: tuple[str, ...]) -> None:
    assert different_parts(one, other) == parts


def test_every_setting_of_one_machine_exists() -> None:
    paths = set(setting_paths())
    assert {path for path in OF_ONE_MACHINE if path not in paths and path[0] not in Settings.model_fields} == set()
    assert all(len(path) == 1 or path in paths for path in OF_ONE_MACHINE)
    assert {path[-1] for path in paths} >= SECRETS
