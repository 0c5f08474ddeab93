from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet.cli.data import command, list_, show
from glassnet.data.images.load import load_images
from glassnet.data.sources.catalogue import CATALOGUE
from glassnet.errors import DataError, StorageError, UsageError

Capture = pytest.CaptureFixture[str]


def test_list_is_a_table(capsys: Capture) -> None:
    list_()
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "content", "examples", "size", "licence", "cached"]
    assert re.match("mnist +handwritten digits +60,000 [+] 10,000 +55 MB +CC BY-SA 3.0", rows[0])
    assert [row.split()[0] for row in rows] == list(CATALOGUE)
    assert re.match("imdb +film reviews +25,000 [+] 25,000 +67 MB +none stated", rows[3])
    assert max(map(len, [header, *rows])) <= 80


def test_list_shows_what_is_cached(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_images("mnist", seed=0)
    list_(json=True)
    assert json.loads(capsys.readouterr().out)[0]["cached"] is True
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path))
    list_(json=True)
    assert [row["cached"] for row in json.loads(capsys.readouterr().out)] == [False] * 4
    list_()
    assert capsys.readouterr().out.count(" no\n") == 4


def test_show_prints_everything_within_80_columns(capsys: Capture) -> None:
    show("mnist")
    shown = capsys.readouterr().out
    for expected in (
        "CC BY-SA 3.0",
        "Gradient-based learning",
        "http://yann.lecun.com/exdb/mnist/",
        "55,000 train, 5,000 valid",
        "28 x 28 uint8",
        "54,950,048 bytes",
        "198397ea33e44fa2e19b4159a47fee5058c14eef752539aff5eaf8b0964be2d8",
    ):
        assert expected in shown
    # A long path is not broken, so that it can be copied.
    assert max(len(line) for line in shown.splitlines() if "cached in" not in line) <= 80
    assert re.search(r"^class +train +valid +test$", shown, re.MULTILINE)
    assert re.search(r"^1 +6,180 +562 +1,135$", shown, re.MULTILINE)
    assert re.search(r"^ +5 +6 +7 +8 +9$", shown, re.MULTILINE)
    assert "@" in shown.rpartition("fingerprint")[2]
    assert "\x1b" not in shown


def test_show_prints_json(capsys: Capture) -> None:
    show("mnist", json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["counts"]["test"] == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert sum(shown["counts"]["train"]) == 55_000
    assert sum(shown["counts"]["valid"]) == 5_000
    assert shown["shape"] == [28, 28]
    assert shown["image"] is None


def test_the_contact_sheet_is_not_smoothed(capsys: Capture, tmp_path: Path) -> None:
    show("mnist", image_path=tmp_path / "new" / "digits.png")
    assert capsys.readouterr().err == f"wrote {tmp_path}/new/digits.png\n"
    canvas = np.asarray(Image.open(tmp_path / "new" / "digits.png"))
    train = load_images("mnist", seed=0).train
    third_seven = train.inputs[train.labels == 7][2]
    top, left = 8 + 7 * 64, 8 + 2 * 64
    np.testing.assert_array_equal(canvas[top : top + 56 : 2, left : left + 56 : 2], third_seven)
    np.testing.assert_array_equal(canvas[top + 1 : top + 56 : 2, left : left + 56 : 2], third_seven)
    assert canvas.shape == (648, 648)
    assert canvas[0].tolist() == [96] * 648


def test_an_image_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"digits\.jpg: unsupported file type"):
        show("mnist", image_path=tmp_path / "digits.jpg")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(StorageError, match=r"folder\.png"):
        show("mnist", image_path=tmp_path / "folder.png")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(UsageError, match="did you mean fashion-mnist"):
        show("fashion-mnits")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten photos in two folders, 16 x 12 pixels in colour."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for k in range(5):
            image = Image.new("RGB", (16, 12), (200, 10 * k, 250 if name == "dog" else 0))
            image.save(tmp_path / "photos" / name / f"{k}.png")
    return tmp_path / "photos"


def test_show_describes_the_users_images(photos: Path, capsys: Capture) -> None:
    show(str(photos))
    shown = capsys.readouterr().out
    assert shown.startswith(f"{photos}: your own images\n")
    assert re.search(r"^examples +6 train, 2 valid, 2 test$", shown, re.MULTILINE)
    assert re.search(r"^shape +12 x 16 x 3 uint8$", shown, re.MULTILINE)
    assert re.search(r"^fingerprint +[0-9a-f]{64}$", shown, re.MULTILINE)
    assert re.search(r"^dog +3 +1 +1$", shown, re.MULTILINE)
    assert re.search(r"^ +cat +dog$", shown, re.MULTILINE)
    assert "licence" not in shown


def test_show_prints_json_for_the_users_images(photos: Path, capsys: Capture) -> None:
    show(str(photos), json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["name"] == str(photos)
    assert shown["counts"] == {"train": [3, 3], "valid": [1, 1], "test": [1, 1]}
    assert shown["classes"] == ["cat", "dog"]


def test_the_contact_sheet_of_images_in_colour(photos: Path, tmp_path: Path) -> None:
    show(str(photos), image_path=tmp_path / "sheet.png")
    canvas = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert canvas.shape == (2 * 32 + 8, 10 * 40 + 8, 3)
    assert canvas[8, 8, 0] == 200
    assert canvas[40, 8, 2] == 250


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Twenty reviews in a table, five stars or one."""
    path = tmp_path / "reviews.csv"
    rows = "".join(f"{'word ' * (k + 1)}\x1b[31m,{5 - 4 * (k % 2)}\n" for k in range(20))
    path.write_text(f"body,stars\n{rows},5\n")
    return path


def test_show_describes_the_users_texts(reviews: Path, capsys: Capture) -> None:
    show(str(reviews))
    shown, notes = capsys.readouterr()
    assert shown.startswith(f"{reviews}: your own texts\n")
    assert re.search(r"^examples +16 train, 2 valid, 2 test$", shown, re.MULTILINE)
    assert re.search(r"^length +\d+ words \(median of the training split\), 95 % up", shown, re.M)
    assert re.search(r"^class +train +valid +test$", shown, re.MULTILINE)
    assert re.search(r"^5 +8 +1 +1$", shown, re.MULTILINE)
    assert len(re.findall(r"^  word", shown, re.MULTILINE)) == 4
    assert "\x1b" not in shown
    assert "licence" not in shown
    assert notes.splitlines() == [
        "reviews.csv: texts from the column 'body', classes from the column 'stars'",
        "reviews.csv: 1 of 21 texts left out: no text in line 22",
    ]


def test_show_prints_json_for_the_users_texts(reviews: Path, capsys: Capture) -> None:
    show(str(reviews), json=True, label_column="Stars")
    shown = json.loads(capsys.readouterr().out)
    assert shown["modality"] == "texts"
    assert shown["classes"] == ["1", "5"]
    assert shown["counts"] == {"train": [8, 8], "valid": [1, 1], "test": [1, 1]}
    assert set(shown["words"]) == {"median", "percentile95", "maximum"}
    assert {name: len(texts) for name, texts in shown["examples"].items()} == {"1": 2, "5": 2}


def test_texts_have_no_image_and_images_no_columns(
    reviews: Path, photos: Path, tmp_path: Path
) -> None:
    for name in (str(reviews), "imdb"):
        with pytest.raises(UsageError, match=r"a\.png: .+ contains texts\nleave out --image"):
            show(name, image_path=tmp_path / "a.png")
    with pytest.raises(UsageError, match="photos contains images, to which --text-column"):
        show(str(photos), text_column="a")


def test_a_missing_path_is_refused() -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        show("./no such folder")


def in_a_terminal(**environment: str) -> str:
    """What `show mnist` prints on a pseudo-terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from glassnet.cli.data import show; show('mnist')"],
        stdout=theirs,
        env=os.environ | {"TERM": "xterm", "NO_COLOR": "", "PYTHONUTF8": "1"} | environment,
    )
    os.close(theirs)
    printed = io.BytesIO()
    try:
        while chunk := os.read(ours, 1 << 16):
            printed.write(chunk)
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    return printed.getvalue().decode()


@pytest.mark.slow
def test_a_terminal_shows_half_blocks_in_grey() -> None:
    shown = in_a_terminal()
    assert shown.count("\N{UPPER HALF BLOCK}") == 10 * 14 * 7
    greys = re.findall(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m", shown)
    assert len(greys) == 10 * 14 * 7
    assert all(a == b == c and d == e == f for a, b, c, d, e, f in greys)
    assert max(int(grey[0]) for grey in greys) > 200
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(len(line) for line in plain.splitlines() if "cached in" not in line) <= 80


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}],
)
def test_a_terminal_without_colour_shows_characters(environment: dict[str, str]) -> None:
    shown = in_a_terminal(**environment)
    assert "\x1b" not in shown
    assert "@" in shown


@pytest.mark.parametrize(
    ("name", "words"), [("show", "NAME --image --text-column"), ("list", "--json")]
)
def test_help_names_the_parameters(name: str, words: str, capsys: Capture) -> None:
    command([name, "--help"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert all(word in shown for word in words.split())


def test_the_command_uses_its_arguments(capsys: Capture, tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    command(["show", "mnist", "--json", "--image", str(image)], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["image"] == str(image)


def test_the_nearest_command_is_suggested() -> None:
    with pytest.raises(UsageError, match="did you mean show"):
        command(["shwo"], standalone_mode=False)


def test_importing_the_commands_is_light() -> None:
    code = (
        "import sys, glassnet.cli.data;"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'torch', 'PIL', 'pooch')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_show_resizes_as_training_does(tmp_path: Path, capsys: Capture) -> None:
    for number in range(40):
        folder = tmp_path / "photos" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((40, 50), number, np.uint8)).save(folder / f"{number}.png")
    show(str(tmp_path / "photos"), image_size=20)
    assert "20 x 20 uint8" in capsys.readouterr().out
    with pytest.raises(UsageError, match="mnist is built in"):
        show("mnist", image_size=20)
