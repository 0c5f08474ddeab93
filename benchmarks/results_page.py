"""The tables of docs/results.md, from the CSV files in benchmarks/results.

    python benchmarks/results_page.py

Mean and standard deviation are over the seeds of a CSV. The interval of an accuracy is Wilson's for
the mean over the test examples: what other test sets of this size would give. A time stands only
where nothing else ran.
"""

from __future__ import annotations

import csv
import statistics
from dataclasses import dataclass
from pathlib import Path

from glassnet.stats.intervals import wilson

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "results.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->"


@dataclass(frozen=True)
class Entry:
    """A line of a table: a preset and the CSV with a row per seed.

    Attributes:
        command: what trains it.
        name: of the CSV, without its ending.
        timed: whether nothing else ran, so that its seconds are a measurement.
    """

    command: str
    name: str
    timed: bool = False


CLASSIFIERS = {
    "Image classifier, MNIST (10,000 test images)": (
        Entry("glassnet train cnn --preset record-99", "record-99", timed=True),
        Entry("glassnet train cnn --preset record", "record", timed=True),
        Entry("glassnet train cnn --preset quick", "quick", timed=True),
        Entry("glassnet train cnn", "default", timed=True),
        Entry("glassnet train cnn --preset best", "best"),
        Entry("glassnet train cnn --preset tiny", "tiny"),
        Entry("glassnet train cnn --preset paper", "paper"),
    ),
    "Text classifier, IMDB (25,000 test reviews)": (
        Entry("glassnet train lstm --data imdb", "lstm-imdb-default"),
        Entry("glassnet train lstm --data imdb --preset quick", "lstm-imdb-quick"),
        Entry("glassnet train lstm --data imdb --preset pretrained", "lstm-imdb-pretrained"),
        Entry("glassnet train lstm --data imdb --preset adversarial", "lstm-imdb-adversarial"),
        Entry(
            "glassnet train lstm --data imdb --preset adversarial --hidden-size 64",
            "lstm-imdb-adversarial-64",
        ),
        Entry("glassnet train lstm --data imdb --preset unlabelled", "lstm-imdb-unlabelled"),
    ),
    "Text classifier, movie snippets (1,005 test sentences)": (
        Entry("glassnet train lstm", "lstm-snippets"),
    ),
}
"""Title of a table -> its lines."""

GENERATORS = (
    Entry("glassnet train vae", "vae"),
    Entry("glassnet train vae --preset best", "vae-best"),
    Entry("glassnet train vae --prior-epochs 0", "vae-mixture-prior"),
    Entry("glassnet train vae --prior-gaussians 0", "vae-normal-prior"),
    Entry("glassnet train vae --prior-gaussians 0 --epochs 120", "vae-normal-prior-120-epochs"),
)


def rows_of(name: str) -> list[dict[str, str]]:
    with (ROOT / "benchmarks" / "results" / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""


def accuracy_cells(rows: list[dict[str, str]], column: str) -> tuple[str, str, str]:
    """Mean, standard deviation and interval of a column of accuracies, in per cent."""
    values, n = [float(row[column]) for row in rows], int(rows[0]["n"])
    mean = statistics.mean(values)
    low, high = wilson(round(mean * n), n)
    interval = f"{100 * low:.2f} to {100 * high:.2f}"
    return f"**{100 * mean:.2f} %**", spread([100 * value for value in values], 2), interval


def classifier_line(entry: Entry) -> str:
    rows = rows_of(entry.name)
    mean, deviation, interval = accuracy_cells(rows, "accuracy")
    seconds = statistics.mean(float(row["train_seconds"]) for row in rows)
    cells = (
        f"`{entry.command}`",
        mean,
        deviation,
        str(len(rows)),
        interval,
        f"{int(rows[0]['parameters']):,}",
        f"{seconds:.0f} s" if entry.timed else "",
        link(entry.name),
    )
    return line(cells)


def lstm_line(entry: Entry) -> str:
    rows = rows_of(entry.name)
    together = statistics.mean(float(row["accuracy"]) for row in rows)
    cells = (f"{100 * together:.2f} %", str(len(rows)), link(entry.name))
    return line((f"`{entry.command}`", *accuracy_cells(rows, "lstm_accuracy"), *cells))


def generator_line(entry: Entry) -> str:
    rows = rows_of(entry.name)
    values = [float(row["importance_weighted_bound"]) for row in rows]
    cells = (
        f"`{entry.command}`",
        f"**{statistics.mean(values):.2f} nats**",
        spread(values, 2),
        str(len(rows)),
        f"{int(rows[0]['parameters']):,}",
        link(entry.name),
    )
    return line(cells)


def peer_lines() -> list[str]:
    """Each peer and preset of one run of `benchmarks/peers.py`, by data set and time."""
    rows = sorted(rows_of("peers"), key=lambda row: (row["data"], float(row["seconds"])))
    lines = []
    for row in rows:
        is_share = row["metric"] == "accuracy"
        value = (
            f"{100 * float(row['value']):.2f} %" if is_share else f"{float(row['value']):.1f} nats"
        )
        size = f"{int(row['parameters']):,}" if row["parameters"] else ""
        cells = (row["data"], row["name"], value, f"{float(row['seconds']):,.0f} s")
        lines.append(line((*cells, row["epochs"], size)))
    return lines


def sample_line(epochs: str, images: str, rows: list[dict[str, str]]) -> str:
    """Means over the runs of what one kind of images reaches, in per cent and nats."""

    def mean(column: str) -> float:
        return statistics.mean(float(row[column]) for row in rows)

    bound = (
        f"{mean('importance_weighted_bound'):.2f}" if rows[0]["importance_weighted_bound"] else ""
    )
    precision, recall = (f"{100 * mean(column):.1f} %" for column in ("precision", "recall"))
    return line((images, epochs, precision, recall, bound, str(len(rows)), link("prior")))


def sample_lines() -> list[str]:
    kinds: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows_of("prior"):
        kinds.setdefault((row["epochs"], row["images"]), []).append(row)
    return [sample_line(*kind, rows) for kind, rows in kinds.items()]


def link(name: str) -> str:
    return f"[{name}.csv](../benchmarks/results/{name}.csv)"


def line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def table(titles: tuple[str, ...], lines: list[str]) -> list[str]:
    return [line(titles), "|" + "---|" * len(titles), *lines, ""]


def tables() -> str:
    """The tables in Markdown."""
    parts = []
    titles: tuple[str, ...] = (
        "command",
        "accuracy",
        "sd",
        "seeds",
        "95 % interval",
        "parameters",
        "training",
        "rows",
    )
    for title, entries in CLASSIFIERS.items():
        parts += [f"### {title}", "", *table(titles, [classifier_line(each) for each in entries])]
    titles = ("command", "LSTM alone", "sd", "95 % interval", "with n-grams", "seeds", "rows")
    parts += ["### The LSTM without the n-grams, IMDB", ""]
    entries = CLASSIFIERS["Text classifier, IMDB (25,000 test reviews)"]
    alone = [entry for entry in entries if "lstm_accuracy" in rows_of(entry.name)[0]]
    parts += table(titles, [lstm_line(entry) for entry in alone])
    titles = ("command", "bound on −log p(x)", "sd", "seeds", "parameters", "rows")
    parts += ["### Image generator, MNIST (bound, 5,000 samples)", ""]
    parts += table(titles, [generator_line(entry) for entry in GENERATORS])
    titles = ("5,000 images", "epochs", "precision", "recall", "bound (nats)", "seeds", "rows")
    parts += ["### Image generator, MNIST: samples in the eyes of an image classifier", ""]
    parts += table(titles, sample_lines())
    titles = ("data", "trained", "on the test set", "training", "epochs", "parameters or features")
    parts += [
        "### Beside other libraries, images in one run, texts in others",
        "",
        *table(titles, peer_lines()),
    ]
    return "\n".join(parts)


def page(text: str) -> str:
    """The page with its tables made anew."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + tables() + "\n" + END + rest.split(END)[1]


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
