"""Makes the TLS contexts of connections."""

from __future__ import annotations

import ssl
import warnings
from functools import lru_cache

import certifi

_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT; Python 3.12 names it


@lru_cache(maxsize=256)
def tls_context(
    ca_files: tuple[str, ...] = (), min_tls: str | None = None, verify: bool = True, *, protocols: tuple[str, ...]
) -> ssl.SSLContext:
    """Trust the certificate authorities of the system, of Mozilla (some systems have none), and of `ca_files` (PEM).

    `min_tls` below 1.2 also allows the ciphers and renegotiation of servers of that time. `protocols` are those of
    ALPN (RFC 7301); HTTP/1.1 and HTTP/2 need a context each. Raises OSError for a file that cannot be read.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    for file in ca_files:
        context.load_verify_locations(file)
    if ca_files:  # it may be the certificate itself, or the one that an incomplete chain lacks
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 sets it; authorities of old fail it
    context.set_alpn_protocols(list(protocols))
    if min_tls:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the operator asked for an old version
            context.minimum_version = ssl.TLSVersion[f"TLSv{min_tls.replace('.', '_')}".removesuffix("_0")]
        if min_tls in ("1.0", "1.1"):
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.options |= _LEGACY_SERVER_CONNECT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
