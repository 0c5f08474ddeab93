"""The image classifier and the image generator as scikit-learn estimators."""

import numbers
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_array, check_random_state
from sklearn.utils.validation import _num_samples, check_is_fitted, validate_data

from glassnet.errors import ArgumentError
from glassnet.estimators import arguments, pixels
from glassnet.estimators.base import NetworkEstimator, Row
from glassnet.estimators.classifier import NetworkClassifier
from glassnet.estimators.examples import Examples, apply_sample_weight
from glassnet.estimators.layers import LayerTransformer
from glassnet.estimators.parameters import with_parameters
from glassnet.findings import minus_signs
from glassnet.inference import latents

MIN_SIDE = 8
"""Smallest side of the images that every image classifier takes."""

PRESET_SIDE = 28
"""Side of the images for which the presets' `shift` in pixels was chosen."""


@dataclass(kw_only=True, eq=False, repr=False)
class ImageEstimator(NetworkEstimator):
    """An estimator whose X has images, or rows that are images."""

    image_shape: Any = None

    def _check_rows(self, X: Any) -> np.ndarray:
        return validate_data(self, self._flatten(X, reset=False), reset=False)

    def _validate(self, X: Any, *, reset: bool, **options: Any) -> Any:
        """Validate X as rows with scikit-learn; `fit` also infers the shape of the images."""
        checked = validate_data(self, self._flatten(X, reset=reset), reset=reset, **options)
        if reset:
            self._shape = pixels.infer_shape(
                self.n_features_in_, self.image_shape, self._input_shape
            )
        return checked

    def _flatten(self, X: Any, *, reset: bool) -> Any:
        """Flatten images (n, H, W[, C]) to rows; other X stay as they are."""
        shape, name = None, type(self).__name__
        arguments.check_container(X, name)
        if not (issparse(X) or hasattr(X, "columns")):
            X = arguments.images_as_array(X, name)
            if X.ndim and not len(X):
                raise ArgumentError(
                    f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is "
                    f"required by {name}.",
                    "pass one or more images",
                )
            if X.ndim in (3, 4):
                shape = X.shape[1:]
                _check_channels(shape)
                X = X.reshape(len(X), -1)
            elif X.ndim > 4:
                raise ArgumentError(
                    f"X has shape {X.shape}",
                    "give images (n, height, width[, channels]) or rows (n, features)",
                )
        if reset:
            self._input_shape = shape
        elif shape not in (None, self._shape):
            raise ArgumentError(
                f"X has images of shape {shape}, but {name} is expecting {self._shape} as input",
                "give images like those of fit",
            )
        return X

    def _fit_preprocessing(self, rows: np.ndarray) -> None:
        self._scaler = pixels.fit_scaler(rows, self._shape, flat=self._input_shape is None)

    @property
    def _is_tabular(self) -> bool:
        return self._shape[0] == 1


@with_parameters("cnn")
class CNNClassifier(ImageEstimator, NetworkClassifier):
    """A convolutional network that classifies images, as a scikit-learn classifier.

    X has images (n, H, W) or (n, H, W, channels), or rows (n, features): a square number of
    features from 64 on is a square image; `image_shape` is the shape of all others. Fewer features
    that are not square are tabular: each is scaled from its minimum to its maximum in `fit`, and
    they are not augmented. The preset's `shift` is for images of 28 pixels and is scaled with the
    side. 8-bit images and images in [0, 1] keep their scale; others are scaled from the minimum to
    the maximum in `fit`. Values are not rounded. X may be an array, a list, or a data frame of
    pandas or polars.

    Attributes:
        classes_: (classes,) sorted labels.
        n_features_in_: numbers per image.
        feature_names_in_: names of the columns, if X was a data frame.
        history_: loss, metrics and learning rate of every epoch, as lists.
        n_iter_: number of epochs trained.
        best_epoch_: the selected epoch, counted from 1.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> X, y = load_digits(return_X_y=True)
        >>> classifier = CNNClassifier(epochs=2, random_state=0).fit(X, y)
        >>> classifier.transform(X[:5], layer="pool2").shape
        (5, 96)

    Args:
        preset: a named configuration, `default`, `quick`, `record`, `record-99` or `paper`.
        random_state: an int gives the same result in every call; a seed is drawn from a
            RandomState, or for None from NumPy's global one.
        verbose: 1 prints one line per epoch to stderr.
        runs: a folder for a new run folder with log and checkpoints; None writes nothing.
        class_weight: class -> weight, or `balanced` for weights that make up for their frequencies.
        image_shape: (height, width) or (height, width, channels) of images that are given as rows.
    """

    _task_name: ClassVar[str] = "cnn"

    def _check_rows_and_labels(
        self, X: Any, y: Any, *, reset: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        arguments.check_container(X, type(self).__name__)
        arguments.check_labels(y, _num_samples(X), type(self).__name__)
        rows, labels = self._validate(X, reset=reset, y=y)
        return rows, labels

    def _encode(self, rows: np.ndarray) -> np.ndarray:
        images = self._scaler.to_images(rows)
        if not self._is_tabular:
            return images
        # Tabular features are padded to the network's smallest width and repeated in every row.
        padding = max(0, MIN_SIDE - images.shape[2])
        padded = np.pad(images, [(0, 0), (0, 0), (0, padding)] + [(0, 0)] * (images.ndim - 3))
        return padded.repeat(MIN_SIDE, axis=1)

    def _preset_overrides(self, preset: Any) -> dict[str, Any]:
        if self._is_tabular:
            return {"rotate": 0.0, "scale": 0.0, "shift": 0.0}
        return {"shift": preset.shift * min(self._shape[:2]) / PRESET_SIDE}


@with_parameters("vae")
class VAE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ImageEstimator, LayerTransformer):
    """A variational autoencoder of images, as a scikit-learn transformer.

    X is as for `CNNClassifier`, rounded to 256 levels, as the likelihood is that of 8-bit pixels:
    grey images are binarised, with the grey value as the probability of white, unless
    `likelihood="logistic"` models the grey values. Tabular features have linear layers and the
    logistic likelihood.

    Attributes:
        n_features_in_: numbers per image.
        feature_names_in_: names of the columns, if X was a data frame.
        history_: loss, metrics and learning rate of every epoch, as lists.
        n_iter_: number of epochs trained.
        best_epoch_: the selected epoch, counted from 1.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> X, _ = load_digits(return_X_y=True)
        >>> vae = VAE(epochs=1, latent_dim=4, random_state=0).fit(X)
        >>> vae.transform(X[:5]).shape, vae.sample(3).shape
        ((5, 4), (3, 64))

    Args:
        preset: a named configuration, `default`, `quick` or `perceptron`.
        random_state: an int gives the same result in every call; a seed is drawn from a
            RandomState, or for None from NumPy's global one.
        verbose: 1 prints one line per epoch to stderr.
        runs: a folder for a new run folder with log and checkpoints; None writes nothing.
        image_shape: (height, width) or (height, width, channels) of images that are given as rows.
    """

    _task_name: ClassVar[str] = "vae"

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, *, X_val: Any = None) -> Self:
        """Fit the network from scratch; a held-out part selects the epoch whose weights are used.

        Args:
            X: the images.
            y: ignored.
            sample_weight: (n,) weight of each image; images of weight 0 are left out.
            X_val: images that select the epoch, in place of the held-out part.

        Returns:
            The estimator.

        Raises:
            ValueError: X or a parameter is invalid.
        """
        return self._fit(X, y, sample_weight, None if X_val is None else (X_val, None, None))

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch over X, from the current weights, at the constant `learning_rate`.

        No images are held out. The first call, unless it follows `fit`, fits the images' scale.

        Args:
            X: images, as for `fit`.
            y: ignored.
            sample_weight: as for `fit`.

        Returns:
            The estimator.

        Raises:
            ValueError: X or a parameter is invalid.
        """
        return self._partial_fit(X, y, sample_weight)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Decode latent codes to images: the mean of p(x|z).

        Args:
            X: (n, latent_dim) codes.

        Returns:
            Images or rows on the scale of the X of `fit`: uint8 if that was uint8, else floats.

        Raises:
            NotFittedError: the estimator is not fitted.
            ValueError: the codes have another number of dimensions.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=np.float32, order="C", input_name="X")
        latent_dim = self._fitted.config.latent_dim
        if codes.shape[1] != latent_dim:
            raise ValueError(
                f"X has {codes.shape[1]} features, but {type(self).__name__} is expecting "
                f"{latent_dim} codes as input."
            )
        with self._isolated():
            codes = np.require(codes, requirements="W")  # torch warns of arrays that are not
            return self._scaler.inverse(latents.decode_exactly(self._fitted.latent_model, codes))

    def sample(
        self, n_samples: int = 1, *, random_state: Any = None, temperature: float = 1.0
    ) -> np.ndarray:
        """Generate images.

        Args:
            n_samples: number of images, at least 1.
            random_state: an int gives the same images in every call.
            temperature: scales the standard deviation of the latent codes; images are more typical
                below 1 and more varied above.

        Returns:
            (n_samples, ...), as from `inverse_transform`.

        Raises:
            NotFittedError: the estimator is not fitted.
            ValueError: a number is out of range.
        """
        check_is_fitted(self)
        if not isinstance(n_samples, numbers.Integral) or n_samples < 1:
            raise ArgumentError(f"n_samples = {n_samples!r}", "give an integer of 1 or more")
        if not 0 <= temperature < np.inf:
            raise ArgumentError(f"temperature = {temperature!r}", "give 0 or more")
        seed = int(check_random_state(random_state).randint(2**31))
        return self.inverse_transform(
            self._fitted.latent_model.prior.sample(int(n_samples), seed, temperature)
        )

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """The mean ELBO of images in nats, a lower bound on log p(x); higher is better.

        It is that of the likelihood's values: 8-bit pixels, or pixels that are binarised with a
        fixed seed; not that of floats on their own scale. Scores of other images, image sizes and
        likelihoods are not comparable.

        Args:
            X: images, as for `fit`.
            y: ignored.
            sample_weight: (n,) weight of each image.

        Returns:
            The mean over the images; `glassnet evaluate` and reports have its negative.

        Raises:
            NotFittedError: the estimator is not fitted.
            ValueError: X does not fit the images of `fit`.
        """
        with self._isolated():
            check_is_fitted(self)
            rows = self._check_rows(X)
            rows, _, weights = apply_sample_weight(rows, _no_labels(rows), sample_weight)
            negative_elbo = self._fitted.negative_elbo(self._encode(rows))
        return float(np.average(-negative_elbo.astype(np.float64), weights=weights))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _check_examples(
        self, X: Any, y: Any, sample_weight: Any, classes: np.ndarray | None, *, reset: bool
    ) -> Examples:
        min_samples = 3 if reset else 1  # two for training and one for validation
        rows = self._validate(X, reset=reset, ensure_min_samples=min_samples)
        rows, labels, weights = apply_sample_weight(rows, _no_labels(rows), sample_weight)
        return Examples(rows, labels, ("image",), weights)

    def _encode(self, rows: np.ndarray) -> np.ndarray:
        return self._scaler.to_8_bit(rows)

    def _preset_overrides(self, preset: Any) -> dict[str, Any]:
        if not self._is_tabular:
            return {}
        return {"network": "perceptron", "likelihood": "logistic"}

    def _activations(self, inputs: np.ndarray, layer: str | None) -> np.ndarray:
        return self._fitted.encoder_activations(inputs, layer)

    def _count_features_out(self, rows: np.ndarray) -> int:
        return self._fitted.config.latent_dim

    def _validation_results(self, row: Row, count: int, weighted: bool) -> dict[str, Any]:
        negative_elbo = row["valid_negative_elbo"]
        note = f"mean of {count:,} validation images{', by their weights' * weighted}"
        return {
            "n": count,
            "headline": "negative_elbo",
            "negative_elbo": negative_elbo,
            "sentence": f"a validation image costs at most {negative_elbo:.2f} nats",
            "numbers": [["−ELBO", minus_signs(f"{negative_elbo:.2f} nats"), note]],
        }


def _no_labels(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), np.int64)


def _check_channels(shape: tuple[int, ...]) -> None:
    usual = (1, 3, 4)
    if len(shape) == 3 and shape[0] in usual and shape[2] not in usual:
        raise ArgumentError(
            f"images of shape {shape} have their channels first",
            "put them last: np.moveaxis(X, 1, -1)",
        )
