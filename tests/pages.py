"""Code on the pages of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def files_of(page: str) -> dict[str, str]:
    """File name -> content of the Python blocks on a page, each of which begins with its name."""
    files = {}
    for block in re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S):
        name = re.match(r"# (\S+\.py)\n", block)
        assert name, block
        files[name[1]] = block
    return files
