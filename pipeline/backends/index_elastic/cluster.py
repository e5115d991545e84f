"""Connects to an Elasticsearch cluster; turns its failures into Unavailable, with what to do about them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import elastic_transport
import elasticsearch
import msgspec
from elasticsearch import AsyncElasticsearch, Elasticsearch

from pipeline import __version__
from pipeline.core.alerts.ecs import alert_template
from pipeline.core.documents.mapping import document_template
from pipeline.core.documents.old_versions import version_template
from pipeline.core.documents.story_ecs import story_template
from pipeline.stage import Unavailable

MAJOR = 9  # a client works with servers of its own major version


def _templates() -> dict[str, dict[str, Any]]:
    return {
        "documents": document_template(), "versions": version_template(), "alerts": alert_template(),
        "stories": story_template(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ElasticOptions:
    """The settings of [elasticsearch]: how to reach the cluster, and its indices. `timeout` in seconds.

    `writers`: concurrent bulk requests. `refresh`: a write returns when searches find it; slow, for tests.
    """

    url: str
    prefix: str
    api_key: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    ca: Path | None
    shards: int  # of one month's index
    replicas: int
    timeout: float
    writers: int
    refresh: bool = False
    templates: Mapping[str, dict[str, Any]] = field(default_factory=_templates, repr=False)  # kind -> template


class Refused(Unavailable):
    """Elasticsearch refused a request as wrong (400, 404, 413). `type`: its name for the reason.

    Callers that expect a refusal catch it; otherwise it counts as Unavailable.
    """

    def __init__(self, url: str, status: int, type: str, reason: str) -> None:
        super().__init__(f"{url} answers {status}: {reason or type}")
        self.status, self.type, self.reason = status, type, reason


class Cluster:
    """The clients of one cluster. The asyncio client belongs to the event loop that first uses it."""

    def __init__(self, options: ElasticOptions) -> None:
        """Does not connect. Raises Unavailable for an invalid URL."""
        self.options = options
        parts = urlsplit(options.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        try:
            self.url = f"{parts.scheme}://{host}:{parts.port}"  # without a password that it may contain
        except ValueError:
            parts = urlsplit("")
        if not parts.hostname or not parts.port:
            raise Unavailable("index_url is not the address of Elasticsearch: write it as http://HOST:9200, with port")
        self._client: AsyncElasticsearch | None = None

    def client(self, purpose: str) -> AsyncElasticsearch:
        """The asyncio client. Elasticsearch shows `purpose` in its task list and slow log."""
        if self._client is None:
            _quiet()
            self._client = AsyncElasticsearch(**self._arguments(), connections_per_node=self.options.writers + 8)
        return self._client.options(opaque_id=f"almenara/{__version__} {purpose}")

    @contextmanager
    def blocking(self, purpose: str) -> Iterator[Elasticsearch]:
        """A client for a thread without an event loop."""
        client = Elasticsearch(**self._arguments())
        try:
            yield client.options(opaque_id=f"almenara/{__version__} {purpose}")
        finally:
            client.close()

    async def check(self) -> None:
        """Check that an Elasticsearch of the right version answers and accepts our credentials."""
        with self.failures():
            await self.client("check").cluster.health()
            nodes = await self.client("check").nodes.info(filter_path="nodes.*.version")
        for version in sorted({node["version"] for node in nodes.get("nodes", {}).values()}):
            if int(version.partition(".")[0]) != MAJOR:
                raise Unavailable(_wrong_version(self.url, version))

    async def close(self) -> None:
        """Close the connections. The cluster may be used again afterwards, even in another event loop."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turns what the client raises into Unavailable, some of it into Refused."""
        try:
            yield
        except elasticsearch.UnsupportedProductError as error:
            raise Unavailable(f"the server at {self.url} is not Elasticsearch: is index_url right?") from error
        except elasticsearch.ApiError as error:
            raise self._explained(error) from error
        except elastic_transport.TlsError as error:
            hint = "set elasticsearch.ca to the certificate authority to trust"
            raise Unavailable(f"{self.url}: {error.message}; {hint}") from error
        except elastic_transport.ConnectionTimeout as error:
            raise Unavailable(f"{self.url} did not answer within {self.options.timeout:g} s") from error
        except elastic_transport.ConnectionError as error:
            raise Unavailable(f"Elasticsearch cannot be reached at {self.url}: {error.message}") from error
        except elastic_transport.TransportError as error:
            raise Unavailable(f"the server at {self.url} is not Elasticsearch: {error.message}") from error

    def _explained(self, error: elasticsearch.ApiError) -> Unavailable:
        kind, reason = _cause(error.body)
        status = error.meta.status
        if status == 401:
            return Unavailable(f"{self.url}: wrong credentials: see elasticsearch.api_key, or username and password")
        if kind == "media_type_header_exception":
            return Unavailable(_wrong_version(self.url, "another major version"))
        if kind == "cluster_block_exception":
            return Unavailable(f"{self.url}: {blocked(reason)}")
        if status == 403:
            return Unavailable(f"{self.url}: the credentials lack a privilege: {reason or kind}")
        if status in (400, 404, 413):
            return Refused(self.url, status, kind, reason)
        return Unavailable(f"{self.url} answers {status}: {reason or kind or error.message}")

    def _arguments(self) -> dict[str, Any]:
        options = self.options
        arguments: dict[str, Any] = {
            "hosts": [options.url],
            "request_timeout": options.timeout,
            "max_retries": 0,  # the callers decide whether to retry
            "serializers": {kind.mimetype: kind() for kind in (_Json, _CompatibleJson)},
        }
        if options.api_key:
            arguments["api_key"] = options.api_key
        elif options.username:
            arguments["basic_auth"] = (options.username, options.password)
        if options.ca:
            arguments["ca_certs"] = str(options.ca)
        return arguments


def _quiet() -> None:
    """Silence a warning: bulk requests are large on purpose."""
    warnings.filterwarnings("ignore", "Sending a large body directly", ResourceWarning)


def blocked(reason: str) -> str:
    """Why an index accepts no writes, and what to do."""
    if "flood-stage" in reason:
        return f"its disk is full ({reason}): free space or add a node; Elasticsearch lifts the block itself"
    if in_rebuild(reason):
        return f"an index accepts no writes ({reason}): a reindex runs or was killed; run `almenara reindex`"
    return f"it accepts no writes ({reason}): lift the block"


def in_rebuild(reason: str) -> bool:
    """Whether the block is the one that rebuild.py sets."""
    return "FORBIDDEN/8/" in reason


def _cause(body: Any) -> tuple[str, str]:
    """Type and reason of an error's body."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", str(error or body or "")[:500]
    roots = error.get("root_cause") or [error]
    return error.get("type", ""), str(roots[0].get("reason") or error.get("reason", ""))[:500]


def _wrong_version(url: str, found: str) -> str:
    return f"{url} is Elasticsearch {found}; this program needs {MAJOR}: upgrade it, or set another index_url"


class _Json(elastic_transport.JsonSerializer):
    """JSON by msgspec, which is several times faster and encodes our records."""

    mimetype = "application/json"

    def dumps(self, data: Any) -> bytes:
        return data if isinstance(data, bytes) else msgspec.json.encode(data)

    def loads(self, data: bytes) -> Any:
        try:
            return msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise elastic_transport.SerializationError(f"not JSON: {data[:100]!r}", errors=(error,)) from error


class _CompatibleJson(_Json):
    mimetype = "application/vnd.elasticsearch+json"
