"""Brings the addresses of one article into one form: http and https, `www.`, AMP, mobile, ids of visits, query order.

The form is only compared, never fetched: a server may answer only at the address that was given.
"""

from __future__ import annotations

import re

from pipeline.core.sites import domain_of
from pipeline.core.url_parameters import is_session, is_tracking

#: Labels of hosts that serve the same articles in another layout.
_LAYOUTS = frozenset({"www", "m", "mobile", "mobil", "wap", "touch", "amp"})
#: The publisher's address within that of an AMP cache: /c/s/example.org/a, on Google's search /amp/s/example.org/a.
_CACHED = re.compile(r"/(?:[a-z]{1,3}/)?(s/)?((?:[a-z0-9_-]+\.)+[a-z0-9-]+(?::\d+)?)(/.*)?$", re.IGNORECASE)
_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}")
_AMP_END = re.compile(r"(?:/amp(?:html)?|/amp\.html?|\.amp|[._]amp(?P<kind>\.html?))$", re.IGNORECASE)
_AMP_PART = re.compile(r"/(?:amp|amphtml)(?=/.)", re.IGNORECASE)
_NUMBERED = re.compile(r"\d{5}")
_FLAGS = frozenset({"", "0", "1", "true", "false", "yes", "no"})
#: Parameters that ask for a layout, and the values with which they do.
_LAYOUT_VALUES = {
    **dict.fromkeys(("amp", "isamp", "is_amp", "noamp", "nomobile", "ismobile", "mobileui"), _FLAGS | {"amp"}),
    **dict.fromkeys(("outputtype", "output", "view", "layout", "mode", "variant"), frozenset({"amp", "mobile"})),
    "mobile": _FLAGS - {""}, "device": frozenset({"mobile"}),
}  # fmt: skip
_PATH_SESSION = re.compile(r";([A-Za-z_.]+=[^;/]*)")
_ASPX_SESSION = re.compile(r"/\([A-Z]\([a-z0-9]{24}\)\)(?=/)", re.IGNORECASE)
_PORT = re.compile(r":\d+$")


def plain_form(address: str) -> str:
    """`address`, which is canonical, without scheme, a leading `www.` and a final slash."""
    host, path, query = _parts(address)
    if host.startswith("www.") and host.count(".") > 1:
        host = host[4:]
    return f"{host}/{path[1:].rstrip('/')}{query}"


def one_form(address: str) -> str:
    """The form that all addresses of the article at `address`, which is canonical, have in common."""
    address, mark, route = direct(address).partition("#")
    host, path, query = _parts(address)
    if ";" in path:
        path = _PATH_SESSION.sub(lambda found: "" if is_session(found[1]) else found[0], path)
    if "(" in path:
        path = _ASPX_SESSION.sub("", path)
    if "amp" in path.lower():
        path = _without_amp(path)
    if query:
        query = _identifying(query, path)
    return f"{_without_layout(host)}/{path[1:].rstrip('/')}{query}{mark}{route}"


def direct(address: str) -> str:
    """The publisher's address, if `address`, which is canonical, is that of a copy in an AMP cache; else `address`."""
    if "amp" not in address:
        return address
    host, path, query = _parts(address)
    if host == "cdn.ampproject.org" or host.endswith(".cdn.ampproject.org"):
        rest = path
    elif _GOOGLE.fullmatch(host) and path.startswith("/amp/"):
        rest = path[4:]
    else:
        return address
    found = _CACHED.match(rest)
    if not found:
        return address
    return f"{'https' if found[1] else 'http'}://{found[2].lower()}{found[3] or '/'}{query}"


def _parts(address: str) -> tuple[str, str, str]:
    """Host with port, path, and the query with its question mark."""
    _, _, rest = address.partition("://")
    host, _, rest = rest.partition("/")
    path, question, query = rest.partition("?")
    return host, f"/{path}", f"{question}{query}"


def _without_layout(host: str) -> str:
    """`host` without labels such as `www` and `m` before its registrable domain."""
    labels = host.split(".")
    if len(labels) < 3 or _LAYOUTS.isdisjoint(labels):
        return host
    own = len(labels) - _labels_of_domain(_PORT.sub("", host))
    kept = [label for place, label in enumerate(labels) if place >= own or label not in _LAYOUTS]
    if kept == labels and labels[0] == "www":
        return host[4:]
    return ".".join(kept)


def _labels_of_domain(name: str) -> int:
    domain = domain_of(name)
    if domain == name and domain_of(f"x.{name}") == f"x.{name}":
        return 2  # no known suffix
    return domain.count(".") + 1


def _without_amp(path: str) -> str:
    cut = _AMP_END.sub(lambda found: found["kind"] or "", path.rstrip("/"))
    if cut == path.rstrip("/") and (_AMP_PART.match(cut) or _NUMBERED.search(cut)):
        cut = _AMP_PART.sub("", cut, count=1)
    return cut or path


def _identifying(query: str, path: str) -> str:
    """The parameters that identify the article, by name; values of one name stay in their order."""
    pairs = [part for part in query[1:].split("&") if part and not _is_variant(part, path)]
    pairs.sort(key=lambda part: part.partition("=")[0])
    return f"{'?' if pairs else ''}{'&'.join(pairs)}"


def _is_variant(parameter: str, path: str) -> bool:
    if is_session(parameter) or is_tracking(parameter):
        return True
    name, _, value = parameter.lower().partition("=")
    if name == "m" and value in ("0", "1"):
        return path.endswith(".html")  # Blogger's; elsewhere it may be a month
    return value in _LAYOUT_VALUES.get(name, ())
