"""Files of a run folder, changed on purpose and with the right checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glassnet import formats


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the content of a JSON file."""
    body = formats.parse_json_with_checksum(path.read_bytes())
    path.write_bytes(formats.json_with_checksum(change(body), indent=1))


def rewrite_arrays(path: Path, change: Callable[[formats.Arrays], formats.Arrays]) -> None:
    """Change arrays, and their digest in the finding beside them, if there is one."""
    content = formats.encode_npz(change(formats.decode_npz(path.read_bytes())))
    path.write_bytes(content)
    if (finding := path.with_suffix(".json")).exists():
        digest = hashlib.sha256(content).hexdigest()
        rewrite(finding, lambda body: body | {formats.ARRAYS: digest})
