from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.data.listing import inside, shown, some
from glassnet.errors import DataError


def test_names_are_alike_on_every_system_and_steer_no_terminal() -> None:
    assert shown("cafe\u0301") == shown("café") == "café"
    assert shown("a\x1b[31m\nb\udcff") == "a\ufffd[31m\ufffdb\ufffd"
    assert shown("猫 1/ß.png") == "猫 1/ß.png"


def test_some_names() -> None:
    assert some([]) == ""
    assert some(["a", "b"]) == "a, b"
    assert some([str(k) for k in range(1234)], 2) == "0, 1 and 1,232 more"


@pytest.mark.parametrize("path", ["../a.png", "/etc/passwd", "b/../../a.png", "link/a.png"])
def test_nothing_leads_out_of_the_root(path: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(DataError, match=f"^table: {path} leads out of"):
        inside(root, root / path, f"table: {path}")
    with pytest.raises(DataError, match="is no path"):
        inside(root, root / "\0", "table")


def test_what_stays_inside_need_not_exist(tmp_path: Path) -> None:
    assert inside(tmp_path, tmp_path / "b/../a.png", "") == tmp_path / "a.png"
    (tmp_path / "loop").symlink_to("loop")
    assert inside(tmp_path, tmp_path / "loop", "").is_relative_to(tmp_path)
