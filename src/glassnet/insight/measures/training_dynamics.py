"""Training dynamics of each example: learning time, forgetting, confidence and label issues."""

from dataclasses import dataclass

import numpy as np

from glassnet.contract import TrainingDynamics

GROUPS = ("always correct", "learned later", "forgotten", "never correct")


@dataclass(frozen=True, eq=False)
class ExampleDynamics:
    """How each training example was learned; all arrays are (n,).

    Attributes:
        n_epochs: number of epochs.
        learned_epoch: the epoch from which on the example was predicted correctly to the end, 0 if
            there is none (the learning time of Baldock, Maennel & Neyshabur 2021).
        n_forgotten: number of epochs in which it was wrong right after one in which it was correct
            (Toneva et al. 2019, "An empirical study of example forgetting").
        n_correct: number of epochs in which it was predicted correctly.
        confidence: mean probability of its own class over the epochs.
        variability: standard deviation of that probability (Swayamdipta et al. 2020, "Dataset
            cartography").
    """

    n_epochs: int
    learned_epoch: np.ndarray
    n_forgotten: np.ndarray
    n_correct: np.ndarray
    confidence: np.ndarray
    variability: np.ndarray

    @property
    def label_issue_scores(self) -> np.ndarray:
        """(n,) float in [0, 1]; the higher, the more probably the label is wrong.

        It is 1 minus the confidence: what a network learns last contradicts the other examples.
        """
        return 1 - self.confidence

    @property
    def groups(self) -> np.ndarray:
        """(n,) int64, the position in `GROUPS` of each example's group."""
        group = np.where(self.n_correct == self.n_epochs, 0, 1)
        group[self.n_forgotten > 0] = 2
        group[self.n_correct == 0] = 3
        return group


def example_dynamics(recorded: TrainingDynamics) -> ExampleDynamics:
    """Summarise what was recorded of each training example, epoch by epoch.

    Example:
        >>> correct = np.array([[False, True], [True, False], [True, True]])
        >>> recorded = TrainingDynamics(np.arange(1, 4), correct.astype(np.float32), correct)
        >>> dynamics = example_dynamics(recorded)
        >>> dynamics.learned_epoch.tolist(), dynamics.n_forgotten.tolist()
        ([2, 3], [0, 1])
    """
    correct, n_epochs = recorded.correct, len(recorded.epochs)
    to_the_end = np.logical_and.accumulate(correct[::-1]).sum(axis=0)  # epochs, counted backwards
    first = recorded.epochs[np.minimum(n_epochs - to_the_end, n_epochs - 1)]
    return ExampleDynamics(
        n_epochs=n_epochs,
        learned_epoch=np.where(to_the_end > 0, first, 0),
        n_forgotten=(correct[:-1] & ~correct[1:]).sum(axis=0),
        n_correct=correct.sum(axis=0),
        confidence=recorded.probabilities.mean(axis=0),
        variability=recorded.probabilities.std(axis=0),
    )
