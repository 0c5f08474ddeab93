"""The tables of docs/results.md are what the CSV files give."""

from __future__ import annotations

import results_page


def test_the_tables_are_those_of_the_csv_files() -> None:
    text = results_page.PAGE.read_text(encoding="utf-8")
    assert results_page.page(text) == text, "run: python benchmarks/results_page.py"


def test_a_line_has_the_mean_of_its_seeds() -> None:
    entry = results_page.Entry("glassnet train cnn", "default", timed=True)
    accuracies = [float(row["accuracy"]) for row in results_page.rows_of("default")]
    cells = results_page.classifier_line(entry).split(" | ")
    assert cells[1] == f"**{100 * sum(accuracies) / len(accuracies):.2f} %**"
    assert cells[3] == str(len(accuracies))
