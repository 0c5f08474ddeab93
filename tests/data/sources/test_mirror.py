from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from small_mnist import Reply, Server, Small
from text_samples import tar

from glassnet.data.sources import mirror, packs
from glassnet.data.sources.catalogue import Members
from glassnet.data.sources.content import BadContent


def test_a_folder_gives_gzipped_files_and_plain_ones(tmp_path: Path, small: Small) -> None:
    folder = small.mirrored(tmp_path)
    first, second = small.entry.files[:2]
    (folder / f"{second.name}.gz").unlink()
    (folder / second.name).write_bytes(small.contents[1])
    assert mirror.copy(folder, first) == (str(folder / f"{first.name}.gz"), small.contents[0])
    assert mirror.copy(folder, second) == (str(folder / second.name), small.contents[1])


@pytest.mark.parametrize(
    ("folder", "reason"), [("missing", "No such file"), ("long" * 100, "File name too long")]
)
def test_a_folder_that_is_not_there(tmp_path: Path, small: Small, folder: str, reason: str) -> None:
    with pytest.raises(BadContent, match=rf"ubyte\.gz cannot be read \({reason}"):
        mirror.copy(tmp_path / folder, small.entry.files[0])


@pytest.fixture
def members() -> tuple[Members, bytes]:
    """Two small files as one, and what they are kept as."""
    files = {"set/0.txt": b"one", "set/1.txt": b"two"}
    content = packs.pack(files)
    return Members(
        "x.pack", packs.digest(content), len(content), "x.tar.xz", "set/[01].txt"
    ), content


TAR = tar({"set/0.txt": b"one", "set/1.txt": b"two", "set/README": b"hello"})


@pytest.mark.parametrize("place", ["x.tar.xz", "set/x.tar.xz", "set/x.pack", "set/x.pack.gz"])
def test_where_a_folder_may_have_an_archive(
    tmp_path: Path, members: tuple[Members, bytes], place: str
) -> None:
    file, content = members
    (tmp_path / "set").mkdir()
    cached = TAR if place.endswith("xz") else content
    (tmp_path / place).write_bytes(gzip.compress(cached) if place.endswith("gz") else cached)
    assert mirror.copy(tmp_path / "set", file) == (str(tmp_path / place), content)


def test_an_archive_that_is_not_there(tmp_path: Path, members: tuple[Members, bytes]) -> None:
    with pytest.raises(BadContent, match=rf"^{tmp_path}/x\.tar\.xz cannot be read \(No such file"):
        mirror.copy(tmp_path / "set", members[0])


def test_an_archive_is_downloaded(server: Server, members: tuple[Members, bytes]) -> None:
    file, content = members
    server.responses["/set/x.tar.xz"] = TAR
    assert mirror.download(f"{server.url}set/", file) == (f"{server.url}set/x.tar.xz", content)
    server.responses["/set/x.tar.xz"] = TAR[:100]
    with pytest.raises(BadContent, match=r"x\.tar\.xz is damaged or truncated"):
        mirror.download(f"{server.url}set/", file)


def test_an_archive_that_is_too_large_is_refused(
    server: Server, members: tuple[Members, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "TAR_LIMIT", 100)
    server.responses["/set/x.tar.xz"] = TAR
    with pytest.raises(BadContent, match="is longer than 100 bytes"):
        mirror.download(f"{server.url}set/", members[0])


def test_a_download(server: Server, small: Small) -> None:
    base = server.serve(small)
    origin, content = mirror.download(base, small.entry.files[0])
    assert content == small.contents[0]
    assert origin == f"{base}train-images-idx3-ubyte.gz"


def test_a_password_in_a_url_is_used_but_never_printed(server: Server, small: Small) -> None:
    headers: list[str | None] = []

    def reply(request: BaseHTTPRequestHandler) -> None:
        headers.append(request.headers["Authorization"])
        request.send_error(403)

    server.responses["/small/train-images-idx3-ubyte.gz"] = reply
    base = server.url.replace("//", "//me:secret@") + "small/"
    with pytest.raises(BadContent, match=r"is refused \(HTTP 403\)") as caught:
        mirror.download(base, small.entry.files[0])
    assert "secret" not in str(caught.value)
    assert headers[0]
    assert headers[0].startswith("Basic ")


def _promising_more(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(gzip.compress(bytes(100)))


def _endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(bytes(1 << 16))
    except OSError:
        pass


def _closing(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


def _talking_nonsense(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (None, r"is refused \(HTTP 404\)"),
        (_promising_more, "is truncated"),
        (_endless, "is longer than [0-9,]+ bytes"),
        (_closing, "does not respond"),
        (_talking_nonsense, "cannot be downloaded"),
        (gzip.compress(bytes(10_000_000), mtime=0), "is longer than 784,016 bytes"),
        (gzip.compress(bytes(1000), mtime=0)[:-4], "is truncated"),
        (b"\x1f\x8b" + bytes(100), "is damaged gzip"),
    ],
)
def test_the_fault_of_a_server_is_one_sentence(
    server: Server, small: Small, reply: bytes | Reply | None, reason: str
) -> None:
    if reply is not None:
        server.responses["/small/train-images-idx3-ubyte.gz"] = reply
    with pytest.raises(BadContent, match=f"ubyte.gz {reason}"):
        mirror.download(f"{server.url}small/", small.entry.files[0])


@pytest.mark.parametrize("headers_first", [False, True])
def test_a_server_that_hangs_times_out(
    server: Server, small: Small, monkeypatch: pytest.MonkeyPatch, headers_first: bool
) -> None:
    def hang(request: BaseHTTPRequestHandler) -> None:
        if headers_first:
            request.send_response(200)
            request.end_headers()
            request.wfile.flush()
        server.released.wait(10)

    monkeypatch.setattr(mirror, "TIMEOUT", (0.2, 0.2))
    server.responses["/small/train-images-idx3-ubyte.gz"] = hang
    with pytest.raises(BadContent, match="does not respond"):
        mirror.download(f"{server.url}small/", small.entry.files[0])


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9/", "http://[bad/", "http:///x/", "http://a b/"]
)
def test_a_url_without_a_server(small: Small, base: str) -> None:
    with pytest.raises(BadContent, match=r"does not respond|cannot be downloaded"):
        mirror.download(base, small.entry.files[0])
