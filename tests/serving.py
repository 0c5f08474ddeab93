"""A server of the page in a thread of the tests, and requests to it."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from glassnet.web import layer_maps
from glassnet.web.app import create
from glassnet.web.guard import loopback_hosts
from glassnet.web.serve import bind


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running server; `port` is its port on loopback."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, body: Any = None, method: str | None = None, **headers: str) -> Answer:
        """Send a request; a body that is no bytes is sent as JSON. `_` in headers is a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            named = {"Content-Type": "application/json"} | named
        request = urllib.request.Request(self.address + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())


@contextmanager
def served(root: Path, token: str | None = None, port: int = 0) -> Iterator[Site]:
    """Serve a folder of runs while the block runs, by default on a port that is free."""
    with bind("127.0.0.1", port) as listener:
        port = listener.getsockname()[1]
        hosts = None if token else loopback_hosts(port)
        app = create(root, hosts, token, is_ending=lambda: server.should_exit)
        config = uvicorn.Config(
            app, log_level="error", access_log=False, timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Site(port)
        finally:
            server.should_exit = True
            thread.join(30)


def small_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the maps that a server prepares from few examples, so that they are made quickly."""
    for name, count in {"N_POINTS": 60, "N_TRAINING": 200, "N_PROBE": 150}.items():
        monkeypatch.setattr(layer_maps, name, count)
