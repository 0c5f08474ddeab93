"""Gradients of several processes, added in the order of the processes."""

import torch
from lightning_fabric.strategies import DDPStrategy
from torch import Tensor, distributed, nn
from torch.distributed import GradBucket
from torch.nn.parallel import DistributedDataParallel


class OrderedGradients(DDPStrategy):
    """Distributed data parallel training whose sums do not depend on when it was started.

    torch rearranges the gradients after the first step of a process, and the order in which three
    or more processes are added follows from that: a resumed training would be rounded differently.
    """

    def setup_module(self, module: nn.Module) -> DistributedDataParallel:  # noqa: D102
        wrapped = super().setup_module(module)
        wrapped.register_comm_hook(None, _mean)
        return wrapped


def _mean(state: None, bucket: GradBucket) -> torch.futures.Future[Tensor]:
    """The mean of a bucket's gradients over the processes.

    It waits, since a callback in a thread of the connection could wait for a process group that
    waits for the thread, where another process has ended.
    """
    gradients = bucket.buffer()
    parts = [torch.empty_like(gradients) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, gradients)
    for part in parts[1:]:
        parts[0] += part
    done: torch.futures.Future[Tensor] = torch.futures.Future()
    done.set_result(gradients.copy_(parts[0]).div_(len(parts)))
    return done
