"""The headers of every answer: they keep a browser from running, loading or framing what is not ours."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing is loaded from another host, and no script or style stands in a page (https://www.w3.org/TR/CSP3/).
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
PRIVATE = "private, no-cache"  # pages are asked for again each time: what they show changes
SECURE = {"Strict-Transport-Security": "max-age=31536000"}  # on HTTPS only


def safe_headers(app: ASGIApp) -> ASGIApp:
    """The application, with the headers on each of its answers."""

    async def with_headers(scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, **(SECURE if scope.get("scheme") == "https" else {})}.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", PRIVATE)
            await send(message)

        await app(scope, receive, add if scope["type"] == "http" else send)

    return with_headers
