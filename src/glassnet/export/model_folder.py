"""From a run to a model folder: what is taken along, and what stays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from glassnet import config, tasks
from glassnet.contract import Signature, Task
from glassnet.export import model_card
from glassnet.run_model import RunModel
from glassnet.runs import model_folder

TAKEN = ("task", "preset", "parameters", "precision", "best", "results", "versions")
"""What of run.json is taken along as it is."""

DATA = ("name", "fingerprint", "train", "valid", "test")
"""What of run.json's data is taken along beside the signature."""

ASKED = {
    "images": ("model.predict(images)  # (n, {h}, {w}{c}) uint8 -> (n,) class numbers",),
    "texts": ('model.predict(["a text", "another one"])  # (n,) class numbers',),
    "codes": (
        "model.generate(64)  # (64, {h}, {w}{c}) uint8",
        "model.encode(images)  # (n, {h}, {w}{c}) uint8 -> (n, codes) float32",
    ),
}
"""How each of `card.KINDS` is asked."""


def save(evidence: RunModel, folder: Path) -> Path:
    """Write a run's chosen network to a model folder; see `TrainedRun.save`."""
    run, signature = evidence.run, evidence.signature
    # The data's own folder says where on this machine they lie, and who works on it.
    data = Path(run.info["data"]["name"]).name
    chosen = replace(evidence.config, data=data)
    base = tasks.preset(run.info["task"], run.info["preset"])
    info = {
        **{name: run.info[name] for name in TAKEN if name in run.info},
        "config": config.as_dict(chosen),
        "command": config.command(run.info["task"], run.info["preset"], chosen, base),
        "data": {name: run.info["data"][name] for name in DATA} | {"name": data},
    }
    kind = kind_of(evidence.task, signature)
    write(folder, info, run.weights(run.best), signature, kind, usage(kind, signature))
    return folder


def write(
    folder: Path,
    info: dict[str, Any],
    weights: Mapping[str, Any],
    signature: Signature,
    kind: str,
    asked: Sequence[str],
) -> None:
    """Write a model folder with its card.

    Args:
        facts: what goes into config.json, beside the signature.
        kind: one of `card.KINDS`.
        asked: lines of Python that ask the `model`.
    """
    path = folder.expanduser().resolve()
    # The vocabulary is a file of its own.
    known = {name: value for name, value in asdict(signature).items() if name != "vocabulary"}
    whole = {**info, "signature": known}
    loading = f"model = gn.load({json.dumps(path.name)})"
    text = model_card.written(whole, path.name, kind, [loading, *asked])
    model_folder.write(path, whole, weights, signature.vocabulary, text)


def kind_of(task: Task, signature: Signature) -> str:
    """Which of `card.KINDS` a network is."""
    if "probabilities" not in task.outputs:
        return "codes"
    return "texts" if signature.vocabulary else "images"


def usage(kind: str, signature: Signature) -> list[str]:
    """Lines of Python that ask a model."""
    sides: dict[str, Any] = {}
    if kind != "texts":
        channels, height, width = signature.input_shape
        sides = {"h": height, "w": width, "c": "" if channels == 1 else f", {channels}"}
    return [line.format(**sides) if sides else line for line in ASKED[kind]]
