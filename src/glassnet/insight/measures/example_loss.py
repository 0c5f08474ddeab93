"""Loss of each training example over the epochs: learning time, forgetting, mean and spread."""

from dataclasses import dataclass

import numpy as np

from glassnet.contract import ExampleLoss

LEARNED_WITHIN = 0.1
"""Share of an example's whole fall by which its loss may exceed the last one once it is learned."""

FORGOTTEN_ABOVE = 0.1
"""Share of its loss by which the loss has to rise in one epoch for an example to be forgotten."""


@dataclass(frozen=True, eq=False)
class LossDynamics:
    """How the loss of each training example developed; all arrays are (n,).

    Attributes:
        learned_epoch: the epoch from which on the loss stays at or below its last value plus
            `LEARNED_WITHIN` of its fall from the first epoch to the last.
        n_forgotten: number of epochs in which it rose by more than `FORGOTTEN_ABOVE`.
        mean, std: mean and standard deviation of the loss over the epochs, in nats.
    """

    learned_epoch: np.ndarray
    n_forgotten: np.ndarray
    mean: np.ndarray
    std: np.ndarray


def loss_dynamics(recorded: ExampleLoss) -> LossDynamics:
    """Summarise the loss of each training example, epoch by epoch.

    Example:
        >>> nats = np.array([[200.0, 90.0], [95.0, 120.0], [100.0, 80.0]])
        >>> dynamics = loss_dynamics(ExampleLoss(np.arange(1, 4), nats))
        >>> dynamics.learned_epoch.tolist(), dynamics.n_forgotten.tolist()
        ([2, 3], [0, 1])
    """
    nats = recorded.nats
    learned = nats <= nats[-1] + LEARNED_WITHIN * np.maximum(nats[0] - nats[-1], 0)
    to_the_end = np.logical_and.accumulate(learned[::-1]).sum(axis=0)  # epochs, counted backwards
    return LossDynamics(
        learned_epoch=recorded.epochs[len(nats) - to_the_end],
        n_forgotten=(nats[1:] > (1 + FORGOTTEN_ABOVE) * nats[:-1]).sum(axis=0),
        mean=nats.mean(axis=0),
        std=nats.std(axis=0),
    )
