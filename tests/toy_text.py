"""Text classifiers with a known solution: a linear bag of words and a small recurrent network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from toy_parts import parts_of_a_run

from glassnet.contract import Calibration, Split
from glassnet.data import splits

TWO = ("negative", "positive")
THREE = ("sport", "music", "food")
PLAIN = ("the", "a", "of", "it", "film", "was", "and", "to", "in", "this", "that", "with", "for")
"""Words without an effect."""

STRONG_WORDS = ("awful", "bad", "dull", "nice", "good", "superb")
"""Words that speak for a class; of two classes, the first three for the first one."""

STRENGTHS = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)
LONGEST = 120
"""Words of a text that are read; of a longer one, the middle is left out."""

STRINGS = np.dtypes.StringDType()


class Vocabulary:
    """Implements `contract.Vocabulary`: words are runs of letters, in small letters."""

    words = ("[padding]", "[unknown]", *PLAIN, *STRONG_WORDS)
    padding, unknown = 0, 1

    def pieces(self, text: str) -> tuple[str, ...]:
        starts = [found.start() for found in re.finditer(r"[a-z']+", text.lower())]
        if not starts:
            return ()
        cuts = [0, *starts[1:], len(text)]
        pieces = [text[a:b] for a, b in pairwise(cuts)]
        if len(pieces) > LONGEST:
            half = LONGEST // 2
            pieces = [*pieces[:half], *pieces[-half:]]
            pieces[half - 1] = pieces[half - 1].rstrip() + " [...] "
        return tuple(pieces)

    def numbers(self, texts: np.ndarray) -> Tensor:
        known = {word: number for number, word in enumerate(self.words)}
        rows = []
        for text in texts:
            words = re.findall(r"[a-z']+", str(text).lower())
            if len(words) > LONGEST:
                words = [*words[: LONGEST // 2], *words[-(LONGEST // 2) :]]
            rows.append(torch.tensor([known.get(word, 1) for word in words], dtype=torch.int64))
        return nn.utils.rnn.pad_sequence(rows, batch_first=True)


class Bag(nn.Module):
    """Implements `contract.TextModel`: a class's logit is the sum of its words' strengths.

    A word's vector is its strength for each class and one coordinate without an effect; the unknown
    word's is zero. The states are the vectors' running sum.
    """

    branches: tuple[str, ...] = ("bag of words",)

    def __init__(self, classes: int = 2, bias: float = 0.3) -> None:
        super().__init__()
        self.classes = classes
        self.branch_sizes = (classes + 1,)
        vectors = torch.zeros(len(Vocabulary.words), classes + 1)
        vectors[2:, -1] = torch.linspace(-1, 1, len(vectors) - 2)
        for place, strength in enumerate(STRENGTHS):
            word = Vocabulary.words.index(STRONG_WORDS[place])
            label = (strength > 0) if classes == 2 else place % classes
            vectors[word, int(label)] = abs(strength)
        self.vectors = nn.Parameter(vectors, requires_grad=False)
        self.bias = nn.Parameter(bias * torch.arange(classes).float(), requires_grad=False)

    def embed(self, words: Tensor) -> Tensor:
        return self.vectors[words]

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        return vectors.cumsum(dim=1)

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        return vectors.sum(dim=1)[:, : self.classes] + self.bias

    def branch_logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        return self.logits(vectors, lengths).unsqueeze(1)


class Recurrent(nn.Module):
    """A `contract.TextModel`: a recurrent layer with random weights, read at its last word."""

    branches: tuple[str, ...] = ("LSTM",)

    def __init__(self, classes: int = 2, width: int = 6, units: int = 5) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.branch_sizes: tuple[int, ...] = (width,)
        self.embedding = nn.Embedding(len(Vocabulary.words), width, padding_idx=0)
        self.layer = nn.LSTM(width, units, batch_first=True)
        self.out = nn.Linear(units, classes)
        self.eval().requires_grad_(False)

    def embed(self, words: Tensor) -> Tensor:
        return self.embedding(words)

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        assert (lengths > 0).all()
        packed = nn.utils.rnn.pack_padded_sequence(
            vectors, lengths, batch_first=True, enforce_sorted=False
        )
        return nn.utils.rnn.pad_packed_sequence(
            self.layer(packed)[0], batch_first=True, total_length=vectors.shape[1]
        )[0]

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states = self.hidden_states(vectors, lengths)
        return 4 * self.out(states[torch.arange(len(states)), lengths - 1])

    def branch_logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        return self.logits(vectors, lengths).unsqueeze(1)


class TwoBranches(Recurrent):
    """A `contract.TextModel`: the mean of a recurrent branch's logits and a linear one's."""

    branches = ("LSTM", "n-grams")

    def __init__(self, classes: int = 2) -> None:
        super().__init__(classes)
        self.bag = Bag(classes, bias=0.0)
        self.branch_sizes = (self.embedding.embedding_dim, classes)

    def embed(self, words: Tensor) -> Tensor:
        scores = self.bag.embed(words)[..., :-1]
        return torch.cat([super().embed(words), scores], dim=2)

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        return super().hidden_states(vectors[..., : self.branch_sizes[0]], lengths)

    def branch_logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        scores = vectors[..., self.branch_sizes[0] :].sum(dim=1)
        return torch.stack([super().logits(vectors, lengths), scores], dim=1)

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        return self.branch_logits(vectors, lengths).mean(dim=1)


@dataclass
class ToyData:
    """As much of `contract.Data` as views of text classifiers use."""

    test: Split
    train: Split
    class_names: tuple[str, ...] = TWO
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def inputs(self, split: Split) -> Tensor:
        return self.inputs_of(split.inputs)

    def inputs_of(self, examples: np.ndarray) -> Tensor:
        return self.vocabulary.numbers(examples)

    def subsample(self, n: int, seed: int) -> np.ndarray:
        return splits.subsample(self.test.labels, n, seed)


@dataclass
class ToyModel:
    """As much of `contract.Model` as views of text classifiers use."""

    network: Any
    data: ToyData
    calibration: Calibration = field(default_factory=Calibration)
    config: Any = field(default_factory=SimpleNamespace)
    most_words: int = 0
    """The largest number of words in one batch, padding included."""

    def forward(self, inputs: Tensor) -> dict[str, Tensor]:
        self.most_words = max(self.most_words, inputs.numel())
        lengths = (inputs != 0).sum(dim=1)
        logits = self.network.logits(self.network.embed(inputs), lengths.clamp(min=1))
        return {"probabilities": logits.softmax(dim=1)}

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        with torch.inference_mode():
            reply = self.forward(self.data.inputs(self.data.test))
        return {name: values.numpy() for name, values in reply.items()}


def texts(*each: str) -> np.ndarray:
    """(n,) texts as a split holds them."""
    return np.array(each, STRINGS)


def split_of(each: list[str], labels: list[int]) -> Split:
    """Texts and classes as a split."""
    return Split(np.array(each, STRINGS), np.array(labels, np.int64), np.arange(len(each)))


@lru_cache
def world(n: int, seed: int, classes: int = 2, noise: float = 0.1) -> Split:
    """Texts of 2 to 60 words, some with signs between them, mostly of the class they speak for."""
    random, model = np.random.default_rng(seed), Bag(classes)
    made, labels = [], []
    for _ in range(n):
        length = int(random.integers(2, 61))
        words = [str(word) for word in random.choice(PLAIN, length)]
        lean = int(random.integers(classes))
        fit = [
            w
            for w in STRONG_WORDS
            if int(model.vectors[Vocabulary.words.index(w)][:-1].argmax()) == lean
        ]
        for place in random.integers(0, length, 1 + length // 8):
            words[place] = str(random.choice(fit if random.random() < 0.75 else STRONG_WORDS))
        if random.random() < 0.3:
            words[int(random.integers(length))] = "zyx"
        marks = random.choice([" ", ", ", ". "], length, p=[0.8, 0.1, 0.1])
        made.append("".join(w + m for w, m in zip(words, marks, strict=True)).strip().capitalize())
        labels.append(lean if random.random() > noise else int(random.integers(classes)))
    split = split_of(made, labels)
    for values in (split.inputs, split.labels, split.ids):
        values.flags.writeable = False
    return split


def text_classifier(
    network: nn.Module | None = None,
    test: Split | None = None,
    train: Split | None = None,
    class_names: tuple[str, ...] = TWO,
) -> Any:
    """The parts of a text classifier's run: 300 test and 600 training texts, with the network that
    reads them."""
    classes = len(class_names)
    network = network or Bag(classes)
    data = ToyData(test or world(300, 1, classes), train or world(600, 2, classes), class_names)
    return parts_of_a_run(data=data, model=ToyModel(network, data), text_model=network)


CASES: dict[str, Callable[[], Any]] = {
    "two": lambda: text_classifier(),
    "three": lambda: text_classifier(class_names=THREE),
    "recurrent": lambda: text_classifier(Recurrent()),
    "recurrent, three": lambda: text_classifier(Recurrent(3), class_names=THREE),
    "one text": lambda: text_classifier(test=split_of(["a superb film"], [0])),
    "a text without a word": lambda: text_classifier(
        test=split_of(["...", "bad", "good"], [0, 1, 1])
    ),
    "no text has a word": lambda: text_classifier(test=split_of(["...", "?"], [0, 1])),
    "one class": lambda: text_classifier(
        Bag(1), class_names=("all",), test=split_of(["a film", "bad"], [0, 0])
    ),
}
"""Texts and networks that every view of texts copes with."""
