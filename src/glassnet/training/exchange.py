"""What the processes of one training exchange; a single process gets its own values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from glassnet.training.hooks import Hook, JointHook

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def gather(fabric: Fabric, value: Any) -> list[Any]:
    """The values of all processes, by rank, in the first process; empty in the others."""
    if fabric.world_size == 1:
        return [value]
    values: list[Any] = [None] * fabric.world_size
    torch.distributed.gather_object(value, values if fabric.is_global_zero else None)
    return values if fabric.is_global_zero else []


def agree(fabric: Fabric, hooks: Sequence[Hook], loss: Tensor) -> Tensor:
    """Make joint hooks act in all processes if one of them wants to; returns the sum of losses."""
    if fabric.world_size == 1:
        return loss
    joint = [hook for hook in hooks if isinstance(hook, JointHook)]
    values = [loss.detach().float(), *(torch.tensor(float(hook.requested)) for hook in joint)]
    total, *requests = fabric.all_reduce(
        torch.stack([value.to(fabric.device) for value in values]), reduce_op="sum"
    )
    for hook, count in zip(joint, requests, strict=True):
        hook.agreed = bool(count)
    return total


def share_buffers(fabric: Fabric, network: nn.Module) -> None:
    """Give the network of each process the buffers of the first one, whose network is saved."""
    if fabric.world_size > 1:
        for buffer in network.buffers():
            torch.distributed.broadcast(buffer, src=0)
