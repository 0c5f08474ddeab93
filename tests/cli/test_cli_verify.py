"""`report --verify` on the command line: agreement, differences and refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from calls import Capture, call, done, refused
from forgery import rewrite

from glassnet.runs.folder import Run


@pytest.fixture
def explained_run(verifiable: Run) -> Run:
    verifiable.report.unlink()
    return verifiable


def test_agreement_is_reported_with_the_number_of_claims(
    explained_run: Run, capsys: Capture
) -> None:
    out, err = done(capsys, "report", explained_run.path, "--verify")
    n = len([*explained_run.findings.glob("*.json")])
    line = rf"{explained_run.name}: all \d+ claims of {n} findings and of the results agree"
    assert re.fullmatch(rf"{line} \(\d+ s\)\n", out)
    assert "scores: 6 claims agree" in err
    assert not explained_run.report.exists()
    out, _ = done(capsys, "report", explained_run.path, "--verify", "--json")
    verification = json.loads(out)
    assert (verification["run"], verification["agrees"], verification["findings"]) == (
        explained_run.name,
        True,
        n,
    )


def test_the_first_difference_is_an_error_of_two_lines(explained_run: Run, capsys: Capture) -> None:
    path = explained_run.findings / "scores.json"
    formatted = json.loads(path.read_text())["claims"][0]["formatted"]
    rewrite(path, lambda body: json.loads(json.dumps(body).replace(formatted, "99.99 %")))
    code, out, err = call(capsys, "report", explained_run.path, "--verify")
    assert (code, out) == (1, "")
    message, hint = err.splitlines()[-2:]
    assert message.startswith(f"glassnet: {explained_run.name}, scores: test accuracy is “99.99 %”")
    assert f"computed again “{formatted}”" in message
    assert hint.strip() == f"make the findings again with: glassnet explain {explained_run.path}"
    code, out, _ = call(capsys, "report", explained_run.path, "--verify", "--json")
    verification = json.loads(out)
    assert (code, verification["agrees"], verification["finding"], verification["field"]) == (
        1,
        False,
        "scores",
        "test accuracy",
    )


def test_conflicting_flags_and_missing_findings_are_refused(
    explained_run: Run, tmp_path: Path, capsys: Capture
) -> None:
    for flag in (("--open",), ("--out", tmp_path / "page.html")):
        message, _ = refused(capsys, "report", explained_run.path, "--verify", *flag)
        assert message == f"--verify writes no report, so {flag[0]} has no effect"
    message, hint = refused(capsys, "report", explained_run.path, "--json")
    assert message == "--json needs --verify"
    for path in explained_run.findings.iterdir():
        path.unlink()
    message, hint = refused(capsys, "report", explained_run.path, "--verify")
    assert message.endswith("there are no findings yet")
    assert hint == f"make them with: glassnet explain {explained_run.path}"


def test_options_of_figures_alone_draw_again_and_compute_nothing(
    explained_run: Run, capsys: Capture, undrawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.explain.run_views.run_views", None)
    before = {path: path.read_bytes() for path in explained_run.findings.iterdir()}
    line = ("explain", explained_run.path, "--format", "pdf", "--width", "3.25in", "--no-caption")
    out, _ = done(capsys, *line)
    assert f"{len(undrawn)} figures drawn again from the findings" in out
    assert {"pca", "scores", "network"} <= set(undrawn)
    assert {path: path.read_bytes() for path in explained_run.findings.iterdir()} == before
    assert {path.suffix for path in explained_run.figures.glob("pca.*")} >= {".tex", ".txt"}
