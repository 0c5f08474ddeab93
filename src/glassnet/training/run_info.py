"""Content of run.json before training: everything needed to repeat it."""

from typing import Any

from glassnet import config
from glassnet.contract import Signature, Splits, Task
from glassnet.runs import environment


def describe_run(
    task: Task,
    preset: str,
    base: config.TrainingConfig,
    chosen: config.TrainingConfig,
    splits: Splits,
    signature: Signature,
) -> dict[str, Any]:
    """Description of a run that is about to start; raises as `describe_network`."""
    from glassnet.training.threads import threads_for

    return {
        **describe_network(task, preset, base, chosen, splits, signature),
        "status": "started",
        "hardware": environment.hardware()
        | {"threads": threads_for(task, chosen, splits, signature)},
        "git": environment.commit(),
        "started": environment.now(),
    }


def describe_network(
    task: Task,
    preset: str,
    base: config.TrainingConfig,
    chosen: config.TrainingConfig,
    splits: Splits,
    signature: Signature,
) -> dict[str, Any]:
    """Description of a network before training, independent of time and machine.

    Raises:
        ConfigError: the network cannot be built.
    """
    from glassnet.training.setup import resolve_precision

    network = task.build(chosen, signature)  # raises ConfigError early
    return {
        "task": task.name,
        "preset": preset,
        "seed": chosen.seed,
        "config": config.as_dict(chosen),
        "command": config.command(task.name, preset, chosen, base),
        "data": describe_data(splits, signature),
        "parameters": sum(p.numel() for p in network.parameters()),
        "precision": resolve_precision(chosen),
        "versions": environment.versions(),
    }


def describe_data(splits: Splits, signature: Signature) -> dict[str, Any]:
    """Description of the data, and the network's signature."""
    return {
        "name": splits.name,
        "fingerprint": splits.fingerprint,
        "train": len(splits.train),
        "valid": len(splits.valid),
        "test": len(splits.test),
        "input_shape": list(signature.input_shape),
        "class_names": list(splits.class_names),
        "n_ngrams": signature.n_ngrams,
        **_tokens(signature),
        "value_ranges": {kind: list(ends) for kind, ends in signature.value_ranges.items()},
    }


def _tokens(signature: Signature) -> dict[str, str]:
    """What the tokens of texts are; nothing for images."""
    if not signature.vocabulary:
        return {}
    from glassnet.data.texts.vocabulary import Vocabulary  # images need no tokenizer

    return {"tokens": Vocabulary(signature.vocabulary, signature.input_shape[0]).unit}
