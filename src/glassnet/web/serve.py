"""Running the server: on loopback and the next free port, unless another address is given."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from glassnet.errors import UsageError

FIRST_PORT = 8321
N_PORTS = 50

MAX_CONNECTIONS = 3000
"""Connections at most, idle ones included; more are answered with 503."""

SPARE_DESCRIPTORS = 200
"""Files that the server itself may have open, besides its connections."""


def serve(root: Path, host: str, port: int | None, opened: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Args:
        root: the folder of the runs.
        host: the address; one that other machines reach needs the token of the printed address.
        port: the port; the next free one from 8321 if it is None.
        opened: is called with the address of the page when the server answers.

    Raises:
        UsageError: the port is taken, or the address is none of this machine.
    """
    import uvicorn

    from glassnet.web.app import create
    from glassnet.web.guard import loopback_hosts

    with bind(host, port) as listener:
        number = listener.getsockname()[1]
        local = is_loopback(host)
        token = None if local else secrets.token_urlsafe(24)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{number}/" + (f"?token={token}" if token else "")

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                opened(address)

        hosts = loopback_hosts(number) if local else None
        app = create(root, hosts, token, is_ending=lambda: server.should_exit, has_spare=True)
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            limit_concurrency=_connections(),
            timeout_graceful_shutdown=2,
            server_header=False,
        )
        server = Server(config)
        with suppress(KeyboardInterrupt):  # which uvicorn raises again when all is closed
            server.run(sockets=[listener])


def _connections() -> int:
    """The number of connections that the process may have, after raising its limit of files."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MAX_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(1, soft - SPARE_DESCRIPTORS)
    return MAX_CONNECTIONS


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int | None) -> socket.socket:
    """Open a socket that listens, at the port or the first free one.

    Raises:
        UsageError: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ports = [port] if port is not None else range(FIRST_PORT, FIRST_PORT + N_PORTS)
    for number in ports:
        # asyncio sends at once what is written, but only to a socket that names its protocol; else
        # each answer's second packet waits 40 ms for the client's acknowledgement of the first.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            reason = error.strerror or str(error)
    raise UsageError(
        f"--port {port or FIRST_PORT}: {host} cannot be opened ({reason})", "give another --port"
    )
