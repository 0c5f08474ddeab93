"""What insights may ask of some kinds of network, beyond that they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Vocabulary(Protocol):
    """How texts become words and numbers."""

    words: tuple[str, ...]
    """Number -> word as the network knows it; `words[padding]` and `words[unknown]` are names."""

    padding: int
    """Fills up short texts at their end; always 0."""

    unknown: int
    """Stands for every word that is not among the known ones; always 1."""

    def pieces(self, text: str) -> tuple[str, ...]:
        """The text as it is written, cut before each word that the network reads.

        One piece per number of the text's row of inputs, each with what follows it up to the next
        word; of a text that is too long, what is left out in its middle is told by ` [...] ` at the
        end of a piece. Empty for a text without a word.
        """


@runtime_checkable
class TextModel(Protocol):
    """A network that reads texts word by word: what insights may ask of it.

    Words are numbers (B, T) int64, filled up with 0 at the end; the filling changes no answer.
    """

    def embed(self, words: Tensor) -> Tensor:
        """Numbers of words (B, T) to vectors (B, T, width); those of the filling are zero."""

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors and numbers of words (B,) to the last recurrent layer's units: (B, T, units)."""

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors and numbers of words (B,) to the classes' log-odds (logits): (B, classes)."""


class ReferenceClassifier(Protocol):
    """A trained classifier, as a measure of images that another network has made."""

    name: str
    """Its run's name."""

    layer: str
    """The layer whose values are its features."""

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, features) float32 for (n, H, W[, channels]) uint8 images."""

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """(n, classes) float32 for the same."""


@runtime_checkable
class LatentModel(Protocol):
    """A network that makes images from codes drawn from N(0, I): what insights may ask of it."""

    latent_dim: int
    """Number of latent dimensions."""

    classes: int
    """Number of classes that it is told of, 0 where it is told of none."""

    def observe(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """uint8 pixels (B, C, H, W) as what the likelihood is of, binarised where it says so."""

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z|x), (B, latent) each.

        Where there are classes, labels (B,) that are not given are the likeliest ones.
        """

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Codes (B, latent) to the parameters of p(x|z); labels (B,) where there are classes."""

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """log p(x|z) in nats, (B,), for parameters and observations of equal batch size."""

    def images(self, parameters: Tensor) -> Tensor:
        """The mean image of p(x|z): (B, C, H, W) in [0, 1]."""
