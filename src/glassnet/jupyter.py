"""Outputs in a Jupyter notebook that update themselves, where this Python runs in one."""

from __future__ import annotations

import sys
from typing import Any


def shell() -> Any:
    """IPython's shell in the kernel of a notebook, else None; IPython is never imported for it."""
    ipython = sys.modules.get("IPython")
    found = None if ipython is None else ipython.get_ipython()
    return found if hasattr(found, "kernel") else None


class Output:
    """An output of a cell, which the next one replaces."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, html: str, text: str) -> None:
        """Show HTML, or the text where a notebook shows none."""
        from IPython.display import display

        data = {"text/html": html, "text/plain": text}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
