from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from image_samples import class_folders, save_noise, truncate
from PIL import Image

from glassnet.data.folders import find
from glassnet.data.images import decode, image_files
from glassnet.data.pool import Pool
from glassnet.data.sources import cache
from glassnet.errors import DataError

pytestmark = pytest.mark.usefixtures("cache_folder")
Capture = pytest.CaptureFixture[str]


def read(root: Path, image_size: int | None = None, colour: str | None = None) -> Pool:
    return decode.read_listing(find(root.resolve()), image_size, colour)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder beside the cache."""
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


@pytest.fixture
def photos(folder: Path) -> Path:
    return class_folders(folder, "cat", "dog")


def test_grey_images_of_one_size_are_unchanged(photos: Path, capsys: Capture) -> None:
    pool = read(photos)
    assert pool.inputs.shape == (10, 12, 12)
    assert pool.inputs.dtype == np.uint8
    np.testing.assert_array_equal(pool.inputs[7], np.asarray(Image.open(photos / "dog" / "2.png")))
    assert pool.labels == ("cat",) * 5 + ("dog",) * 5
    assert pool.splits == ("train",) * 10
    np.testing.assert_array_equal(pool.ids, np.arange(10))
    assert capsys.readouterr().err == ""


def test_one_image_in_colour_converts_all_to_colour(photos: Path) -> None:
    save_noise(photos / "cat" / "c.png", mode="RGB")
    assert read(photos).inputs.shape == (11, 12, 12, 3)
    assert read(photos, colour="grey").inputs.shape == (11, 12, 12)


def test_grey_can_be_read_as_colour(photos: Path) -> None:
    inputs = read(photos, colour="rgb").inputs
    np.testing.assert_array_equal(inputs[..., 0], read(photos).inputs)
    np.testing.assert_array_equal(inputs[..., 2], read(photos).inputs)


def test_every_mode_that_is_grey(folder: Path) -> None:
    grey = Image.fromarray(np.arange(144, dtype=np.uint8).reshape(12, 12))
    for mode in ("1", "L", "LA", "I;16"):
        grey.convert(mode).save(folder / f"{mode[0]}{len(mode)}.png")
    grey.convert("F").save(folder / "f.tiff")
    grey.save(folder / "g.gif")
    grey.save(folder / "g.jpg")
    assert read(folder).inputs.shape == (7, 12, 12)


@pytest.mark.parametrize("mode", ["P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_every_mode_that_is_colour(folder: Path, mode: str) -> None:
    image = Image.new("RGB", (12, 12), (250, 100, 20))
    ending = "jpg" if mode in {"CMYK", "YCbCr"} else "tiff" if mode == "PA" else "png"
    image = image.convert("P").convert("PA") if mode == "PA" else image.convert(mode)
    image.save(folder / f"a.{ending}")
    inputs = read(folder).inputs
    assert inputs.shape == (1, 12, 12, 3)
    # The palette has steps of 51; JPEG rounds.
    tolerance = {"P": 25, "PA": 25, "CMYK": 3, "YCbCr": 3}.get(mode, 0)
    np.testing.assert_allclose(inputs[0, 6, 6], (250, 100, 20), rtol=0, atol=tolerance)


def test_different_sizes_are_reported(folder: Path, capsys: Capture) -> None:
    save_noise(folder / "a.png", (80, 40))
    save_noise(folder / "b.png", (40, 90))
    assert read(folder).inputs.shape == (2, 40, 40)
    assert capsys.readouterr().err == (
        "2 images of 2 sizes (80 x 40 to 40 x 90) resized to 40 x 40 pixels and cropped; "
        "--image-size changes it\n"
        "1 image cropped by more than 50 % of the area: b.png (40 x 90)\n"
    )
    assert read(folder, image_size=8).inputs.shape == (2, 8, 8)


def test_images_are_decoded_only_once(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    save_noise(photos / "cat" / "large.png", (30, 20))
    truncate(save_noise(photos / "cat" / "half.png", (30, 20)))
    first, record = read(photos), capsys.readouterr().err
    assert len(record.splitlines()) == 2
    for name in ("read_image", "read_header"):
        monkeypatch.setattr(image_files, name, None)
    again = read(photos)
    np.testing.assert_array_equal(again.inputs, first.inputs)
    np.testing.assert_array_equal(again.ids, first.ids)
    assert (again.labels, again.splits) == (first.labels, first.splits)
    assert again.fingerprint == first.fingerprint
    assert capsys.readouterr().err == record
    with pytest.raises(TypeError):
        read(photos, image_size=9)


def test_a_damaged_cache_is_rewritten(photos: Path, cache_folder: Path) -> None:
    first = read(photos)
    (cached,) = (cache_folder / "decoded").iterdir()
    truncate(cached)
    np.testing.assert_array_equal(read(photos).inputs, first.inputs)
    assert [path.name for path in (cache_folder / "decoded").iterdir()] == [cached.name]
    assert cache.read_arrays(cached.stem) is not None


def test_a_cache_that_cannot_be_written_is_not_an_error(
    photos: Path, cache_folder: Path, capsys: Capture
) -> None:
    cache_folder.write_text("in the way")
    assert len(read(photos).inputs) == 10
    assert "decoded images are not cached" in capsys.readouterr().err


def test_the_fingerprint_depends_on_the_content(photos: Path, tmp_path: Path) -> None:
    before = read(photos).fingerprint
    photos.rename(tmp_path / "moved")
    photos = tmp_path / "moved"
    (photos / "cat" / "notes.txt").write_text("no image")
    assert read(photos).fingerprint == before
    assert read(photos, image_size=12).fingerprint == before  # the size that they have
    assert (
        len(
            {
                before,
                read(photos, image_size=10).fingerprint,
                read(photos, colour="rgb").fingerprint,
            }
        )
        == 3
    )
    (photos / "cat").rename(photos / "lion")
    renamed = read(photos).fingerprint
    save_noise(photos / "lion" / "0.png", seed=99)
    assert len({before, renamed, read(photos).fingerprint}) == 3


def test_damaged_images_are_left_out_and_named(photos: Path, capsys: Capture) -> None:
    for name in ("cat/0.png", "cat/3.png"):
        truncate(photos / name)
    (photos / "dog" / "1.png").write_bytes(b"no image at all")
    (photos / "dog" / "4.png").write_bytes(b"")
    pool = read(photos)
    assert pool.ids.tolist() == [1, 2, 4, 5, 7, 8]
    assert pool.labels == ("cat",) * 3 + ("dog",) * 3
    assert capsys.readouterr().err == (
        "4 of 10 images cannot be read and are left out: cat/0.png (image file is truncated), "
        "cat/3.png (image file is truncated), dog/1.png (unknown image format) and 1 more\n"
    )


def test_an_image_with_too_many_pixels_is_left_out(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(image_files, "MAX_PIXELS", 200)
    save_noise(photos / "cat" / "huge.png", (20, 20))
    assert len(read(photos).inputs) == 10
    assert "left out: cat/huge.png" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["header", "pixels"])
def test_more_than_half_damaged_is_refused(photos: Path, how: str) -> None:
    for name in ("cat/0", "cat/1", "cat/2", "dog/0", "dog/1", "dog/2"):
        path = photos / f"{name}.png"
        truncate(path) if how == "pixels" else path.write_bytes(b"")
    with pytest.raises(DataError, match=r"6 of 10 images cannot be read: cat/0\.png \("):
        read(photos)


def test_a_class_without_readable_images_is_reported(photos: Path, capsys: Capture) -> None:
    for path in (photos / "dog").iterdir():
        truncate(path)
    with pytest.raises(DataError, match=r"none of the train images of the class 'dog' can be read"):
        read(photos)
    class_folders(photos, "lion")
    assert set(read(photos).labels) == {"cat", "lion"}
    record = "none of the train images of the class 'dog' can be read\n"
    assert capsys.readouterr().err.endswith(record)


def test_no_readable_image_is_refused(photos: Path) -> None:
    for path in photos.glob("*/*"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the images can be read: cat/0\.png \(empty fil"):
        read(photos)


def test_reductions_are_reported(photos: Path, capsys: Capture) -> None:
    grey = Image.new("L", (12, 12), 40)
    grey.save(photos / "cat" / "film.gif", save_all=True, append_images=[Image.new("L", (12, 12))])
    grey.convert("LA").save(photos / "cat" / "glass.png")
    Image.fromarray(np.full((12, 12), 9000, np.uint16)).save(photos / "dog" / "deep.png")
    for _ in ("decoded", "from the cache"):
        read(photos)
        assert capsys.readouterr().err.splitlines() == [
            "1 image with several frames, of which the first is read: cat/film.gif",
            "1 image with transparency, composited on white (or on black if drawn in white): "
            "cat/glass.png",
            "1 image with more than 8 bits per channel: values reach 9,000 of 65,535; scaled by "
            "9,000: dog/deep.png",
            "images of several types of values (1 integers, 12 images of 8 bits), each scaled "
            "by its own range",
        ]


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tiff", "gif"])
def test_random_damage_never_fails(folder: Path, ending: str) -> None:
    whole = save_noise(folder / f"whole.{ending}", (24, 24), "RGB").read_bytes()
    random = np.random.default_rng(0)
    for k in range(60):
        torn = bytearray(whole)
        for place in random.integers(0, len(whole), 6):
            torn[place] = random.integers(256)
        save_noise(folder / f"sound{k}.png", (24, 24), seed=k)
        (folder / f"torn{k}.{ending}").write_bytes(torn[: random.integers(1, len(whole) + 1)])
    assert len(read(folder).inputs) >= 61
