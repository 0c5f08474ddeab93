"""What a reader of texts can be told, and the presets. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from glassnet.config import Bounds, Count, NotNegative, Share, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Train a reader of texts (LSTM)."""

    data: str = "movie-snippets"
    """A data set's name in the catalogue, or a path to one's own texts."""

    text_column: str = ""
    """Own tables: the column of texts; guessed, and said, where it is not given."""

    label_column: str = ""
    """Own tables: the column of classes; guessed, and said, where it is not given."""

    vocab_size: Count = 30_000
    """The most words to know, the commonest of the training texts; all others are unknown."""

    min_frequency: Count = 2
    """How often a word must occur in the training texts to be known."""

    max_length: Annotated[int, Bounds(4, 100_000)] = 1000
    """Words of a text that are read; of longer ones the first quarter and the end are kept."""

    embedding_dim: Count = 128
    """Values per word vector."""

    embedding_init: Literal["random", "ppmi"] = "random"
    """How word vectors begin; company: alike for words with the same neighbours in the texts."""

    hidden_size: Count = 128
    """Units of each recurrent layer, per direction."""

    num_layers: Annotated[int, Bounds(1, 8)] = 1
    """Recurrent layers, one on the other."""

    bidirectional: bool = True
    """Read each text from its end, too."""

    pooling: Literal["last", "mean", "max", "max-mean", "attention"] = "max-mean"
    """How the states at the words become the text's."""

    word_dropout: Share = 0.0
    """Share of the words that are read as unknown while training."""

    embedding_dropout: Share = 0.0
    """Share of the word vectors' values that are zeroed while training."""

    weight_dropout: Share = 0.0
    """Share of the recurrent weights that are zeroed while training."""

    dropout: Share = 0.0
    """Share of values zeroed between recurrent layers and before the output while training."""

    max_ngram: Annotated[int, Bounds(0, 8)] = 0
    """Runs of up to so many words have scores of their own beside the LSTM; 0 for none."""

    ngram_buckets: Annotated[int, Bounds(1, 2**26)] = 2**22
    """The most rows of each table of scores of longer runs, which share them by hash; few texts
    get fewer."""

    ngram_dropout: Share = 0.0
    """Share of those runs that are left out while training."""

    ngram_weight: NotNegative = 0.5
    """What n-grams have to say beside the LSTM: so many times the root of the text's words to 1."""

    label_smoothing: Share = 0.0
    """The share of each label that is spread over all classes."""

    pretrain_epochs: Annotated[int, Bounds(0)] = 0
    """Passes over all training texts, unlabelled ones too, as a language model beforehand."""

    monitor: Literal["loss", "accuracy"] = "loss"
    """The validation value that chooses the checkpoint."""


_DEFAULT = Config(
    epochs=6,
    batch_size=64,
    optimizer="adam",
    learning_rate=0.002,
    schedule="one-cycle",
    warmup=0.05,
    ema_decay=0.99,
    beta2=0.98,
    vocab_size=10_000,
    max_length=400,
    hidden_size=64,
    embedding_init="ppmi",
    word_dropout=0.3,
    embedding_dropout=0.5,
    dropout=0.5,
    max_ngram=3,
    ngram_dropout=0.5,
    snapshots=4,
)

PRESETS = {
    "default": _DEFAULT,
    "quick": replace(_DEFAULT, epochs=2),
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
        epochs=3,
        learning_rate=0.001,
        vocab_size=30_000,
        embedding_dim=256,
        hidden_size=256,
        embedding_init="random",  # the language model brings its own
        word_dropout=0.2,
        pretrain_epochs=3,
    ),
}
