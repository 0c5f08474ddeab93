"""The user's own data on the page: uploaded, refused, checked, trained on and deleted."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from serving import Answer, Site, served

from glassnet import png
from glassnet.runs.folder import Run
from glassnet.web import trainings, uploads


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def site(root: Path) -> Iterator[Site]:
    with served(root) as site:
        yield site


def begun(site: Site, name: str = "photos") -> str:
    answer = site.ask("/api/uploads", {"name": name})
    assert answer.status == 201, answer.body
    return str(answer.json["upload"])


def put(site: Site, upload: str, path: str, content: bytes) -> Answer:
    return site.ask(f"/api/uploads/{upload}/files/{quote(path)}", content, "PUT")


def uploaded(site: Site, name: str, files: dict[str, bytes]) -> Answer:
    upload = begun(site, name)
    for path, content in files.items():
        assert put(site, upload, path, content).status == 201
    return site.ask(f"/api/uploads/{upload}/check", {})


def photos(n: int = 12) -> dict[str, bytes]:
    """Noise, brighter in one class than in the other."""
    random = np.random.default_rng(0)
    return {
        f"{name}/{k}.png": png.encode(random.integers(low, low + 100, (12, 12), dtype=np.uint8))
        for name, low in (("dark", 0), ("light", 150))
        for k in range(n)
    }


def test_a_folder_is_checked_before_anything_is_trained(site: Site, root: Path) -> None:
    files = photos() | {"dark/broken.png": b"no image", "light/copy.png": photos()["light/0.png"]}
    report = uploaded(site, "my photos", files).json
    assert report["upload"] == "my-photos"
    assert report["folder"] == str(root.resolve() / "uploads" / "my-photos")
    assert (report["trainable"], report["modality"]) == (True, "images")
    assert report["classes"] == ["dark", "light"]
    unreadable = next(each for each in report["problems"] if each["kind"] == "unreadable")
    assert "dark/broken.png" in unreadable["examples"][0]["text"]
    assert unreadable["examples"][0]["image"] == ""
    copies = next(each for each in report["problems"] if each["kind"] == "duplicates")
    assert all(each["image"].startswith("data:image/png;base64,") for each in copies["examples"])
    assert [path.name for path in root.iterdir()] == ["uploads"]
    (listed,) = site.ask("/api/uploads").json
    assert listed["upload"] == "my-photos"
    assert site.ask("/api/uploads/my-photos/delete", {}).status == 200
    assert site.ask("/api/uploads").json == []
    assert list((root / "uploads").iterdir()) == []


def test_rows_of_a_table_are_shown(site: Site) -> None:
    rows = [f"text number {k} is {word},{word}" for k in range(20) for word in ("good", "bad")]
    table = "\n".join(["text,label", *rows, "a text without a label,", ",good"]) + "\n"
    report = uploaded(site, "reviews.csv", {"reviews.csv": table.encode()}).json
    assert (report["upload"], report["modality"]) == ("reviews", "texts")
    assert report["folder"].endswith("reviews.csv")
    lines = [each["line"] for problem in report["problems"] for each in problem["examples"]]
    assert "a text without a label," in lines


def test_an_upload_is_trained_on(
    site: Site, root: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainings, "PROGRAM", (sys.executable, str(launcher)))
    upload = uploaded(site, "photos", photos()).json["upload"]
    options = {"epochs": 1, "batch_size": 8, "channels": [4, 4, 4], "device": "cpu"}
    answer = site.ask("/api/train", {"task": "cnn", "upload": upload, "options": options})
    assert answer.json["run"] == "cnn-photos", answer.json
    end = time.monotonic() + 300
    while not (root / "cnn-photos" / "run.json").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    assert Run.open(root / "cnn-photos").info["data"]["class_names"] == ["dark", "light"]


@pytest.mark.parametrize(
    "path",
    [
        *("../a.png", "a/../../b.png", "/etc/passwd", "a//b.png", "a/./b.png", ".hidden"),
        *("a\0b.png", "a\nb.png", "a\\b.png", "C:/a.png", "con", "a/NUL.png", "x" * 201),
        "/".join("abcdefghi"),
    ],
)
def test_no_path_leaves_the_upload(site: Site, root: Path, path: str) -> None:
    upload = begun(site)
    answer = put(site, upload, path, b"content")
    assert answer.status in (400, 404), path
    files = [each for each in root.rglob("*") if each.is_file()]
    assert files == []
    assert [each.name for each in root.parent.iterdir()] == ["runs"]


@pytest.mark.parametrize("upload", ["none", "..", "%2e%2e", "..%2fsecret", ".hidden"])
def test_nothing_else_is_an_upload(site: Site, root: Path, upload: str) -> None:
    (root / "uploads" / ".hidden").mkdir(parents=True)
    (root / "secret").mkdir()
    for action in ("check", "delete"):
        assert site.ask(f"/api/uploads/{upload}/{action}", {}).status in (404, 405)
    assert site.ask("/api/train", {"task": "cnn", "upload": upload}).status == 404
    assert (root / "secret").is_dir()


def test_an_upload_is_limited(site: Site, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 3)
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    upload = begun(site)
    assert put(site, upload, "a.txt", bytes(600)).status == 201
    assert put(site, upload, "a.txt", bytes(1)).status == 400
    refused = put(site, upload, "b.txt", bytes(600))
    assert refused.status == 400
    assert "GiB" in refused.json["error"]
    assert "more than 3 files" in put(site, upload, "c.txt", b"").json["error"]
    assert [each.name for each in root.rglob("*.txt")] == ["a.txt"]
    for _ in range(uploads.MAX_OPEN - 1):
        begun(site)
    assert "not complete" in site.ask("/api/uploads", {"name": "one more"}).json["error"]
    monkeypatch.setattr(uploads, "MAX_IDLE", -1.0)
    begun(site)


def test_what_was_not_completed_is_removed(root: Path) -> None:
    with served(root) as site:
        upload = begun(site)
        assert put(site, upload, "a.png", b"content").status == 201
        assert site.ask("/api/uploads").json == []
        with socket.create_connection(("127.0.0.1", site.port)) as cut:
            cut.sendall(
                f"PUT /api/uploads/{upload}/files/cut.png HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{site.port}\r\nContent-Length: 1000\r\n\r\nhalf".encode()
            )
        end = time.monotonic() + 60
        while list(root.rglob("cut.png")):
            assert time.monotonic() < end
            time.sleep(0.05)
    assert list((root / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "files", "message"),
    [
        ("empty", {"notes.bin": b"\0\1"}, "no images or texts"),
        ("broken.csv", {"broken.csv": b"\xff\xfe\0garbage"}, ""),
        ("one", {"cats/1.png": b"not an image", "dogs/2.png": b"neither"}, ""),
    ],
)
def test_data_that_cannot_be_used(
    site: Site, name: str, files: dict[str, bytes], message: str
) -> None:
    """Two lines of an error, or a report that says what is wrong."""
    answer = uploaded(site, name, files)
    content: dict[str, Any] = json.loads(answer.body)
    if answer.status == 200:
        assert not content["trainable"]
        assert all(each["hint"] for each in content["problems"] if each["severity"] == "refusal")
    else:
        assert answer.status == 400
        assert message in content["error"]
        assert content["hint"]
    assert "Traceback" not in answer.body.decode()


def test_other_sites_cannot_upload(site: Site) -> None:
    assert site.ask("/api/uploads", {"name": "a"}, Origin="http://evil.example").status == 403
    upload = begun(site)
    path = f"/api/uploads/{upload}/files/a.png"
    assert site.ask(path, b"a", "PUT", Sec_Fetch_Site="cross-site").status == 403
