"""Activations of the layers of any module, by layer name, in batches."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import progress
from glassnet.contract import Rows
from glassnet.errors import UsageError, suggest

BATCH = 100
"""Examples in a batch: the activations of a small network then stay in the processor's cache, and
texts are padded little. Batches of 500 images take a quarter longer."""

MAX_BYTES = 2 << 30
"""Bytes that the activations of all chosen layers together may take."""


@contextmanager
def capture(network: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Record the outputs of layers in a dictionary at every call of the network.

    The hooks are removed when the block ends, also after an error. If a layer runs several times in
    one call, its last output is recorded; if it returns several tensors, the first one is.

    Args:
        network: any module.
        layers: names as in `network.named_modules()`.

    Raises:
        UsageError: there is no layer of that name; the error suggests the nearest name.

    Example:
        >>> network = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> with capture(network, ["1"]) as outputs:
        ...     _ = network(torch.ones(4, 3))
        >>> outputs["1"].shape
        torch.Size([4, 2])
    """
    modules = dict(network.named_modules())
    for name in layers:
        if not name or name not in modules:
            raise UsageError(f"there is no layer {name!r}", suggest(name, filter(None, modules)))
    outputs: dict[str, Tensor] = {}
    handles = []
    try:
        for name in layers:
            handles.append(modules[name].register_forward_hook(_recorder(outputs, name)))
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def activations(
    network: nn.Module,
    forward: Callable[[Tensor], object],
    inputs: Rows,
    layers: Sequence[str],
    batch_size: int = BATCH,
) -> dict[str, np.ndarray]:
    """Compute the outputs of layers for many inputs, flattened per example.

    The result takes at most `MAX_BYTES`, besides the outputs of one batch. The network runs in
    evaluation mode; its mode is restored afterwards.

    Args:
        forward: runs the network on a batch of `inputs`.
        inputs: any number.

    Returns:
        Layer name -> (n, features) float32.

    Raises:
        UsageError: a layer does not exist or is not used by this forward pass, or the result would
            be too large; the error says how many inputs fit.
    """
    results: dict[str, np.ndarray] = {}
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with (
            capture(network, layers) as outputs,
            torch.inference_mode(),
            progress.stage("activations", len(inputs), "examples") as advance,
        ):
            for start in range(0, len(inputs), batch_size):
                batch = inputs[start : start + batch_size]
                forward(batch)
                _check_all_used(outputs, layers)
                if not results:
                    results = _empty(outputs, layers, len(inputs))
                for name in layers:
                    values = outputs[name].flatten(1).float().cpu().numpy()
                    results[name][start : start + len(batch)] = values
                advance(len(batch))
    finally:
        for module, mode in modes.items():
            module.training = mode
    return results


def _empty(outputs: dict[str, Tensor], layers: Sequence[str], n: int) -> dict[str, np.ndarray]:
    """Allocate the arrays of the result, unless they are too large."""
    widths = {name: outputs[name][0].numel() for name in layers}
    bytes_each = 4 * sum(widths.values())
    if n * bytes_each > MAX_BYTES:
        raise UsageError(
            f"{n:,} examples of {', '.join(layers)} would take {n * bytes_each / 2**30:.1f} GiB",
            f"choose fewer layers, or at most {MAX_BYTES // bytes_each:,} points",
        )
    return {name: np.empty((n, width), np.float32) for name, width in widths.items()}


def _check_all_used(outputs: dict[str, Tensor], layers: Sequence[str]) -> None:
    for name in layers:
        if name not in outputs:
            raise UsageError(
                f"the layer {name!r} is not used when the network runs", suggest(name, outputs)
            )


def _recorder(outputs: dict[str, Tensor], name: str) -> Callable[[nn.Module, object, object], None]:
    def record(module: nn.Module, inputs: object, output: object) -> None:
        while isinstance(output, tuple | list):
            output = output[0]
        assert isinstance(output, Tensor)  # noqa: S101
        outputs[name] = output.detach()

    return record
