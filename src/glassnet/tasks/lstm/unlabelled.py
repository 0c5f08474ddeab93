"""Texts without labels: those of the data set and the training texts, and what they teach."""

import numpy as np
from torch import Tensor, nn

from glassnet.contract import Split, Splits
from glassnet.data.ragged import lengths as lengths_of
from glassnet.data.texts.load import load_unlabelled
from glassnet.errors import ConfigError
from glassnet.tasks.lstm.adversarial import divergence, entropy, virtual_adversarial
from glassnet.tasks.lstm.network import combine_branches
from glassnet.tasks.lstm.presets import Config

WEIGHTS = ("virtual_adversarial", "entropy", "co_training")
"""Fields of the configuration that are weights of losses of unlabelled texts."""


def check(config: Config) -> None:
    """Check that the losses of unlabelled texts that have a weight have their texts and branches.

    Raises:
        ConfigError: they have not.
    """
    weighted = [name for name in WEIGHTS if getattr(config, name)]
    if weighted and not config.unlabelled:
        raise ConfigError(
            f"{weighted[0]} = {getattr(config, weighted[0])} is a weight of unlabelled texts",
            "give --unlabelled, too",
        )
    if config.co_training and not config.max_ngram:
        raise ConfigError(
            f"co_training = {config.co_training} needs n-grams to learn from",
            "give a --max-ngram, such as 3, or --co-training 0",
        )


def all_texts(name: str, splits: Splits) -> Split:
    """The training texts, and the unlabelled texts of the data set that are not in its test set.

    Args:
        name: the data set; the user's own data have training texts alone.
        splits: its labelled texts.
    """
    texts = [splits.train.inputs]
    unlabelled = load_unlabelled(name)
    if unlabelled is not None:
        test_texts = set(splits.test.inputs.tolist())
        texts.append(unlabelled[[text not in test_texts for text in unlabelled.tolist()]])
    return without_labels(np.concatenate(texts))


def without_labels(texts: np.ndarray) -> Split:
    """Texts (n,) as a split, all of class 0."""
    return Split(texts, np.zeros(len(texts), np.int64), np.arange(len(texts)))


def loss(network: nn.Module, words: Tensor, config: Config, epoch: float) -> Tensor:
    """What texts without labels add to the loss of a training step: a scalar.

    Its weight rises during the first epoch, while the predictions mean little.

    - virtual adversarial (Miyato et al. 2017): the LSTM predicts the same for changed word vectors.
    - entropy (Grandvalet & Bengio 2005): the LSTM is sure.
    - co-training (after Blum & Mitchell 1998): the LSTM predicts what it predicts together with the
      n-grams.

    Args:
        network: an `LSTMTextClassifier` in training mode.
        words: (B, T) int64, padded with 0.
        config: the weights of the three, and epsilon.
        epoch: number of epochs done, with fractions.
    """
    lengths = lengths_of(words)
    virtual = config.virtual_adversarial > 0
    perturb = virtual_adversarial(lengths, config.epsilon) if virtual else None
    branches = network(words, perturb).float()
    branches, perturbed = branches.tensor_split([branches.shape[1] - virtual], dim=1)
    lstm = branches[:, 0]
    total = lstm.new_zeros(len(lstm))
    if virtual:
        total = total + config.virtual_adversarial * divergence(lstm, perturbed[:, 0])
    if config.entropy:
        total = total + config.entropy * entropy(lstm)
    if config.co_training:
        combined = combine_branches(branches, lengths, config.ngram_weight)
        total = total + config.co_training * divergence(combined, lstm)
    return min(1.0, epoch) * total.mean()
