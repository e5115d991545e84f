"""Reading the settings: every fault at once with its line, and the environment wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.read_settings import load_settings
from pipeline.config.settings import Settings
from pipeline.core.faults import Faults


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "almenara.toml"
    file.write_text(text, encoding="utf-8")
    return file


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
    file.write_text("[fetch]\ntimeout = 5\ndelay_per_site = '0.5s'\n")
    fetch = load_settings(file, environment).fetch
    assert (fetch.timeout, fetch.delay_per_site, fetch.proxy) == (120, 0.5, "http://user:password@proxy.example:3128")
    assert fetch.allow_networks == ("10.0.0.0/8", "::1/128")
    assert load_settings(file, environment).poll.revisit == (600, 3600)


def test_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'dta = "x"\n[fetch]\ntimeout = "5 parsecs"\nallow_networks = ["10.0.0.1/8"]\nredirects = 99\n'
        "[poll]\nevry = 3\n[kafka]\nca = 'none.pem'\nkey = ''\nusername = 'me'\n",
    )
    environment = {
        "ALMENARA_KEEP_INDEX": "x",
        "ALMENARA_FETCH_TIMEOUTT": "1",
        "ALMENARA_FETCH_PROXY_FILE": "/none/such",
    }
    with pytest.raises(Faults) as caught:
        load_settings(file, environment)
    assert {(f.file, f.line, f.key) for f in caught.value.faults} == {
        ("almenara.toml", 1, "dta"),
        ("almenara.toml", 3, "fetch.timeout"),
        ("almenara.toml", 4, "fetch.allow_networks[1]"),
        ("almenara.toml", 5, "fetch.redirects"),
        ("almenara.toml", 7, "poll.evry"),
        ("almenara.toml", 9, "kafka.ca"),
        ("environment", None, "ALMENARA_KEEP_INDEX"),
        ("environment", None, "ALMENARA_FETCH_TIMEOUTT"),
        ("environment", None, "ALMENARA_FETCH_PROXY_FILE"),
    }
    hints = {f.key: f.hint for f in caught.value.faults}
    assert "poll.every" in hints["poll.evry"]
    assert "ALMENARA_FETCH_TIMEOUT" in hints["ALMENARA_FETCH_TIMEOUTT"]


def test_a_syntax_error_has_its_line_and_the_environment_is_checked_too(tmp_path: Path) -> None:
    with pytest.raises(Faults) as caught:
        load_settings(written(tmp_path, "[fetch]\ntimeout 5\n"), {"ALMENARA_NONE": "1"})
    syntax, variable = map(str, caught.value.faults)
    assert syntax.startswith("almenara.toml:2: not TOML: ")
    assert syntax.endswith("(fix that line, then run `almenara check`)")
    assert variable.startswith("environment: ALMENARA_NONE: no such setting")


def test_a_fault_of_a_whole_table_points_to_the_table(tmp_path: Path) -> None:
    file = written(tmp_path, "\n[kafka]\nprefix = 'a'\nusername = 'me'\n")
    with pytest.raises(Faults, match=r"^almenara\.toml:2: kafka: SASL needs"):
        load_settings(file, {})
    with pytest.raises(Faults, match=r"^environment: kafka: SASL needs"):
        load_settings(file, {"ALMENARA_KAFKA_MECHANISM": "PLAIN"})


@pytest.mark.parametrize("line", ["proxy = ['http://me:s3cr3t@proxy']", "[kafka]\npassword = ['s3cr3t']"])
def test_secrets_are_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(Faults) as caught:
        load_settings(written(tmp_path, f"[fetch]\n{line}\n"), {})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["kibana:5601", "ftp://kibana.example", "https://ana:s3cret@kibana.example", "https://k.example/?a", "https://"],
)
def test_a_kibana_address_that_cannot_be_a_link(tmp_path: Path, url: str) -> None:
    with pytest.raises(Faults, match="KIBANA_URL: not an address"):
        load_settings(tmp_path / "almenara.toml", {"KIBANA_URL": url})
    kept = load_settings(tmp_path / "almenara.toml", {"KIBANA_URL": "https://k.example:5601/base/"})
    assert kept.kibana.url == "https://k.example:5601/base/"
