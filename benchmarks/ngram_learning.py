"""How the scores of n-grams learn with more than two classes: that branch alone, on held-out texts.

    python benchmarks/ngram_learning.py --source FOLDER --out benchmarks/results/ngram-learning.csv

The folder is that of `other_tables.py`. A fifth of a table's training texts is held out; its test
texts are not used. Each n-gram has a row of its own in place of one of a hash table; otherwise the
scores are learned as in `glassnet train lstm`, for as many steps, and averaged. `ratio` scales them
by absolute log-count ratios of each class and the others, as in NB-SVM, `divergence` by
`separation`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from nbsvm import append
from other_tables import TABLES, write
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet.config import epochs_for_few_steps
from glassnet.data.splits import stratified_split
from glassnet.data.texts.load import load_texts
from glassnet.data.texts.vocabulary import Vocabulary, train_tokenizer
from glassnet.tasks import load
from glassnet.tasks.lstm.ngrams import GAIN, MIN_TEXTS, separation
from glassnet.tasks.lstm.presets import PRESETS
from glassnet.tasks.lstm.task import longest_ngram
from glassnet.training.optim import make_average, make_optimizer, make_schedule

CONFIG = PRESETS["default"]
NEWSGROUPS = "newsgroups"
VARIANTS = (
    ("Adam", "ratio", 10_000, 3),
    ("by row", "ratio", 10_000, 3),
    ("Adam", "divergence", 10_000, 3),
    ("by row", "divergence", 10_000, 3),
    ("by row", "divergence", 30_000, 3),
    ("by row", "divergence", 30_000, 2),
    ("by row", "divergence", 30_000, 1),
)
"""Optimizer, scale of the scores, words of the vocabulary, words of the longest n-grams."""


class Scores(nn.Module):
    """Scores of n-grams and their sum in a text, over the root of its length.

    Args:
        scales: (n-grams, 1 or classes).
        classes: their number.
        by_row: whether all scores of an n-gram have one learning rate.
    """

    def __init__(self, scales: Tensor, classes: int, by_row: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(len(scales), classes))
        self.scales, self.one_rate_per_row = GAIN * scales, by_row

    def forward(self, texts: csr_matrix, lengths: np.ndarray) -> Tensor:
        """N-grams of B texts, 1 where a text has one, and the texts' lengths to logits."""
        rows, starts = (torch.from_numpy(part).long() for part in (texts.indices, texts.indptr))
        used = torch.ones(len(rows))
        if self.training:
            used = F.dropout(used, CONFIG.ngram_dropout)
        total = F.embedding_bag(
            rows, self.weight * self.scales, starts[:-1], mode="sum", per_sample_weights=used
        )
        return total / torch.from_numpy(lengths).clamp(min=1).sqrt().unsqueeze(1)


class Texts:
    """A table's training texts, a fifth of them held out, as n-grams.

    Attributes:
        train, test: (texts, n-grams) of the four fifths and of the fifth, 1 or 0.
        labels, test_labels, lengths, test_lengths: of these texts.
        orders: (n-grams,) number of words of each.
    """

    def __init__(self, path: Path, n_words: int, max_ngram: int) -> None:
        splits = load_texts(str(path), seed=0, log=lambda _: None)
        texts = np.concatenate([splits.train.inputs, splits.valid.inputs])
        labels = np.concatenate([splits.train.labels, splits.valid.labels])
        train, test = stratified_split(labels, 0.2, seed=0)
        vocabulary = Vocabulary(
            train_tokenizer(texts[train], n_words, CONFIG.min_frequency), CONFIG.max_length
        )
        longest = longest_ngram(replace(CONFIG, max_ngram=max_ngram), vocabulary)
        vectorizer = CountVectorizer(
            token_pattern=r"\S+", ngram_range=(1, longest), min_df=MIN_TEXTS, binary=True,
            dtype=np.float32,
        )  # fmt: skip
        words = [vocabulary.encode(texts[part]) for part in (train, test)]
        joined = [[" ".join(map(str, row.tolist())) for row in rows] for rows in words]
        self.train, self.test = vectorizer.fit_transform(joined[0]), vectorizer.transform(joined[1])
        self.labels, self.test_labels = (torch.from_numpy(labels[part]) for part in (train, test))
        self.lengths, self.test_lengths = (np.array([len(row) for row in rows]) for rows in words)
        names = vectorizer.get_feature_names_out()
        self.orders = np.array([name.count(" ") + 1 for name in names])

    def scales(self, kind: str) -> Tensor:
        """(n-grams, 1 or classes)."""
        classes = F.one_hot(self.labels).float()
        counts = torch.from_numpy(self.train.T @ classes.numpy())
        if kind == "divergence":
            return separation(counts, classes.mean(dim=0))
        others = counts.sum(dim=1, keepdim=True) - counts
        ratios = torch.empty_like(counts)
        for order in np.unique(self.orders):
            rows = torch.from_numpy(self.orders == order)
            # Rows of a table without n-grams, of which it has about two for each, count, too.
            empty = 0 if order == 1 else 2 * int(rows.sum())
            first, second = ((1 + part[rows]) for part in (counts, others))
            ratios[rows] = (first / (first.sum(dim=0) + empty)).log()
            ratios[rows] -= (second / (second.sum(dim=0) + empty)).log()
        return ratios.abs()


def measure(texts: Texts, optimizer: str, scale: str, seed: int) -> dict[str, Any]:
    torch.manual_seed(seed)
    n, classes = len(texts.labels), int(texts.labels.max()) + 1
    network = Scores(texts.scales(scale), classes, optimizer == "by row")
    steps = -(-n // CONFIG.batch_size)
    epochs = epochs_for_few_steps(CONFIG.epochs, steps, load("lstm").usual_steps)
    config = CONFIG.adapted(epochs, steps)
    adam, average = make_optimizer(config, network), make_average(config, network)
    schedule = make_schedule(config, adam, config.epochs * steps)
    assert average is not None
    for _ in range(config.ngram_epochs):
        for chosen in torch.randperm(n).split(config.batch_size):
            logits = network(texts.train[chosen.numpy()], texts.lengths[chosen.numpy()])
            F.cross_entropy(logits, texts.labels[chosen]).backward()
            adam.step()
            adam.zero_grad()
            schedule.step()
            average.update_parameters(network)
    with torch.inference_mode():
        logits = average.module.eval()(texts.test, texts.test_lengths)
    right = (logits.argmax(dim=1) == texts.test_labels).double()
    return {
        "seed": seed, "train": n, "held_out": len(right), "classes": classes,
        "accuracy": round(right.mean().item(), 4),
        "log_loss": round(F.cross_entropy(logits, texts.test_labels).item(), 4),
    }  # fmt: skip


def rows(source: Path, table: str, seeds: list[int]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = write(TABLES[table], source, Path(folder, f"{table}.csv"))
        read = lru_cache(maxsize=1)(Texts)  # the first four variants have the same n-grams
        for optimizer, scale, n_words, max_ngram in VARIANTS:
            if n_words > 10_000 and table != NEWSGROUPS:
                continue  # it has fewer words, or characters
            texts = read(path, n_words, max_ngram)
            for seed in seeds:
                yield {
                    "table": table, "optimizer": optimizer, "scale": scale, "words": n_words,
                    "max_ngram": max_ngram, **measure(texts, optimizer, scale, seed),
                    "command": f"benchmarks/ngram_learning.py --tables {table} --seeds {seed}",
                }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", default=["questions", "posts", NEWSGROUPS])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for table in args.tables:
        for row in rows(args.source, table, args.seeds):
            print(row, flush=True)
            append(args.out, row)


if __name__ == "__main__":
    main()
