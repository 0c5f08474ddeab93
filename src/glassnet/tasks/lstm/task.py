"""The reader of texts as a task: data, loss, metrics, and what is worth seeing in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet.contract import (
    EvaluateOptions,
    Evidence,
    Pretraining,
    Signature,
    Split,
    Splits,
    StepResult,
)
from glassnet.data.batches import lengths as lengths_of
from glassnet.data.texts.inputs import read_texts
from glassnet.data.texts.load import load_texts
from glassnet.data.texts.vocabulary import PADDING, Vocabulary, train_tokenizer
from glassnet.errors import ConfigError
from glassnet.inference import classification
from glassnet.tasks.lstm.language_model import make_pretraining
from glassnet.tasks.lstm.network import LSTMTextClassifier, combine_branches
from glassnet.tasks.lstm.presets import Config
from glassnet.training import sample_weights
from glassnet.training.metrics import example_outcomes


class TextClassifier:
    """Texts (n,) in, probabilities of classes out."""

    name = "lstm"
    headline = "accuracy"
    maximise = frozenset({"accuracy"})
    shares = frozenset({"accuracy"})
    curves = ("loss", "accuracy")
    layers = ("mean_embedding", "last_state", "pool", "output")
    outputs = frozenset({"probabilities"})
    feature_layer = "pool"
    padding = PADDING
    views = (
        "scores",
        "network_diagram",
        "training_curves",
        "after_each_word",
        "highlighted_texts",
        "deletion_curve",
        "selective_units",
        "word_effects",
        "nearest_words",
        "projections",
        "probe_map",
        "layer_animation",
        "control_networks",
        "training_dynamics",
        "label_issues",
        "confusion_matrix",
        "classification_report",
        "worst_texts",
        "accuracy_by_length",
        "roc_curve",
        "reliability_diagram",
    )

    def load(self, config: Config) -> Splits:
        """Read the texts that the configuration names.

        Raises:
            DataError: they cannot be read, or are all of one class.
        """
        return load_texts(
            config.data,
            seed=config.seed,
            valid_fraction=config.valid_fraction,
            text_column=config.text_column or None,
            label_column=config.label_column or None,
        )

    def signature(self, splits: Splits, config: Config) -> Signature:
        """The vocabulary of the training texts, the longest of them, and the classes."""
        learned = train_tokenizer(splits.train.inputs, config.vocab_size, config.min_frequency)
        counts = Vocabulary(learned, 1).count(splits.train.inputs)
        longest = min(int(counts.max(initial=1)), config.max_length)
        return Signature((longest,), splits.class_names, learned, int(counts.sum()))

    def pretraining(self, config: Config, splits: Splits) -> Pretraining | None:
        """A language model, where one is asked for.

        Raises:
            ConfigError: there are several recurrent layers in both directions, of which the upper
                ones would see the words that they are to guess.
        """
        if not config.pretrain_epochs:
            return None
        if config.num_layers > 1:
            raise ConfigError(
                f"num_num_num_layers = {config.num_layers} cannot be pretrained", "give --num-layers 1"
            )
        return make_pretraining(config, splits)

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for this vocabulary and these classes."""
        return LSTMTextClassifier(
            num_embeddings=len(Vocabulary(signature.vocabulary, 1).words),
            classes=len(signature.class_names),
            embedding_dim=config.embedding_dim,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            bidirectional=config.bidirectional,
            pooling=config.pooling,
            word_dropout=config.word_dropout,
            embedding_dropout=config.embedding_dropout,
            weight_dropout=config.weight_dropout,
            dropout=config.dropout,
            max_ngram=config.max_ngram,
            # With four times as many rows as words most runs have a row of their own.
            ngram_buckets=min(config.ngram_buckets, 4 * 2 ** signature.words.bit_length()),
            ngram_dropout=config.ngram_dropout,
            ngram_weight=config.ngram_weight,
            ppmi=config.embedding_init == "ppmi",
        )

    def tensors(self, split: Split, config: Config, signature: Signature) -> tuple[Tensor, ...]:
        """Numbers of words (n, longest) int64, filled up with 0, and labels (n,) int64."""
        vocabulary = Vocabulary(signature.vocabulary, signature.input_shape[0])
        words = torch.from_numpy(vocabulary.encode(split.inputs))
        return words.long(), torch.from_numpy(split.labels), *sample_weights.column(split)

    def prepare(self, network: nn.Module, examples: tuple[Tensor, ...]) -> None:
        """Count which words keep like company, and which n-grams tell the classes apart."""
        assert isinstance(network, LSTMTextClassifier)  # noqa: S101
        network.prepare(*sample_weights.apart(examples))

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """Cross-entropy and accuracy of one batch."""
        words, labels, weights = sample_weights.apart(batch)
        branches = network(words).float()  # (B, branches, classes)
        answer = combine_branches(branches, lengths_of(words, PADDING), config.ngram_weight)
        accuracy = sample_weights.accuracy(answer, labels, weights)
        logits, each = answer, labels
        if network.training:  # every branch learns by itself
            count = branches.shape[1]
            logits, each = branches.flatten(0, 1), labels.repeat_interleave(count)
            weights = None if weights is None else weights.repeat_interleave(count)
        loss = sample_weights.cross_entropy(logits, each, weights, config.label_smoothing)
        told = example_outcomes(answer, labels) if network.training else None
        return StepResult(loss, {"accuracy": accuracy}, len(labels), told)

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """Numbers of words (n, T) int64 to `probabilities` (n, classes)."""
        assert isinstance(network, LSTMTextClassifier)  # noqa: S101
        return {"probabilities": network.combine(network(inputs), inputs).softmax(dim=1)}

    def results(self, evidence: Evidence, effort: EvaluateOptions) -> dict[str, Any]:
        """Accuracy with its interval, errors, log-likelihood and calibration error."""
        return classification.results(evidence, effort)

    def read_inputs(self, paths: Sequence[Path], signature: Signature) -> np.ndarray:
        """Text files as (n,) texts."""
        return np.concatenate([read_texts(path).texts for path in paths])


TASK = TextClassifier()
