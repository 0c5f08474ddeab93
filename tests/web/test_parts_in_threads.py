"""Tabs of a page that are requested at the same time, by a server that has drawn nothing yet."""

from __future__ import annotations

import subprocess
import sys

CODE = """
from importlib import import_module
from threading import Barrier, Thread

from glassnet.web.parts import import_matplotlib

MODULES = [f"matplotlib.{name}" for name in ("ticker", "colors", "markers", "textpath")]
together = Barrier(len(MODULES))

def draw(module):
    together.wait()
    import_matplotlib()
    import_module(module)

threads = [Thread(target=draw, args=[module]) for module in MODULES]
for thread in threads:
    thread.start()
"""


def test_threads_that_draw_first_at_once_have_all_of_matplotlib() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
