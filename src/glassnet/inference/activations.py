"""Activations by layer name, from any module, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import progress
from glassnet.errors import UsageError, suggest

LARGEST = 2 << 30
"""Bytes that the activations of all chosen layers together may take."""


@contextmanager
def capture(network: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Fill a dictionary with the layers' outputs at every call of the network.

    The hooks are removed when the block ends, however it ends. A layer that runs several times in
    one call keeps its last output; of a layer that gives several tensors the first is kept.

    Args:
        network: any module.
        layers: names as in `network.named_modules()`.

    Raises:
        UsageError: there is no layer of that name; the nearest is suggested.

    Example:
        >>> network = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> with capture(network, ["1"]) as seen:
        ...     _ = network(torch.ones(4, 3))
        >>> seen["1"].shape
        torch.Size([4, 2])
    """
    modules = dict(network.named_modules())
    for name in layers:
        if not name or name not in modules:
            raise UsageError(f"there is no layer {name!r}", suggest(name, filter(None, modules)))
    seen: dict[str, Tensor] = {}
    handles = []
    try:
        for name in layers:
            handles.append(modules[name].register_forward_hook(_keeper(seen, name)))
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def activations(
    network: nn.Module,
    forward: Callable[[Tensor], object],
    inputs: Tensor,
    layers: Sequence[str],
    batch_size: int = 500,
) -> dict[str, np.ndarray]:
    """The layers' outputs for many inputs, flattened per example.

    The result takes at most `LARGEST` bytes, and beyond it one batch is held. The network is set
    to evaluation and put back as it was.

    Args:
        forward: runs the network on a batch of `inputs`.
        inputs: (n, ...).

    Returns:
        Layer name -> (n, features) float32.

    Raises:
        UsageError: a layer that does not exist, or that this forward pass does not use; or the
            result would be too large, with the number of inputs that fits.
    """
    results: dict[str, np.ndarray] = {}
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with (
            capture(network, layers) as seen,
            torch.inference_mode(),
            progress.stage("activations", len(inputs), "examples") as advance,
        ):
            for start in range(0, len(inputs), batch_size):
                batch = inputs[start : start + batch_size]
                forward(batch)
                _check_all_seen(seen, layers)
                if not results:
                    results = _room(seen, layers, len(inputs))
                for name in layers:
                    values = seen[name].flatten(1).float().cpu().numpy()
                    results[name][start : start + len(batch)] = values
                advance(len(batch))
    finally:
        for module, mode in modes.items():
            module.training = mode
    return results


def _room(seen: dict[str, Tensor], layers: Sequence[str], n: int) -> dict[str, np.ndarray]:
    """Empty arrays for the result, if they are not too large."""
    widths = {name: seen[name][0].numel() for name in layers}
    each = 4 * sum(widths.values())
    if n * each > LARGEST:
        raise UsageError(
            f"{n:,} examples of {', '.join(layers)} would take {n * each / 2**30:.1f} GiB",
            f"give fewer layers, or at most {LARGEST // each:,} points",
        )
    return {name: np.empty((n, width), np.float32) for name, width in widths.items()}


def _check_all_seen(seen: dict[str, Tensor], layers: Sequence[str]) -> None:
    for name in layers:
        if name not in seen:
            raise UsageError(
                f"the layer {name!r} is not used when the network runs", suggest(name, seen)
            )


def _keeper(seen: dict[str, Tensor], name: str) -> Callable[[nn.Module, object, object], None]:
    def keep(module: nn.Module, inputs: object, output: object) -> None:
        while isinstance(output, tuple | list):
            output = output[0]
        assert isinstance(output, Tensor)  # noqa: S101
        seen[name] = output.detach()

    return keep
