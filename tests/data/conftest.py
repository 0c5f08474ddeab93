"""Real MNIST bytes, a small data set cut from them, and a server on loopback to fetch it from."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_mnist import Server, Small

from glassnet.data.images import idx
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import MNIST, File


@pytest.fixture(scope="session")
def mnist() -> tuple[bytes, ...]:
    """The four files of MNIST, from the user's cache or fetched into it."""
    return fetch.contents(MNIST)


@pytest.fixture(scope="session")
def small(mnist: tuple[bytes, ...]) -> Small:
    lengths = (1000, 1000, 500, 500)
    contents = tuple(
        idx.pack(idx.read(content)[:length]) for content, length in zip(mnist, lengths, strict=True)
    )
    files = tuple(
        File(file.name, hashlib.sha256(content).hexdigest(), len(content))
        for file, content in zip(MNIST.files, contents, strict=True)
    )
    entry = replace(MNIST, name="small", files=files, sources=(), n_train=1000, n_test=500)
    return Small(entry, contents)


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and an environment that says nothing else."""
    for name in ("GLASSNET_MIRROR", "GLASSNET_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requested.append(self.path)
            reply = state.responses.get(self.path)
            if reply is None:
                self.send_error(404)
            elif isinstance(reply, bytes):
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)
            else:
                reply(self)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{listening.server_port}/")
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    yield state
    state.released.set()
    listening.shutdown()
    listening.server_close()
    thread.join()
