"""Other libraries' introductory examples beside glassnet, each trained to its own end, in one run.

    pip install keras jax skorch
    python benchmarks/peers.py --out benchmarks/results/peers.csv

Each peer has the network, the optimizer and the number of epochs of its published example, written
anew: pytorch/examples' `mnist` and `vae`, Keras' `mnist_convnet`, the notebook of skorch,
scikit-learn's `MLPClassifier` as it comes, and NB-SVM. The clock runs from the first step to the
last: loading the data and the test are outside of it, also where an example tests after every
epoch. (NB-SVM's is from texts to predictions.) glassnet's includes the validation after every
epoch, which selects the epoch; the peers keep the last one and train on all 60,000 images. All are
tested once, each in a process of its own, one after the other, with all cores. `--only` runs some
of them, and `--plot` draws the CSV.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import nbsvm
import numpy as np
import speed
import torch
import vae_peer
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

import glassnet as gn
from glassnet.data.images.load import load_images
from glassnet.data.texts.load import load_texts
from glassnet.stats.intervals import wilson

Row = dict[str, object]
Images = tuple[np.ndarray, np.ndarray]


def mnist() -> tuple[Images, Images]:
    """MNIST's own 60,000 and 10,000 images (n, 28, 28) uint8 and labels."""
    splits = load_images("mnist", seed=0)
    train = nbsvm.concatenated(splits.train, splits.valid)
    return (train.inputs, train.labels), (splits.test.inputs, splits.test.labels)


def classified(predicted: np.ndarray, labels: np.ndarray, seconds: float, **fields: object) -> Row:
    hits, n = int((predicted == labels).sum()), len(labels)
    low, high = wilson(hits, n)
    return {
        "metric": "accuracy", "value": round(hits / n, 5), "low": round(low, 5),
        "high": round(high, 5), "n": n, "seconds": round(seconds, 1), **fields,
    }  # fmt: skip


def parameters(network: nn.Module) -> int:
    return sum(values.numel() for values in network.parameters())


def pytorch_mnist() -> Row:
    """Adadelta from 1.0, a factor of 0.7 after each of 14 epochs, batches of 64."""
    torch.manual_seed(0)
    (images, labels), (test, test_labels) = mnist()
    pixels, targets = torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels)
    loader = DataLoader(speed.PerSampleDataset(pixels, targets), batch_size=64, shuffle=True)
    network = speed.peer_network()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    start = time.perf_counter()
    for epoch in range(14):
        for group in optimizer.param_groups:
            group["lr"] = 0.7**epoch
        for batch, wanted in loader:
            optimizer.zero_grad()
            F.cross_entropy(network(batch), wanted).backward()
            optimizer.step()
    seconds = time.perf_counter() - start
    network.eval()
    inputs = (torch.from_numpy(test).unsqueeze(1).float() / 255 - 0.1307) / 0.3081
    with torch.inference_mode():
        predicted = torch.cat([network(batch).argmax(1) for batch in inputs.split(500)])
    return classified(
        predicted.numpy(), test_labels, seconds, epochs=14, parameters=parameters(network)
    )


def keras_convnet() -> Row:
    """Two 3 x 3 convolutions with max pooling, dropout, Adam, 15 epochs of batches of 128."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    keras.utils.set_random_seed(0)
    (images, labels), (test, test_labels) = mnist()
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    network.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    inputs, others = (pixels[..., None].astype(np.float32) / 255 for pixels in (images, test))
    start = time.perf_counter()
    network.fit(inputs, labels, batch_size=128, epochs=15, validation_split=0.1, verbose=0)
    seconds = time.perf_counter() - start
    predicted = network.predict(others, verbose=0).argmax(axis=1)
    return classified(
        predicted, test_labels, seconds, epochs=15, parameters=network.count_params(),
        versions=f"keras {keras.__version__} on {keras.backend.backend()}",
    )  # fmt: skip


class SkorchNetwork(nn.Module):
    """Two 3 x 3 convolutions with max pooling, dropout, and two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.MaxPool2d(2), nn.ReLU(),
            nn.Conv2d(32, 64, 3), nn.Dropout2d(0.5), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
        )  # fmt: skip
        self.classes = nn.Sequential(
            nn.Linear(1600, 100), nn.ReLU(), nn.Dropout(0.5), nn.Linear(100, 10), nn.Softmax(dim=1)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classes(self.features(images))


def skorch_cnn() -> Row:
    """Adam 0.002, 10 epochs of batches of 128, a fifth held out for validation."""
    from skorch import NeuralNetClassifier

    torch.manual_seed(0)
    (images, labels), (test, test_labels) = mnist()
    inputs, others = (pixels[:, None].astype(np.float32) / 255 for pixels in (images, test))
    network = NeuralNetClassifier(
        SkorchNetwork, max_epochs=10, lr=0.002, optimizer=torch.optim.Adam, verbose=0
    )
    start = time.perf_counter()
    network.fit(inputs, labels)
    seconds = time.perf_counter() - start
    return classified(
        network.predict(others), test_labels, seconds, epochs=10,
        parameters=parameters(network.module_), versions=f"skorch {version('skorch')}",
    )  # fmt: skip


def sklearn_mlp() -> Row:
    """100 hidden units, Adam, until the training loss no longer falls or for 200 epochs."""
    (images, labels), (test, test_labels) = mnist()
    inputs, others = (pixels.reshape(len(pixels), -1) / 255 for pixels in (images, test))
    network = MLPClassifier(random_state=0)
    start = time.perf_counter()
    network.fit(inputs, labels)
    seconds = time.perf_counter() - start
    size = sum(values.size for values in (*network.coefs_, *network.intercepts_))
    return classified(
        network.predict(others), test_labels, seconds, epochs=network.n_iter_, parameters=size,
        versions=f"scikit-learn {version('scikit-learn')}",
    )  # fmt: skip


def pytorch_vae() -> Row:
    """784-400-20-400-784, Adam 0.001, 10 epochs of batches of 128, on grey pixels."""
    torch.manual_seed(0)
    (images, _), (test, _) = mnist()
    pixels = torch.from_numpy(images).unsqueeze(1)
    loader = DataLoader(vae_peer.PerSampleDataset(pixels), batch_size=128, shuffle=True)
    network = vae_peer.Peer()
    seconds = vae_peer.train(network, lambda: iter(loader), 10, binarise=False)
    observed = torch.from_numpy(test).unsqueeze(1)
    bound = vae_peer.evaluate(network, observed, images=500, samples=5000)["iwae_nll"]
    return {
        "metric": "iwae_nll", "value": round(bound, 2), "n": 500, "seconds": round(seconds, 1),
        "epochs": 10, "parameters": parameters(network),
    }  # fmt: skip


def nb_svm(data: str, ngrams: int) -> Row:
    """Binary n-grams scaled by their log-count ratio, C selected on validation."""
    splits = load_texts(data, seed=0, valid_fraction=1 / 12)
    c, _ = nbsvm.select_c(nbsvm.NBSVM(splits.train, ngrams), splits.valid)
    train = nbsvm.concatenated(splits.train, splits.valid)
    row = nbsvm.evaluate(train, splits.test, ngrams, c)
    return {
        "metric": "accuracy", "value": row["accuracy"], "low": row["low"], "high": row["high"],
        "n": row["n"], "seconds": row["seconds"], "parameters": row["features"],
    }  # fmt: skip


def glassnet(task: str, preset: str, data: str) -> Row:
    """`glassnet train` with a preset; the test results of its evaluation."""
    with tempfile.TemporaryDirectory() as runs:
        run = gn.train(task, preset=preset, data=data, runs=runs)
        test, info = run.results["test"], run.run.info
        metric = "iwae_nll" if task == "vae" else "accuracy"
        low, high = test["interval"]
        return {
            "metric": metric, "value": round(test[metric], 5), "low": round(low, 5),
            "high": round(high, 5), "n": test["n"], "seconds": info["seconds"]["train"],
            "epochs": info["epochs_done"], "parameters": info["parameters"],
        }  # fmt: skip


PEERS: dict[str, tuple[str, Callable[[], Row]]] = {
    "pytorch/examples mnist": ("mnist", pytorch_mnist),
    "Keras mnist_convnet": ("mnist", keras_convnet),
    "skorch MNIST notebook": ("mnist", skorch_cnn),
    "scikit-learn MLPClassifier": ("mnist", sklearn_mlp),
    "glassnet cnn record-99": ("mnist", lambda: glassnet("cnn", "record-99", "mnist")),
    "glassnet cnn record": ("mnist", lambda: glassnet("cnn", "record", "mnist")),
    "glassnet cnn default": ("mnist", lambda: glassnet("cnn", "default", "mnist")),
    "pytorch/examples vae": ("mnist-generated", pytorch_vae),
    "glassnet vae quick": ("mnist-generated", lambda: glassnet("vae", "quick", "mnist")),
    "NB-SVM, bigrams": ("movie-snippets", lambda: nb_svm("movie-snippets", 2)),
    "glassnet lstm default": (
        "movie-snippets",
        lambda: glassnet("lstm", "default", "movie-snippets"),
    ),
    "NB-SVM, trigrams": ("imdb", lambda: nb_svm("imdb", 3)),
    "glassnet lstm quick": ("imdb", lambda: glassnet("lstm", "quick", "imdb")),
}
"""Name -> data set, and what trains it and tests it."""

TITLES = {
    "mnist": "MNIST: test accuracy (%)",
    "mnist-generated": "MNIST: bound on \N{MINUS SIGN}log p(x) (nats)",
    "imdb": "IMDB: test accuracy (%)",
    "movie-snippets": "Movie snippets: test accuracy (%)",
}

COLUMNS = (
    "name", "data", "seconds", "metric", "value", "low", "high", "n", "epochs", "parameters",
    "cores", "versions", "command",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--here", action="store_true", help="train in this process, print JSON")
    parser.add_argument("--plot", type=Path, help="where to draw the CSV, as .png or .svg")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.here:
        print(json.dumps(PEERS[args.only[0]][1]()))
        return
    for name in args.only:
        append(args.out, name)
    if args.plot:
        draw(args.out, args.plot)


def append(path: Path, name: str) -> None:
    """Train a peer in a process of its own, and append its row."""
    call = [sys.executable, __file__, "--only", name, "--here", "--out", str(path)]
    output = subprocess.run(call, stdout=subprocess.PIPE, text=True, check=True).stdout
    row = {
        "name": name,
        "data": PEERS[name][0],
        "cores": os.cpu_count(),
        "versions": f"torch {torch.__version__}",
        "command": f'python benchmarks/peers.py --only "{name}"',
    } | json.loads(output.splitlines()[-1])
    print(name, row["value"], row["seconds"], flush=True)
    nbsvm.append(path, {column: row.get(column, "") for column in COLUMNS})


def draw(path: Path, picture: Path) -> None:
    """What each reached and in how many seconds, the fastest on top; a panel for each data set."""
    import matplotlib.pyplot as plt

    with path.open() as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: -float(row["seconds"]))
    parts = {
        title: [row for row in rows if row["data"] == name]
        for name, title in TITLES.items()
        if any(row["data"] == name for row in rows)
    }
    figure, axes = plt.subplots(
        len(parts),
        figsize=(7, 1.2 + 0.32 * len(rows) + 0.5 * len(parts)),
        height_ratios=[len(part) + 1 for part in parts.values()],
        layout="constrained",
        squeeze=False,
    )
    for axis, (title, part) in zip(axes[:, 0], parts.items(), strict=True):
        for place, row in enumerate(part):
            factor = 100 if row["metric"] == "accuracy" else 1
            colour = "C0" if row["name"].startswith("glassnet") else "0.35"
            marker = "o" if row["name"].startswith("glassnet") else "s"
            if row["low"]:
                ends = [factor * float(row[end]) for end in ("low", "high")]
                axis.plot(ends, [place, place], color=colour, lw=2, alpha=0.4)
            axis.plot(factor * float(row["value"]), place, marker=marker, color=colour)
        names = [f"{row['name']}: {float(row['seconds']):,.3g} s" for row in part]
        axis.set_yticks(range(len(part)), names)
        axis.set_ylim(-0.6, len(part) - 0.4)
        axis.set_title(title, loc="left", fontsize=10)
        axis.grid(axis="x", alpha=0.3)
    figure.savefig(picture, dpi=130)


if __name__ == "__main__":
    main()
