"""Text classifier (LSTM) as a task: network, pretraining, loss, metrics and views."""

from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from glassnet.contract import (
    CLASSES,
    Pretraining,
    Rows,
    Signature,
    Split,
    Splits,
    StepResult,
)
from glassnet.data.ragged import RaggedTensor, lengths as lengths_of
from glassnet.data.texts.vocabulary import Vocabulary
from glassnet.errors import ConfigError
from glassnet.tasks.classifier import Classifier
from glassnet.tasks.lstm import unlabelled as unlabelled_texts
from glassnet.tasks.lstm.adversarial import adversarial
from glassnet.tasks.lstm.language_model import make_pretraining
from glassnet.tasks.lstm.network import LSTMTextClassifier, combine_branches
from glassnet.tasks.lstm.ngrams import count_ngrams, n_buckets
from glassnet.tasks.lstm.presets import Config
from glassnet.tasks.texts import TextTask
from glassnet.training import sample_weights
from glassnet.training.metrics import example_outcomes

EXTRA_CHARACTERS = 1
"""Longer n-grams where tokens are characters, as many words have two of them or more."""


class TextClassifier(Classifier, TextTask):
    """Classifies texts (n,)."""

    name = "lstm"
    usual_steps = 130  # twelve epochs instead of six: 84.3 instead of 82.0 % of held-out questions
    layers = ("mean_embedding", "last_state", "pool", "output")
    feature_layer = "pool"
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

    def load(self, config: Any) -> Splits:
        """As for every text task, with the texts to learn from without labels."""
        unlabelled_texts.check(config)
        splits = super().load(config)
        return replace(splits, unlabelled=self.unlabelled(config, splits))

    def unlabelled(self, config: Any, splits: Splits) -> Split | None:
        """All texts that are not for validation or test, if `unlabelled` is set.

        Raises:
            ConfigError: losses have a weight, but no texts or no n-grams.
        """
        unlabelled_texts.check(config)
        return unlabelled_texts.all_texts(config.data, splits) if config.unlabelled else None

    def signature(self, splits: Splits, config: Any) -> Signature:
        """As for every text task, with the number of n-grams."""
        signature = super().signature(splits, config)
        words, *_ = self.tensors(splits.train, config, signature)
        assert isinstance(words, RaggedTensor)  # noqa: S101
        longest = longest_ngram(config, Vocabulary(signature.vocabulary, 1))
        return replace(signature, n_ngrams=count_ngrams(words, longest))

    def pretraining(self, config: Config, splits: Splits) -> Pretraining | None:
        """A language model, if `pretrain_epochs` is positive.

        Raises:
            ConfigError: there are several recurrent layers; in both directions the upper ones would
                see the words that they predict.
        """
        if not config.pretrain_epochs:
            return None
        if config.num_layers > 1:
            raise ConfigError(
                f"num_layers = {config.num_layers} cannot be pretrained", "give --num-layers 1"
            )
        return make_pretraining(config, splits)

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for this vocabulary and these classes."""
        classes, vocabulary = len(signature.class_names), Vocabulary(signature.vocabulary, 1)
        return LSTMTextClassifier(
            num_embeddings=len(vocabulary.words),
            classes=classes,
            embedding_dim=config.embedding_dim,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            bidirectional=config.bidirectional,
            pooling=config.pooling,
            word_dropout=config.word_dropout,
            embedding_dropout=config.embedding_dropout,
            weight_dropout=config.weight_dropout,
            dropout=config.dropout,
            max_ngram=longest_ngram(config, vocabulary),
            ngram_buckets=min(config.ngram_buckets, n_buckets(signature.n_ngrams, classes)),
            ngram_dropout=config.ngram_dropout,
            ngram_weight=config.ngram_weight,
            characters=vocabulary.unit == "characters",
            ppmi=config.embedding_init == "ppmi",
        )

    def prepare(
        self,
        network: nn.Module,
        examples: tuple[Rows, ...],
        unlabelled: tuple[Rows, ...] = (),
    ) -> None:
        """Count co-occurrences for the word vectors and log-count ratios for the n-grams."""
        assert isinstance(network, LSTMTextClassifier)  # noqa: S101
        words, *columns = examples
        others = unlabelled[0] if unlabelled else None
        assert isinstance(words, RaggedTensor)  # noqa: S101
        assert others is None or isinstance(others, RaggedTensor)  # noqa: S101
        network.prepare(words, *(column[:] for column in columns), unlabelled=others)

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """Cross-entropy and accuracy of one batch, and the cross-entropy of adversarial vectors."""
        words, labels, weights = sample_weights.split_batch(batch)
        is_adversarial = network.training and config.adversarial > 0
        perturb = adversarial(labels, config.epsilon) if is_adversarial else None
        branches = network(words, perturb).float()  # (B, branches, classes)
        branches, perturbed = branches.tensor_split([branches.shape[1] - is_adversarial], dim=1)
        combined = combine_branches(branches, lengths_of(words), config.ngram_weight)
        accuracy = sample_weights.accuracy(combined, labels, weights)
        logits, targets = combined, labels
        if network.training:  # each branch has a loss of its own
            if 0 < config.ngram_epochs <= epoch:
                branches = branches[:, :1]
            count = branches.shape[1]
            logits, targets = branches.flatten(0, 1), labels.repeat_interleave(count)
            weights = None if weights is None else weights.repeat_interleave(count)
        loss = sample_weights.cross_entropy(logits, targets, weights, config.label_smoothing)
        if is_adversarial:
            worst = sample_weights.cross_entropy(perturbed[:, 0], labels, None, 0.0)
            loss = loss + config.adversarial * worst
        outcomes = example_outcomes(combined, labels) if network.training else None
        return StepResult(loss, {"accuracy": accuracy}, len(labels), outcomes)

    def unlabelled_loss(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> Tensor:
        """Virtual adversarial loss, entropy and co-training, see `unlabelled.loss`."""
        return unlabelled_texts.loss(network, batch[0], config, epoch)

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """Token ids (n, T) int64 to `probabilities` (n, classes)."""
        assert isinstance(network, LSTMTextClassifier)  # noqa: S101
        return {CLASSES: network.combine(network(inputs), inputs).softmax(dim=1)}


def longest_ngram(config: Config, vocabulary: Vocabulary) -> int:
    """Tokens of the longest n-grams: `max_ngram`, and more of them if they are characters."""
    extra = EXTRA_CHARACTERS if vocabulary.unit == "characters" and config.max_ngram else 0
    return config.max_ngram + extra


TASK = TextClassifier()
