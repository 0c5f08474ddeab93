"""Base of tasks on images: reading data sets and files, and making tensors of them."""

from typing import Any

import torch
from torch import Tensor

from glassnet.config import ImageConfig
from glassnet.contract import Family, Modality, Signature, Split, Splits, Task
from glassnet.data.batches import channels_first
from glassnet.data.images.load import load_images
from glassnet.data.options import chosen_in
from glassnet.errors import DataError
from glassnet.training import sample_weights


class ImageTask(Task):
    """A task whose inputs are images; its configuration extends `ImageConfig`."""

    modality = Modality.IMAGES

    def load(self, config: ImageConfig) -> Splits:
        """Read the images that the configuration names.

        Raises:
            DataError: they cannot be read, or a classifier's are all of one class.
        """
        splits = load_images(
            config.data,
            seed=config.seed,
            valid_fraction=config.valid_fraction,
            **chosen_in(config),
        )
        if self.family == Family.CLASSIFIER and len(splits.class_names) < 2:
            raise DataError(
                f"all images are of one class, {splits.class_names[0]!r}",
                "put the images of each class into a folder of its own",
                splits.name,
            )
        return splits

    def signature(self, splits: Splits, config: ImageConfig) -> Signature:
        """The shape (C, H, W) of the images, the classes, and how deep images are scaled."""
        shape = channels_first(splits.train.inputs[:1]).shape[1:]
        return Signature(tuple(shape), splits.class_names, value_ranges=splits.value_ranges)

    def tensors(self, split: Split, config: Any, signature: Signature) -> tuple[Tensor, ...]:
        """Images (n, C, H, W) of the split's dtype, and labels (n,) int64."""
        pixels = channels_first(split.inputs)
        return pixels, torch.from_numpy(split.labels), *sample_weights.column(split)
