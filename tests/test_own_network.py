"""The network of docs/own-network.md, built from the code on the page, works with all commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from pages import files_of

import glassnet as gn
from glassnet import findings, tasks


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """The files on the page, as a package with an entry point."""
    root = tmp_path / "own"
    for name, code in files_of("own-network.md").items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(code)
    installed = metadata.entry_points
    entry = metadata.EntryPoint("mlp", "mlp", "glassnet.tasks")

    def with_page(**options: str) -> object:
        return [entry] if options.get("group") == "glassnet.tasks" else installed(**options)

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        patch.setattr(metadata, "entry_points", with_page)
        yield root
    for module in [name for name in sys.modules if name.split(".")[0] == "mlp"]:
        del sys.modules[module]


def test_all_commands_work_with_the_network_of_the_page(
    package: Path, digits: str, tmp_path: Path, undrawn: list[str]
) -> None:
    run = gn.train("mlp", data=digits, runs=tmp_path, threads=1)
    assert "mlp" in tasks.names()
    assert run.results["test"]["accuracy"] > 0.5

    found = run.explain(points=40, control_networks=True)
    assert {"tsne", "separability", "confusion-matrix", "training-curves", "network"} <= set(found)
    assert {
        "probe-map",
        "animation",
        "control-networks-table",
        "training-dynamics",
        "data-map",
    } <= set(found)
    assert {"control-networks-tsne-relu", "control-networks-pca-output", "label-issues"} <= set(
        found
    )
    assert found["probe-map"].row_names == ("input", "hidden", "relu", "output")  # type: ignore[union-attr]
    assert set(undrawn) == {
        name for name, record in found.items() if isinstance(record, findings.Finding)
    }
    assert run.report().stat().st_size > 10_000
    assert run.verify().findings == len(found)

    images = run.data.test.inputs[:5]
    probabilities = run.predict_proba(images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert run.export(tmp_path / "mlp.onnx").parity["max_differences"]["probabilities"] < 1e-4
    np.testing.assert_array_equal(
        gn.load(run.save(tmp_path / "model")).predict_proba(images), probabilities
    )
