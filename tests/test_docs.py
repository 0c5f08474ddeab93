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
from run_copies import copy_run

import glassnet as gn
from glassnet.api import verbs
from glassnet.cli import COMMANDS, main
from glassnet.data.images.load import load_images
from glassnet.errors import flag
from glassnet.runs.folder import Run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SLOW = ("glassnet demo", "glassnet train cnn --seeds", "glassnet web")
"""Commands that CI runs in full, through `make demo`, or that are run by hand; `test_seeds.py` has
those of groups, and `tests/web` serves the page."""

GENERATOR_COMMANDS = ("glassnet generate", "glassnet evaluate RUN --samples")
"""Commands whose RUN is an image generator."""

TEXT_ARGUMENTS = (' "', ".csv --text-column", "--text ")
"""Parts of the commands whose RUN is a text classifier: a text, or a table of texts."""

TINY_TEXT_CLASSIFIER = {"embedding_dim": 8, "hidden_size": 8, "ngram_buckets": 100}

FAST_NLL = {"nll_samples": 20, "nll_examples": 10}


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, block) of every fenced block in this language."""
    return [
        (page.name, block)
        for page in PAGES
        for block in re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)
    ]


def commands() -> list[str]:
    """Every command line of glassnet, once even if several pages have it."""
    lines = [line for _, block in blocks("sh") for line in block.splitlines()]
    found = [line.split("  #")[0].strip() for line in lines if line.startswith("glassnet ")]
    return [
        line for line in dict.fromkeys(found) if not line.startswith(SLOW) and "GROUP" not in line
    ]


@pytest.fixture
def documented_run(verifiable: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run with the cheap views, in a folder with the files that the documentation mentions."""
    monkeypatch.chdir(tmp_path)
    test = load_images(verifiable.info["data"]["name"], seed=0).test
    digits = test.inputs
    for name, digit in zip(("digit.png", "another.png"), digits, strict=False):
        Image.fromarray(digit).save(tmp_path / name)
    for number, digit in enumerate(digits[:80]):
        folder = tmp_path / "photos" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digit).save(folder / f"{number}.png")
    for number, label in enumerate(test.labels[:80]):
        folder = tmp_path / "other-digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digits[number]).save(folder / f"{number}.png")
    rows = ["image,label,patient"]
    for number, digit in enumerate(digits[:80]):
        folder = tmp_path / "scans" / ("sick", "well")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"patient{number // 4}_{number}.png"
        Image.fromarray(digit).save(path)
        rows.append(f"{path.relative_to(tmp_path)},{folder.name},{number // 4}")
    (tmp_path / "scans.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "mine.toml").write_text("epochs = 2\n")
    texts = [(f"a {word} film, number {k}", word) for k in range(40) for word in ("good", "bad")]
    lines = [f'"{text}",{label}\n' for text, label in texts]
    (tmp_path / "reviews.csv").write_text("review,verdict\n" + "".join(lines))
    (tmp_path / "new.csv").write_text("".join(["review,verdict\n", *lines[:5]]))
    for number, (text, label) in enumerate(texts):
        folder = tmp_path / "reviews" / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(text)
    return verifiable


def small_training(arguments: list[str]) -> list[str]:
    """The arguments of `train` with a tiny network and little data."""
    fields: dict[str, Any] = {"epochs": 1, "batch_size": 200}
    if arguments[1] == "lstm":
        fields |= TINY_TEXT_CLASSIFIER
        fields |= {} if {"reviews.csv", "reviews"} & set(arguments) else {"data": "reviews.csv"}
    elif not {"./photos", "./scans", "scans.csv"} & set(arguments):
        fields |= {"data": "digits"}
    fields |= FAST_NLL if arguments[1] == "vae" else {}
    return [*arguments, *(part for name in fields for part in (flag(name), str(fields[name])))]


def filled_in(text: str, run: Run, tmp_path: Path) -> str:
    """The text with paths in place of RUN and ANOTHER, which is a copy of the run."""
    if "ANOTHER" in text:
        text = text.replace("ANOTHER", str(copy_run(run.path, tmp_path / "another")))
    return text.replace("RUN", str(run.path))


@pytest.mark.parametrize("line", commands())
def test_a_documented_command_runs(
    line: str,
    documented_run: Run,
    text_classifier: Run,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    undrawn: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = documented_run
    if "RUN" in line and any(part in line for part in TEXT_ARGUMENTS):
        run = text_classifier
    elif line.startswith(GENERATOR_COMMANDS):
        run = generator("plain", tmp_path, tmp_path_factory).run
    if "predict digits.onnx" in line:
        gn.load(run.path).export("digits.onnx")
    arguments = shlex.split(filled_in(line, run, tmp_path))[1:]
    if arguments[0] == "rm":
        arguments = ["rm", str(copy_run(run.path, tmp_path / "copy")), "--yes"]
    elif "--resume" in arguments:
        run.update(status="interrupted")
    elif arguments[0] == "train":
        arguments = small_training(arguments)
    elif arguments[0] == "explain" and "--text" not in arguments:
        arguments += ["--points", "60"]
    elif arguments[0] == "evaluate" and "--samples" in arguments:
        arguments += ["--samples", "20", "--examples", "10"]
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 0, capsys.readouterr().err


STANDALONE_BLOCKS = [
    (page, block) for page, block in blocks("python") if not re.match(r"# \S+\.py\n", block)
]
"""Blocks that are not files; `test_own_network.py` and `test_own_view.py` run those."""


@pytest.mark.parametrize(("page", "block"), STANDALONE_BLOCKS)
def test_a_documented_python_block_runs(
    page: str,
    block: str,
    documented_run: Run,
    tmp_path: Path,
    undrawn: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train = gn.train

    def train_small(task: str = "cnn", **fields: Any) -> Any:
        small: dict[str, Any] = {"data": "digits", "epochs": 1, "batch_size": 200}
        small |= {**TINY_TEXT_CLASSIFIER, "data": "reviews.csv"} if task == "lstm" else {}
        small |= FAST_NLL if task == "vae" else {}
        small |= {"data": "photos", "seeds": (0, 1)} if "seeds" in fields else {}
        return train(task, **fields | small)

    monkeypatch.setattr(verbs, "train", train_small)
    namespace = {"images": np.zeros((2, 28, 28), np.uint8)}
    exec(compile(filled_in(block, documented_run, tmp_path), page, "exec"), namespace)
    assert "gn" in namespace


def test_every_command_is_documented() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    missing = [name for name in COMMANDS if f"glassnet {name}" not in text]
    assert missing == []


def test_every_link_to_a_file_resolves() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_mentioned_make_target_exists() -> None:
    text = "\n".join(page.read_text() for page in [*PAGES, ROOT / "CONTRIBUTING.md"])
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?:^ *|`)make ([a-z-]+)", text, re.M))
    assert {"demo", "test", "test-fast"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)


def test_python_m_glassnet_prints_its_version() -> None:
    done = subprocess.run([sys.executable, "-m", "glassnet", "--version"], capture_output=True)
    assert done.returncode == 0
    assert done.stdout.startswith(b"glassnet ")
