"""Imports saved objects (config/kibana/) into Kibana.

Kibana is usually in a private network, so the guard that keeps fetches out of such networks is not used. No proxy is
used and no redirect followed, so that credentials go to the configured address and nowhere else.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from pipeline.config.settings import Kibana
from pipeline.core.faults import Fault, Faults
from pipeline.stage import Unavailable

TIMEOUT = 60.0  # seconds between two parts of the answer
FILE = "almenara.ndjson"  # Kibana requires this extension


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that Kibana did not accept."""

    kind: str
    id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Imported:
    """How many objects Kibana accepted, and those that it did not."""

    count: int
    refused: tuple[Refused, ...]


def import_objects(kibana: Kibana, objects: bytes, home: str) -> Imported:
    """Import objects (NDJSON) into the space at `home`, replacing those of the same ids. Raises Faults, Unavailable."""
    try:
        with httpx.Client(verify=_trust(kibana), trust_env=False, timeout=TIMEOUT, auth=_basic(kibana)) as client:
            answer = client.post(
                f"{home}/api/saved_objects/_import",
                params={"overwrite": "true"},
                headers={"kbn-xsrf": "true", **_api_key(kibana)},
                files={"file": (FILE, objects, "application/ndjson")},
            )
    except httpx.TimeoutException as error:
        raise Unavailable(f"Kibana at {kibana.url} does not answer ({_words(error)}); try again later") from error
    except httpx.TransportError as error:
        raise _unreached(kibana, error) from error
    return _read(kibana, answer)


def _api_key(kibana: Kibana) -> dict[str, str]:
    key = kibana.api_key.get_secret_value()
    return {"authorization": f"ApiKey {key}"} if key else {}


def _basic(kibana: Kibana) -> httpx.BasicAuth | None:
    if kibana.api_key.get_secret_value() or not kibana.username:
        return None
    return httpx.BasicAuth(kibana.username, kibana.password.get_secret_value())


def _trust(kibana: Kibana) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=kibana.ca)
    except OSError as error:  # ssl.SSLError, too
        raise _fault("ca", f"{kibana.ca}: {error.strerror or error}", "name a PEM file of certificates") from None


# -- reading the answer


def _read(kibana: Kibana, answer: httpx.Response) -> Imported:
    answered = _json(answer)
    match answer.status_code:
        case 200 if isinstance(answered.get("success"), bool):
            return Imported(int(answered.get("successCount", 0)), tuple(map(_refused, answered.get("errors") or ())))
        case 401:
            given = kibana.api_key.get_secret_value() or kibana.username
            reason = "Kibana does not accept the credentials" if given else "Kibana asks for credentials"
            raise _fault("", f"{reason} (401)", "set api_key, or username and password")
        case 403:
            hint = 'the role needs the privilege "Saved Objects Management: All" in the space'
            raise _fault("", f"the credentials may not import saved objects{_of(answered)} (403)", hint)
        case 429 | 502 | 503 | 504 as status:
            raise Unavailable(f"Kibana at {kibana.url} is not ready ({status}); try again later")
        case status if 300 <= status < 400:
            to = answer.headers.get("location", "nowhere")[:200]
            raise _fault("url", f"{kibana.url} redirects to {to} ({status})", "set the address of Kibana itself")
    raise _unexpected(kibana, answer, answered)


def _unexpected(kibana: Kibana, answer: httpx.Response, answered: Mapping[str, Any]) -> Exception:
    """Kibana's own errors are {statusCode, error, message}; anything else did not come from Kibana."""
    status = answer.status_code
    if "statusCode" not in answered:
        hint = "Kibana usually has port 5601, Elasticsearch 9200; a base path belongs to the address"
        return _fault("url", f"the server at {kibana.url} is not Kibana, or this is not its API ({status})", hint)
    if status == 404:
        hint = "create the space in Kibana first, or correct the address or its base path"
        space = f"the space {kibana.space!r} or " if kibana.space else ""
        return _fault(
            "space" if space else "url", f"Kibana does not know {space}the address{_of(answered)} (404)", hint
        )
    if status >= 500:
        return Unavailable(f"Kibana at {kibana.url} failed{_of(answered)} ({status}); see its log")
    return _fault("", f"Kibana refuses the objects{_of(answered)} ({status})", "is it Kibana 9, or at least 8.18?")


def _refused(error: Mapping[str, Any]) -> Refused:
    why = error.get("error") or {}
    reason = str(why.get("message") or why.get("type") or "no reason given")
    missing = [f"{one.get('type')} {one.get('id')}" for one in why.get("references") or ()]
    if missing:
        reason += f": {', '.join(missing)}"
    return Refused(str(error.get("type")), str(error.get("id")), reason)


def _unreached(kibana: Kibana, error: httpx.TransportError) -> Exception:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        hint = "set ca to the file of its certificate authority, and use the host name of the certificate"
        return _fault("ca", f"the certificate of {kibana.url} is not trusted: {_words(error)}", hint)
    if "SSL" in str(error):
        return _fault("url", f"{kibana.url}: {_words(error)}", "is it http, not https?")
    if isinstance(error, httpx.RemoteProtocolError):
        return _fault("url", f"the server at {kibana.url} does not speak HTTP", "is it https, not http?")
    return Unavailable(f"Kibana at {kibana.url} cannot be reached: {_words(error)}")


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        answered = answer.json()
    except ValueError:  # not JSON, or not UTF-8
        return {}
    return answered if isinstance(answered, dict) else {}


def _of(answered: Mapping[str, Any]) -> str:
    message = " ".join(str(answered.get("message", "")).split())
    return f": {message[:300]}" if message else ""


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _fault(key: str, reason: str, hint: str) -> Faults:
    return Faults((Fault("almenara.toml", f"kibana.{key}" if key else "kibana", reason, hint),))
