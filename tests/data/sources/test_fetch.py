from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from small_mnist import Server, Small
from text_samples import tar

from glassnet import progress
from glassnet.data.sources import fetch, mirror, packs
from glassnet.data.sources.catalogue import IMDB, MNIST, Archive, Entry, Members
from glassnet.errors import FetchError, StorageError

FIRST = "train-images-idx3-ubyte"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expected(small: Small) -> dict[str, bytes]:
    return {
        file.name: content for file, content in zip(small.entry.files, small.contents, strict=True)
    }


def failure(small: Small) -> FetchError:
    """The error of a fetch that must fail; it has two lines, and the notes lose nothing of it."""
    with pytest.raises(FetchError) as caught:
        fetch.contents(small.entry, log=lambda note: None)
    assert len(str(caught.value).splitlines()) == 2
    return caught.value


def test_a_mirror_folder_fills_the_cache(
    tmp_path: Path, cache_folder: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.mirrored(tmp_path / "mirror")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLASSNET_MIRROR", "mirror")
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    notes: list[str] = []
    assert fetch.contents(small.entry, notes.append) == small.contents
    assert notes == ["fetching small from mirror/small"]
    assert files(cache_folder) == expected(small)


def test_a_filled_cache_needs_no_source(
    tmp_path: Path, cache_folder: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.mirrored(tmp_path / "mirror")
    monkeypatch.setenv("GLASSNET_MIRROR", str(tmp_path / "mirror"))
    fetch.contents(small.entry)
    monkeypatch.delenv("GLASSNET_MIRROR")
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    notes: list[str] = []
    assert fetch.contents(small.entry, notes.append) == small.contents
    assert notes == []


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_mirror_is_requested_first(
    cache_folder: Path, server: Server, small: Small, monkeypatch: pytest.MonkeyPatch, slash: str
) -> None:
    server.serve(small)
    monkeypatch.setenv("GLASSNET_MIRROR", server.url.rstrip("/") + slash)
    data = small.with_sources("http://127.0.0.1:9/")
    assert fetch.contents(data.entry) == small.contents
    assert server.requested == [f"/small/{file.name}.gz" for file in small.entry.files]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["altered", "truncated", "missing"])
def test_a_faulty_mirror_is_left_for_the_next_source(
    tmp_path: Path,
    cache_folder: Path,
    server: Server,
    small: Small,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """The third file is faulty: two come from the mirror, the others from the server."""
    data = small.with_sources(server.serve(small))
    bad = small.mirrored(tmp_path / "mirror") / f"{small.entry.files[2].name}.gz"
    content = bytearray(small.contents[2])
    content[5000] ^= 1
    if fault == "altered":
        bad.write_bytes(gzip.compress(content))
    elif fault == "truncated":
        bad.write_bytes(bad.read_bytes()[:-100])
    else:
        bad.unlink()
    monkeypatch.setenv("GLASSNET_MIRROR", str(tmp_path / "mirror"))
    notes: list[str] = []
    assert fetch.contents(data.entry, notes.append) == small.contents
    assert any(note.startswith(str(bad)) for note in notes)
    assert server.requested == [f"/small/{file.name}.gz" for file in small.entry.files[2:]]
    assert files(cache_folder) == expected(small)


def test_a_dead_server_is_requested_once(cache_folder: Path, server: Server, small: Small) -> None:
    data = small.with_sources(f"{server.url}dead/", server.serve(small))
    assert fetch.contents(data.entry) == small.contents
    assert server.requested.count(f"/dead/{FIRST}.gz") == 1
    assert len(server.requested) == 1 + len(small.entry.files)


def test_the_error_names_every_source_and_its_fault(
    tmp_path: Path,
    cache_folder: Path,
    server: Server,
    small: Small,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GLASSNET_MIRROR", str(tmp_path / "mirror"))
    server.responses[f"/altered/{FIRST}.gz"] = gzip.compress(small.contents[0][::-1])
    data = small.with_sources("http://127.0.0.1:9/", f"{server.url}gone/", f"{server.url}altered/")
    error = failure(data)
    assert error.message.startswith(f"{cache_folder / 'small' / FIRST} is missing, and small")
    for reason in (
        f"{tmp_path}/mirror/small/{FIRST}.gz cannot be read (No such file or directory); ",
        f"http://127.0.0.1:9/{FIRST}.gz does not respond; ",
        f"{server.url}gone/{FIRST}.gz is refused (HTTP 404); ",
        f"{server.url}altered/{FIRST}.gz is altered",
    ):
        assert reason in error.message
    assert "GLASSNET_MIRROR" in error.hint
    assert files(tmp_path) == {}


def test_offline_forbids_http_and_pip(
    cache_folder: Path, server: Server, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    monkeypatch.setenv("GLASSNET_MIRROR", server.url)
    monkeypatch.setattr(sys, "executable", "/nothing")
    server.serve(small)
    with pytest.raises(FetchError, match="mnist cannot be fetched: GLASSNET_OFFLINE forbids") as e:
        fetch.contents(MNIST)
    assert e.value.hint.startswith("unset GLASSNET_OFFLINE")
    assert failure(small).message.endswith("GLASSNET_OFFLINE forbids the network")
    assert server.requested == []


@pytest.mark.parametrize(
    ("value", "forbidden"),
    [("1", True), ("yes", True), ("0", False), ("False", False), ("", False)],
)
def test_what_offline_may_be_set_to(
    monkeypatch: pytest.MonkeyPatch, value: str, forbidden: bool
) -> None:
    monkeypatch.setenv("GLASSNET_OFFLINE", value)
    assert fetch.offline() is forbidden


def test_a_damaged_cache_is_set_right(cache_folder: Path, server: Server, small: Small) -> None:
    data = small.with_sources(server.serve(small))
    fetch.contents(data.entry)
    server.requested.clear()
    path = cache_folder / "small" / small.entry.files[1].name
    path.write_bytes(bytes(path.stat().st_size))
    notes: list[str] = []
    assert fetch.contents(data.entry, notes.append) == small.contents
    assert notes[0].startswith(f"{path} is altered")
    assert server.requested == [f"/small/{path.name}.gz"]
    assert files(cache_folder) == expected(small)


def test_a_damaged_cache_without_a_source_is_named(
    tmp_path: Path, cache_folder: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.mirrored(tmp_path / "mirror")
    monkeypatch.setenv("GLASSNET_MIRROR", str(tmp_path / "mirror"))
    fetch.contents(small.entry)
    path = cache_folder / "small" / FIRST
    path.write_bytes(small.contents[0][:-1])
    monkeypatch.delenv("GLASSNET_MIRROR")
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    assert failure(small).message.startswith(f"{path} is truncated (784,015 of 784,016 bytes)")


def test_a_cache_that_cannot_be_written(
    tmp_path: Path, cache_folder: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.mirrored(tmp_path / "mirror")
    monkeypatch.setenv("GLASSNET_MIRROR", str(tmp_path / "mirror"))
    cache_folder.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=FIRST):
        fetch.contents(small.entry)


FETCH_WITH_LITTLE_ROOM = """
import resource
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import MNIST
from glassnet.errors import StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    fetch.contents(MNIST)
except StorageError as error:
    print(error)
"""

FETCH_ON_SIGNAL = """
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import MNIST
print("ready", flush=True)
input()
fetch.contents(MNIST)
"""


@pytest.fixture(scope="module")
def mnist_mirror(tmp_path_factory: pytest.TempPathFactory, mnist: tuple[bytes, ...]) -> Path:
    """The whole of MNIST as a mirror folder, in plain files."""
    folder = tmp_path_factory.mktemp("mirror") / "mnist"
    folder.mkdir()
    for file, content in zip(MNIST.files, mnist, strict=True):
        (folder / file.name).write_bytes(content)
    return folder.parent


def start(code: str, mirror_folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"GLASSNET_MIRROR": str(mirror_folder), "GLASSNET_OFFLINE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_two_processes_fetch_at_once(cache_folder: Path, mnist_mirror: Path) -> None:
    both = [start(FETCH_ON_SIGNAL, mnist_mirror) for _ in range(2)]
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        _, notes = process.communicate(timeout=60)
        assert process.returncode == 0, notes
        # The slower one may find the cache already filled, and then has nothing to say.
        assert notes in ("", f"fetching mnist from {mnist_mirror}/mnist\n")
    assert files(cache_folder) == files(mnist_mirror)


def test_a_full_disk_is_an_error(cache_folder: Path, mnist_mirror: Path) -> None:
    process = start(FETCH_WITH_LITTLE_ROOM, mnist_mirror)
    printed, notes = process.communicate(timeout=60)
    assert process.returncode == 0, notes
    assert len(printed.splitlines()) == 2
    assert printed.startswith(f"{cache_folder}/mnist/{FIRST}")
    assert files(cache_folder) == {}


@pytest.mark.slow
def test_a_hanging_source_is_left(
    cache_folder: Path, server: Server, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "TIMEOUT", (0.2, 0.2))

    def hang(request: BaseHTTPRequestHandler) -> None:
        server.released.wait(10)

    server.responses[f"/hanging/{FIRST}.gz"] = hang
    data = small.with_sources(f"{server.url}hanging/", server.serve(small))
    assert fetch.contents(data.entry) == small.contents


def test_notes_need_no_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress.log("a note")
    assert capsys.readouterr().err == "a note\n"
    monkeypatch.setattr(sys, "stderr", None)
    progress.log("a note for nobody")
    assert capsys.readouterr().out == ""


@pytest.fixture
def reviews() -> tuple[Entry, dict[str, bytes]]:
    """A data set of small files with labels and without, and the files of its archive."""
    files = {
        "aclImdb/train/pos/0_9.txt": b"good",
        "aclImdb/test/neg/0_2.txt": b"bad",
        "aclImdb/train/unsup/10_0.txt": b"what",
        "aclImdb/README": b"read me",
    }
    stored = []
    for file in (IMDB.files[0], IMDB.unlabelled):
        assert isinstance(file, Members)
        mine = {name: text for name, text in files.items() if re.fullmatch(file.pattern, name)}
        content = packs.pack(mine)
        stored.append(replace(file, sha256=packs.digest(content), size=len(content)))
    return replace(IMDB, files=(stored[0],), unlabelled=stored[1]), files


def test_an_archive_fills_the_cache_at_one_go(
    cache_folder: Path, server: Server, reviews: tuple[Entry, dict[str, bytes]]
) -> None:
    entry, cached = reviews
    entry = replace(entry, sources=(Archive(f"{server.url}a.tar.gz", 10_000),))
    server.responses["/a.tar.gz"] = tar(cached, "w:gz")
    (content,) = fetch.contents(entry)
    assert sorted(packs.unpack(content).values()) == [b"bad", b"good"]
    assert entry.unlabelled
    (content,) = fetch.contents(entry, files=(entry.unlabelled,))
    assert packs.unpack(content) == {"aclImdb/train/unsup/10_0.txt": b"what"}
    assert server.requested == ["/a.tar.gz"]


def test_an_archive_with_further_texts(
    cache_folder: Path, server: Server, reviews: tuple[Entry, dict[str, bytes]]
) -> None:
    """What was not asked for may be altered; what was asked for may not."""
    entry, cached = reviews
    entry = replace(entry, sources=(Archive(f"{server.url}a.tar.gz", 10_000),))
    server.responses["/a.tar.gz"] = tar(cached | {"aclImdb/train/unsup/10_0.txt": b"else"}, "w:gz")
    notes: list[str] = []
    assert len(fetch.contents(entry, notes.append)) == 1
    assert notes[1].startswith(f"unlabelled.pack of {server.url}a.tar.gz is altered")
    assert entry.unlabelled
    with pytest.raises(
        FetchError, match=r"unlabelled\.pack is missing, and imdb cannot be"
    ) as error:
        fetch.contents(entry, notes.append, (entry.unlabelled,))
    assert error.value.hint.endswith("a folder that contains imdb-unlabelled.tar.xz")
    assert [path.name for path in (cache_folder / "imdb").iterdir()] == ["labelled.pack"]
