"""What run.json says of a training before it begins: everything needed to repeat it."""

from __future__ import annotations

from typing import Any

from glassnet import config
from glassnet.contract import Signature, Splits, Task
from glassnet.runs import environment
from glassnet.runs.folder import now


def of(
    task: Task,
    preset: str,
    base: config.TrainingConfig,
    chosen: config.TrainingConfig,
    splits: Splits,
    signature: Signature,
) -> dict[str, Any]:
    """The facts of a run that is about to begin; raises as `of_network`."""
    return {
        **of_network(task, preset, base, chosen, splits, signature),
        "status": "started",
        "hardware": environment.hardware(),
        "git": environment.commit(),
        "started": now(),
    }


def of_network(
    task: Task,
    preset: str,
    base: config.TrainingConfig,
    chosen: config.TrainingConfig,
    splits: Splits,
    signature: Signature,
) -> dict[str, Any]:
    """What is known of a network before it is trained, wherever and whenever that is.

    Raises:
        ConfigError: the network cannot be made.
    """
    from glassnet.training.train import precision

    network = task.build(chosen, signature)  # refuses what does not fit, early
    return {
        "task": task.name,
        "preset": preset,
        "seed": chosen.seed,
        "config": config.as_dict(chosen),
        "command": config.command(task.name, preset, chosen, base),
        "data": of_data(splits, signature),
        "parameters": sum(p.numel() for p in network.parameters()),
        "precision": precision(chosen),
        "versions": environment.versions(),
    }


def of_data(splits: Splits, signature: Signature) -> dict[str, Any]:
    """What a network was trained on, and what it must know of it."""
    return {
        "name": splits.name,
        "fingerprint": splits.fingerprint,
        "train": len(splits.train),
        "valid": len(splits.valid),
        "test": len(splits.test),
        "input_shape": list(signature.input_shape),
        "class_names": list(splits.class_names),
        "n_words": signature.n_words,
    }
