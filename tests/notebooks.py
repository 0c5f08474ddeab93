"""A notebook's kernel as far as glassnet uses it, and HTML as a notebook takes it apart."""

from __future__ import annotations

import base64
import re
import sys
from html.parser import HTMLParser
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

UNTRUSTED = {"script", "style", "svg", "iframe", "link", "object"}
"""Elements that a notebook drops until it is trusted."""


class Kernel:
    """Records the outputs of the current cell, each with all of its states."""

    def __init__(self) -> None:
        self.kernel, self.execution_count = object(), 1
        self.outputs: list[list[dict[str, str]]] = []

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> SimpleNamespace:
        assert raw
        assert display_id
        states = [data]
        self.outputs.append(states)
        return SimpleNamespace(update=lambda data, raw: states.append(data))


def start_kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """Lets this Python appear to run in a notebook."""
    kernel = Kernel()
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: kernel  # type: ignore[attr-defined]
    display.display = kernel.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return kernel


class Html(HTMLParser):
    """The text and the images of a card.

    Attributes:
        text: everything that is read, with single spaces that may break.
        images: (alternative text, content) of each image.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.images: list[tuple[str, bytes]] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, Any] = dict(attrs)
        assert tag not in UNTRUSTED
        assert not {name for name in values if name.startswith("on") or name == "id"}
        if tag == "img":
            kind, _, content = values["src"].partition(";base64,")
            assert kind in ("data:image/svg+xml", "data:image/png")
            self.images.append((values["alt"], base64.b64decode(content)))
            if kind.endswith("xml"):
                ElementTree.fromstring(self.images[-1][1])
        elif tag != "br":
            self._open.append(tag)
        if tag == "a":
            self.links.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def card(shown: Any) -> Html:
    """What a notebook shows of an object, which has its own background and text colour."""
    html = str(shown._repr_html_())
    style = re.match(r'<div style="background-color:#\w{6};color:#\w{6};', html)
    assert style, html[:100]
    return Html(html)
