"""Runs that were never made, for reports that are."""

from __future__ import annotations

from typing import Any, TypeVar

import synthetic
import synthetic_texts

from glassnet.findings import Examples, Finding, ScatterPanel
from glassnet.report import RunView


def make_info(**changes: Any) -> dict[str, Any]:
    """run.json of a finished run."""
    info = {
        "task": "cnn",
        "preset": "default",
        "name": "cnn-mnist-20260301-101500",
        "status": "finished",
        "seed": 1,
        "config": {
            "epochs": 15,
            "batch_size": 256,
            "monitor": "loss",
            "optim": {"lr": 0.001, "betas": [0.9, 0.99]},
        },
        "command": "glassnet train cnn --data mnist --seed 1",
        "data": {
            "name": "mnist",
            "fingerprint": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "train": 54000,
            "valid": 6000,
            "test": 10000,
            "input_shape": [28, 28],
            "class_names": list("0123456789"),
        },
        "versions": {"python": "3.11.9", "torch": "2.13.0", "glassnet": "0.1.0"},
        "hardware": {"processor": "a processor", "cores": 2, "threads": 2, "memory_gib": 7.8},
        "git": None,
        "started": "2026-03-01T10:15:00+00:00",
        "ended": "2026-03-01T10:18:12+00:00",
        "seconds": {"fetch": 1.2, "train": 172.4},
        "parameters": 50378,
        "best": {"epoch": 12, "value": 0.0347},
        "epochs_done": 15,
        "results": {
            "test": {
                "headline": "accuracy",
                "sentence": "99.34 % of 10,000 test examples right",
                "numbers": [
                    ["Test accuracy", "99.34 %", "95 % interval 99.16–99.48 %"],
                    ["Errors", "66", "of 10,000 test examples"],
                ],
                "n": 10000,
                "accuracy": 0.9934,
                "interval": [0.9916, 0.9948],
                "errors": 66,
            }
        },
    }
    return info | changes


def make_run(
    names: tuple[str, ...] = synthetic.DIGITS, count: int = 600, **changes: Any
) -> RunView:
    info = make_info(**changes)
    records: list[Finding | Examples] = [
        synthetic.curves(15),
        synthetic.scatter(count, 3, names, "pca", axes=True),
        synthetic.with_quality_scores(synthetic.scatter(count, 3, names)),
        synthetic.image_gallery(12, names),
        synthetic.confusion(names),
        synthetic.table(names),
        synthetic.diagram(),
        synthetic.examples(count, names),
    ]
    return RunView(info["name"], info, {record.name: record for record in records})


def make_drawing_run(**changes: Any) -> RunView:
    """A finished run of a network that draws images and names no classes."""
    test = {
        "headline": "iwae_nll",
        "sentence": "86.91 nats per test image at most (1,000 images, 5,000 importance samples)",
        "numbers": [
            ["Negative log-likelihood", "86.91 nats", "at most, 1,000 images"],
            ["Negative ELBO", "90.42 nats", "10,000 test images"],
            ["Dimensions used", "11 of 32", "KL of 0.01 nats or more"],
            ["Fréchet distance", "24.1", "10,000 samples"],
        ],
        "iwae_nll": 86.91,
    }
    name = "vae-mnist-20260301-111500"
    info = make_info(**{"task": "vae", "name": name, "results": {"test": test}} | changes)
    records: list[Finding | Examples] = [
        synthetic.curves(15),
        synthetic.diagram(),
        synthetic.image_grid(),
        synthetic.animated_image_grid(3),
        synthetic.reconstructions(2, 16),
        synthetic.shares(),
        synthetic.bars(),
        synthetic.traversal(8),
        synthetic.plane(),
        synthetic.scatter(300, 1, name="posterior"),
        synthetic.without_predictions(synthetic.examples(300)),
    ]
    return RunView(info["name"], info, {record.name: record for record in records})


def make_text_run(**changes: Any) -> RunView:
    """A finished run of a network that reads texts."""
    test = {
        "headline": "accuracy",
        "sentence": "89.12 % of 25,000 test examples right",
        "numbers": [
            ["Test accuracy", "89.12 %", "95 % interval 88.73–89.50 %"],
            ["Errors", "2,720", "of 25,000 test examples"],
        ],
        "accuracy": 0.8912,
    }
    name = "lstm-imdb-20260301-121500"
    data = {"name": "imdb", "train": 22500, "valid": 2500, "test": 25000}
    data["class_names"] = list(synthetic_texts.CLASSES)
    info = make_info(
        **{"task": "lstm", "name": name, "data": data, "results": {"test": test}} | changes
    )
    records: list[Finding | Examples] = [
        synthetic_texts.reliability(),
        synthetic.curves(15),
        synthetic_texts.languages(),
        synthetic_texts.highlighted_texts(),
        synthetic_texts.word_curve(),
        synthetic_texts.units(),
        synthetic_texts.neighbours(),
        synthetic_texts.texts_apart(),
        synthetic.confusion(synthetic_texts.CLASSES, 11000),
        synthetic_texts.text_examples(),
    ]
    return RunView(info["name"], info, {record.name: record for record in records})


Kind = TypeVar("Kind", bound=Finding | Examples)


def finding_of(run: RunView, name: str, kind: type[Kind]) -> Kind:
    """A finding of a run, which is of this kind."""
    finding = run.findings[name]
    assert isinstance(finding, kind)
    return finding


def distorted_of(panel: ScatterPanel) -> list[int]:
    """The dimmed points of a panel that has any, the worst first."""
    assert panel.distorted is not None
    return [int(point) for point in panel.distorted]
