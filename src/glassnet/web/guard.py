"""Who may speak with the server: a browser that opened it here, or who has the token.

A page of another site can send requests to an address of this machine, and a name of its own can
be made to mean that address (DNS rebinding). The first has another Origin, the second another Host.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders

from glassnet.web.responses import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy of every answer that has none of its own."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
}

COOKIE = "glassnet-token"


class Guard:
    """Refuses requests from elsewhere, and sets the headers of every answer.

    Args:
        app: what answers the other requests.
        hosts: names and addresses, with the port, under which the server is open; None for any,
            where a token is needed.
        token: what a request must have where the server is open to other machines; None on
            loopback. It is in the printed address, then in a cookie, or in `Authorization`.
    """

    def __init__(
        self, app: ASGIApp, hosts: frozenset[str] | None, token: str | None = None
    ) -> None:
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = self._token(scope, headers)
        refused = self._refusal(scope["method"], headers) or self._wrong_token(given)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                changed = MutableHeaders(scope=message)
                changed.setdefault("Content-Security-Policy", POLICY)
                for name, value in HEADERS.items():
                    changed.setdefault(name, value)
                if self.token and not refused:
                    changed["Set-Cookie"] = (
                        f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
                    )
            await send(message)

        app = problem(403, *refused) if refused else self.app
        await app(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> tuple[str, str] | None:
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if self.hosts is not None and host not in self.hosts:
            return f"the host {host[:100]!r} is not this server", "open the address that it printed"
        if origin is not None and origin.lower() != f"http://{host}":
            return "the request comes from another site", "open the page of this server"
        navigates = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") == "cross-site" and not navigates:
            return "the request comes from another site", "open the page of this server"
        return None

    def _wrong_token(self, given: str) -> tuple[str, str] | None:
        if self.token is None or secrets.compare_digest(given.encode(), self.token.encode()):
            return None
        return "the token is missing or wrong", "open the address that the server printed"

    def _token(self, scope: Scope, headers: Headers) -> str:
        """The token of a request: in `Authorization`, in the address or in a cookie."""
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return value.strip()
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if "token" in query:
            return query["token"][0]
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return ""
        return cookie.value if cookie else ""


def loopback_hosts(port: int) -> frozenset[str]:
    """The values of `Host` that mean the server on loopback.

    Example:
        >>> sorted(loopback_hosts(8000))
        ['127.0.0.1:8000', '[::1]:8000', 'localhost:8000']
    """
    return frozenset(f"{name}:{port}" for name in LOOPBACK)
