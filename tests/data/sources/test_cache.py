from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from small_mnist import Small

from glassnet.data.sources import cache
from glassnet.data.sources.catalogue import MNIST
from glassnet.data.sources.content import BadContent
from glassnet.errors import StorageError


@pytest.mark.parametrize(
    ("glassnet_cache", "xdg_cache_home", "expected"),
    [
        ("/a/b", "/c", "/a/b"),
        ("~/b", None, "/home/of/b"),
        (None, "/c", "/c/glassnet"),
        (None, "relative", "/home/of/.cache/glassnet"),
        ("", "", "/home/of/.cache/glassnet"),
        (None, None, "/home/of/.cache/glassnet"),
    ],
)
def test_the_environment_names_the_folder(
    monkeypatch: pytest.MonkeyPatch,
    glassnet_cache: str | None,
    xdg_cache_home: str | None,
    expected: str,
) -> None:
    chosen = {"GLASSNET_CACHE": glassnet_cache, "XDG_CACHE_HOME": xdg_cache_home}
    for name, value in chosen.items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", "/home/of")
    assert cache.root() == Path(expected)


def test_a_relative_folder_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLASSNET_CACHE", "here")
    assert cache.folder(MNIST) == tmp_path / "here" / "mnist"


def test_nobody_has_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", "~nobody-by-this-name/cache")
    with pytest.raises(StorageError, match="no home folder"):
        cache.root()


def test_only_verified_content_is_cached(cache_folder: Path, small: Small) -> None:
    file, content = small.entry.files[0], small.contents[0]
    assert cache.read(small.entry, file) is None
    with pytest.raises(BadContent, match="the mirror is altered"):
        cache.write(small.entry, file, content[:-1] + b"\xff", "the mirror")
    assert not cache_folder.exists()
    cache.write(small.entry, file, content, "the mirror")
    assert cache.read(small.entry, file) == content
    assert [path.name for path in (cache_folder / "small").iterdir()] == [file.name]


def test_a_data_set_is_cached_if_every_file_has_its_size(cache_folder: Path, small: Small) -> None:
    assert not cache.is_cached(small.entry)
    for file, content in zip(small.entry.files, small.contents, strict=True):
        assert not cache.is_cached(small.entry)
        cache.write(small.entry, file, content, "it")
    assert cache.is_cached(small.entry)
    (cache_folder / "small" / file.name).write_bytes(content[1:])
    assert not cache.is_cached(small.entry)


@pytest.mark.parametrize("damage", ["altered", "truncated", "cannot be read"])
def test_damage_is_found_on_reading(cache_folder: Path, small: Small, damage: str) -> None:
    file, content = small.entry.files[0], small.contents[0]
    path = cache_folder / "small" / file.name
    path.parent.mkdir(parents=True)
    if damage == "altered":
        path.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
    elif damage == "truncated":
        path.write_bytes(content[:1000])
    else:
        path.mkdir()
    with pytest.raises(BadContent, match=damage) as caught:
        cache.read(small.entry, file)
    assert str(caught.value).startswith(str(path))


def test_arrays_are_cached_under_a_key(cache_folder: Path) -> None:
    assert cache.read_arrays("key") is None
    cached = {
        "a": np.arange(6).reshape(2, 3),
        "notes": np.array(["é", ""]),
        "none": np.array([], str),
    }
    cache.write_arrays("key", cached)
    again = cache.read_arrays("key")
    assert again is not None
    assert list(again) == list(cached)
    for name, array in cached.items():
        np.testing.assert_array_equal(again[name], array)
    assert [path.name for path in (cache_folder / "decoded").iterdir()] == ["key.npz"]


def test_what_was_not_used_for_longest_goes_first(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_DECODED", 10_000)
    folder = cache_folder / "decoded"
    for age, key in enumerate(("a", "b", "c")):
        cache.write_arrays(key, {"a": np.zeros(3000, np.uint8)})
        os.utime(folder / f"{key}.npz", (1000 + age, 1000 + age))
    left, fresh = folder / ".1.part", folder / ".2.part"
    left.touch()
    fresh.touch()
    os.utime(left, (1000, 1000))
    assert cache.read_arrays("a") is not None
    cache.write_arrays("d", {"a": np.zeros(3000, np.uint8)})
    assert {path.name for path in folder.iterdir()} == {"a.npz", "c.npz", "d.npz", ".2.part"}
    cache.write_arrays("e", {"a": np.zeros(20_000, np.uint8)})
    assert {path.name for path in folder.iterdir()} == {"e.npz", ".2.part"}


def test_damaged_arrays_are_none(cache_folder: Path) -> None:
    cache.write_arrays("key", {"a": np.zeros(1000)})
    path = cache_folder / "decoded" / "key.npz"
    whole = path.read_bytes()
    altered = whole[:4000] + b"x" + whole[4001:]
    for content in (b"", whole[:3000], altered, b"no zip"):
        path.write_bytes(content)
        assert cache.read_arrays("key") is None


def test_arrays_that_cannot_be_cached(cache_folder: Path) -> None:
    cache_folder.write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        cache.write_arrays("key", {"a": np.zeros(3)})
