"""From a run to a model folder: what is taken along, and what stays."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from glassnet import card, config, tasks
from glassnet.contract import Signature, Task
from glassnet.evidence import RunEvidence
from glassnet.runs import model

TAKEN = ("task", "preset", "parameters", "precision", "best", "results", "versions")
"""What of run.json is taken along as it is."""

ASKED = {
    "images": ("model.predict(images)  # (n, {h}, {w}{c}) uint8 -> (n,) class numbers",),
    "texts": ('model.predict(["a text", "another one"])  # (n,) class numbers',),
    "codes": (
        "model.sample(64)  # (64, {h}, {w}{c}) uint8",
        "model.encode(images)  # (n, {h}, {w}{c}) uint8 -> (n, codes) float32",
    ),
}
"""How each of `card.KINDS` is asked."""


def save(evidence: RunEvidence, folder: Path) -> Path:
    """Write a run's chosen network to a model folder; see `TrainedRun.save`."""
    run, signature = evidence.run, evidence.signature
    # The data's own folder says where on this machine they lie, and who works on it.
    data = Path(run.facts["data"]["name"]).name
    chosen = replace(evidence.config, data=data)
    base = tasks.preset(run.facts["task"], run.facts["preset"])
    facts = {
        **{name: run.facts[name] for name in TAKEN if name in run.facts},
        "config": config.as_dict(chosen),
        "command": config.command(run.facts["task"], run.facts["preset"], chosen, base),
        "signature": signature_facts(signature),
        "data": {
            name: run.facts["data"][name] for name in ("fingerprint", "train", "valid", "test")
        }
        | {"name": data},
    }
    path = folder.expanduser().resolve()
    kind = kind_of(evidence.task, signature)
    shown = usage(path.name, kind, signature)
    text = card.written(facts, path.name, kind, shown)
    model.write(path, facts, run.weights(run.best), signature.vocabulary, text)
    return folder


def signature_facts(signature: Signature) -> dict[str, Any]:
    """A signature as config.json has it; the vocabulary is a file of its own."""
    return {name: value for name, value in asdict(signature).items() if name != "vocabulary"}


def kind_of(task: Task, signature: Signature) -> str:
    """Which of `card.KINDS` a network is."""
    if "probabilities" not in task.answers:
        return "codes"
    return "texts" if signature.vocabulary else "images"


def usage(name: str, kind: str, signature: Signature) -> list[str]:
    """Lines of Python that load and ask a model."""
    sides: dict[str, Any] = {}
    if kind != "texts":
        channels, height, width = signature.input_shape
        sides = {"h": height, "w": width, "c": "" if channels == 1 else f", {channels}"}
    asked = [line.format(**sides) if sides else line for line in ASKED[kind]]
    return [f"model = gn.load({json.dumps(name)})", *asked]
