"""Every command and every Python block in the documentation runs; every command is documented."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators import generator
from PIL import Image

from glassnet.api import verbs
from glassnet.cli import COMMANDS, main
from glassnet.data.images.dataset import load
from glassnet.runs.folder import Run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SLOW = ("glassnet demo",)
"""Run by CI in full, through `make demo`, or by hand."""

MADE_BY_GENERATORS = ("glassnet generate", "glassnet evaluate RUN --samples")
"""Commands whose RUN is a generator's."""

ASKED_OF_READERS = (' "', ".csv --text-column", "--text ")
"""What commands have whose RUN is a reader's: a text, or a table of them."""

TINY_READER = {
    "embedding_dim": 8,
    "hidden_size": 8,
    "ngram_buckets": 100,
    "data": "reviews.csv",
    "epochs": 1,
}

QUICKLY_MEASURED = ["--nll-samples", "20", "--nll-examples", "10"]


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, block) of every fenced block in this language."""
    return [
        (page.name, block)
        for page in PAGES
        for block in re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)
    ]


def commands() -> list[tuple[str, str]]:
    """(page, command line) of every line that calls glassnet."""
    return [
        (page, line.split("  #")[0].strip())
        for page, block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("glassnet ") and not line.startswith(SLOW)
    ]


@pytest.fixture
def place(explained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A folder with what the documentation speaks of: a run, images of digits, a TOML file."""
    monkeypatch.chdir(tmp_path)
    digits = load(explained.info["data"]["name"], seed=0).test.inputs
    for name, digit in zip(("digit.png", "another.png"), digits, strict=False):
        Image.fromarray(digit).save(tmp_path / name)
    for number, digit in enumerate(digits[:80]):
        folder = tmp_path / "photos" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digit).save(folder / f"{number}.png")
    (tmp_path / "mine.toml").write_text("epochs = 2\n")
    texts = [(f"a {word} film, number {k}", word) for k in range(40) for word in ("good", "bad")]
    lines = [f'"{text}",{label}\n' for text, label in texts]
    (tmp_path / "reviews.csv").write_text("review,verdict\n" + "".join(lines))
    (tmp_path / "new.csv").write_text("".join(["review,verdict\n", *lines[:5]]))
    for number, (text, label) in enumerate(texts):
        folder = tmp_path / "reviews" / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(text)
    return explained


@pytest.mark.parametrize(("page", "line"), commands())
def test_a_documented_command_runs(
    page: str,
    line: str,
    place: Run,
    reader: Run,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = place
    if "RUN" in line and any(part in line for part in ASKED_OF_READERS):
        run = reader
    elif line.startswith(MADE_BY_GENERATORS):
        run = generator("plain", tmp_path, tmp_path_factory).run
    if "predict digits.onnx" in line:
        verbs.load(place.path).export("digits.onnx")
    words = shlex.split(line.replace("RUN", str(run.path)))[1:]
    if words[:1] == ["train"]:
        if "--resume" in words:
            place.update(status="interrupted")
        else:  # the same command on few digits
            words += ["--epochs", "1", "--batch-size", "200"]
            if words[1] == "lstm":
                own = set(words) & {"reviews.csv", "reviews"}
                tiny = {name: value for name, value in TINY_READER.items() if name != "data"}
                tiny |= {} if own else {"data": "reviews.csv"}
                words += [
                    part for name, value in tiny.items() for part in (f"--{name}", f"{value}")
                ]
            elif "./photos" not in words:
                words += ["--data", "digits"]
            words += QUICKLY_MEASURED if words[1] == "vae" else []
    if words[:1] == ["explain"] and "--text" not in words:
        words += ["--points", "60"]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 0, capsys.readouterr().err


NOT_A_FILE = [
    (page, block) for page, block in blocks("python") if not re.match(r"# \S+\.py\n", block)
]
"""Blocks that are files of a package are run by a test of their own."""


@pytest.mark.parametrize(("page", "block"), NOT_A_FILE)
def test_a_documented_python_block_runs(
    page: str, block: str, place: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = verbs.train

    def on_few_digits(task: str = "cnn", **given: Any) -> verbs.TrainedRun:
        few: dict[str, Any] = {"data": "digits", "epochs": 1, "batch_size": 200}
        few |= TINY_READER if task == "lstm" else {}
        few |= {"nll_samples": 20, "nll_examples": 10} if task == "vae" else {}
        return train(task, **given | few)

    monkeypatch.setattr(verbs, "train", on_few_digits)
    space = {"images": np.zeros((2, 28, 28), np.uint8)}
    exec(compile(block.replace("RUN", str(place.path)), page, "exec"), space)
    assert "gn" in space


def test_every_command_is_documented() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    missing = [name for name in COMMANDS if f"glassnet {name}" not in text]
    assert missing == []


def test_every_link_to_a_file_leads_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_named_target_of_make_exists() -> None:
    text = "\n".join(page.read_text() for page in [*PAGES, ROOT / "CONTRIBUTING.md"])
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?:^ *|`)make ([a-z]+)", text, re.M))
    assert {"demo", "test"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)


def test_python_m_glassnet_answers() -> None:
    done = subprocess.run([sys.executable, "-m", "glassnet", "--version"], capture_output=True)
    assert done.returncode == 0
    assert done.stdout.startswith(b"glassnet ")
