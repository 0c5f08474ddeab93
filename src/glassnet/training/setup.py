"""Set-up of a training: device, precision, processes, threads and initial weights."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from glassnet import parallel, seeding
from glassnet.allocator import reuse_freed_blocks
from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature
from glassnet.errors import ConfigError
from glassnet.training import processes

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@contextmanager
def open_fabric(config: TrainingConfig) -> Iterator[Fabric]:
    """Set up device, precision, processes and threads; each of several processes enters the block.

    torch has its number of threads back when the block ends. Freed memory is used again from then
    on.

    Raises:
        ConfigError: this machine has no such device.
        ProcessError: another process has ended.
    """
    reuse_freed_blocks()
    threads = torch.get_num_threads()
    torch.set_num_threads(n_threads(config))
    try:
        fabric = _make_fabric(config)
        with processes.connected(fabric.strategy):
            fabric.launch()
            yield fabric
    finally:
        torch.set_num_threads(threads)


def n_threads(config: TrainingConfig) -> int:
    """Threads of each process: those of the configuration, or an equal share of all."""
    return config.threads or max(1, parallel.n_threads() // config.processes)


def _make_fabric(config: TrainingConfig) -> Fabric:
    from lightning_fabric import Fabric  # imports torch's compiler, which takes seconds

    from glassnet.training.gradients import OrderedGradients

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # its import has set another
    try:
        return Fabric(
            accelerator=config.device,
            devices=config.processes,
            strategy=OrderedGradients() if config.processes > 1 else "auto",
            precision="bf16-mixed" if resolve_precision(config) == "bf16" else "32-true",
        )
    except (ValueError, RuntimeError, ImportError) as error:
        reason = str(error).splitlines()[0].split(". ")[0]
        raise ConfigError(
            f"device {config.device!r} with {config.processes} processes: {reason}",
            "try --device cpu, or auto",
        ) from error


def resolve_precision(config: TrainingConfig) -> str:
    """`32` or `bf16`: what `auto` means on this machine."""
    if config.precision != "auto":
        return config.precision
    if config.device == "cpu" or not torch.accelerator.is_available():
        return "bf16" if _has_fast_bfloat16(torch.cpu.get_capabilities()) else "32"
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported(False) else "32"


def _has_fast_bfloat16(processor: Mapping[str, Any]) -> bool:
    """Whether products of bfloat16 matrices are faster than those of 32 bits.

    Intel's processors with 16-bit vectors (Sapphire Rapids and later) have matrix units for that.
    Without these, as in some virtual machines, their bfloat16 is the slower one.
    """
    without_units = processor.get("avx512_fp16") and not processor.get("amx_bf16")
    return bool(processor.get("avx512_bf16")) and not without_units


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
