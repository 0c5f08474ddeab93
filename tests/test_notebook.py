"""The notebook of the documentation runs, and runs, findings and figures show themselves in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import glassnet as gn

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"

SETUP = """\
from glassnet.tasks.cnn.task import ImageClassifier
from glassnet.training import notebook_display

ImageClassifier.views, ImageClassifier.layers = {views!r}, ("pool2",)
notebook_display.INTERVAL = 0.05
"""
"""Runs first: views that train nothing, of one layer, and updates for so short a training."""

VIEWS = ("scores", "training_curves", "projections", "confusion_matrix", "worst_mistakes")

MISTAKE = 'gn.load("cnn-digitz")'
"""Runs last, and raises an error."""

RAISES = {"tags": ["raises-exception"]}

FEW_EPOCHS = "epochs=6"


class Client(NotebookClient):
    """Executes a notebook and counts the updates of its outputs."""

    updates = 0

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        self.updates += msg["msg_type"] == "update_display_data"
        return super().process_message(msg, cell, cell_index)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def client(folder: Path) -> Client:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("epochs=25", FEW_EPOCHS)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(SETUP.format(views=VIEWS)))
    notebook.cells.append(nbformat.v4.new_code_cell(MISTAKE, id="mistake", metadata=RAISES))
    client = Client(notebook, resources={"metadata": {"path": str(folder)}}, timeout=300)
    client.execute()
    import os

    if os.environ.get("KEEP"):
        nbformat.write(client.nb, os.environ["KEEP"])
    return client


def outputs(client: Client, name: str) -> list[Any]:
    found: list[Any] = next(cell.outputs for cell in client.nb.cells if cell.id == name)
    return found


def html(client: Client, name: str) -> str:
    """The HTML of a cell's outputs, with spaces that may break."""
    shown = [output["data"].get("text/html", "") for output in outputs(client, name)]
    return "".join(shown).replace("\N{NO-BREAK SPACE}", " ")


def test_the_notebook_is_stored_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
    assert sum("epochs=25" in cell.source for cell in code) == 1


def test_training_shows_one_output_that_updates_itself_and_ends_finished(client: Client) -> None:
    shown = html(client, "train")
    assert client.updates >= 3
    assert "digits: trained for 6 of 6 epochs" in shown
    assert 'role="progressbar"' not in shown
    alternatives = re.findall(r'<img [^>]*alt="([^"]+)"', shown)
    assert [text.partition(" by epoch")[0] for text in alternatives] == ["loss", "accuracy (%)"]


def test_the_numbers_are_those_of_the_run(client: Client, folder: Path) -> None:
    run = gn.load(folder / "runs" / "cnn-digits")
    last = run.metrics["valid_accuracy"][-1]
    assert f"{100 * last:.2f} %" in html(client, "train")
    for label, value, note in run.results["test"]["numbers"][:3]:
        assert label in html(client, "run")
        assert value in html(client, "run")
        assert note.replace("'", "&#39;") in html(client, "run")


def test_no_progress_is_left_as_text(client: Client) -> None:
    streams = [
        o["text"] for cell in client.nb.cells for o in cell.get("outputs", ()) if "text" in o
    ]
    assert streams == []


def test_findings_show_their_titles_and_figures(client: Client, folder: Path) -> None:
    found = gn.load(folder / "runs" / "cnn-digits").findings
    listed = html(client, "explain")
    for name in ("confusion-matrix", "worst-mistakes", "tsne"):
        assert name in listed
    for cell, name in (("confusion", "confusion-matrix"), ("mistakes", "worst-mistakes")):
        shown = html(client, cell)
        title = found[name].title
        assert shown.count(title) == 2, "once as a title, once for those who do not see the figure"
        assert "<img " in shown


def test_a_figure_is_shown_once_and_has_a_text_instead(client: Client) -> None:
    (output,) = outputs(client, "figure")
    assert set(output["data"]) == {"image/png", "text/plain"}
    size = output["metadata"]["image/png"]
    assert size["width"] == 7 * 96
    assert size["alt"].startswith("Figure: ")


def test_an_error_has_two_lines_without_a_traceback(client: Client) -> None:
    (output,) = outputs(client, "mistake")
    first, second = "\n".join(output["traceback"]).splitlines()
    assert first.startswith("RunError: ")
    assert "cnn-digits" in second


def test_no_output_is_large_or_has_a_script(client: Client) -> None:
    for cell in client.nb.cells:
        for output in cell.get("outputs", ()):
            text = output.get("data", {}).get("text/html", "")
            assert len(text) < 450_000
            assert not re.search(r"<script|<style|<svg|\son\w+=|\sid=", text)
