from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet.data import images
from glassnet.data.images import read_as
from glassnet.errors import DataError

GREY = np.arange(12 * 10, dtype=np.uint8).reshape(12, 10) * 2


def saved(path: Path, pixels: np.ndarray, mode: str | None = None, **options: object) -> Path:
    Image.fromarray(pixels, mode).save(path, **options)
    return path


def test_a_grey_image_of_the_right_size_is_read_as_it_is(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", GREY)
    read = read_as([path, path], (1, 12, 10))
    assert read.shape == (2, 12, 10)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read[1], GREY)


def test_grey_for_a_network_of_colours_and_colour_for_one_of_grey(tmp_path: Path) -> None:
    grey = read_as([saved(tmp_path / "a.png", GREY)], (3, 12, 10))
    np.testing.assert_array_equal(grey[0], np.repeat(GREY[:, :, None], 3, axis=2))
    red = np.zeros((12, 10, 3), np.uint8)
    red[..., 0] = 200
    np.testing.assert_array_equal(read_as([saved(tmp_path / "b.png", red)], (3, 12, 10))[0], red)
    assert set(read_as([tmp_path / "b.png"], (1, 12, 10)).ravel()) == {round(0.299 * 200)}


def test_another_size_is_resampled(tmp_path: Path) -> None:
    flat = np.full((50, 80), 90, np.uint8)
    assert (read_as([saved(tmp_path / "a.png", flat)], (1, 12, 10)) == 90).all()


def test_transparency_lies_on_black(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[...] = (255, 255, 255, 0)
    pixels[0, 0, 3] = 255
    read = read_as([saved(tmp_path / "a.png", pixels)], (1, 4, 4))[0]
    assert read[0, 0] == 255
    assert read.sum() == 255


def test_sixteen_bits_and_one_bit(tmp_path: Path) -> None:
    wide = np.array([[0, 65535], [32768, 257]], np.uint16)
    read = read_as([saved(tmp_path / "a.png", wide)], (1, 2, 2))[0]
    np.testing.assert_array_equal(read, [[0, 255], [128, 1]])
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_as([tmp_path / "b.png"], (1, 1, 2))[0], [[255, 0]])


def test_a_dark_image_of_sixteen_bits_stays_dark(tmp_path: Path) -> None:
    """How bright a file is read must not depend on its brightest pixel."""
    dark, light = np.full((2, 2), 200, np.uint16), np.full((2, 2), 300, np.uint16)
    first = read_as([saved(tmp_path / "a.png", dark)], (1, 2, 2)).max()
    second = read_as([saved(tmp_path / "b.png", light)], (1, 2, 2)).max()
    assert first <= second


def test_exif_turns_the_image(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(
        read_as([tmp_path / "a.png"], (1, 10, 12))[0], np.rot90(GREY, k=-1)
    )


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tiff", "gif"])
def test_the_usual_formats(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"a.{ending}", np.full((16, 16), 100, np.uint8))
    assert abs(int(read_as([path], (1, 16, 16)).mean()) - 100) <= 2


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no image")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    whole = saved(tmp_path / "b.png", np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:2000])
    for name in ("a.png", "empty.png", "folder.png", "half.png"):
        with pytest.raises(DataError, match=f"{name}: cannot be read as an image"):
            read_as([tmp_path / name], (1, 8, 8))
    with pytest.raises(DataError, match=r"none\.png: there is no such file"):
        read_as([tmp_path / "none.png"], (1, 8, 8))


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 100)
    path = saved(tmp_path / "a.png", GREY)
    path.write_bytes(path.read_bytes()[:60])  # its pixels are gone: only the header can be read
    with pytest.raises(DataError, match="10 x 12 pixels are too many"):
        read_as([path], (1, 12, 10))


def test_an_image_beyond_pillows_own_limit_gives_the_error_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow itself warns from its limit to twice as many pixels, and then raises."""
    monkeypatch.setattr(images, "MAX_PIXELS", 80)
    path = saved(tmp_path / "a.png", GREY)
    for limit in (100, 50):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(DataError):
            read_as([path], (1, 12, 10))


def test_no_files_give_no_images() -> None:
    assert read_as([], (1, 12, 10)).shape == (0, 12, 10)
