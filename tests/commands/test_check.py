"""`almenara init` and `almenara check`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.commands.asking import Ask


def test_init_makes_a_folder_that_checks(ask: Ask) -> None:
    made = ask("init", "mine")
    assert made.code == 0
    assert "almenara check --config mine" in made.out
    checked = ask("check", "--config", "mine")
    assert checked.code == 0, checked.err
    assert "feeds" in checked.out
    found = ask("check", "--json").json  # of the small configuration
    assert (found["ok"], found["faults"], found["warnings"]) == (True, [], [])
    (rule,) = found["alerts"]
    assert rule["sentence"].startswith('Articles with "copper" or "cobre" or ') or "copper" in rule["sentence"]
    assert rule["articles"] is None  # nothing is indexed
    again = ask("init", "mine")
    assert (again.code, again.out) == (1, "")
    assert "already exists" in again.err


def test_check_names_every_fault_of_every_file(ask: Ask, config: Path) -> None:
    (config / "almenara.toml").write_text('[fetch]\ntimeot = "3s"\nmax_bytes = "many"\n')
    (config / "feeds.toml").write_text('[[feed]]\nid = "x"\nname = "X"\nurl = "nonsense"\nlanguage = "english"\n')
    (config / "alerts.toml").write_text('[[alert]]\nname = "a"\nquery = "a OR"\nchannels = ["nowhere"]\n')
    (config / "topics").mkdir()
    (config / "topics" / "bad.toml").write_text("this is no TOML")
    answer = ask("check")
    assert answer.code == 1
    assert answer.out == ""
    assert "did you mean fetch.timeout?" in answer.err
    found = ask("check", "--json")
    assert found.code == 1
    assert not found.json["ok"]
    assert {fault["file"] for fault in found.json["faults"]} >= {"almenara.toml", "feeds.toml", "alerts.toml"}
    assert {"fetch.timeot", "fetch.max_bytes", "feed[1].url", "feed[1].language"} <= {
        fault["key"] for fault in found.json["faults"]
    }
    assert any("bad.toml" in fault["file"] for fault in found.json["faults"])
    assert answer.err.splitlines()[-1] == f"{len(found.json['faults'])} fault(s)"


def test_the_shipped_settings_are_toml(ask: Ask) -> None:
    ask("init", "mine")
    assert tomllib.loads(Path("mine/almenara.toml").read_text()).keys() >= {"fetch", "poll", "logs"}


WRONG = [
    ({"LOG_URL": "kafka://me:s3cr3t@host"}, "LOG_URL: credentials do not belong in the URL: set [kafka]"),
    ({"LOG_URL": "kafka//host"}, "LOG_URL: not an address"),
    ({"LOG_URL": "kafka://host:port"}, "'port' is not a port"),
    ({"INDEX_URL": "http://me:s3cr3t@host:9200"}, "INDEX_URL: credentials do not belong in the URL: set [elastic"),
    ({"INDEX_URL": "http://host"}, "INDEX_URL: not an address of Elasticsearch: write http://HOST:PORT"),
    ({"INDEX_URL": "elasticsearch://host:9200"}, "INDEX_URL: not an address"),
    ({"KIBANA_URL": "https://me:s3cr3t@kibana"}, "KIBANA_URL: not an address"),
    ({"ALMENARA_KAFKA_TLS": "1", "ALMENARA_KAFKA_CA": "none.pem"}, "ALMENARA_KAFKA_CA: cannot be read (No such file"),
    ({"ALMENARA_KAFKA_TLS": "1", "ALMENARA_KAFKA_CA": "config/alerts.toml"}, "ALMENARA_KAFKA_CA: not a PEM file"),
    ({"ALMENARA_ELASTICSEARCH_CA": "none.pem"}, "ALMENARA_ELASTICSEARCH_CA: cannot be read"),
    (
        {"ALMENARA_KAFKA_MECHANISM": "PLAIN", "ALMENARA_KAFKA_PASSWORD": "s3cr3t"},
        "kafka: SASL needs mechanism, username and password",
    ),
    (
        {"ALMENARA_KAFKA_PASSWORD": "s3cr3t", "ALMENARA_KAFKA_USERNAME": "me"},
        "kafka: SASL needs mechanism, username and password",
    ),
    ({"ALMENARA_ELASTICSEARCH_PASSWORD": "s3cr3t"}, "elasticsearch: username and password go together"),
    ({"ALMENARA_KIBANA_USERNAME": "me"}, "kibana: username and password go together"),
]


@pytest.mark.parametrize(("environment", "message"), WRONG, ids=[message for _, message in WRONG])
def test_check_refuses_without_connecting(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for command in ("check", "run", "status"):
        answer = ask(command)
        assert (answer.code, answer.out) == (1, "")
        assert f"environment: {message}" in answer.err or message in answer.err
        assert "s3cr3t" not in answer.err
    assert not ask("check", "--json").json["ok"]


def test_check_connects_to_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", "kafka://127.0.0.1:9,[::1]:9")
    monkeypatch.setenv("INDEX_URL", "https://127.0.0.1:9/behind/a/proxy")
    monkeypatch.setenv("KIBANA_URL", "https://kibana.example")
    assert ask("check").code == 0
