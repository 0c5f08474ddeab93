"""Comparing trained classifiers: numbers computed again, equal runs, other data, missing parts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from notebooks import card
from run_copies import copy_run
from scipy.stats import binomtest
from sentences import unclaimed_in

import glassnet as gn
from glassnet import progress
from glassnet.cli import main
from glassnet.comparison.comparison import Comparison
from glassnet.data.sources.catalogue import CATALOGUE, Entry
from glassnet.errors import DataError, RunError, UsageError
from glassnet.findings import Curves, Examples, Finding, Heatmap, ImageGallery, Scatter, Table
from glassnet.runs import group
from glassnet.runs.folder import Run

pytestmark = pytest.mark.slow

OPTIONS: dict[str, Any] = {"data": "digits", "batch_size": 50, "device": "cpu", "threads": 1}

WORSE = OPTIONS | {"epochs": 1, "channels": (4, 8, 8), "seed": 1}
"""A network that learns less."""


@pytest.fixture(scope="module", autouse=True)
def catalogue(cache: Path, entry: Entry) -> Iterator[None]:
    """The small data set, for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch, progress.silenced():
        patch.setenv("GLASSNET_CACHE", str(cache))
        patch.setitem(CATALOGUE, entry.name, entry)
        yield


@pytest.fixture(scope="module")
def runs(trained_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs, `good` and `worse`."""
    folder = tmp_path_factory.mktemp("compared")
    copy_run(trained_folder, folder).rename(folder / "good")
    gn.train("cnn", runs=folder, name="worse", **WORSE)
    return folder


@pytest.fixture(scope="module")
def compared(runs: Path) -> Comparison:
    return gn.compare("good", "worse", runs=runs, method="pca")


def finding(comparison: Comparison, name: str, kind: type) -> Any:
    found = comparison.findings[name]
    assert isinstance(found, kind)
    return found


def rights(runs: Path) -> list[np.ndarray]:
    """Whether each network predicts each test image correctly, by predicting it again."""
    found = []
    for name in ("good", "worse"):
        run = gn.load(name, runs)
        found.append(run.predict(run.data.test.inputs) == run.data.test.labels)
    return found


def test_a_notebook_shows_the_verdict_the_differences_and_the_page(
    compared: Comparison, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = card(compared)
    assert html.text.startswith(compared.title)
    assert "comparison.report()" in html.text
    assert all(label in html.text for label in compared.labels)
    assert [alternative.partition(" by ")[0] for alternative, _ in html.images]
    monkeypatch.chdir(runs)
    page = compared.report()
    assert card(compared).links == [f"./comparisons/{page.name}"]
    page.unlink()


def test_the_accuracies_are_compared_by_mcnemars_test(compared: Comparison, runs: Path) -> None:
    good, worse = rights(runs)
    assert compared.missing == {}
    found = compared.differences[0]
    assert found.measure.name == "accuracy"
    assert (found.first_value, found.second_value) == (good.mean(), worse.mean())
    assert found.difference.value == pytest.approx(worse.mean() - good.mean())
    lost, gained = int((good & ~worse).sum()), int((worse & ~good).sum())
    assert found.difference.p == binomtest(lost, lost + gained).pvalue
    assert (found.better, found.is_paired, found.n) == ("good", True, 300)


def test_the_likelihoods_are_compared_example_by_example(compared: Comparison, runs: Path) -> None:
    own = []
    for name in ("good", "worse"):
        run = gn.load(name, runs)
        probabilities = run.predict_proba(run.data.test.inputs)
        own.append(-np.log(probabilities[np.arange(300), run.data.test.labels].astype(float)))
    found, differences = compared.differences[1], own[1] - own[0]
    assert found.difference.value == pytest.approx(differences.mean(), rel=1e-4)
    half = 1.96 * differences.std() / np.sqrt(300)
    assert found.difference.low == pytest.approx(differences.mean() - half, abs=0.2 * half)
    assert found.difference.high == pytest.approx(differences.mean() + half, abs=0.2 * half)


def test_p_values_are_corrected_for_all_that_is_compared(compared: Comparison) -> None:
    small, large = sorted(compared.differences, key=lambda each: each.difference.p)
    assert small.p_holm == min(1, 2 * small.difference.p)
    assert large.p_holm == max(small.p_holm, large.difference.p)


def test_the_title_says_which_is_better_and_by_how_much(compared: Comparison) -> None:
    points = 100 * abs(compared.differences[0].difference.value)
    assert compared.title.startswith(f"good is more accurate than worse by {points:.2f} points")
    assert "the same 300 examples" in compared.lead[-1]


def test_settings_that_differ_are_listed_and_no_others(compared: Comparison) -> None:
    assert {"epochs", "channels", "seed"} <= compared.configuration.keys()
    assert compared.configuration["epochs"] == {"good": "4", "worse": "1"}
    assert not {"batch_size", "data", "data fingerprint"} & compared.configuration.keys()


def test_curves_lie_over_each_other(compared: Comparison) -> None:
    curves = finding(compared, "training-curves", Curves)
    labels = [[series.label for series in panel.series] for panel in curves.panels]
    assert labels == [["good", "worse"]] * len(curves.panels)
    assert [len(series.x) for series in curves.panels[0].series] == [4, 1]
    assert len({series.role for series in curves.panels[0].series}) == 2


def test_similarity_is_linear_cka_of_the_activations(compared: Comparison, runs: Path) -> None:
    heatmap = finding(compared, "layer-similarity-1", Heatmap)
    assert heatmap.values.min() >= 0
    assert heatmap.values.max() <= 1 + 1e-9
    row, column = heatmap.row_names.index("pool1"), heatmap.column_names.index("pool2")
    layers = []
    for name, layer in (("good", "pool1"), ("worse", "pool2")):
        run = gn.load(name, runs)
        values = run.model.activations(run.data.inputs(run.data.test), [layer])[layer]
        layers.append(values - values.mean(axis=0, dtype=np.float64))
    x, y = layers
    norm = np.linalg.norm
    expected = norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y))
    assert heatmap.values[row, column] == pytest.approx(expected, abs=1e-5)


def test_maps_show_the_same_examples_in_one_frame(compared: Comparison, runs: Path) -> None:
    maps, examples = finding(compared, "maps-pca", Scatter), finding(compared, "examples", Examples)
    assert [panel.label for panel in maps.panels] == ["output of good", "output of worse"]
    for panel in maps.panels:
        assert panel.points.shape == (300, 2)
        assert np.abs(panel.points.mean(axis=0)).max() < 1e-4
        assert (panel.points**2).sum(axis=1).mean() == pytest.approx(1, abs=1e-3)
    assert np.array_equal(examples.labels, maps.labels)
    first, second = (panel.points for panel in maps.panels)
    apart = np.square(first - second).sum()
    for angle in (0.3, -0.3):  # no other rotation brings them closer
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert np.square(first - second @ turn).sum() >= apart - 1e-3


def test_stored_maps_are_taken(runs: Path, tmp_path: Path) -> None:
    for name in ("good", "worse"):
        run = gn.load(copy_run(runs / name, tmp_path))
        shutil.rmtree(run.path / "cache")
        with run.run.editing() as info:
            options = {"layers": ["output"], "methods": ["pca"], "points": 50, "seed": 3}
            info["explain_records"] = [{"options": options}]
    found = gn.compare("good", "worse", runs=tmp_path, method="pca")
    assert len(finding(found, "maps-pca", Scatter).labels) == 50


def test_what_one_alone_gets_right_is_shown(compared: Comparison, runs: Path) -> None:
    good, worse = rights(runs)
    shown = finding(compared, "right-1-1", ImageGallery)
    assert shown.title == f"good alone is right on {(good & ~worse).sum()} of 300 test examples"
    images = gn.load("good", runs).data.test.inputs[good & ~worse]
    assert all(any(np.array_equal(image, each) for each in images) for image in shown.images)
    counts = {row[0]: row[1] for row in finding(compared, "agreement-1", Table).rows}
    assert counts["both right"] == (good & worse).sum()
    assert counts["only worse right"] == (worse & ~good).sum()
    assert sum(counts.values()) == 300


def test_every_number_in_a_sentence_has_a_claim(compared: Comparison) -> None:
    names = (*compared.labels, *map(str, range(10)))
    for record in compared.findings.values():
        if isinstance(record, Finding):
            assert unclaimed_in(record, names) == set(), record.name


def test_every_finding_can_be_drawn_on_paper(compared: Comparison) -> None:
    for record in compared.findings.values():
        if isinstance(record, Finding):
            assert compared.figure(record.name).axes
    with pytest.raises(UsageError, match="no figure 'map-pca'"):
        compared.figure("map-pca")


class Outline(HTMLParser):
    """The headings and the text of a page, whose ids must differ."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [str(value) for key, value in attrs if key == "id"]
        self.levels += [int(tag[1])] if tag in ("h1", "h2", "h3", "h4") else []

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_begins_with_the_verdict(compared: Comparison, runs: Path) -> None:
    path = compared.report()
    assert path == runs / "comparisons" / "good-and-worse.html"
    page = Outline(path.read_text(encoding="utf-8"))
    assert len(set(page.ids)) == len(page.ids)
    assert page.levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(page.levels))
    assert page.text.index("good is more accurate than worse") < page.text.rindex("Which is better")
    assert "glassnet compare good worse --method pca" in page.text
    assert compared.report(runs / "again.html").read_bytes() == path.read_bytes()


def test_a_run_is_equal_to_itself(runs: Path) -> None:
    found = gn.compare("good", gn.load("good", runs), runs=runs, method="pca")
    assert found.title.endswith("are the same run")
    assert len(set(found.labels)) == 2
    assert all(each.difference.value == 0 and not each.better for each in found.differences)
    assert found.configuration == {}
    values = finding(found, "layer-similarity-1", Heatmap).values
    assert np.allclose(np.diag(values), 1)
    found.report()


def test_a_copy_has_the_same_weights(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "good", tmp_path / "good")
    found = gn.compare(runs / "good", tmp_path / "good", method="pca")
    assert found.title.endswith("are equal: they have the same weights")


def test_three_runs_are_compared_in_pairs(runs: Path) -> None:
    third = gn.train("cnn", runs=runs, name="third", **WORSE | {"seed": 2})
    found = gn.compare("good", "worse", third, runs=runs, method="pca")
    assert [(each.first, each.second) for each in found.differences[::2]] == [
        ("good", "worse"),
        ("good", "third"),
        ("worse", "third"),
    ]
    assert found.title == "good is better than all others in accuracy"
    assert [panel.label for panel in finding(found, "maps-pca", Scatter).panels] == [
        "output of good",
        "output of worse",
        "output of third",
    ]
    assert "layer-similarity-2" in found.findings
    found.report()


def test_other_test_examples_are_not_paired(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the test examples of one of them are gone."""
    first, second = (gn.load(copy_run(runs / name, tmp_path)) for name in ("good", "worse"))
    shutil.rmtree(second.path / "cache")
    from glassnet.comparison import shared_test
    from glassnet.run_model import RunData

    whole = RunData.test.fget  # type: ignore[attr-defined]

    def test(data: RunData) -> Any:
        split = whole(data)
        return split.take(np.arange(150)) if data.run.name == "worse" else split

    monkeypatch.setattr(RunData, "test", property(test))
    found = gn.compare(first, second, method="pca")
    accuracy = found.differences[0]
    assert (accuracy.is_paired, accuracy.n, accuracy.other_n) == (False, 300, 150)
    assert "Fisher" in accuracy.test
    assert found.title.startswith("On different test sets, good is more accurate than worse")
    assert any("The test sets of good and worse differ" in note for note in found.lead)
    assert not [name for name in found.findings if name.startswith(("maps", "layer", "right"))]
    assert shared_test.match(first.data, second.data).common == 150
    found.report()


def test_of_different_classes_neither_is_better(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.run_model import RunData

    names = RunData.class_names.func  # type: ignore[attr-defined]

    def class_names(data: RunData) -> tuple[str, ...]:
        own: tuple[str, ...] = names(data)
        return ("none", *own[1:]) if data.run.name == "worse" else own

    monkeypatch.setattr(RunData, "class_names", property(class_names))
    found = gn.compare(runs / "good", runs / "worse", method="pca")
    assert found.title == "good and worse have different classes"
    assert not any(each.better for each in found.differences)
    assert found.differences[0].is_clear


def test_permuted_test_examples_are_paired_by_content(
    runs: Path, compared: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (gn.load(copy_run(runs / name, tmp_path)) for name in ("good", "worse"))
    shutil.rmtree(second.path / "cache")
    from glassnet.run_model import RunData

    whole = RunData.test.fget  # type: ignore[attr-defined]

    def test(data: RunData) -> Any:
        split = whole(data)
        return split.take(np.arange(300)[::-1]) if data.run.name == "worse" else split

    monkeypatch.setattr(RunData, "test", property(test))
    found = gn.compare(first, second, method="pca")
    for one, other in zip(found.differences, compared.differences, strict=True):
        assert one.difference.value == pytest.approx(other.difference.value, rel=1e-5)
        assert one.is_paired
    expected = finding(compared, "layer-similarity-1", Heatmap).values
    assert np.allclose(finding(found, "layer-similarity-1", Heatmap).values, expected, atol=1e-4)


def test_without_data_the_rest_is_compared(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.open(copy_run(runs / "worse", tmp_path))
    with run.editing() as info:
        info["data"]["name"] = str(tmp_path / "gone")
    found = gn.compare(runs / "good", run, method="pca")
    assert found.title == "good and worse compared"
    assert "cannot be used any more" in found.missing["worse"]
    assert found.differences == ()
    assert "training-curves" in found.findings
    assert found.configuration["epochs"] == {"good": "4", "worse": "1"}
    rows = {row[0]: row for row in finding(found, "results", Table).rows}
    stored = run.info["results"]["test"]["accuracy"]
    assert any(cell == pytest.approx(100 * stored) for cell in rows["worse"][1:])
    assert "cannot be used any more" in Outline(found.report().read_text("utf-8")).text


def test_an_unfinished_run_is_compared_by_its_best_checkpoint(runs: Path, tmp_path: Path) -> None:
    run = Run.open(copy_run(runs / "worse", tmp_path))
    run.update(status="training")
    found = gn.compare(runs / "good", run, method="pca")
    assert found.title.startswith("good is more accurate")
    page = Outline(found.report().read_text(encoding="utf-8")).text
    assert "worse is not finished (status: training, 1 of 1 epochs)" in page


def test_a_run_without_a_checkpoint_has_a_configuration(runs: Path, tmp_path: Path) -> None:
    run = Run.open(copy_run(runs / "worse", tmp_path))
    shutil.rmtree(run.path / "checkpoints")
    run.update(status="started", epochs_done=0)
    found = gn.compare(runs / "good", run)
    assert "no epoch is complete yet" in found.missing["worse"]
    assert found.configuration
    found.report()


def test_one_part_that_fails_leaves_the_others(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no layers today")

    monkeypatch.setattr("glassnet.comparison.layers.similarity", fail)
    found = gn.compare("good", "worse", runs=runs, method="pca")
    assert found.missing == {
        "similarity of the layers of good and worse": "ValueError: no layers today"
    }
    assert {"results", "maps-pca", "right-1-1"} <= found.findings.keys()


def test_groups_are_compared_seed_by_seed(runs: Path, tmp_path: Path) -> None:
    """Two groups of three seeds: each is a copy of a run, whose seed is another."""
    info = {"task": "cnn", "preset": "default", "config": {}, "command": "", "data": {}}
    for name, of in (("left", "good"), ("right", "worse")):
        made = group.Group.create(tmp_path, name, [0, 1], info)
        for seed in (0, 1):
            target = "third" if (of, seed) == ("worse", 1) and (runs / "third").exists() else of
            shutil.copytree(runs / target, made.member(seed))
            run = Run.open(made.member(seed))
            with run.editing() as changed:
                changed["config"]["seed"] = changed["seed"] = seed
    found = gn.compare("left", "right", runs=tmp_path, method="pca")
    over = [each for each in found.differences if each.over_seeds]
    assert [each.test for each in over] == ["paired t test over seeds"] * len(over)
    assert over[0].n == 2
    assert found.labels == ("left", "right")
    seeds = finding(found, "by-seed-1", Finding)
    assert seeds.names == ("0", "1", "mean")
    accuracy = next(each for each in found.differences if not each.over_seeds)
    assert seeds.values[-1] == pytest.approx(100 * accuracy.difference.value)
    series = finding(found, "training-curves", Curves).panels[0].series
    assert all(each.low is not None for each in series)
    for record in found.findings.values():
        if isinstance(record, Finding):
            assert unclaimed_in(record, (*found.labels, *map(str, range(10)))) == set(), record.name
    found.report()
    with_run = gn.compare("left", runs / "worse", runs=tmp_path, method="pca")
    assert any("variation between seeds is unknown" in note for note in with_run.lead)


def test_wrong_calls_are_refused(runs: Path) -> None:
    with pytest.raises(UsageError, match="1 run: a comparison is of 2 to 6"):
        gn.compare("good", runs=runs)
    with pytest.raises(RunError, match="there is no run 'god'"):
        gn.compare("good", "god", runs=runs)
    with pytest.raises(UsageError, match="int: neither a run nor the name of one"):
        gn.compare("good", 3, runs=runs)
    with pytest.raises(UsageError, match="there is no projection 'umap'"):
        gn.compare("good", "worse", runs=runs, method="umap")
    with pytest.raises(DataError, match="there is no such file or folder"):
        gn.compare("good", "worse", runs=runs, data=runs / "nowhere")


def test_the_command_prints_a_table_and_writes_the_page(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    words = ["compare", "good", "worse", "--runs", str(runs), "--method", "pca", "--out", str(out)]
    with pytest.raises(SystemExit, match="0"):
        main(words)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("good is more accurate than worse")
    assert printed[-1] == str(out)
    assert any(line.startswith("accuracy (points)") and "300" in line for line in printed)
    assert any(line.split() == ["epochs", "4", "1"] for line in printed)
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["page"] == str(out)
    assert found["differences"][0]["better"] == "good"
    assert found["configuration"]["epochs"] == {"good": "4", "worse": "1"}
