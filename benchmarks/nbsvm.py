r"""NB-SVM on the same texts, a strong linear baseline for the text classifier.

    python benchmarks/nbsvm.py --data imdb --ngrams 3 --out benchmarks/results/nbsvm.csv
    python benchmarks/nbsvm.py --data movie-snippets --ngrams 2 --seeds 0 1 2 3 4 \
        --out benchmarks/results/nbsvm.csv

Source: Wang and Manning 2012, "Baselines and bigrams: simple, good sentiment and topic
classification". Every n-gram up to the args length is present or not (binary); its weight is the
log-count ratio r of the two classes with one count added (alpha = 1). A linear support vector
machine is fitted to presence times r, and its weights are interpolated with their mean magnitude,
which is naive Bayes (beta = 0.25). C is selected on the validation set. Two models are evaluated on
the test set: one fitted to the training set alone, the examples that glassnet's networks learn
from, and one fitted to the training and the validation set with the same C. Seconds are from
texts to predictions, for each model, with C known.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

import numpy as np
import sklearn
from scipy import sparse
from seeds import append
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

from glassnet.contract import Split
from glassnet.data.texts.load import load_texts
from glassnet.stats.intervals import wilson

CHOICES = (0.001, 0.01, 0.1, 1.0)
ALPHA, BETA = 1.0, 0.25
TOKEN = re.compile(r"<br />|\w+(?:'\w+)?|[^\w\s]")
"""A line break of the reviews, a word with its apostrophe, or one punctuation mark."""


def tokens(text: str) -> list[str]:
    return [token for token in TOKEN.findall(text.lower()) if token != "<br />"]


class NBSVM:
    """NB-SVM for classes 0 and 1; `fit` may be called with several C on the same counts."""

    def __init__(self, train: Split, ngrams: int) -> None:
        self.vectorizer = CountVectorizer(
            tokenizer=tokens, token_pattern=None, lowercase=False, ngram_range=(1, ngrams),
            binary=True, dtype=np.float32,
        )  # fmt: skip
        counts = self.vectorizer.fit_transform(train.inputs.tolist()).tocsr()
        self.labels = train.labels
        self.ratio = sparse.diags(log_count_ratio(counts, train.labels))
        self.inputs = (counts @ self.ratio).tocsr()

    @property
    def features(self) -> int:
        return self.inputs.shape[1]

    def fit(self, c: float) -> NBSVM:
        machine = LinearSVC(C=c, dual=True, random_state=0, max_iter=10_000)
        machine.fit(self.inputs, self.labels)
        weights = machine.coef_[0]
        self.weights = (1 - BETA) * np.abs(weights).mean() + BETA * weights
        # The intercept is interpolated in the same way with naive Bayes': the prior log-odds.
        negative, positive = np.bincount(self.labels, minlength=2)
        prior = np.abs(weights).mean() * np.log(positive / negative)
        self.intercept = (1 - BETA) * prior + BETA * machine.intercept_[0]
        return self

    def rows(self, split: Split) -> sparse.csr_matrix:
        return (self.vectorizer.transform(split.inputs.tolist()) @ self.ratio).tocsr()

    def hits(self, rows: sparse.csr_matrix, labels: np.ndarray) -> int:
        return int(((rows @ self.weights + self.intercept > 0) == labels).sum())


def log_count_ratio(counts: sparse.csr_matrix, labels: np.ndarray) -> np.ndarray:
    """r = log((p / |p|) / (q / |q|)), p and q the n-grams' counts in class 1 and 0 plus alpha."""
    sums = [ALPHA + np.asarray(counts[labels == k].sum(axis=0)).ravel() for k in (0, 1)]
    negative, positive = (np.log(part / part.sum()) for part in sums)
    return (positive - negative).astype(np.float32)


def concatenated(first: Split, second: Split) -> Split:
    parts = ((getattr(first, name), getattr(second, name)) for name in ("inputs", "labels", "ids"))
    return Split(*(np.concatenate(pair) for pair in parts))


def select_c(model: NBSVM, valid: Split) -> tuple[float, float]:
    """The C with the highest accuracy on the validation set; the smallest in a tie."""
    rows = model.rows(valid)
    hits = {c: model.fit(c).hits(rows, valid.labels) for c in CHOICES}
    best = max(hits, key=lambda c: hits[c])
    return best, hits[best] / len(valid)


def evaluate(train: Split, test: Split, ngrams: int, c: float) -> dict[str, object]:
    start = time.perf_counter()
    model = NBSVM(train, ngrams).fit(c)
    hits = model.hits(model.rows(test), test.labels)
    low, high = wilson(hits, len(test))
    return {
        "trained_examples": len(train), "features": model.features,
        "accuracy": round(hits / len(test), 5), "low": round(low, 5), "high": round(high, 5),
        "n": len(test), "errors": len(test) - hits,
        "seconds": round(time.perf_counter() - start, 1),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="movie-snippets")
    parser.add_argument("--ngrams", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--valid-fraction", type=float, default=1 / 12)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    command = f"benchmarks/nbsvm.py --data {args.data} --ngrams {args.ngrams}"
    for seed in args.seeds:
        splits = load_texts(args.data, seed=seed, valid_fraction=args.valid_fraction)
        c, valid_accuracy = select_c(NBSVM(splits.train, args.ngrams), splits.valid)
        for name, train in (
            ("train part only", splits.train),
            ("train and validation", concatenated(splits.train, splits.valid)),
        ):
            row = {
                "data": args.data, "ngrams": args.ngrams, "seed": seed, "trained_on": name,
                **evaluate(train, splits.test, args.ngrams, c),
                "C": c, "valid": round(valid_accuracy, 5),
                "valid_fraction": round(args.valid_fraction, 5),
                "sklearn": sklearn.__version__, "command": f"{command} --seeds {seed}",
            }  # fmt: skip
            print(row, flush=True)
            append(args.out, row)


if __name__ == "__main__":
    main()
