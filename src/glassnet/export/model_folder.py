"""Model folders made from runs: which parts of run.json they contain, and their model cards."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from glassnet import config, tasks
from glassnet.contract import Family, Modality, Signature, Task
from glassnet.export import model_card
from glassnet.run_model import LoadedNetwork
from glassnet.runs import model_folder

INFO_FIELDS = (
    *("task", "preset", "parameters", "precision", "best", "calibration", "results", "versions"),
)
"""Fields of run.json that are copied as they are."""

DATA_FIELDS = ("name", "fingerprint", "train", "valid", "test")
"""Fields of run.json's data that are copied beside the signature."""

KINDS = {
    (Modality.IMAGES, Family.CLASSIFIER): "image classifier",
    (Modality.TEXTS, Family.CLASSIFIER): "text classifier",
    (Modality.IMAGES, Family.GENERATOR): "image generator",
}
"""What a network reads and what it is for -> its kind, as in `model_card.PIPELINE_TAGS`."""

USAGE = {
    "image classifier": ("model.predict(images)  # (n, {h}, {w}{c}) uint8 -> (n,) class numbers",),
    "text classifier": ('model.predict(["a text", "another one"])  # (n,) class numbers',),
    "image generator": (
        "model.generate(64)  # (64, {h}, {w}{c}) uint8",
        "model.encode(images)  # (n, {h}, {w}{c}) uint8 -> (n, codes) float32",
    ),
}
"""Kind of model, as in `model_card.PIPELINE_TAGS` -> lines of Python that use it."""


def save(model: LoadedNetwork, folder: Path) -> Path:
    """Write the network of a run or of a model folder to another one; see `RunPredictor.save`."""
    info, signature = model.folder.info, model.signature
    # The path of the data would tell where they are on this machine, and whose they are.
    data = Path(info["data"]["name"]).name
    settings = replace(model.config, data=data)
    preset = tasks.preset(info["task"], info["preset"])
    saved = {
        **{name: info[name] for name in INFO_FIELDS if name in info},
        "config": config.as_dict(settings),
        "command": config.command(info["task"], info["preset"], settings, preset),
        "data": {name: info["data"][name] for name in DATA_FIELDS} | {"name": data},
    }
    kind = kind_of(model.task)
    weights = model.folder.weights(model.folder.best)
    write(folder, saved, weights, signature, kind, usage(kind, signature))
    return folder


def write(
    folder: Path,
    info: dict[str, Any],
    weights: Mapping[str, Any],
    signature: Signature,
    kind: str,
    usage: Sequence[str],
) -> None:
    """Write a model folder with its model card.

    Args:
        folder: its path.
        info: the content of config.json, without the signature.
        weights: the network's state_dict.
        signature: shapes, class names and vocabulary.
        kind: one of `model_card.PIPELINE_TAGS`.
        usage: lines of Python that use the loaded `model`.
    """
    path = folder.expanduser().resolve()
    # The vocabulary is a file of its own.
    shapes = {name: value for name, value in asdict(signature).items() if name != "vocabulary"}
    content = {**info, "signature": shapes}
    loading = f"model = gn.load({json.dumps(path.name)})"
    card = model_card.render(content, path.name, kind, [loading, *usage])
    model_folder.write(path, content, weights, signature.vocabulary, card)


def kind_of(task: Task) -> str:
    """The kind of a network, one of `model_card.PIPELINE_TAGS`."""
    return KINDS[task.modality, task.family]


def usage(kind: str, signature: Signature) -> list[str]:
    """Lines of Python that use a model."""
    if kind == "text classifier":
        return list(USAGE[kind])
    channels, height, width = signature.input_shape
    axis = "" if channels == 1 else f", {channels}"
    return [line.format(h=height, w=width, c=axis) for line in USAGE[kind]]
