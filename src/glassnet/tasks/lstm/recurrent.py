"""Bidirectional LSTM layer for padded sequences, with weight dropout and bfloat16 on CPUs."""

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.parallel import has_small_time_steps, one_torch_thread


class Recurrent(nn.Module):
    """An LSTM over each text (Hochreiter & Schmidhuber 1997), optionally in both directions.

    The backward LSTM reads each text reversed within its own length, so that no state depends on
    the padding: the result of packed sequences at the speed of padded ones.

    Args:
        input_size: values per word of the input.
        hidden_size: units per direction.
        bidirectional: whether to run an LSTM in each direction.
        weight_dropout: fraction of the recurrent weights that are zeroed for each batch (Merity,
            Keskar & Socher 2018).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bidirectional: bool, weight_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.forwards = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.backwards = None
        if bidirectional:
            self.backwards = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.weight_dropout = weight_dropout
        for lstm in (self.forwards, self.backwards):
            if lstm is not None:
                _initialise(lstm)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, input_size) and the texts' lengths (B,) to float32 states (B, T, state size).

        The state size is `hidden_size` per direction.
        """
        states = self._run(self.forwards, values)  # (B, T, H)
        if self.backwards is None:
            return states
        order = reversed_positions(lengths, values.shape[1])
        backward = self._run(self.backwards, take_positions(values, order))
        return torch.cat([states, take_positions(backward, order)], dim=2)  # (B, T, 2H)

    def _run(self, lstm: nn.LSTM, values: Tensor) -> Tensor:
        half = values.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        dropped = self.training and self.weight_dropout > 0
        if not (half or dropped):
            with _one_thread_if_small(lstm, values):
                return lstm(values)[0].float()
        # Autocast skips LSTMs on CPUs, where bfloat16 makes them 1.7 times as fast.
        dtype = torch.bfloat16 if half else values.dtype
        weights = {}
        for name, weight in lstm.named_parameters():
            if dropped and name.startswith("weight_hh"):
                weight = F.dropout(weight, self.weight_dropout)
            weights[name] = weight.to(dtype)
        return torch.func.functional_call(lstm, weights, (values.to(dtype),))[0].float()


def _one_thread_if_small(lstm: nn.LSTM, values: Tensor) -> AbstractContextManager[None]:
    """Use one of torch's threads for small time steps; a training has chosen its number itself."""
    is_small = has_small_time_steps(values.shape[0], lstm.weight_hh_l0.numel())
    return one_torch_thread() if is_small and not lstm.training else nullcontext()


def reversed_positions(lengths: Tensor, n_positions: int) -> Tensor:
    """Positions that reverse each text and leave its padding in place: (B, T) int64.

    Example:
        >>> reversed_positions(torch.tensor([3, 1]), 4).tolist()
        [[2, 1, 0, 3], [0, 1, 2, 3]]
    """
    positions = torch.arange(n_positions, device=lengths.device)
    ends = lengths.unsqueeze(1)
    return torch.where(positions < ends, ends - 1 - positions, positions)


def take_positions(values: Tensor, positions: Tensor) -> Tensor:
    """Vectors (B, T, size) in the order of these positions (B, T); faster than `gather`."""
    first = torch.arange(values.shape[0], device=values.device).unsqueeze(1) * values.shape[1]
    return F.embedding(first + positions, values.flatten(0, 1))


def _initialise(lstm: nn.LSTM) -> None:
    """Orthogonal recurrent weights, and forget gates biased to 1 (Jozefowicz et al. 2015)."""
    for name, weight in lstm.named_parameters():
        if name.startswith("weight_hh"):
            for gate in weight.chunk(4):
                nn.init.orthogonal_(gate)
        elif name.startswith("weight_ih"):
            nn.init.xavier_uniform_(weight)
        else:
            nn.init.zeros_(weight)
            if name.startswith("bias_ih"):
                nn.init.ones_(weight.chunk(4)[1])
