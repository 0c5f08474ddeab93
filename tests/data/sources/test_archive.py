from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from text_samples import tar

from glassnet.data.sources import archive, packs
from glassnet.data.sources.archive import read
from glassnet.data.sources.catalogue import IMDB, Members
from glassnet.data.sources.content import BadContent

FILES = {"set/train/pos/1_8.txt": b"good", "set/train/neg/0_2.txt": b"bad", "set/README": b"hello"}
LABELLED = Members("labelled.pack", "", 0, "set.tar.xz", r"set/train/(pos|neg)/[0-9]+_[0-9]\.txt")
OTHERS = Members("others.pack", "", 0, "others.tar.xz", r"set/[A-Z]+")


def packed(content: bytes, *wanted: Members) -> list[dict[str, bytes]]:
    found = read(io.BytesIO(content), wanted or [LABELLED], "set.tar")
    return [packs.unpack(pack) for pack in found]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_only_what_fits_the_pattern_is_read(mode: str) -> None:
    assert packed(tar(FILES, mode)) == [{name: FILES[name] for name in sorted(FILES)[1:]}]


def test_one_pass_extracts_several_files() -> None:
    first, second = packed(tar(FILES), LABELLED, OTHERS)
    assert list(first) == ["set/train/neg/0_2.txt", "set/train/pos/1_8.txt"]
    assert second == {"set/README": b"hello"}


def test_nothing_reaches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths that lead elsewhere, links and devices are passed over."""
    monkeypatch.chdir(tmp_path)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for name, kind in (
            ("../set/train/pos/1_8.txt", tarfile.REGTYPE),
            ("/set/train/pos/2_8.txt", tarfile.REGTYPE),
            ("set/train/pos/3_8.txt", tarfile.SYMTYPE),
            ("set/train/pos/4_8.txt", tarfile.CHRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            made.addfile(member)
        member = tarfile.TarInfo("set/train/neg/0_2.txt")
        member.size = 3
        made.addfile(member, io.BytesIO(b"bad"))
    assert packed(stream.getvalue()) == [{"set/train/neg/0_2.txt": b"bad"}]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
@pytest.mark.parametrize("share", [0.0, 0.31, 0.71])
def test_a_truncated_archive_is_refused(mode: str, share: float) -> None:
    whole = tar({f"set/train/pos/{k}_8.txt": os.urandom(2000) for k in range(20)}, mode)
    with pytest.raises(BadContent, match=r"^set\.tar is damaged or truncated"):
        packed(whole[: int(share * len(whole))])


def test_a_file_that_is_not_an_archive_is_refused() -> None:
    with pytest.raises(BadContent, match=r"^set\.tar is damaged or truncated"):
        packed(b"<html>not found</html>" * 100)


def test_a_path_that_occurs_twice_is_refused() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for content in (b"one", b"two"):
            member = tarfile.TarInfo("set/train/neg/0_2.txt")
            member.size = 3
            made.addfile(member, io.BytesIO(content))
    with pytest.raises(BadContent, match=r"contains set/train/neg/0_2\.txt twice"):
        packed(stream.getvalue())


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER", 3)
    assert packed(tar(FILES)) == [{"set/train/neg/0_2.txt": b"bad"}]
    monkeypatch.setattr(archive, "MAX_UNPACKED", 10)
    with pytest.raises(BadContent, match="unpacks to more than 10 bytes"):
        packed(tar(FILES))


@pytest.mark.slow
@pytest.mark.parametrize("members", [IMDB.files[0], IMDB.unlabelled], ids=lambda m: m.name)
def test_the_real_archives_have_the_catalogues_hash(members: Members) -> None:
    path = Path(os.environ.get("GLASSNET_MIRROR", ""), members.tar)
    if not path.is_file():
        pytest.skip(f"{members.tar} is not in GLASSNET_MIRROR")
    with path.open("rb") as stream:
        (content,) = read(stream, [members], members.tar)
    assert packs.digest(content) == members.sha256
    assert len(content) == members.size
