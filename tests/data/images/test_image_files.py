from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassnet.data.images import image_files
from glassnet.data.images.image_files import Header, read_header, read_images
from glassnet.errors import DataError

GREY = np.arange(12 * 10, dtype=np.uint8).reshape(12, 10) * 2


def saved(path: Path, pixels: np.ndarray, mode: str | None = None, **options: Any) -> Path:
    Image.fromarray(pixels, mode).save(path, **options)
    return path


def test_a_grey_image_of_the_right_size_is_read_as_it_is(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", GREY)
    read = read_images([path, path], (1, 12, 10))
    assert read.shape == (2, 12, 10)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read[1], GREY)


def test_grey_for_a_network_of_colours_and_colour_for_one_of_grey(tmp_path: Path) -> None:
    grey = read_images([saved(tmp_path / "a.png", GREY)], (3, 12, 10))
    np.testing.assert_array_equal(grey[0], np.repeat(GREY[:, :, None], 3, axis=2))
    red = np.zeros((12, 10, 3), np.uint8)
    red[..., 0] = 200
    np.testing.assert_array_equal(
        read_images([saved(tmp_path / "b.png", red)], (3, 12, 10))[0], red
    )
    assert set(read_images([tmp_path / "b.png"], (1, 12, 10)).ravel()) == {round(0.299 * 200)}


def test_another_size_is_resampled(tmp_path: Path) -> None:
    flat = np.full((50, 80), 90, np.uint8)
    assert (read_images([saved(tmp_path / "a.png", flat)], (1, 12, 10)) == 90).all()


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)  # a black drawing on clear ground
    pixels[0, 0, 3] = 255
    read = read_images([saved(tmp_path / "a.png", pixels)], (1, 4, 4))[0]
    assert read[0, 0] == 0
    assert (read.flatten()[1:] == 255).all()


def test_a_drawing_in_white_lies_on_black(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[...] = (255, 255, 255, 0)
    pixels[0, 0, 3] = 255
    read = read_images([saved(tmp_path / "a.png", pixels)], (1, 4, 4))[0]
    assert read[0, 0] == 255
    assert read.sum() == 255


def test_sixteen_bits_and_one_bit(tmp_path: Path) -> None:
    wide = np.array([[0, 65535], [32768, 257]], np.uint16)
    read = read_images([saved(tmp_path / "a.png", wide)], (1, 2, 2))[0]
    np.testing.assert_array_equal(read, [[0, 255], [128, 1]])
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_images([tmp_path / "b.png"], (1, 1, 2))[0], [[255, 0]])


def test_a_dark_image_of_sixteen_bits_stays_dark(tmp_path: Path) -> None:
    """How bright a file of a data set is read must not depend on its own brightest pixel."""
    dark, light = np.full((2, 2), 200, np.uint16), np.full((2, 2), 300, np.uint16)
    paths = [saved(tmp_path / "a.png", dark), saved(tmp_path / "b.png", light)]
    first, second = read_images(paths, (1, 2, 2), {"integers": (0, 400)})
    assert (first == 128).all()
    assert (second == 191).all()


def test_exif_turns_the_image(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(
        read_images([tmp_path / "a.png"], (1, 10, 12))[0], np.rot90(GREY, k=-1)
    )


LOSSY = ("jpg", "webp")


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tiff", "gif"])
def test_the_usual_formats(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"a.{ending}", np.full((16, 16), 100, np.uint8))
    pixels = read_images([path], (1, 16, 16))
    assert pixels == pytest.approx(100, abs=ending in LOSSY)


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no image")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    whole = saved(tmp_path / "b.png", np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:2000])
    for name, cause in (
        ("a.png", "unknown image format"),
        ("empty.png", "empty file"),
        ("folder.png", "Is a directory"),
        ("half.png", "image file is truncated"),
    ):
        with pytest.raises(DataError, match=f"{name}: {cause}"):
            read_images([tmp_path / name], (1, 8, 8))
    with pytest.raises(DataError, match=r"none\.png: there is no such file"):
        read_images([tmp_path / "none.png"], (1, 8, 8))


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_files, "MAX_PIXELS", 100)
    path = saved(tmp_path / "a.png", GREY)
    path.write_bytes(path.read_bytes()[:60])  # its pixels are gone: only the header can be read
    with pytest.raises(DataError, match="10 x 12 pixels are too many"):
        read_images([path], (1, 12, 10))


def test_an_image_beyond_pillows_own_limit_gives_the_error_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow itself warns from its limit to twice as many pixels, and then raises."""
    monkeypatch.setattr(image_files, "MAX_PIXELS", 80)
    path = saved(tmp_path / "a.png", GREY)
    for limit in (100, 50):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(DataError):
            read_images([path], (1, 12, 10))


def test_no_files_give_no_images() -> None:
    assert read_images([], (1, 12, 10)).shape == (0, 12, 10)


def test_the_aspect_is_kept_and_the_edges_are_cut(tmp_path: Path) -> None:
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, :40, 0], wide[:, 40:80, 1], wide[:, 80:, 2] = 255, 255, 255
    for name, pixels in (("wide.png", wide), ("high.png", wide.transpose(1, 0, 2))):
        read = read_images([saved(tmp_path / name, pixels)], (3, 20, 20))[0]
        assert (read[4:-4, 4:-4] == (0, 255, 0)).all()


@pytest.mark.parametrize("size", [(4000, 3000), (1000, 1), (1, 1000), (3, 7)])
def test_any_aspect_fits_any_shape(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 77).save(tmp_path / "a.png")
    assert (read_images([tmp_path / "a.png"], (1, 13, 29)) == 77).all()


def test_a_large_jpeg_is_read_as_if_decoded_whole(tmp_path: Path) -> None:
    coarse = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    photo = Image.fromarray(coarse).resize((2000, 1500), Image.Resampling.BICUBIC)
    photo.save(tmp_path / "a.jpg", quality=95)
    whole = Image.open(tmp_path / "a.jpg").resize((40, 30), Image.Resampling.LANCZOS)
    read = read_images([tmp_path / "a.jpg"], (3, 30, 40))[0].astype(int)
    assert np.abs(read - np.asarray(whole)).max() <= 4


def test_the_first_image_of_an_animated_file_is_read(tmp_path: Path) -> None:
    first, second = (Image.new("L", (8, 8), value) for value in (200, 10))
    for ending in ("gif", "webp", "png", "tiff"):
        path = tmp_path / f"a.{ending}"
        first.save(path, save_all=True, append_images=[second])
        assert read_images([path], (1, 8, 8)) == pytest.approx(200, abs=ending in LOSSY)


def test_only_the_formats_that_are_named(tmp_path: Path) -> None:
    """EPS, for one, would start a program."""
    Image.new("RGB", (8, 8)).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    with pytest.raises(DataError, match="unknown image format"):
        read_images([tmp_path / "a.png"], (1, 8, 8))


@pytest.mark.parametrize("kind", ["tga", "pcx", "ico", "sgi"])
def test_formats_that_only_pillow_knows_are_refused(tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "a.png", format=kind)
    with pytest.raises(DataError, match="unknown image format"):
        read_header(tmp_path / "a.png")


@pytest.mark.parametrize("n", [1, 2])
def test_a_header_tells_an_animation_from_an_image(tmp_path: Path, n: int) -> None:
    first, *more = (Image.new("L", (8, 8), 100 * k) for k in range(n))
    first.save(tmp_path / "a.gif", save_all=True, append_images=more)
    assert read_header(tmp_path / "a.gif").animated is (n > 1)


def test_a_header_has_the_upright_size_and_whether_there_is_colour(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    for ending in ("png", "jpg", "webp"):
        path = tmp_path / f"a.{ending}"
        Image.fromarray(GREY).convert("RGB").save(path, exif=exif)
        assert read_header(path) == Header(12, 10, grey=False)
        assert read_images([path], (3, 10, 12)).shape == (1, 10, 12, 3)
    assert read_header(saved(tmp_path / "b.png", GREY)) == Header(10, 12, grey=True)


def test_a_palette_of_greys_has_no_colour(tmp_path: Path) -> None:
    grey = Image.fromarray(GREY)
    grey.convert("P").save(tmp_path / "grey.png")
    grey.save(tmp_path / "grey.gif")
    Image.new("RGB", (10, 12), (9, 8, 7)).quantize(4).save(tmp_path / "colour.png")
    assert read_header(tmp_path / "grey.png").grey
    assert read_header(tmp_path / "grey.gif").grey
    assert not read_header(tmp_path / "colour.png").grey
    np.testing.assert_array_equal(read_images([tmp_path / "grey.gif"], (1, 12, 10))[0], GREY)


def test_pillows_warnings_stay_with_pillow(tmp_path: Path) -> None:
    """A palette with transparent bytes makes Pillow warn, and warnings are errors here."""
    image = Image.new("P", (8, 8))
    image.putpalette([10, 200, 30] * 256)
    image.save(tmp_path / "a.png", transparency=bytes([255] * 256))
    assert read_images([tmp_path / "a.png"], (3, 8, 8))[0, 0, 0].tolist() == [10, 200, 30]
