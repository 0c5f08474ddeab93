"""Running means over an epoch, and outcomes of single examples."""

from typing import Any

import torch

from glassnet.contract import StepResult


class RunningMeans:
    """Means of loss and metrics over batches, weighted by their size; its state can be saved.

    The sums stay on the device until they are read, so that adding never waits for it.
    """

    def __init__(self) -> None:
        self.sums: dict[str, torch.Tensor] = {}
        self.count = 0

    def add(self, result: StepResult) -> None:
        """Add one batch."""
        values = {"loss": result.loss.detach(), **result.metrics}
        for name, value in values.items():
            weighted = value.detach().to(_widest(value.device)) * result.count
            self.sums[name] = self.sums[name] + weighted if name in self.sums else weighted
        self.count += result.count

    def means(self) -> dict[str, float]:
        """Name -> mean over all examples added, `loss` first."""
        return {name: float(total) / self.count for name, total in self.sums.items()}

    def state_dict(self) -> dict[str, Any]:
        """The sums, on the CPU, and the count."""
        sums = {name: total.cpu() for name, total in self.sums.items()}
        return {"sums": sums, "count": self.count}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Restore a saved state."""
        self.sums, self.count = dict(saved["sums"]), saved["count"]


@torch.no_grad()
def example_outcomes(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The probability of each example's own class, and 1 if it is predicted, else 0: (B, 2).

    Args:
        logits: (B, classes).
        labels: (B,) int64.

    Example:
        >>> example_outcomes(torch.tensor([[0.0, 0.0], [99.0, 0.0]]), torch.tensor([1, 0]))
        tensor([[0.5000, 0.0000],
                [1.0000, 1.0000]])
    """
    own = logits.float().softmax(dim=1).gather(1, labels.unsqueeze(1))
    return torch.cat([own, (logits.argmax(dim=1) == labels).unsqueeze(1)], dim=1)


def _widest(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64  # Apple's GPUs have no doubles
