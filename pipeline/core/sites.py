"""Finds the site that a host belongs to: its registrable domain."""

from __future__ import annotations

from functools import lru_cache

import idna
import tld


@lru_cache(maxsize=4096)
def domain_of(host: str) -> str:
    """The registrable domain of `host`, a name in lower-case ASCII, by the public suffix list bundled in `tld`,
    including private suffixes (so each blog of a host is a site). The host itself if its suffix is unknown."""
    found = tld.get_fld(f"https://{_unicode(host)}", fail_silently=True)
    if not found:
        return host
    # The list has Unicode names: return as many labels of the host as it found.
    return ".".join(host.split(".")[-(found.count(".") + 1) :])


def _unicode(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return idna.decode(host)
    except UnicodeError:
        return host
