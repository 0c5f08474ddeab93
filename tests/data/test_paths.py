from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.data.paths import printable, resolve_inside
from glassnet.errors import DataError


def test_printable_names_are_the_same_on_every_system() -> None:
    assert printable("cafe\u0301") == printable("café") == "café"
    assert printable("a\x1b[31m\nb\udcff") == "a\ufffd[31m\ufffdb\ufffd"
    assert printable("猫 1/ß.png") == "猫 1/ß.png"


@pytest.mark.parametrize("path", ["../a.png", "/etc/passwd", "b/../../a.png", "link/a.png"])
def test_paths_out_of_the_root_are_refused(path: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(DataError, match=f"^table: {path} leads out of"):
        resolve_inside(root, root / path, f"table: {path}")
    with pytest.raises(DataError, match="is not a path"):
        resolve_inside(root, root / "\0", "table")


def test_a_path_inside_need_not_exist(tmp_path: Path) -> None:
    assert resolve_inside(tmp_path, tmp_path / "b/../a.png", "") == tmp_path / "a.png"
    (tmp_path / "loop").symlink_to("loop")
    assert resolve_inside(tmp_path, tmp_path / "loop", "").is_relative_to(tmp_path)
