"""Adam with one second moment for each row of a matrix."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class RowwiseAdam(torch.optim.Adam):
    """Adam (Kingma & Ba 2015) that gives all weights of a row one step size.

    Adam divides each weight's mean gradient by the root of its mean square, so that the scores of a
    rare word move equally far for each class, however small the gradient of most of them. Here the
    mean square is that of the row (`PARTIAL_ROWWISE_ADAM` in FBGEMM).

    Args:
        groups: as for Adam.
        rows: the weights among them, matrices, that have one step size for each row.
        options: of Adam.

    Example:
        >>> scores = nn.Parameter(torch.zeros(1, 2))
        >>> optimizer = RowwiseAdam([{"params": [scores]}], [scores], lr=0.1)
        >>> scores.grad = torch.tensor([[3.0, -4.0]])
        >>> optimizer.step()
        >>> [round(value, 3) for value in scores[0].tolist()]  # Adam: [-0.1, 0.1]
        [-0.085, 0.113]
    """

    def __init__(
        self, groups: Iterable[dict[str, Any]], rows: Iterable[nn.Parameter], **options: Any
    ) -> None:
        super().__init__(groups, fused=True, **options)
        self.rows = set(rows)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # noqa: D102
        loss = None if closure is None else torch.enable_grad()(closure)()
        gradients = {weight: weight.grad for weight in self.rows}
        for weight in self.rows:
            weight.grad = None  # Adam leaves out weights without a gradient
        super().step()
        for group in self.param_groups:
            for weight in group["params"]:
                if (gradient := gradients.get(weight)) is not None:
                    weight.grad = gradient
                    _step(weight, gradient, self.state[weight], group)
        return loss


def _step(
    weight: Tensor, gradient: Tensor, state: dict[str, Tensor], group: dict[str, Any]
) -> None:
    """Update a matrix and its moments; names and places of the state are those of Adam."""
    (beta1, beta2), rate, decay = group["betas"], group["lr"], group["weight_decay"]
    if not state:
        state["step"] = torch.zeros(())
        state["exp_avg"] = torch.zeros_like(weight)
        state["exp_avg_sq"] = weight.new_zeros(len(weight), 1)
    state["step"] += 1
    steps = state["step"].item()
    if group["decoupled_weight_decay"]:
        weight.mul_(1 - rate * decay)
    elif decay:
        gradient = gradient.add(weight, alpha=decay)
    square = torch.linalg.vector_norm(gradient, dim=1, keepdim=True).square() / weight.shape[1]
    mean = state["exp_avg"].lerp_(gradient, 1 - beta1)
    root = (state["exp_avg_sq"].lerp_(square, 1 - beta2) / (1 - beta2**steps)).sqrt_()
    weight.addcdiv_(mean, root.add_(group["eps"]), value=-rate / (1 - beta1**steps))


def weights_by_row(network: nn.Module) -> list[nn.Parameter]:
    """The weights of all modules that have a true attribute `one_rate_per_row`."""
    modules = (part for part in network.modules() if getattr(part, "one_rate_per_row", False))
    return [weight for module in modules for weight in module.parameters()]
