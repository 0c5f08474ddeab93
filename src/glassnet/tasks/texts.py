"""Base of tasks on texts: reading data sets and files, the vocabulary, and token ids."""

from typing import Any

import torch

from glassnet import progress
from glassnet.config import TextConfig
from glassnet.contract import Modality, Rows, Signature, Split, Splits, Task
from glassnet.data.options import chosen_in
from glassnet.data.ragged import RaggedTensor
from glassnet.data.texts.load import load_texts
from glassnet.data.texts.vocabulary import Vocabulary, train_tokenizer
from glassnet.training import sample_weights


class TextTask(Task):
    """A task whose inputs are texts; its configuration extends `TextConfig`."""

    modality = Modality.TEXTS

    def load(self, config: TextConfig) -> Splits:
        """Read the texts that the configuration names.

        Raises:
            DataError: they cannot be read, or are all of one class.
        """
        return load_texts(
            config.data,
            seed=config.seed,
            valid_fraction=config.valid_fraction,
            **chosen_in(config),
        )

    def signature(self, splits: Splits, config: TextConfig) -> Signature:
        """The vocabulary of the training texts, the maximum length of a text, and the classes.

        A note says so if the tokens are characters.
        """
        size = config.vocab_size or usual_vocab_size(len(splits.class_names))
        vocabulary = train_tokenizer(splits.train.inputs, size, config.min_frequency)
        if Vocabulary(vocabulary, config.max_length).unit == "characters":
            progress.log("most texts have no spaces between words, so each character is a token")
        return Signature((config.max_length,), splits.class_names, vocabulary)

    def tensors(self, split: Split, config: Any, signature: Signature) -> tuple[Rows, ...]:
        """Token ids, padded with 0 in a batch (B, T) int64, and labels (n,) int64."""
        vocabulary = Vocabulary(signature.vocabulary, signature.input_shape[0])
        words = RaggedTensor.from_rows(vocabulary.encode(split.inputs))
        return words, torch.from_numpy(split.labels), *sample_weights.column(split)


def usual_vocab_size(n_classes: int) -> int:
    """Maximum number of words in the vocabulary if nobody chose one.

    Two classes are mostly opinions, for which rare words are names that say nothing (40,000 words
    were no better on film reviews); more are often topics, which rare words tell apart.

    Example:
        >>> usual_vocab_size(2), usual_vocab_size(20)
        (10000, 30000)
    """
    return 10_000 if n_classes == 2 else 30_000
