"""Configuration and presets of the text classifier. Imports no torch."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from glassnet.config import Bounds, Count, Fraction, NotNegative, Positive, TextConfig

NGRAM_STEPS = 720
"""Steps of learning that n-gram scores need, those of two epochs of 23,000 reviews. With two epochs
of 138 steps, sentences are classified half a point worse than with six (five seeds)."""


@dataclass(frozen=True, kw_only=True)
class Config(TextConfig):
    """Train a text classifier (LSTM)."""

    embedding_dim: Count = 128
    """Size of each word vector."""

    embedding_init: Literal["random", "ppmi"] = "random"
    """Initial word vectors; ppmi: from co-occurrence counts, similar for words with similar
    neighbours in the training texts."""

    hidden_size: Count = 128
    """Units of each recurrent layer, per direction."""

    num_layers: Annotated[int, Bounds(1, 8)] = 1
    """Number of stacked recurrent layers."""

    bidirectional: bool = True
    """Read each text backwards, too."""

    pooling: Literal["last", "mean", "max", "max-mean", "attention"] = "max-mean"
    """How the states of a text's words become one vector."""

    word_dropout: Fraction = 0.0
    """Fraction of words replaced by the unknown word while training."""

    embedding_dropout: Fraction = 0.0
    """Fraction of the word vectors' values that are zeroed while training."""

    weight_dropout: Fraction = 0.0
    """Fraction of the recurrent weights that are zeroed while training."""

    dropout: Fraction = 0.0
    """Fraction of values zeroed between recurrent layers and before the output while training."""

    max_ngram: Annotated[int, Bounds(0, 8)] = 0
    """Score n-grams of up to this many words beside the LSTM; 0 for none. One more if words are
    single characters, as in Chinese or Thai."""

    ngram_buckets: Annotated[int, Bounds(1, 2**26)] = 2**22
    """Maximum rows of each hash table of n-gram scores; data with few n-grams get fewer, two to
    four for each."""

    ngram_dropout: Fraction = 0.0
    """Fraction of n-grams left out while training."""

    ngram_epochs: Annotated[int, Bounds(0)] = 0
    """First epochs, in which the n-gram scores are learned; 0 for all. They overfit sooner than the
    LSTM. Presets have more of them for small training sets."""

    ngram_weight: NotNegative = 0.5
    """Weight of the n-gram branch relative to the LSTM (times the square root of the text's
    length)."""

    label_smoothing: Fraction = 0.0
    """Fraction of each label that is spread over all classes."""

    adversarial: NotNegative = 0.0
    """Weight of the loss at word vectors that are changed so as to raise it; 0 for none."""

    unlabelled: bool = False
    """Learn from texts without labels, too: the training texts without theirs, and those that the
    data set has besides."""

    virtual_adversarial: NotNegative = 0.0
    """Weight of what the same change does to the LSTM's prediction of unlabelled texts."""

    entropy: NotNegative = 0.0
    """Weight of the entropy of the LSTM's prediction of unlabelled texts."""

    co_training: NotNegative = 0.0
    """Weight of the divergence of the LSTM's prediction of unlabelled texts from that of LSTM and
    n-grams together."""

    epsilon: Positive = 0.5
    """Norm of the change of a text's word vectors, which have a norm of 1 each at first, or about 4
    after pretraining."""

    pretrain_epochs: Annotated[int, Bounds(0)] = 0
    """Epochs of pretraining as a language model, on all training texts and unlabelled ones."""

    monitor: Literal["loss", "accuracy"] = "loss"
    """Validation metric that selects the checkpoint."""

    def adapted(self, epochs: int, steps_per_epoch: int) -> Self:
        """As for every training, with enough steps for the n-gram scores, if not all are theirs."""
        enough = min(epochs, -(-NGRAM_STEPS // steps_per_epoch)) if self.ngram_epochs else 0
        return replace(self, epochs=epochs, ngram_epochs=max(self.ngram_epochs, enough))


_DEFAULT = Config(
    epochs=6,
    batch_size=64,
    optimizer="adam",
    learning_rate=0.002,
    schedule="one-cycle",
    warmup=0.05,
    ema_decay=0.99,
    beta2=0.98,
    vocab_size=0,
    hidden_size=64,
    embedding_init="ppmi",
    word_dropout=0.3,
    embedding_dropout=0.5,
    dropout=0.5,
    max_ngram=3,
    ngram_dropout=0.5,
    ngram_epochs=2,
    snapshots=4,
)

PRESETS = {
    "default": _DEFAULT,
    "quick": replace(_DEFAULT, epochs=2),
    "adversarial": replace(_DEFAULT, hidden_size=128, adversarial=1.0, epsilon=0.4),
    "unlabelled": replace(
        _DEFAULT,
        epochs=5,
        max_length=400,
        word_dropout=0.2,
        ema_decay=0.995,
        adversarial=1.0,
        epsilon=0.4,
        unlabelled=True,
        co_training=2.0,
    ),
    "plain": Config(
        epochs=5,
        batch_size=64,
        optimizer="adam",
        learning_rate=0.001,
        bidirectional=False,
        pooling="last",
        snapshots=4,
    ),
    "pretrained": replace(
        _DEFAULT,
        learning_rate=0.001,
        embedding_dim=256,
        hidden_size=256,
        embedding_init="random",  # the language model's replace them
        word_dropout=0.2,
        ngram_weight=0.1,
        adversarial=1.0,
        epsilon=1.5,  # as large beside the language model's word vectors as 0.4 beside others
        pretrain_epochs=4,
    ),
}
