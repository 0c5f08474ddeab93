"""Interfaces of vocabularies, text models, latent models and reference classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


class Vocabulary(Protocol):
    """Words and token ids of texts."""

    words: tuple[str, ...]
    """Token id -> word; those of padding and the unknown word are placeholders."""

    padding: int
    """Token id that pads texts at their end; always 0."""

    unknown: int
    """Token id of every word outside the vocabulary; always 1."""

    def pieces(self, text: str) -> tuple[str, ...]:
        """The text cut before each word that the network reads.

        One piece per token id, each with the characters up to the next word. In a text that is too
        long, ` [...] ` at the end of a piece marks the omitted middle. Empty for a text without
        words.
        """


@runtime_checkable
class TextModel(Protocol):
    """A network that reads texts word by word.

    Words are token ids (B, T) int64, padded with 0 at the end; outputs do not depend on padding.
    """

    branches: tuple[str, ...]
    """What the logits are made of, as `LSTM` and `n-grams`; the first has the hidden states."""

    branch_sizes: tuple[int, ...]
    """How many values of a word's vector each branch reads; they follow one another."""

    def embed(self, words: Tensor) -> Tensor:
        """Token ids (B, T) to vectors (B, T, size); those of padding are zero."""

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors and lengths (B,) to the states of the last recurrent layer: (B, T, units)."""

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors and lengths (B,) to logits (B, classes)."""

    def branch_logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors and lengths (B,) to the logits of each branch: (B, branches, classes)."""


class ReferenceClassifier(Protocol):
    """A trained classifier that scores generated images."""

    name: str
    """Name of its run."""

    layer: str
    """Layer of its features."""

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, features) float32 for (n, H, W[, channels]) uint8 images."""

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """(n, classes) float32 for (n, H, W[, channels]) uint8 images."""


class CodeDistribution(Protocol):
    """The distribution of a network's latent codes."""

    @property
    def needs_codes(self) -> bool:
        """Whether there is something to fit to the codes after the training."""

    @property
    def n_gaussians(self) -> int:
        """Number of Gaussians that it is a mixture of; 0 for N(0, I)."""

    @property
    def is_reweighted(self) -> bool:
        """Whether their mixture is reweighted."""

    def log_ratio(self, codes: Tensor) -> Tensor:
        """Log density less that of N(0, I), of codes (B, latent_dim): (B,) in nats."""

    def sample(self, count: int, seed: int, temperature: float = 1.0) -> np.ndarray:
        """(count, latent_dim) float32; the temperature scales the standard deviation."""

    def complete(
        self, train: tuple[np.ndarray, np.ndarray], valid: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """Fit to the codes what is not fitted while the network is trained.

        Args:
            train: means and standard deviations of training codes, (n, latent_dim) each.
            valid: the same of validation codes.
        """


@runtime_checkable
class LatentModel(Protocol):
    """A network that generates images from latent codes."""

    latent_dim: int
    """Number of latent dimensions."""

    classes: int
    """Number of classes that it is conditioned on; 0 for none."""

    prior: CodeDistribution
    """The distribution that codes are sampled from; N(0, I) until it is fitted."""

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        """uint8 pixels (B, C, H, W) as observations of the likelihood, binarised for Bernoulli.

        A seed draws the same noise for the same image, whatever else the batch holds.
        """

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z|x), (B, latent_dim) each.

        A conditional network without labels (B,) takes the likeliest classes.
        """

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Codes (B, latent_dim), and labels (B,) if conditional, to the parameters of p(x|z)."""

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """log p(x|z) in nats: (B,)."""

    def images(self, parameters: Tensor) -> Tensor:
        """The mean image of p(x|z): (B, C, H, W) in [0, 1]."""
