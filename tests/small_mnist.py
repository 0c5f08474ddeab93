"""A small data set cut from MNIST, and a server on loopback to fetch it from."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from glassnet.data.sources.catalogue import Entry, Mirror


@dataclass
class Small:
    """A data set of 1,000 + 500 of MNIST's digits: its entry and its four files' content."""

    entry: Entry
    contents: tuple[bytes, ...]

    def mirrored(self, mirror: Path) -> Path:
        """Lay the files out as a mirror does, gzipped; returns the data set's folder in it."""
        folder = mirror / self.entry.name
        folder.mkdir(parents=True)
        for file, content in zip(self.entry.files, self.contents, strict=True):
            (folder / f"{file.name}.gz").write_bytes(gzip.compress(content))
        return folder

    def with_sources(self, *urls: str) -> Small:
        return Small(replace(self.entry, sources=tuple(map(Mirror, urls))), self.contents)


Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """What the server on this machine answers by path, and the paths that were requested."""

    url: str
    responses: dict[str, bytes | Reply] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over, so that a hanging answer can end."""

    def serve(self, data: Small) -> str:
        """Answer for every file of a data set; returns the base address to fetch it from."""
        for file, content in zip(data.entry.files, data.contents, strict=True):
            self.responses[f"/{data.entry.name}/{file.name}.gz"] = gzip.compress(content)
        return f"{self.url}{data.entry.name}/"
