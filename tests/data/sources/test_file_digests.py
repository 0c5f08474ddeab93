from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from glassnet.data.sources import cache, file_digests


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(file_digests, "SETTLED", -3600.0)
    (tmp_path / "a.png").write_bytes(b"one")
    return tmp_path / "a.png"


def digest_of(path: Path) -> str:
    with file_digests.cached() as sha256:
        return sha256(path)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_known_file_is_not_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert digest_of(file) == sha(b"one")
    monkeypatch.setattr(hashlib, "file_digest", lambda *arguments: pytest.fail("read again"))
    assert digest_of(file) == sha(b"one")


@pytest.mark.parametrize("keep_time", [True, False])
def test_every_change_is_noticed(file: Path, keep_time: bool) -> None:
    digest_of(file)
    before = file.stat()
    file.write_bytes(b"two")
    if keep_time:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert digest_of(file) == sha(b"two")


def test_a_file_that_changed_just_now_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_digests, "SETTLED", 3600.0)
    digest_of(file)
    monkeypatch.setattr(file_digests, "SETTLED", -3600.0)
    file.write_bytes(b"two")  # of the same size; where it was cached, this may keep the time
    assert digest_of(file) == sha(b"two")


def test_a_damaged_store_or_none_only_costs_time(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.root().mkdir(parents=True)
    (cache.root() / "digests.sqlite").write_bytes(b"no database at all" * 100)
    assert digest_of(file) == sha(b"one")
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "taken"))
    assert digest_of(file) == sha(b"one")
    assert digest_of(tmp_path / "none.png") == ""
    assert digest_of(tmp_path) == ""
