"""Set-up of a training: device and processes, batches, initial weights, optimizer and schedule."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from glassnet import parallel, seeding
from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature, Splits
from glassnet.data.batches import Batches
from glassnet.errors import ConfigError
from glassnet.training.hooks import Hook
from glassnet.training.loop import Trainer
from glassnet.training.optim import make_average, make_optimizer, make_schedule
from glassnet.training.state import TrainingState

VALID_BATCH_SIZE = 500
"""Minimum size of validation batches."""


@contextmanager
def open_fabric(config: TrainingConfig) -> Iterator[Fabric]:
    """Set up device, precision, processes and threads; each of several processes enters the block.

    torch has its number of threads back when the block ends.

    Raises:
        ConfigError: this machine has no such device.
    """
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    threads = torch.get_num_threads()
    torch.set_num_threads(config.threads or max(1, parallel.n_threads() // config.processes))
    try:
        yield _launch(config)
    finally:
        torch.set_num_threads(threads)


def _launch(config: TrainingConfig) -> Fabric:
    try:
        fabric = Fabric(
            accelerator=config.device,
            devices=config.processes,
            strategy="ddp" if config.processes > 1 else "auto",
            precision="bf16-mixed" if resolve_precision(config) == "bf16" else "32-true",
        )
        fabric.launch()
    except (ValueError, RuntimeError, ImportError) as error:
        reason = str(error).splitlines()[0].split(". ")[0]
        raise ConfigError(
            f"device {config.device!r} with {config.processes} processes: {reason}",
            "try --device cpu, or auto",
        ) from error
    return fabric


def resolve_precision(config: TrainingConfig) -> str:
    """`32` or `bf16`: what `auto` means on this machine."""
    if config.precision != "auto":
        return config.precision
    if config.device == "cpu" or not torch.accelerator.is_available():
        return "bf16" if torch.cpu.get_capabilities().get("avx512_bf16") else "32"
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported(False) else "32"


def make_batches(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
) -> tuple[Batches, Batches]:
    """Batches of the training and the validation split.

    Raises:
        ConfigError: there are more processes than examples in a batch.
    """
    options: dict[str, Any] = {
        "padding": learner.padding,
        "device": fabric.device,
        "rank": fabric.global_rank,
        "world_size": fabric.world_size,
    }
    size = config.batch_size
    if size < fabric.world_size or len(splits.train) < 2 * fabric.world_size:
        raise ConfigError(
            f"{len(splits.train)} examples in batches of {size} cannot be shared by "
            f"{fabric.world_size} processes",
            "give a larger --batch-size or fewer --processes",
        )
    train = learner.tensors(splits.train, config, signature)
    valid = learner.tensors(splits.valid, config, signature)
    return (
        Batches(train, size, config.seed, **options),
        Batches(valid, max(size, VALID_BATCH_SIZE), None, **options),
    )


def build_initialised(
    fabric: Fabric, learner: Learner, config: TrainingConfig, signature: Signature
) -> nn.Module:
    """Build the network with the same weights in every process; then seed each differently."""
    seeding.seed_everything(config.seed)
    network = learner.build(config, signature)
    seeding.seed_everything(config.seed + fabric.global_rank)
    return network


def load_matching_weights(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copy the weights whose name and shape the network has, and leave the others.

    Example:
        >>> network = nn.Linear(2, 1)
        >>> load_matching_weights(network, {"weight": torch.ones(1, 2), "bias": torch.ones(7)})
        >>> network.weight.tolist()
        [[1.0, 1.0]]
    """
    own = network.state_dict()
    matching = {
        name: weight
        for name, weight in weights.items()
        if name in own and own[name].shape == weight.shape
    }
    network.load_state_dict(matching, strict=False)


def make_trainer(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    network: nn.Module,
    batches: Batches,
    hooks: Sequence[Hook] = (),
) -> Trainer:
    """A trainer of the network, with a new optimizer, schedule and average of the weights."""
    network = network.to(fabric.device)
    optimizer = make_optimizer(config, network)
    wrapped, _ = fabric.setup(network, optimizer)
    schedule = make_schedule(config, optimizer, config.epochs * len(batches))
    state = TrainingState(network, optimizer, schedule, make_average(config, network))
    return Trainer(fabric, learner, config, wrapped, state, batches, hooks)
