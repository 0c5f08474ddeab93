"""A view that cannot be made says why in its place, and all others stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from toy_parts import findings_of, parts_of_a_run

import glassnet as gn
from glassnet import tasks
from glassnet.contract import Split
from glassnet.errors import DataError
from glassnet.findings import SECTIONS, Table
from glassnet.insight import views
from glassnet.insight.views.projections import projections
from glassnet.runs.folder import Run
from glassnet.tasks.cnn.task import ImageClassifier


def not_a_number(provenance: Any) -> Iterator[Table]:
    yield Table(
        name="halves",
        section="dynamics",
        title="Halves",
        summary="",
        provenance=provenance(),
        columns=("a",),
        formats=("",),
        rows=((1,),),
    )
    yield Table(
        name="nothing",
        section="dynamics",
        title="A mean of nothing",
        summary="",
        provenance=provenance(),
        columns=("a",),
        formats=("",),
        rows=((float("nan"),),),
    )


def too_few(provenance: Any) -> Iterator[Table]:
    raise DataError("there are two examples", "add more")
    yield


@pytest.fixture(autouse=True)
def views_that_fail() -> None:
    """Here they leave a finding, as they do for users."""


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("own_views")
    vars(module).update(not_a_number=not_a_number, too_few=too_few)
    monkeypatch.setitem(sys.modules, "own_views", module)
    names = ("own_views:not_a_number", "own_views:too_few", "confusion_matrix")
    monkeypatch.setattr(ImageClassifier, "views", names)


def test_a_view_that_fails_leaves_its_reason_and_all_others(
    trained: Run,
    own: None,
    undrawn: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = gn.load(trained.path)
    found = run.explain(points=30)
    assert list(found) == [
        "examples",
        "halves",
        "missing-own-views-not-a-number",
        "missing-own-views-too-few",
        "confusion-matrix",
    ]
    first, second = (found[name] for name in list(found)[2:4])
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    assert first.section == "dynamics", "where the view has made another finding"
    assert "ValueError" in str(first.rows[0][0])
    assert second.title == "Too few could not be made"
    assert second.rows == (("there are two examples", "add more"),)
    assert "too few could not be made: there are two examples; add more" in capsys.readouterr().err
    assert "there are two examples" in run.report().read_text(encoding="utf-8")
    run.verify()

    monkeypatch.setattr(ImageClassifier, "views", ("confusion_matrix",))
    gn.load(trained.path).explain(points=30)
    assert list(trained.findings.glob("missing-*")) == [], "the reason is outdated"


def test_with_the_debugging_variable_the_error_is_raised(
    trained: Run, own: None, undrawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_DEBUG", "1")
    with pytest.raises(ValueError, match="JSON"):
        gn.load(trained.path).explain(points=30)


def test_two_test_images_are_too_few_for_a_map() -> None:
    two = Split(np.zeros((2, 4, 4)), np.arange(2), np.arange(2))
    parts = parts_of_a_run(data=Few(two), model=None)
    with pytest.raises(DataError, match="a map needs 3 test examples, and there are 2"):
        findings_of(projections, parts)


class Few:
    """As much of `contract.Data` as the projections ask for at first."""

    def __init__(self, test: Split) -> None:
        self.test = test

    def subsample(self, n: int, seed: int) -> np.ndarray:
        return np.arange(min(n, len(self.test)))


def test_every_view_has_the_section_of_its_findings() -> None:
    for task in tasks.names():
        for name in tasks.load(task).views:
            module = sys.modules[views.load(name).__module__]
            assert module.SECTION in SECTIONS
            code = Path(str(module.__file__)).read_text()
            named = set(re.findall(r'section="([a-z-]+)"', code))
            assert named <= {module.SECTION}
