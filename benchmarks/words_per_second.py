"""Training words per second of an LSTM over reviews, compared with usual ways of training one.

    pip install keras jax
    python benchmarks/words_per_second.py --rounds 3 --out benchmarks/results/words-per-second.csv

Every loop trains the same network on the same 640 reviews of IMDB, truncated to 400 words, in
batches of 64: word vectors of 128 values, 64 units per direction, the maximum over the words, a
linear layer, Adam. Words are those of the texts, without padding. Rounds are interleaved; the
results are the median and its ratio to the packed sequences. The loops:

- packed sequences: random batches, `pack_padded_sequence`;
- a plain loop: random batches, padded to their longest text;
- Keras: all texts padded to 400 words, as `pad_sequences` gives them; JAX, compiled beforehand
  (left out with `--without-keras`);
- glassnet: batches of texts of similar length, each direction padded at its end, in 32 bits and in
  bfloat16; and the default network, which has n-grams and dropout, too.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from speed import epoch_of, median_seconds
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from glassnet.contract import Signature, Split
from glassnet.data.ragged import RaggedTensor, lengths as lengths_of
from glassnet.data.texts.load import load_texts
from glassnet.tasks.lstm.presets import PRESETS, Config
from glassnet.tasks.lstm.task import TASK

N_TEXTS, BATCH, WORDS, SIZE, UNITS = 640, 64, 400, 128, 64
PLAIN = replace(
    PRESETS["default"], max_ngram=0, word_dropout=0.0, embedding_dropout=0.0, dropout=0.0,
    pooling="max", embedding_init="random",
)  # fmt: skip

Loop = Callable[[], None]


class UsualNetwork(nn.Module):
    """The network as tutorials write it, with or without packed sequences."""

    def __init__(self, n_words: int, packed: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_words, SIZE, padding_idx=0)
        self.lstm = nn.LSTM(SIZE, UNITS, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * UNITS, 2)
        self.packed = packed

    def forward(self, words: Tensor) -> Tensor:
        """Token ids (B, T) to logits (B, 2)."""
        vectors, lengths = self.embedding(words), lengths_of(words)
        if self.packed:
            packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        else:
            states, _ = self.lstm(vectors)
        return self.output(states.amax(dim=1))


def usual(batches: Callable[[], Iterator[tuple[Tensor, Tensor]]], n: int, *, packed: bool) -> Loop:
    network = UsualNetwork(n, packed).train()
    optimizer = torch.optim.Adam(network.parameters())

    def epoch() -> None:
        for words, labels in batches():
            optimizer.zero_grad()
            F.cross_entropy(network(words), labels).backward()
            optimizer.step()

    return epoch


def with_keras(words: Tensor, labels: Tensor, n: int) -> Loop:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    network = keras.Sequential(
        [
            keras.Input((WORDS,)),
            keras.layers.Embedding(n, SIZE),
            keras.layers.Bidirectional(keras.layers.LSTM(UNITS, return_sequences=True)),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(loss=loss, optimizer="adam")
    padded = F.pad(words, (0, WORDS - words.shape[1])).numpy()
    return lambda: network.fit(padded, labels.numpy(), batch_size=BATCH, verbose=0) and None


def glassnet(
    config: Config, split: Split, signature: Signature, bits: Literal["32", "bf16"]
) -> Loop:
    config = replace(config, precision=bits)
    return epoch_of(TASK, config, signature, TASK.tensors(split, config, signature))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-keras", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    splits = load_texts("imdb", seed=0)
    default = PRESETS["default"]
    signature = TASK.signature(splits, default)
    split = splits.train.take(torch.randperm(len(splits.train))[:N_TEXTS].numpy())
    words, labels = TASK.tensors(split, default, signature)
    assert isinstance(words, RaggedTensor)
    assert isinstance(labels, Tensor)
    n = int(words.values.max()) + 1
    in_order = torch.arange(N_TEXTS).split(BATCH)  # of a random sample

    def random_batches() -> Iterator[tuple[Tensor, Tensor]]:
        for positions in in_order:
            yield words[positions], labels[positions]

    loops = {
        "packed sequences": usual(random_batches, n, packed=True),
        "plain loop": usual(random_batches, n, packed=False),
        "glassnet, 32 bits": glassnet(PLAIN, split, signature, "32"),
        "glassnet, bfloat16": glassnet(PLAIN, split, signature, "bf16"),
        "glassnet default, bfloat16": glassnet(default, split, signature, "bf16"),
    }
    if not args.without_keras:
        loops["Keras"] = with_keras(words[torch.arange(N_TEXTS)], labels, n)
    total, seconds = int(words.lengths.sum()), median_seconds(loops, args.rounds)
    rates = {name: total / each for name, each in seconds.items()}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["what", "words_per_second", "ratio", "threads", "torch"])
        for name, rate in rates.items():
            ratio = rate / rates["packed sequences"]
            row = [name, round(rate), round(ratio, 2), torch.get_num_threads(), torch.__version__]
            writer.writerow(row)
            print(f"{name:30} {rate:9,.0f} words/s   {ratio:5.2f} x")


if __name__ == "__main__":
    main()
