from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet import atomic
from glassnet.errors import StorageError

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_write_makes_folders_and_gives_the_path(tmp_path: Path) -> None:
    path = atomic.write(tmp_path / "new" / "deep" / "a.txt", "grün\n")
    assert path.read_bytes() == "grün\n".encode()
    assert atomic.write(path, b"\x00\xff").read_bytes() == b"\x00\xff"


def test_a_failing_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = atomic.write(tmp_path / "a.txt", "old")

    def fail() -> None:
        with atomic.replacing(path) as partial:
            partial.write_text("half of the n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_readers_get_the_old_or_the_new_file_never_a_part(tmp_path: Path) -> None:
    path = atomic.write(tmp_path / "a.txt", "old")
    with atomic.replacing(path) as partial:
        partial.write_text("new")
        assert path.read_text() == "old"
        assert partial.parent == path.parent, "a rename is whole only within one file system"
        assert partial.name.startswith("."), "lists of NAME.json pass it over"
    assert path.read_text() == "new"


def test_the_file_before_is_renamed(tmp_path: Path) -> None:
    path, previous = tmp_path / "a.txt", tmp_path / "previous.txt"
    for text in ("one", "two", "three"):
        with atomic.replacing(path, previous) as partial:
            partial.write_text(text)
    assert (path.read_text(), previous.read_text()) == ("three", "two")
    assert set(tmp_path.iterdir()) == {path, previous}


def test_the_folder_is_flushed_after_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut must not undo it."""
    synced: list[tuple[bool, bool]] = []
    path = tmp_path / "a.txt"

    def record(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", record)
    atomic.write(path, "new")
    assert synced == [(False, False), (True, True)]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with atomic.replacing(path) as one, atomic.replacing(path) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match=r"taken/a\.txt: cannot be written"):
        atomic.write(tmp_path / "taken" / "a.txt", "")


def test_a_folder_in_the_way_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(StorageError, match=r"a\.txt: cannot be written"):
        atomic.write(tmp_path / "a.txt", "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(AS_ROOT, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="Permission denied"):
            atomic.write(tmp_path / "a.txt", "")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = atomic.write(tmp_path / "a.bin", "old")
    code = (
        "import resource, signal, sys; from pathlib import Path; from glassnet import atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: atomic.write(Path(sys.argv[1]), bytes(10_000))\n"
        "except atomic.StorageError as error: print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.stdout == f"{path}: cannot be written (File too large)\n", done.stderr
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
import os, signal, sys
from pathlib import Path
from glassnet import atomic
with atomic.replacing(Path(sys.argv[1])) as partial:
    partial.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_writer(path: Path) -> Path:
    """What a killed process leaves of a file."""
    before = set(path.parent.glob(".*"))
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    (left,) = set(path.parent.glob(".*")) - before
    return left


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_the_next_writer_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    path, name = tmp_path / "a[1].txt", tmp_path / "a.txt"
    left, other = killed_writer(path), killed_writer(name)
    atomic.write(path, "whole")
    assert not left.exists()
    assert other.exists(), "another file's"
    with atomic.replacing(name) as partial:
        partial.write_text("one")
        assert not other.exists()
        with atomic.replacing(name) as second:
            second.write_text("two")
            assert partial.exists(), "its writer is there"
    assert name.read_text() == "one"


def test_what_another_host_writes_is_left_for_a_day(tmp_path: Path) -> None:
    foreign = tmp_path / f".a.txt.00000000-1-{'0' * 12}{atomic.PARTIAL}"
    foreign.write_text("half")
    atomic.write(tmp_path / "a.txt", "whole")
    assert foreign.exists()
    day_before = foreign.stat().st_mtime - 1.1 * atomic.MAX_AGE
    os.utime(foreign, (day_before, day_before))
    atomic.write(tmp_path / "a.txt", "whole")
    assert not foreign.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_abandoned_folders_and_files_within_folders(tmp_path: Path) -> None:
    writer = killed_writer(tmp_path / "a.txt").name.removeprefix(".a.txt.")
    folder, deep = tmp_path / f".model.{writer}", tmp_path / "cache" / "b" / f".c.npz.{writer}"
    kept = [tmp_path / ".hidden.part", tmp_path / "cache" / f"c.npz.{writer}"]
    folder.mkdir()
    deep.parent.mkdir(parents=True)
    for path in (folder / "weights", deep, *kept):
        path.write_text("half")
    atomic.remove_abandoned(tmp_path)
    assert not folder.exists()
    assert deep.exists()
    atomic.remove_abandoned(tmp_path, recursive=True)
    assert not deep.exists()
    assert all(path.exists() for path in kept)
