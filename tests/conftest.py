"""Real digits, few of them, and own texts, with a network trained on each, for all tests."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chromium import CHROMIUM, FLAGS
from hypothesis import settings
from run_copies import copy_run
from shared_folders import made_once, run_made_once

import glassnet as gn
from glassnet import progress
from glassnet.data.images import idx
from glassnet.data.sources import cache as data_cache, fetch
from glassnet.data.sources.catalogue import CATALOGUE, MNIST, Entry, File
from glassnet.explain import missing_views, report_files
from glassnet.findings import Finding
from glassnet.runs.folder import Run

settings.register_profile("untimed", deadline=None)  # other programs slow an example down
settings.load_profile("untimed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""Threads that wait give their core away: on a busy machine t-SNE is several times as fast."""

SMALL = "digits"
"""The data set's name in the catalogue, while a test asks for it."""

SIZES = (1200, 1200, 300, 300)
"""Training images and labels, test images and labels."""

OPTIONS: dict[str, Any] = {
    "data": SMALL,
    "epochs": 4,
    "batch_size": 50,
    "channels": (8, 16, 16),
    "device": "cpu",
    "threads": 1,
}
"""What a network is trained with that has to be good within a second or two."""

CLASSES = {"negative": ["awful", "bad", "dull"], "positive": ["nice", "good", "superb"]}
"""Classes of own texts, and the words that speak for each."""

PLAIN = ["the", "film", "was", "a", "story", "of", "people", "and", "its", "music"]

TEXT_CLASSIFIER: dict[str, Any] = {
    "embedding_dim": 8,
    "hidden_size": 8,
    "epochs": 4,
    "batch_size": 50,
    "max_length": 400,
    "learning_rate": 0.03,
    "word_dropout": 0.0,
    "embedding_dropout": 0.0,
    "dropout": 0.0,
    "ema_decay": 0.0,
    "device": "cpu",
    "threads": 1,
}
"""What a reader of texts is trained with that has to be good within a second or two."""

SLOW_FIXTURES = {"digits", "trained_folder", "text_folder", "launch", "browser"}
"""A test that uses one of them needs a trained network, a process or a browser: it is slow."""

LAUNCHER = """\
import sys
from dataclasses import replace

from glassnet.cli import main
from glassnet.data.sources.catalogue import CATALOGUE, MNIST, File

if __name__ == "__main__":
    files = tuple(File(*file) for file in {files!r})
    CATALOGUE[{name!r}] = replace(
        MNIST, name={name!r}, files=files, sources=(), n_train={n_train}, n_test={n_test}
    )
    main()
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests by what they use; others are marked where they stand."""
    for item in items:
        if not SLOW_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with MNIST, and its first digits as a data set of their own."""

    def make(root: Path) -> None:
        (root / SMALL).mkdir()
        for file, content, size in zip(MNIST.files, fetch.contents(MNIST), SIZES, strict=True):
            (root / SMALL / file.name).write_bytes(idx.pack(idx.read(content)[:size]))
        (root / MNIST.name).symlink_to(data_cache.folder(MNIST))

    return made_once("cache", make, tmp_path_factory)


@pytest.fixture(scope="session")
def entry(cache: Path) -> Entry:
    """What the catalogue says of it."""
    files = []
    for file in MNIST.files:
        content = (cache / SMALL / file.name).read_bytes()
        files.append(File(file.name, hashlib.sha256(content).hexdigest(), len(content)))
    return replace(
        MNIST, name=SMALL, files=tuple(files), sources=(), n_train=SIZES[0], n_test=SIZES[2]
    )


@pytest.fixture
def digits(cache: Path, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> str:
    """Puts the small data set into the catalogue for one test; gives its name."""
    _offer(monkeypatch, cache, entry)
    return SMALL


@pytest.fixture(scope="session")
def trained_folder(cache: Path, entry: Entry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one finished run; read it, but leave it as it is (`trained` gives a copy)."""

    def make(runs: Path) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch, progress.silenced():
            _offer(monkeypatch, cache, entry)
            gn.train("cnn", runs=runs, **OPTIONS)

    return run_made_once("trained", make, tmp_path_factory)


@pytest.fixture
def trained(trained_folder: Path, digits: str, tmp_path: Path) -> Run:
    """A copy of the finished run under `tmp_path/runs`, with its data at hand."""
    return Run.open(copy_run(trained_folder, tmp_path / "runs"))


CHEAP_VIEWS = (
    *("scores", "network_diagram", "training_curves", "projections"),
    *("confusion_matrix", "classification_report", "worst_mistakes"),
)
"""Views of the image classifier that train nothing and follow no epochs."""


@pytest.fixture(scope="session")
def verifiable_folder(
    cache: Path, entry: Entry, trained_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy of the finished run with findings of the cheap views and a report, undrawn."""

    def make(runs: Path) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch, progress.silenced():
            _offer(monkeypatch, cache, entry)
            monkeypatch.setattr("glassnet.drawing.paper.figure.draw", lambda *arguments: [])
            monkeypatch.setattr("glassnet.tasks.cnn.task.ImageClassifier.views", CHEAP_VIEWS)
            run = gn.load(copy_run(trained_folder, runs))
            run.explain(points=40, methods=["pca"], layers=["pool2"])
            run.report()

    return run_made_once("verifiable", make, tmp_path_factory)


@pytest.fixture
def cheap_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the image classifier its cheap views alone."""
    monkeypatch.setattr("glassnet.tasks.cnn.task.ImageClassifier.views", CHEAP_VIEWS)


@pytest.fixture
def verifiable(verifiable_folder: Path, digits: str, tmp_path: Path, cheap_views: None) -> Run:
    """A copy of that run; its task has the cheap views alone, which are quickly verified."""
    return Run.open(copy_run(verifiable_folder, tmp_path / "runs"))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the figures, which are not drawn: drawing them takes seconds."""
    names: list[str] = []

    def draw(record: Finding, path: Path, *style: Any) -> list[Path]:
        names.append(record.name)
        return []

    monkeypatch.setattr("glassnet.drawing.paper.figure.draw", draw)
    return names


@pytest.fixture(scope="session")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of own texts in two classes, as many as there are digits and divided alike."""
    return made_once("texts", _write_reviews, tmp_path_factory) / "reviews.csv"


def _write_reviews(folder: Path) -> None:
    draw = random.Random(0)
    rows: dict[str, tuple[str, str, str]] = {}
    while len(rows) < SIZES[0] + SIZES[2]:
        label = ("negative", "positive")[len(rows) % 2]
        words = draw.choices(PLAIN, k=draw.randint(3, 8))
        words.insert(draw.randrange(len(words)), draw.choice(CLASSES[label]))
        text = " ".join(words).capitalize() + draw.choice(".!")
        rows.setdefault(text, (text, label, "train" if len(rows) < SIZES[0] else "test"))
    with (folder / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label", "part"), *rows.values()])


@pytest.fixture(scope="session")
def text_folder(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one finished run on those texts; read it, but leave it as it is."""

    def make(runs: Path) -> None:
        with progress.silenced():
            gn.train("lstm", runs=runs, data=str(reviews), **TEXT_CLASSIFIER)

    return run_made_once("text-classifier", make, tmp_path_factory)


@pytest.fixture
def text_classifier(text_folder: Path, tmp_path: Path) -> Run:
    """A copy of that run under `tmp_path/runs`."""
    return Run.open(copy_run(text_folder, tmp_path / "runs"))


@pytest.fixture
def launcher(entry: Entry, tmp_path: Path) -> Path:
    """A script that is the command line with the small data set in the catalogue."""
    script = tmp_path / "launcher.py"
    files = [(file.name, file.sha256, file.size) for file in entry.files]
    script.write_text(
        LAUNCHER.format(files=files, name=SMALL, n_train=entry.n_train, n_test=entry.n_test)
    )
    return script


@pytest.fixture
def launch(launcher: Path, cache: Path, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command line in a process of its own, with the small data set at hand."""
    environment = os.environ | {"GLASSNET_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    environment.pop("GLASSNET_RUNS", None)

    def start(
        *words: str | Path, start_new_session: bool = False, **more: Any
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(launcher), *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment | more,
            start_new_session=start_new_session,
        )

    return start


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches them, nor that of another test."""
    for name in ("GLASSNET_RUNS", "GLASSNET_DEVICE", "GLASSNET_THREADS", "GLASSNET_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(report_files, "PARALLEL_FROM", 10_000)  # tests run on every core as it is


@pytest.fixture(autouse=True)
def views_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that fails in a test raises, instead of leaving a finding that says why."""

    def placeholder(view: str, error: Exception, *_: object) -> None:
        raise error

    monkeypatch.setattr(missing_views, "placeholder", placeholder)


def _offer(monkeypatch: pytest.MonkeyPatch, cache: Path, entry: Entry) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", str(cache))
    monkeypatch.setitem(CATALOGUE, SMALL, entry)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
