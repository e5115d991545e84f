"""Settings: every fault at once, the environment wins, and the shipped file tells the truth about the defaults."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.config.settings import Section, Settings, load_settings
from pipeline.core.faults import Faults

SHIPPED = Path(__file__).parents[2] / "config" / "almenara.toml"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "almenara.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_file_shows_every_setting_with_its_default() -> None:
    shown = tomllib.loads(re.sub(r"(?m)^# (\w+ = )", r"\1", SHIPPED.read_text(encoding="utf-8")))
    shown["fetch"]["proxy"] = shown["fetch"]["proxy"] or None
    assert Settings.model_validate(shown) == Settings()
    sections = {key: field.annotation for key, field in Settings.model_fields.items()}
    for key, kind in sections.items():
        if isinstance(kind, type) and issubclass(kind, Section):
            assert set(shown[key]) == set(kind.model_fields), key
        else:
            assert key in shown


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml", {}) == Settings()


def test_the_environment_wins_and_files_hold_secrets(tmp_path: Path) -> None:
    secret = written(tmp_path, "http://user:password@proxy.example:3128\n")
    environment = {
        "ALMENARA_FETCH_TIMEOUT": "2m",
        "ALMENARA_FETCH_PROXY_FILE": str(secret),
        "ALMENARA_POLL_REVISIT": "10m, 1h",
        "ALMENARA_FETCH_ALLOW_NETWORKS": "10.0.0.0/8,::1/128",
        "PATH": "/bin",
        "ALMENARA_CONFIG": "elsewhere",
    }
    file = tmp_path / "settings.toml"
    file.write_text("[fetch]\ntimeout = 5\ngap = '0.5s'\n")
    fetch = load_settings(file, environment).fetch
    assert (fetch.timeout, fetch.gap, fetch.proxy) == (120, 0.5, "http://user:password@proxy.example:3128")
    assert fetch.allow_networks == ("10.0.0.0/8", "::1/128")
    assert load_settings(file, environment).poll.revisit == (600, 3600)


def test_every_fault_at_once_with_its_place(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'dta = "x"\n[fetch]\ntimeout = "5 parsecs"\nallow_networks = ["10.0.0.1/8"]\nredirects = 99\n'
        "[poll]\nevry = 3\n",
    )
    environment = {"ALMENARA_KEEP_INDEX": "x", "ALMENARA_FETCH_GAPP": "1", "ALMENARA_FETCH_PROXY_FILE": "/none/such"}
    with pytest.raises(Faults) as caught:
        load_settings(file, environment)
    assert {(f.file, f.key) for f in caught.value.faults} == {
        ("almenara.toml", "dta"),
        ("almenara.toml", "fetch.timeout"),
        ("almenara.toml", "fetch.allow_networks.0"),
        ("almenara.toml", "fetch.redirects"),
        ("almenara.toml", "poll.evry"),
        ("environment", "keep.index"),
        ("environment", "ALMENARA_FETCH_GAPP"),
        ("environment", "ALMENARA_FETCH_PROXY_FILE"),
    }
    hints = {f.key: f.hint for f in caught.value.faults}
    assert "poll.every" in hints["poll.evry"]
    assert "ALMENARA_FETCH_GAP" in hints["ALMENARA_FETCH_GAPP"]


@pytest.mark.parametrize("text", ["[fetch", "\x00", "a = 1\na = 2"])
def test_a_file_that_is_no_toml(tmp_path: Path, text: str) -> None:
    with pytest.raises(Faults, match="not TOML"):
        load_settings(written(tmp_path, text), {})


@pytest.mark.parametrize(
    "url",
    ["kibana:5601", "ftp://kibana.example", "https://ana:s3cret@kibana.example", "https://k.example/?a", "https://"],
)
def test_an_address_of_kibana_that_cannot_stand_in_a_link(tmp_path: Path, url: str) -> None:
    with pytest.raises(Faults, match=r"kibana\.url: not an address"):
        load_settings(tmp_path / "almenara.toml", {"KIBANA_URL": url})
    kept = load_settings(tmp_path / "almenara.toml", {"KIBANA_URL": "https://k.example:5601/base/"})
    assert kept.kibana.url == "https://k.example:5601/base/"
