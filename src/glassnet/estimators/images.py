"""Estimators of images: a classifier, and a generator."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from glassnet.errors import ArgumentError
from glassnet.estimators import pixels
from glassnet.estimators.base import Examples, NetworkEstimator, Row, weighed
from glassnet.estimators.classifier import NetworkClassifier
from glassnet.estimators.layers import LayerTransformer
from glassnet.estimators.parameters import with_parameters
from glassnet.inference import latents

LEAST_SIDE = 8
"""The least side of the images that every classifying network takes."""

PRESETS_SIDE = 28
"""The side of the images that the presets' `shift` in pixels was chosen on."""


@dataclass(kw_only=True, eq=False, repr=False)
class TakesImages(NetworkEstimator):
    """Reads X as images."""

    image_shape: Any = None

    def _rows(self, X: Any) -> np.ndarray:
        return validate_data(self, self._flat(X, reset=False), reset=False)

    def _flat(self, X: Any, *, reset: bool) -> Any:
        """Images (n, H, W[, C]) as rows; whatever else X is, as it is. Settles the shape in fit."""
        given = None
        if not (issparse(X) or hasattr(X, "columns")):
            X = np.asarray(X)
            if X.ndim in (3, 4):
                given = X.shape[1:]
                _check_channels(given)
                X = X.reshape(len(X), -1)
            elif X.ndim > 4:
                raise ArgumentError(
                    f"X has the shape {X.shape}",
                    "give images (n, height, width[, channels]) or rows (n, features)",
                )
        if reset:
            self._given = given
        elif given not in (None, self._pixels.shape):
            raise ArgumentError(
                f"X has images of the shape {given}, but {type(self).__name__} is expecting "
                f"{self._pixels.shape} as input",
                "give images like those of fit",
            )
        return X

    def _shaped(self) -> None:
        """Settle the images' shape, once the number of features is known."""
        self._shape = pixels.image_shape(self.n_features_in_, self.image_shape, self._given)

    def _look(self, rows: np.ndarray) -> None:
        self._pixels = pixels.learn(rows, self._shape, rows=self._given is None)

    def _restore(self, seen: pixels.Pixels) -> None:
        self._pixels, self._shape = seen, seen.shape

    @property
    def _strip(self) -> bool:
        return self._shape[0] == 1


@with_parameters("cnn")
class CNNClassifier(TakesImages, NetworkClassifier):
    """A convolutional network that names images' classes, as a scikit-learn classifier.

    X are images (n, H, W) or (n, H, W, channels), or rows (n, features) of them: a square number of
    features from 64 on is a square image, and `image_shape` says all others. Fewer features that
    make no square are no image; they stand in a strip, each on its own scale from its least to its
    largest value in fit, and are neither turned nor moved. The preset's `shift` is taken in
    proportion to the images' side, as for 28 pixels. Images of eight bits and images in
    [0, 1] are taken as they are; others from the least to the largest value in fit. Nothing is
    rounded. Arrays, lists, and data frames of pandas and polars will do.

    Attributes:
        classes_: (classes,) the labels, sorted.
        n_features_in_: numbers per image.
        feature_names_in_: the columns' names, where X was a data frame.
        history_: loss, metrics and learning rate of every epoch, as lists.
        n_iter_: epochs done.
        best_epoch_: the epoch, counted from 1, whose weights were kept.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> X, y = load_digits(return_X_y=True)
        >>> classifier = CNNClassifier(epochs=2, random_state=0).fit(X, y)
        >>> classifier.transform(X[:5], layer="pool2").shape
        (5, 96)

    Args:
        preset: a named configuration, `default` or `paper`.
        random_state: an int gives equal results every time; a RandomState, or NumPy's own for
            None, is asked for one number.
        verbose: 1 shows a line per epoch on stderr.
        runs: a folder that gets a run folder with log and checkpoints; None leaves nothing.
        image_shape: (height, width) or (height, width, channels) of the images that are rows.
    """

    _task: ClassVar[str] = "cnn"

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        rows, labels = validate_data(self, self._flat(X, reset=reset), y, reset=reset)
        if reset:
            self._shaped()
        return rows, labels

    def _inputs(self, rows: np.ndarray) -> np.ndarray:
        images = self._pixels.images(rows)
        if not self._strip:
            return images
        # A strip is laid down as often as the network needs rows, and filled up at its end.
        missing = max(0, LEAST_SIDE - images.shape[2])
        filled = np.pad(images, [(0, 0), (0, 0), (0, missing)] + [(0, 0)] * (images.ndim - 3))
        return filled.repeat(LEAST_SIDE, axis=1)

    def _defaults(self, base: Any) -> dict[str, Any]:
        if self._strip:
            return {"rotate": 0.0, "scale": 0.0, "shift": 0.0}
        return {"shift": base.shift * min(self._shape[:2]) / PRESETS_SIDE}


@with_parameters("vae")
class VAE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TakesImages, LayerTransformer):
    """A variational autoencoder of images, as a scikit-learn transformer.

    X is what `CNNClassifier` takes, rounded to 256 levels, for the likelihood is one of eight-bit
    pixels: grey images are read as black and white with the grey as the chance of white, unless
    `likelihood="logistic"` keeps the grey. Features that are no image, in a strip, are learned by
    linear layers and the logistic likelihood.

    Attributes:
        n_features_in_: numbers per image.
        feature_names_in_: the columns' names, where X was a data frame.
        history_: loss, metrics and learning rate of every epoch, as lists.
        n_iter_: epochs done.
        best_epoch_: the epoch, counted from 1, whose weights were kept.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> X, _ = load_digits(return_X_y=True)
        >>> vae = VAE(epochs=1, latent_dim=4, random_state=0).fit(X)
        >>> vae.transform(X[:5]).shape, vae.sample(3).shape
        ((5, 4), (3, 64))

    Args:
        preset: a named configuration, `default`, `quick` or `perceptron`.
        random_state: an int gives equal results every time; a RandomState, or NumPy's own for
            None, is asked for one number.
        verbose: 1 shows a line per epoch on stderr.
        runs: a folder that gets a run folder with log and checkpoints; None leaves nothing.
        image_shape: (height, width) or (height, width, channels) of the images that are rows.
    """

    _task: ClassVar[str] = "vae"

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from scratch; a part that is held out chooses the epoch whose weights are kept.

        Args:
            X: the images.
            y: passed over.
            sample_weight: (n,) how much each image counts; one of weight 0 is left out.

        Returns:
            The estimator.

        Raises:
            ValueError: X or a parameter does not hold.
        """
        seed = self._seed()
        self._forget()
        with self._at_work():
            self._learn(self._read(X, sample_weight, reset=True), seed)
            self._n_features_out = self._fitted.config.latent_dim
        return self

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Go on from the weights that there are: one epoch over X at the rate `learning_rate`.

        Nothing is held out. The first call, unless `fit` came before, learns the images' scale.

        Args:
            X: images, as for `fit`.
            y: passed over.
            sample_weight: as for `fit`.

        Returns:
            The estimator.

        Raises:
            ValueError: X or a parameter does not hold.
        """
        first = not hasattr(self, "_fitted")
        seed = self._seed() if first else 0
        with self._at_work():
            self._go_on(self._read(X, sample_weight, reset=first), seed)
            self._n_features_out = self._fitted.config.latent_dim
        return self

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Codes back to images: the mean image of p(x|z).

        Args:
            X: (n, latent) codes.

        Returns:
            Images or rows on the scale of the X of `fit`: uint8 where that was uint8, else floats.

        Raises:
            NotFittedError: nothing has been learned yet.
            ValueError: the codes have another width.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=np.float32, order="C", input_name="X")
        width = self._fitted.config.latent_dim
        if codes.shape[1] != width:
            raise ValueError(
                f"X has {codes.shape[1]} features, but {type(self).__name__} is expecting {width} "
                "codes as input."
            )
        with self._at_work():
            codes = np.require(codes, requirements="W")  # torch warns of arrays that are not
            return self._pixels.back(latents.decode_exactly(self._fitted.generator, codes))

    def sample(
        self, n_samples: int = 1, *, random_state: Any = None, temperature: float = 1.0
    ) -> np.ndarray:
        """Images that the network makes up.

        Args:
            n_samples: how many, at least 1.
            random_state: an int gives the same images every time.
            temperature: standard deviation of the codes; below 1 more typical, above 1 wilder.

        Returns:
            (n_samples, ...) as `inverse_transform` gives them.

        Raises:
            NotFittedError: nothing has been learned yet.
            ValueError: a number is out of bounds.
        """
        check_is_fitted(self)
        if not isinstance(n_samples, numbers.Integral) or n_samples < 1:
            raise ArgumentError(f"n_samples = {n_samples!r}", "give a whole number from 1 on")
        if not 0 <= temperature < np.inf:
            raise ArgumentError(f"temperature = {temperature!r}", "give 0 or more")
        size = (int(n_samples), self._fitted.config.latent_dim)
        return self.inverse_transform(
            temperature * check_random_state(random_state).standard_normal(size)
        )

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """The mean ELBO of images in nats: a lower bound on log p(x), the higher the better.

        It is of what the likelihood is of: eight-bit pixels, or black and white ones drawn from the
        grey by one and the same draw; not of floats on their own scale. Bounds of other images,
        sizes and likelihoods cannot be compared.

        Args:
            X: images, as for `fit`.
            y: passed over.
            sample_weight: (n,) how much each image counts.

        Returns:
            The mean over the images; `glassnet evaluate` and reports give its negative.

        Raises:
            NotFittedError: nothing has been learned yet.
            ValueError: X does not fit what was learned from.
        """
        with self._at_work():
            check_is_fitted(self)
            rows = self._rows(X)
            rows, _, weights = weighed(rows, np.zeros(len(rows), np.int64), sample_weight)
            bounds = self._fitted.bounds(self._inputs(rows))
        return float(np.average(-bounds.astype(np.float64), weights=weights))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _read(self, X: Any, sample_weight: Any, *, reset: bool) -> Examples:
        least = 3 if reset else 1  # two to learn from, one to choose by
        rows = validate_data(
            self, self._flat(X, reset=reset), reset=reset, ensure_min_samples=least
        )
        if reset:
            self._shaped()
        rows, labels, weights = weighed(rows, np.zeros(len(rows), np.int64), sample_weight)
        return Examples(rows, labels, ("image",), weights)

    def _inputs(self, rows: np.ndarray) -> np.ndarray:
        return self._pixels.eight_bits(rows)

    def _defaults(self, base: Any) -> dict[str, Any]:
        if not self._strip:
            return {}
        return {"network": "perceptron", "likelihood": "logistic"}

    def _features(self, examples: np.ndarray, layer: str | None) -> np.ndarray:
        return self._fitted.codes(examples, layer)

    def _results(self, row: Row, count: int, weighted: bool) -> dict[str, Any]:
        bound = row["valid_negative_elbo"]
        note = f"mean of {count:,} validation images{', by their weights' * weighted}"
        return {
            "n": count,
            "headline": "negative_elbo",
            "negative_elbo": bound,
            "sentence": f"a validation image costs at most {bound:.2f} nats",
            "numbers": [["−ELBO", f"{bound:.2f} nats", note]],
        }


def _check_channels(shape: tuple[int, ...]) -> None:
    usual = (1, 3, 4)
    if len(shape) == 3 and shape[0] in usual and shape[2] not in usual:
        raise ArgumentError(
            f"images of the shape {shape} have their channels first",
            "put them last: np.moveaxis(X, 1, -1)",
        )
