"""The settings: one TOML file plus environment variables of the same names. Every fault at once; nothing is ignored.

`[fetch] timeout` is `ALMENARA_FETCH_TIMEOUT` in the environment, which wins; with `_FILE` appended, the value is read
from that file (for secrets). Durations are numbers of seconds or "90s", "15m", "6h", "7d"; sizes are bytes or "10MB".
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from pipeline.config import addresses
from pipeline.core.faults import Fault, Faults

PREFIX = "ALMENARA_"
#: Variables with the prefix that are no settings: they steer tests and the command line. Those of the test suite
#: (docs/testing.md) have a prefix of their own.
NOT_SETTINGS = {"ALMENARA_FAILPOINT", "ALMENARA_FAILPOINT_TRACE", "ALMENARA_CONFIG", "ALMENARA_PYTHON"}
TESTS = "ALMENARA_TEST_"
#: The usual names of deployments, for the settings that such a deployment must have; those with the prefix win.
SHORT = {"LOG_URL": ("log_url",), "INDEX_URL": ("index_url",), "KIBANA_URL": ("kibana", "url")}
SECRET = {"password", "api_key"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def _scaled(units: Mapping[str, int], kind: str) -> BeforeValidator:
    def read(value: Any) -> Any:
        if isinstance(value, str):
            match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", value.lower())
            if not match or (match[2] and match[2] not in units):
                raise ValueError(f"not a {kind}: {value!r}; write a number, or one with {', '.join(units)}")
            return float(match[1]) * units.get(match[2], 1)
        return value

    return BeforeValidator(read)


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


def _comma(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _web(value: str) -> str:
    """An address that goes into links: without credentials, query and fragment."""
    if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise ValueError("not an address as https://kibana.example, without name and password, ? and #")
    return value


def _pem(file: Path | None) -> Path | None:
    if file is not None:
        try:
            sound = b"-----BEGIN " in file.read_bytes()
        except OSError as error:
            raise ValueError(f"cannot be read ({error.strerror}): name a readable PEM file") from error
        if not sound:
            raise ValueError("no PEM file: it has no line with -----BEGIN")
    return file


Duration = Annotated[float, _scaled(_SECONDS, "duration"), Field(ge=0)]
Size = Annotated[int, _scaled(_BYTES, "size"), Field(gt=0)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_comma)]
Pem = Annotated[Path | None, BeforeValidator(lambda value: value or None), AfterValidator(_pem)]
Durations = Annotated[tuple[Duration, ...], BeforeValidator(_comma)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fetch(Section):
    """How pages and feeds are fetched."""

    timeout: Duration = 30.0  # the whole fetch, redirects too
    max_bytes: Size = 15_000_000  # of a body, unpacked
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    gap: Duration = 1.0  # between two requests to one registrable domain
    per_domain: Annotated[int, Field(ge=1)] = 4  # requests under way to one registrable domain
    allow_networks: Networks = ()  # private networks that may be fetched from, as 10.1.0.0/16
    proxy: str | None = None
    contact: str = "https://github.com/almenara-news/almenara"  # in the User-Agent, so that sites can reach you


class Poll(Section):
    """When feeds are polled."""

    every: Duration = 900.0  # to begin with; then as often as the feed has news
    least: Duration = 300.0
    most: Duration = 6 * 3600.0
    revisit: Durations = (3600.0, 6 * 3600.0, 24 * 3600.0)  # after the first look at an article
    revisit_alerted: Duration = 72 * 3600.0


class Clean(Section):
    """How pages are read."""

    processes: Annotated[int, Field(ge=0)] = 0  # 0: one a core
    timeout: Duration = 20.0  # of one extraction
    memory: Size = 1_500_000_000  # of one process, above what it starts with
    recycle: Annotated[int, Field(ge=1)] = 2000  # pages after which a process is replaced
    attempts: Annotated[int, Field(ge=1)] = 6  # fetches of one item before it is given up
    window: Annotated[int, Field(ge=4)] = 16  # items in work at once in one partition


class Relate(Section):
    """How articles are compared."""

    window: Duration = 72 * 3600.0  # how far back stories and copies reach


class Keep(Section):
    """How long things stay on disk. What a stage has still to read stays in any case."""

    items: Duration = 3 * 86400.0
    articles: Duration = 2 * 86400.0
    tagged: Duration = 2 * 86400.0
    documents: Duration = 7 * 86400.0  # on the log; the index keeps its own
    alerts: Duration = 90 * 86400.0
    dead: Duration = 30 * 86400.0
    index: Duration = 3 * 365 * 86400.0


class Kafka(Section):
    """How a broker is used, where log_url is kafka://HOST:PORT[,HOST:PORT…]."""

    prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]*$", max_length=100)] = "almenara."  # of topics and groups
    partitions: Annotated[int, Field(ge=1, le=1000)] = 8  # of topics that scale: the most workers that share a stage
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    instance: str = ""  # this worker's name, the same after a restart (static membership); default: the host's name
    session: Annotated[Duration, Field(ge=6, le=1800)] = 10.0  # silence after which a worker counts as gone
    watchdog: Annotated[Duration, Field(ge=5)] = 120.0  # without a finished step while there is work: the worker ends
    tls: bool = False
    ca: Pem = None  # PEM; default: the system's
    certificate: Pem = None  # PEM, for client authentication
    key: Pem = None
    mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = ""  # of SASL
    username: str = ""
    password: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len({bool(self.mechanism), bool(self.username), bool(self.password.get_secret_value())}) > 1:
            raise ValueError("mechanism, username and password go together, for SASL: give all three or none")
        if self.key and not self.certificate:
            raise ValueError("key without certificate: they go together, for client authentication")
        if not self.tls and (self.ca or self.certificate):
            raise ValueError("ca and certificate are for TLS: set tls = true too")
        return self


class Credentials(Section):
    """Who we are, in one way and whole."""

    api_key: SecretStr = SecretStr("")
    username: str = ""
    password: SecretStr = SecretStr("")
    ca: Pem = None  # default: the system's

    @model_validator(mode="after")
    def _whole(self) -> Self:
        password = bool(self.password.get_secret_value())
        if bool(self.username) != password:
            raise ValueError("username and password go together: give both or none")
        if password and self.api_key.get_secret_value():
            raise ValueError("api_key, or username and password: give one of the two")
        return self


class Elasticsearch(Credentials):
    """How Elasticsearch is used, where index_url is http(s)://HOST:PORT."""

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)] = "almenara"  # of index names
    shards: Annotated[int, Field(ge=1)] = 1  # of a month's index
    replicas: Annotated[int, Field(ge=0)] = 0
    timeout: Duration = 30.0
    writers: Annotated[int, Field(ge=1, le=16)] = 2  # bulk requests under way at once


class Kibana(Credentials):
    """Kibana, where people look at the index; alerts link to it."""

    url: Annotated[str, AfterValidator(_web)] = ""
    space: Annotated[str, Field(pattern=r"^[a-z0-9_-]*$")] = ""  # as in its URLs; default: the default space


class Logs(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(Section):
    """Everything of almenara.toml."""

    data: Path = Path("data")
    log_url: Annotated[str, AfterValidator(addresses.log)] = ""  # default: sqlite:/// in the data folder
    index_url: Annotated[str, AfterValidator(addresses.index)] = ""  # default: tantivy:/// in the data folder
    fetch: Fetch = Fetch()
    poll: Poll = Poll()
    clean: Clean = Clean()
    relate: Relate = Relate()
    keep: Keep = Keep()
    kafka: Kafka = Kafka()
    elasticsearch: Elasticsearch = Elasticsearch()
    kibana: Kibana = Kibana()
    logs: Logs = Logs()

    def log_location(self) -> str:
        return self.log_url or f"sqlite:///{self.data / 'log.sqlite'}"

    def index_location(self) -> str:
        return self.index_url or f"tantivy:///{self.data / 'index'}"


def load_settings(file: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `file` (none: the defaults) under the environment. Raises Faults."""
    values, faults = read_toml(file) if file.exists() else ({}, [])
    overrides, more = _from_environment(environment)
    faults += more
    try:
        settings = Settings.model_validate(_merged(values, overrides))
    except ValidationError as error:
        faults += [_fault(file, one, overrides) for one in error.errors()]
    if faults:
        raise Faults(tuple(faults))
    return settings


def read_toml(file: Path) -> tuple[dict[str, Any], list[Fault]]:
    """A TOML file as a dict, or the fault that keeps it from being one."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Fault(file.name, "", f"not TOML: {error}", "mend the place named, then run `almenara check`")]
    except OSError as error:
        return {}, [Fault(file.name, "", error.strerror or str(error), "is the file there, and readable?")]


def _names() -> dict[str, tuple[str, ...]]:
    """Environment variable -> path of the setting."""
    names: dict[str, tuple[str, ...]] = {}
    for key, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            names |= {f"{PREFIX}{key}_{inner}".upper(): (key, inner) for inner in kind.model_fields}
        else:
            names[f"{PREFIX}{key}".upper()] = (key,)
    return names


def _from_environment(environment: Mapping[str, str]) -> tuple[dict[tuple[str, ...], str], list[Fault]]:
    names, faults = _names(), []
    found = {path: environment[variable] for variable, path in SHORT.items() if variable in environment}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable.startswith(TESTS) or variable in NOT_SETTINGS:
            continue
        if variable in names:
            found[names[variable]] = value
        elif variable.removesuffix("_FILE") in names:
            try:
                found[names[variable.removesuffix("_FILE")]] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                faults.append(Fault("environment", variable, f"{value}: {error}", "name a readable file"))
        else:
            faults.append(Fault("environment", variable, "no such setting", _nearest(variable, names)))
    return found, faults


def _merged(values: dict[str, Any], overrides: Mapping[tuple[str, ...], str]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in values.items()}
    for path, value in overrides.items():
        if len(path) == 1:
            merged[path[0]] = value
        elif isinstance(section := merged.setdefault(path[0], {}), dict):
            section[path[1]] = value
    return merged


def _fault(file: Path, error: Any, overrides: Mapping[tuple[str, ...], str]) -> Fault:
    path = tuple(str(part) for part in error["loc"])
    given = any(key[: len(path)] == path[: len(key)] for key in overrides)
    where = "environment" if given else file.name
    if error["type"] == "extra_forbidden":
        known = {".".join(key): key for key in _names().values()}
        return Fault(where, ".".join(path), "no such setting", _nearest(".".join(path), known))
    reason = error["msg"].removeprefix("Value error, ")
    # What holds a password is not repeated, nor is a whole section.
    quiet = isinstance(error["input"], dict) or path[-1] in SECRET or "@" in str(error["input"])
    return Fault(where, ".".join(path), reason if quiet else f"{reason} (given: {error['input']!r})")


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, list(known), 1, 0.75)
    return f"did you mean {close[0]}?" if close else "see config/almenara.toml for what there is"
