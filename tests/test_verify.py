"""Verification computes every number of a run again and finds an altered one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forgery import rewrite, rewrite_arrays
from generators import generator
from run_copies import copy_run
from translation import translated

import glassnet as gn
from glassnet import findings, formats
from glassnet.drawing.layout import projection_quality
from glassnet.errors import RunError, VerificationError
from glassnet.explain import report_files, run_views
from glassnet.findings import Curves, Finding
from glassnet.runs import checkpoint, metrics_log
from glassnet.runs.folder import Run


@pytest.fixture
def run(verifiable: Run) -> Run:
    """A copy of a run with findings and a report."""
    return verifiable


def difference(run: Run) -> dict[str, str]:
    """The difference that `verify` reports."""
    with pytest.raises(VerificationError) as error:
        gn.load(run.path).verify()
    assert error.value.exit_code == 1
    assert error.value.difference["stored"] in error.value.message
    assert "glassnet " in error.value.hint or "restore" in error.value.hint
    return error.value.difference


def changed(body: Any, *where: str | int, to: Any) -> Any:
    """A body with one value replaced, at a path of keys and positions."""
    inner = body
    for key in where[:-1]:
        inner = inner[key]
    assert inner[where[-1]] != to
    inner[where[-1]] = to
    return body


def test_an_untouched_run_agrees(run: Run) -> None:
    verification = gn.load(run.path).verify()
    stored = json.loads(run.claims.read_text())
    assert verification.claims == len(stored) > 20
    assert verification.findings == len(list(run.findings.glob("*.json")))
    assert verification.seconds > 0


@pytest.mark.parametrize("kind", ["images", "texts", "plain", "reference classifier"])
def test_an_untouched_run_of_every_family_agrees(
    kind: str,
    request: pytest.FixtureRequest,
    digits: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    undrawn: list[str],
) -> None:
    if kind in ("images", "texts"):
        folder = {"images": "trained_folder", "texts": "text_folder"}[kind]
        trained = gn.load(copy_run(request.getfixturevalue(folder), tmp_path))
    else:
        if kind == "reference classifier":
            copy_run(request.getfixturevalue("trained_folder"), tmp_path)
        trained = generator("plain", tmp_path, tmp_path_factory)
    trained.explain(points=40, methods=["pca"])
    trained.report()
    assert gn.load(trained.path).verify().claims > 20


def test_an_altered_title_is_found(run: Run) -> None:
    path = run.findings / "scores.json"
    rewrite(path, lambda body: changed(body, "title", to="99.99 % of the test examples are right"))
    found = difference(run)
    assert (found["finding"], found["field"]) == ("scores", "title")
    assert "99.99 %" in found["stored"]
    assert "99.99 %" not in found["computed"]


def test_an_altered_claim_is_found_by_its_name(run: Run) -> None:
    rewrite(run.findings / "scores.json", lambda body: changed(body, "claims", 0, "value", to=0.99))
    found = difference(run)
    assert (found["finding"], found["field"]) == ("scores", "test accuracy")
    assert "0.99" in found["stored"]


def test_an_altered_note_is_found(run: Run) -> None:
    rewrite(
        run.findings / "pca.json",
        lambda body: changed(body, "panels", 0, "note", to="10-NN accuracy 99.0 %"),
    )
    assert difference(run)["field"] == "panels.0.note"


def test_one_altered_value_of_an_array_is_found(run: Run) -> None:
    path = run.findings / "training-curves.npz"
    names = formats.decode_npz(path.read_bytes())
    name = next(name for name in names if name.endswith("y"))

    def change(arrays: formats.Arrays) -> formats.Arrays:
        arrays[name][1] *= 1.01
        return arrays

    rewrite_arrays(path, change)
    found = difference(run)
    assert found["finding"] == "training-curves"
    assert found["field"] == f"{name}[1]"


def test_an_altered_cell_of_a_table_is_found(run: Run) -> None:
    rewrite(
        run.findings / "classification-report.json", lambda body: changed(body, "rows", 3, 2, to=77)
    )
    assert difference(run)["field"] == "rows.3.2"


def test_a_missing_claim_is_found(run: Run) -> None:
    rewrite(
        run.findings / "confusion-matrix.json", lambda body: body | {"claims": body["claims"][:-1]}
    )
    assert difference(run)["field"] == "the number of claims"


@pytest.mark.parametrize(
    ("where", "to", "field"),
    [
        (("results", "test", "accuracy"), 0.999, "results.accuracy"),
        (("results", "test", "sentence"), "all of 300 test examples right", "results.sentence"),
        (("results", "test", "numbers", 0, 1), "99.99 %", "results.numbers.0.1"),
        (("results", "test", "claims", 0, "formatted"), "99.99 %", "test accuracy"),
        (("best", "value"), 0.001, "best.value"),
        (("data", "class_names", 3), "three", "data.class_names.3"),
        (("best", "epoch"), 1, "best.epoch"),
        (("data", "train"), 54000, "data.train"),
        (("parameters",), 12, "parameters"),
    ],
)
def test_an_altered_number_of_run_json_is_found(
    run: Run, where: tuple[str | int, ...], to: Any, field: str
) -> None:
    rewrite(run.path / "run.json", lambda body: changed(body, *where, to=to))
    found = difference(run)
    assert (found["finding"], found["field"]) == ("run.json", field)


def test_epochs_that_the_log_does_not_have_are_refused(run: Run) -> None:
    rewrite(run.path / "run.json", lambda body: changed(body, "epochs_done", to=30))
    with pytest.raises(RunError, match=r"metrics\.csv: .*4 of 30 epochs"):
        gn.load(run.path).verify()


def test_a_validation_value_that_is_off_in_its_fourth_digit_is_found(run: Run) -> None:
    value = run.info["best"]["value"]
    run.update(best=run.info["best"] | {"value": value * 1.0003})
    assert difference(run)["field"] == "best.value"


def test_damaged_claims_are_an_error(run: Run) -> None:
    rewrite(
        run.path / "run.json",
        lambda body: changed(body, "results", "test", "claims", 0, to={"formatted": "99 %"}),
    )
    with pytest.raises(RunError, match="claims of its results are damaged"):
        gn.load(run.path).verify()


def test_an_altered_row_of_the_log_is_found(run: Run) -> None:
    header, *rows = run.metrics.read_text().splitlines()
    column = header.split(",").index("valid_loss")
    cells = rows[run.info["best"]["epoch"] - 1].split(",")
    cells[column] = "0.001"
    rows[run.info["best"]["epoch"] - 1] = ",".join(cells)
    text = "\n".join([header, *rows]) + "\n"
    run.metrics.write_text(text)
    with pytest.raises(RunError, match=r"metrics\.csv: .*changed"):
        gn.load(run.path).verify()
    run.update(sha256={"metrics.csv": metrics_log.sha256(text)})
    found = difference(run)
    assert (found["finding"], found["field"]) == ("metrics.csv", "loss")


def test_an_altered_number_in_the_report_is_found(run: Run) -> None:
    page = run.report.read_text()
    shown = findings.load(run.findings / "scores.json")
    assert isinstance(shown, Finding)
    formatted = shown.claims[0].formatted.replace(" ", "\N{NO-BREAK SPACE}")
    assert formatted in page
    run.report.write_text(page.replace(formatted, "99.99\N{NO-BREAK SPACE}%", 1))
    found = difference(run)
    assert found["finding"] == "report.html"
    assert "99.99" in found["stored"]


def test_an_altered_claims_file_is_found(run: Run) -> None:
    text = run.claims.read_text()
    run.claims.write_text(text.replace('"n": 300', '"n": 3000', 1))
    assert difference(run)["finding"] == "claims.json"


def test_other_weights_are_found(run: Run) -> None:
    state = checkpoint.load(run.best)
    name = next(name for name in state["network"] if name.endswith("weight"))
    state["network"][name] += 1e-6
    checkpoint.save(run.best, state)
    found = difference(run)
    assert found["field"] == "the checkpoint's digest"


def test_a_missing_or_an_extra_finding_is_found(run: Run) -> None:
    (run.findings / "network.json").rename(run.findings / "other.json")
    rewrite(run.findings / "other.json", lambda body: changed(body, "name", to="other"))
    found = difference(run)
    assert (found["finding"], found["stored"]) == ("network", "missing")
    shutil.copy(run.findings / "other.json", run.findings / "network.json")
    rewrite(run.findings / "network.json", lambda body: changed(body, "name", to="network"))
    found = difference(run)
    assert (found["finding"], found["stored"]) == ("other", "there")


def test_the_cache_is_not_used(run: Run) -> None:
    cached = list((run.path / "cache").rglob("*.npz"))
    assert cached
    for path in cached:
        rewrite_arrays(
            path, lambda arrays: {name: np.zeros_like(each) for name, each in arrays.items()}
        )
    before = {path: path.read_bytes() for path in cached}
    assert gn.load(run.path).verify().claims > 20
    assert {path: path.read_bytes() for path in cached} == before


def test_a_change_in_a_finding_and_in_the_cache_is_found(run: Run, undrawn: list[str]) -> None:
    """The accuracy is computed from cached predictions; a run altered in both is still found."""
    labels = gn.load(run.path).data.test.labels
    for path in (run.path / "cache").rglob("test.npz"):
        right = {"probabilities": np.eye(10, dtype=np.float32)[labels]}
        rewrite_arrays(path, right.__ror__)
    altered = gn.load(run.path)
    altered.explain(points=40, methods=["pca"], layers=["pool2"])
    assert altered.evaluate()["accuracy"] == 1.0
    assert difference(run)["field"] == "test accuracy"


def test_in_other_words_a_run_is_explained_reported_and_verified(
    trained_folder: Path, digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No word of a sentence, a label or a note is read by anything that computes."""
    make = run_views.run_views

    def in_other_words(*args: Any) -> Iterator[findings.Record]:
        yield from map(translated, make(*args))

    monkeypatch.setattr(run_views, "run_views", in_other_words)
    monkeypatch.setitem(findings.METHOD_NAMES, "tsne", "т-СНЕ")
    for name in projection_quality.LABELS:
        monkeypatch.setitem(projection_quality.LABELS, name, f"мера {len(name)}")
    trained = gn.load(copy_run(trained_folder, tmp_path))
    trained.explain(points=40, methods=["tsne"], layers=["pool2"], draw=False)
    assert "т-СНЕ of pool2" in trained.report().read_text()
    assert gn.load(trained.path).verify().claims > 30
    monkeypatch.setenv("GLASSNET_THREADS", "3")
    assert gn.load(trained.path).verify().claims > 30
    path = trained.run.findings / "tsne.json"
    body = json.loads(path.read_text())
    place = next(
        k for k, claim in enumerate(body["claims"]) if claim["method"] and claim["low"] is not None
    )
    far = body["claims"][place]["low"] - 0.2
    rewrite(path, lambda body: changed(body, "claims", place, "value", to=far))
    assert difference(trained.run)["finding"] == "tsne"


def elsewhere(run: Run) -> None:
    """Claim that another machine made the findings."""
    records = [
        each | {"machine": each["machine"] | {"torch": "0.0"}}
        for each in run.info["explain_records"]
    ]
    run.update(explain_records=records)


@pytest.mark.parametrize("shift", [1e-3, 0.02])
def test_on_another_machine_a_number_within_its_interval_is_found(run: Run, shift: float) -> None:
    elsewhere(run)
    run.claims.unlink()
    run.report.unlink()
    assert gn.load(run.path).verify().claims > 20
    path = run.findings / "scores.json"
    body = json.loads(path.read_text())
    claim = next(c for c in body["claims"] if c["low"] is not None)
    claim["value"] -= shift
    claim["formatted"] = f"{100 * claim['value']:.1f} %"
    assert claim["low"] < claim["value"] < claim["high"]
    rewrite(path, lambda _: body)
    assert difference(run)["field"] == findings.label(findings.Claim(**claim))


def test_other_threads_are_another_machine(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gn.load(run.path).verify()
    assert "another processor" not in capsys.readouterr().err
    monkeypatch.setenv("GLASSNET_THREADS", "3")
    gn.load(run.path).verify()
    assert "another processor" in capsys.readouterr().err


def test_the_maps_of_another_machine_are_measured_where_they_are(
    trained_folder: Path,
    digits: str,
    tmp_path: Path,
    undrawn: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their points may lie elsewhere, but what is said of them is what they show."""
    on_maps = ("projections", "layer_animation", "control_networks")
    monkeypatch.setattr("glassnet.tasks.cnn.task.ImageClassifier.views", on_maps)
    made = gn.load(copy_run(trained_folder, tmp_path))
    made.explain(points=60, methods=["tsne"], layers=["pool2"])
    run = made.run
    path = run.findings / "tsne.json"
    points = findings.load(path).panels[0].points  # type: ignore[union-attr]
    rng = np.random.default_rng(0)
    elsewhere_placed = points @ np.array([[0, 1], [-1, 0]], np.float32) * np.float32(1.1)
    other_map = rng.normal(size=points.shape).astype(np.float32)

    def place(placed: np.ndarray) -> None:
        rewrite_arrays(
            path.with_suffix(".npz"), lambda arrays: arrays | {"panels.0.points": placed}
        )

    place(elsewhere_placed)
    assert "points" in difference(run)["field"], "on the same machine"
    elsewhere(run)
    assert gn.load(run.path).verify().claims > 20
    place(other_map)
    assert "points" in difference(run)["field"], "it has other neighbours"
    place(points)
    body = json.loads(path.read_text())
    where = next(k for k, claim in enumerate(body["claims"]) if claim["name"] == "10-NN accuracy")
    lower = body["claims"][where]["value"] - 6 / 60
    rewrite(path, lambda body: changed(body, "claims", where, "value", to=lower))
    assert difference(run)["field"] == "10-NN accuracy, t-SNE of pool2"


def test_findings_without_the_options_they_were_made_with_are_refused(run: Run) -> None:
    for records in ([], [{"command": "glassnet explain"}]):
        run.update(explain_records=records)
        with pytest.raises(RunError, match="the options of its findings") as error:
            gn.load(run.path).verify()
        assert "glassnet explain" in error.value.hint


def test_findings_of_several_commands_are_verified_with_their_own_options(
    run: Run, undrawn: list[str]
) -> None:
    gn.load(run.path).explain(points=50, methods=["tsne"], layers=["pool1"], seed=3)
    run.report.unlink()
    first, second = Run.open(run.path).info["explain_records"]
    assert "--method pca" in first["command"]
    assert "--method tsne" in second["command"]
    assert gn.load(run.path).verify().findings == len(list(run.findings.glob("*.json")))
    rewrite(run.findings / "pca.json", lambda body: changed(body, "provenance", "seed", to=1))
    assert difference(run)["field"] == "provenance.seed"
    assert all(
        findings.load(path).options_id in (first["id"], second["id"])
        for path in run.findings.glob("*.json")
    )
    rewrite(run.findings / "pca.json", lambda body: changed(body, "options_id", to="none"))
    found = difference(run)
    assert (found["finding"], found["computed"]) == ("pca", "by no options in run.json")
    gn.load(run.path).explain(points=50, methods=["pca", "tsne"], layers=["pool1"], seed=3)
    (only,) = Run.open(run.path).info["explain_records"]
    assert "--method pca,tsne" in only["command"]


def test_a_report_on_several_runs_is_not_compared(run: Run) -> None:
    report_files.write_report([run, run])
    assert gn.load(run.path).verify().claims > 20


def test_the_error_for_a_run_without_findings_has_the_command_that_makes_them(trained: Run) -> None:
    with pytest.raises(RunError, match="no findings yet") as error:
        gn.load(trained.path).verify()
    assert "glassnet explain" in error.value.hint


def test_a_record_of_the_claims_file_has_the_provenance_of_its_finding(run: Run) -> None:
    records = json.loads(run.claims.read_text())
    assert {record["finding"] for record in records} >= {"results", "run", "scores", "pca"}
    accuracy = next(r for r in records if r["finding"] == "scores" and r["name"] == "test accuracy")
    assert accuracy["formatted"] == f"{100 * accuracy['value']:.2f} %"
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    assert (accuracy["n"], accuracy["split"], accuracy["run"]) == (300, "test", run.name)
    assert accuracy["command"].startswith(f"glassnet explain {run.name} ")
    assert gn.load(run.path).model.digest in accuracy["checkpoint"]


def test_a_claims_own_provenance_takes_precedence(run: Run) -> None:
    training = findings.load(run.findings / "training-curves.json")
    assert isinstance(training, Curves)
    claim = replace(training.claims[0], split="train", seed=7, checkpoint="last")
    (record,) = findings.claims_file.records(replace(training, claims=(claim,)))
    assert (record["split"], record["seed"], record["checkpoint"]) == ("train", 7, "last")
    assert record["n"] == claim.n
