"""Defines every setting with its type and its only default. read_settings.py reads them from almenara.toml.

Every setting has the same name in almenara.toml, in the environment (ALMENARA_FETCH_TIMEOUT) and in the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from pipeline.config import addresses
from pipeline.config.values import Duration, Durations, File, Names, Networks, Pem, SecretWebAddress, Size, WebAddress


class Section(BaseModel):
    """One table of almenara.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Fetch(Section):
    """How pages and feeds are fetched."""

    timeout: Duration = 30.0  # of a whole fetch, with its redirects
    max_bytes: Size = 15_000_000  # of a body, decompressed
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    delay_per_site: Duration = 1.0  # between two requests to one registrable domain
    per_domain: Annotated[int, Field(ge=1)] = 4  # concurrent requests to one registrable domain
    allow_networks: Networks = ()  # private networks that may be fetched from
    proxy: str = ""
    robots: bool = True  # whether robots.txt decides which pages may be fetched
    robots_exempt: tuple[str, ...] = ()  # sites whose robots.txt is not asked for
    robots_delay: Duration = 10.0  # crawl-delay that is honoured at most
    contact: str = "https://github.com/almenara-news/almenara"  # in the User-Agent, so that sites can reach you


class Poll(Section):
    """When feeds are polled."""

    every: Duration = 300.0  # a feed with one new entry per hour, and a new feed; others by their rhythm, within these:
    min_interval: Duration = 120.0
    max_interval: Duration = 24 * 3600.0
    per_site: Duration = 5.0  # on average between two polls of feeds of one site
    revisit: Durations = (3600.0, 6 * 3600.0, 24 * 3600.0)  # after the first fetch of an article
    revisit_late: Duration = 7 * 86400.0  # once more, if the article has a topic or fired an alert; 0: never


class Clean(Section):
    """How pages are read."""

    processes: Annotated[int, Field(ge=0)] = 0  # 0: one per core
    timeout: Duration = 20.0  # of one extraction
    memory: Size = 1_500_000_000  # of one process, in addition to what it starts with
    recycle: Annotated[int, Field(ge=1)] = 2000  # pages after which a process is replaced
    attempts: Annotated[int, Field(ge=1)] = 6  # at fetching one item before it is dropped
    window: Annotated[int, Field(ge=4)] = 16  # items processed at once in one partition
    pages: Annotated[int, Field(ge=1)] = 20  # of one article that is shown on several; 1: only the first is read


class Relate(Section):
    """How articles are compared."""

    window: Duration = 14 * 86400.0  # how far back stories and copies reach


class Alerts(Section):
    """Alerts, beside what alerts.toml says of each."""

    past: Duration = 24 * 3600.0  # a new rule reports the articles of so long as one summary; 0: none


class Keep(Section):
    """How long records stay on disk. What a stage still has to read is never deleted."""

    items: Duration = 3 * 86400.0
    articles: Duration = 2 * 86400.0
    tagged: Duration = 2 * 86400.0
    documents: Duration = 7 * 86400.0  # on the log; the index keeps its own
    alerts: Duration = 90 * 86400.0
    dead: Duration = 30 * 86400.0
    index: Duration = 3 * 365 * 86400.0


class Kafka(Section):
    """How a broker is used, if log_url is kafka://HOST:PORT[,HOST:PORT…]."""

    prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]*$", max_length=100)] = (
        "almenara."  # of topics and consumer groups
    )
    partitions: Annotated[int, Field(ge=1, le=1000)] = 8  # of topics that scale: the most workers that share a stage
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    instance: str = ""  # this worker's name, the same after a restart (static membership); default: the host's name
    session: Annotated[Duration, Field(ge=6, le=1800)] = (
        10.0  # without a heartbeat, after which a worker counts as gone
    )
    watchdog: Annotated[Duration, Field(ge=5)] = (
        120.0  # with work to do and no step finished, after which a worker exits
    )
    tls: bool = False
    ca: Pem = None  # PEM; default: the system's
    certificate: Pem = None  # PEM, for client authentication
    key: Pem = None
    mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = ""  # of SASL
    username: str = ""
    password: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len({bool(self.mechanism), bool(self.username), bool(self.password.get_secret_value())}) > 1:
            raise ValueError("SASL needs mechanism, username and password: give all three or none")
        if self.key and not self.certificate:
            raise ValueError("key without certificate: client authentication needs both")
        if not self.tls and (self.ca or self.certificate):
            raise ValueError("ca and certificate are for TLS: set tls = true too")
        return self


class Credentials(Section):
    """Credentials of a server: an API key, or user name and password."""

    api_key: SecretStr = SecretStr("")
    username: str = ""
    password: SecretStr = SecretStr("")
    ca: Pem = None  # default: the system's

    @model_validator(mode="after")
    def _complete(self) -> Self:
        password = bool(self.password.get_secret_value())
        if bool(self.username) != password:
            raise ValueError("username and password go together: give both or none")
        if password and self.api_key.get_secret_value():
            raise ValueError("api_key, or username and password: give one of the two")
        return self


class Elasticsearch(Credentials):
    """How Elasticsearch is used, if index_url is http(s)://HOST:PORT."""

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)] = "almenara"  # of index names
    shards: Annotated[int, Field(ge=1)] = 1  # of a month's index
    replicas: Annotated[int, Field(ge=0)] = 0
    timeout: Duration = 30.0
    writers: Annotated[int, Field(ge=1, le=16)] = 2  # concurrent bulk requests


class Kibana(Credentials):
    """How Kibana is reached; alerts link to it."""

    url: WebAddress = ""
    space: Annotated[str, Field(pattern=r"^[a-z0-9_-]*$")] = (
        ""  # as it appears in Kibana's URLs; default: the default space
    )


class Health(Section):
    """How the state of a process is shown to monitoring."""

    listen: Annotated[str, AfterValidator(addresses.listen)] = "127.0.0.1:8751"  # of /health and /metrics; "": nowhere
    max_lag: Annotated[Duration, Field(gt=0)] = 1800.0  # that a record may wait before the process is not ready
    heartbeat_url: SecretWebAddress = SecretStr("")  # called while all is well; {instance} is replaced by the name
    heartbeat_every: Annotated[Duration, Field(ge=5)] = 60.0


class Console(Section):
    """The console: web pages on which people read and decide."""

    listen: Annotated[str, AfterValidator(addresses.listen)] = "127.0.0.1:8750"  # "": nowhere
    hosts: Names = ()  # names by which browsers reach it, beside localhost and addresses
    url: WebAddress = ""  # at which readers of messages reach it: messages link to it
    secret: SecretStr = SecretStr("")  # signs sessions and links in messages; default: made in the data folder
    users: File = None  # file of `almenara users`; default: in the data folder
    session: Annotated[Duration, Field(ge=60)] = (
        14 * 86400.0
    )  # after which users log in again, if they are away so long
    certificate: Pem = None  # PEM, to serve HTTPS
    key: Pem = None
    proxies: Networks = ()  # networks of proxies whose headers are believed
    proxy_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]*$")] = ""  # in which they name the user
    proxy_role: Literal["reader", "editor"] = "reader"  # of users whom they name and `users` does not

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key go together: give both or none")
        if 0 < len(self.secret.get_secret_value()) < 32:
            raise ValueError("secret is too short: take at least 32 characters, such as from `openssl rand -hex 32`")
        if self.proxy_header and not self.proxies:
            raise ValueError("proxy_header needs proxies: the networks from which it is believed")
        return self

    def users_file(self, data: Path) -> Path:
        """The file of the users; `data`: the data folder."""
        return self.users or data / "console" / "users.json"


class Logs(Section):
    """What the daemon logs."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(Section):
    """All settings of almenara.toml."""

    data: Path = Path("data")
    log_url: Annotated[str, AfterValidator(addresses.log)] = ""  # default: sqlite:/// in the data folder
    index_url: Annotated[str, AfterValidator(addresses.index)] = ""  # default: tantivy:/// in the data folder
    fetch: Fetch = Fetch()
    poll: Poll = Poll()
    clean: Clean = Clean()
    relate: Relate = Relate()
    alerts: Alerts = Alerts()
    keep: Keep = Keep()
    kafka: Kafka = Kafka()
    elasticsearch: Elasticsearch = Elasticsearch()
    kibana: Kibana = Kibana()
    health: Health = Health()
    console: Console = Console()
    logs: Logs = Logs()

    def log_location(self) -> str:
        """The URL of the log, with the default filled in."""
        return self.log_url or f"sqlite:///{self.data / 'log.sqlite'}"

    def index_location(self) -> str:
        """The URL of the index, with the default filled in."""
        return self.index_url or f"tantivy:///{self.data / 'index'}"
