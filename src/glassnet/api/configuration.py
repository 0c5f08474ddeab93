"""The configuration of a training: preset, file and overrides, and more epochs for few examples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet import config, progress
from glassnet.contract import Task
from glassnet.errors import UsageError


def is_set(field: str, file: Path | None, overrides: Mapping[str, Any]) -> bool:
    """Whether the overrides or the TOML file have a field, so that nothing else chooses it."""
    return field in overrides or (file is not None and field in config.read_toml(file))


def check_one_process_per_seed(chosen: config.TrainingConfig, overrides: Mapping[str, Any]) -> None:
    """Check that a configuration can be trained with several seeds.

    Raises:
        UsageError: it has a seed, or several processes for each training.
    """
    if "seed" in overrides:
        raise UsageError("--seed and --seeds exclude each other", "remove one of them")
    if chosen.processes > 1:
        raise UsageError(
            "--processes shares one training, and --seeds gives each training a process",
            "remove --processes or --seeds",
        )


def adapted(
    task: Task,
    base: config.TrainingConfig,
    chosen: config.TrainingConfig,
    n_examples: int,
    file: Path | None,
    overrides: Mapping[str, Any],
) -> config.TrainingConfig:
    """The configuration for a training set of this size: a small one has more epochs.

    A note says so. What somebody has chosen stays as it is.

    Args:
        task: how many steps its presets are meant for.
        base: the preset.
        chosen: the preset with the file and the overrides.
    """
    steps = -(-n_examples // chosen.batch_size)
    epochs = config.epochs_for_few_steps(
        chosen.epochs, steps, task.usual_steps, task.epoch_multiple
    )
    if is_set("epochs", file, overrides):
        epochs = chosen.epochs
    if epochs > chosen.epochs:
        progress.log(
            f"{epochs} epochs instead of {chosen.epochs}, since {n_examples:,} examples are few: "
            f"{steps} {'step' if steps == 1 else 'steps'} per epoch; --epochs sets another number"
        )
    return config.resolve(base.adapted(epochs, steps), file=file, overrides=overrides)
