"""The view of docs/own-view.md, from the code on the page: one file, and one name in a list."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from pages import DOCS, files_of

import glassnet as gn
from glassnet.contract import PARTS
from glassnet.errors import UsageError
from glassnet.explain.evidence import RunEvidence
from glassnet.findings import Curves
from glassnet.insight import views
from glassnet.report.sections import TITLES
from glassnet.runs.folder import Run
from glassnet.tasks.cnn.task import ImageClassifier
from glassnet.tasks.lstm.task import TextClassifier
from glassnet.tasks.vae.task import ImageGenerator

PAGE = "own-view.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files on the page, importable by name and among glassnet's own views."""
    for name, code in files_of(PAGE).items():
        (tmp_path / name).write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(views, "__path__", [*views.__path__, str(tmp_path)])
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == tmp_path:
            del sys.modules[name]


@pytest.mark.parametrize(
    "name", ["accuracy_by_coverage", "accuracy_by_coverage:accuracy_by_coverage"]
)
def test_a_file_and_a_name_in_a_list_add_a_view(
    name: str, folder: Path, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageClassifier, "views", ("confusion_matrix", name))
    run = gn.load(trained.path)
    found = run.explain(points=50)
    assert list(found) == ["examples", "confusion-matrix", "accuracy-by-coverage"]
    curves = found["accuracy-by-coverage"]
    assert isinstance(curves, Curves)
    (line,) = curves.panels[0].series
    assert line.y[-1] == pytest.approx(100 * run.results["test"]["accuracy"])
    assert all(claim.formatted in curves.title + curves.summary for claim in curves.claims)
    for ending in ("png", "svg"):
        assert (trained.figures / f"accuracy-by-coverage.{ending}").stat().st_size > 5000
    page = run.report().read_text(encoding="utf-8")
    assert "of the more confident half are classified correctly" in page
    assert run.verify().findings == 3


def test_the_test_on_the_page_passes(folder: Path) -> None:
    module = import_module("test_accuracy_by_coverage")
    module.test_the_most_confident_examples_come_first()


def test_the_page_names_every_part_and_every_section() -> None:
    page = (DOCS / PAGE).read_text()
    assert [part for part in PARTS if f"| `{part}` |" not in page] == []
    assert [section for section in TITLES if f"`{section}`" not in page] == []


def test_a_run_has_every_part(trained: Run) -> None:
    evidence = RunEvidence(trained)
    assert [part for part in PARTS if not hasattr(evidence, part)] == ["options"]


@pytest.mark.parametrize("task", [ImageClassifier, TextClassifier, ImageGenerator])
def test_the_views_of_a_task_ask_for_parts_alone(task: type) -> None:
    for name in task.views:  # type: ignore[attr-defined]
        assert set(views.parts_of(views.load(name))) <= set(PARTS)


def test_a_view_that_asks_for_something_else_is_refused_when_it_is_loaded(folder: Path) -> None:
    code = files_of(PAGE)["accuracy_by_coverage.py"]
    (folder / "misspelt.py").write_text(code.replace("(data: Data, model", "(dta: Data, model"))
    with pytest.raises(UsageError, match="a run has no part 'dta'") as caught:
        views.load("misspelt:accuracy_by_coverage")
    assert caught.value.hint == "did you mean data?"
