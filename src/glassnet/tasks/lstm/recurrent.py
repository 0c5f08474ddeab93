"""One recurrent layer over texts of different lengths: an LSTM, or two in opposite directions."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Recurrent(nn.Module):
    """An LSTM over each text (Hochreiter & Schmidhuber 1997), and one that reads it from its end.

    The backward LSTM reads every text turned round within its own length, so that no state depends
    on the filling behind it: what packed sequences give, at the speed of even ones.

    Args:
        width: values per word that come in.
        units: per direction.
        bidirectional: whether there is an LSTM in each direction.
        weight_dropout: share of the recurrent weights that are zeroed for each batch (Merity,
            Keskar & Socher 2018).
    """

    def __init__(
        self, width: int, units: int, bidirectional: bool, weight_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.forwards = nn.LSTM(width, units, batch_first=True)
        self.backwards = nn.LSTM(width, units, batch_first=True) if bidirectional else None
        self.units = units * (1 + bidirectional)
        self.weight_dropout = weight_dropout
        for lstm in (self.forwards, self.backwards):
            if lstm is not None:
                _initialise(lstm)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, width) and the texts' lengths (B,) to (B, T, units) in 32 bits."""
        states = self._run(self.forwards, values)  # (B, T, H)
        if self.backwards is None:
            return states
        turn = turned(lengths, values.shape[1])
        backward = gathered(self._run(self.backwards, gathered(values, turn)), turn)
        return torch.cat([states, backward], dim=2)  # (B, T, 2H)

    def _run(self, lstm: nn.LSTM, values: Tensor) -> Tensor:
        half = values.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        dropped = self.training and self.weight_dropout > 0
        if not (half or dropped):
            return lstm(values)[0].float()
        # Autocast passes LSTMs by on processors, where bfloat16 makes them 1.7 times as fast.
        kind = torch.bfloat16 if half else values.dtype
        weights = {}
        for name, weight in lstm.named_parameters():
            if dropped and name.startswith("weight_hh"):
                weight = F.dropout(weight, self.weight_dropout)
            weights[name] = weight.to(kind)
        return torch.func.functional_call(lstm, weights, (values.to(kind),))[0].float()


def turned(lengths: Tensor, longest: int) -> Tensor:
    """Positions that turn each text round and leave its filling in place: (B, T) int64.

    Example:
        >>> turned(torch.tensor([3, 1]), 4).tolist()
        [[2, 1, 0, 3], [0, 1, 2, 3]]
    """
    places = torch.arange(longest, device=lengths.device)
    ends = lengths.unsqueeze(1)
    return torch.where(places < ends, ends - 1 - places, places)


def gathered(values: Tensor, places: Tensor) -> Tensor:
    """Vectors (B, T, width) in the order of these positions (B, T); faster than `gather`."""
    first = torch.arange(values.shape[0], device=values.device).unsqueeze(1) * values.shape[1]
    return F.embedding(first + places, values.flatten(0, 1))


def _initialise(lstm: nn.LSTM) -> None:
    """Orthogonal recurrent weights, and forget gates that begin open (Jozefowicz et al. 2015)."""
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
