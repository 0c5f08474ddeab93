"""report --verify: what agrees, and what does not, on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from calls import Capture, call, done, refused

from glassnet.api import verbs
from glassnet.drawing.paper import figure
from glassnet.runs.folder import Run


@pytest.fixture
def looked_into(trained: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(figure, "draw", lambda record, folder: None)
    verbs.load(trained.path).explain(points=40, methods=["pca"], layers=["pool2"])
    return trained


def test_a_run_that_agrees_is_said_with_the_number_of_its_records(
    looked_into: Run, capsys: Capture
) -> None:
    out, err = done(capsys, "report", looked_into.path, "--verify")
    n = len([*looked_into.findings.glob("*.json")])
    said = rf"{looked_into.name}: all \d+ records of {n} findings and of the results agree"
    assert re.fullmatch(rf"{said} \(\d+ s\)\n", out)
    assert "scores: 4 records agree" in err
    assert not looked_into.report.exists()
    out, _ = done(capsys, "report", looked_into.path, "--verify", "--json")
    told = json.loads(out)
    assert (told["run"], told["agrees"], told["findings"]) == (looked_into.name, True, n)


def test_the_first_number_that_differs_ends_it_with_two_lines(
    looked_into: Run, capsys: Capture
) -> None:
    path = looked_into.findings / "scores.json"
    text = path.read_text()
    words = json.loads(text)["claims"][0]["formatted"]
    path.write_text(text.replace(words, "99.99 %"))
    code, out, err = call(capsys, "report", looked_into.path, "--verify")
    assert (code, out) == (1, "")
    message, hint = err.splitlines()[-2:]
    assert message.startswith(f"glassnet: {looked_into.name}, scores: test accuracy is “99.99 %”")
    assert f"computed again “{words}”" in message
    assert hint.strip() == f"make them again with: glassnet explain {looked_into.path}"
    code, out, _ = call(capsys, "report", looked_into.path, "--verify", "--json")
    told = json.loads(out)
    assert (code, told["agrees"], told["finding"], told["what"]) == (
        1,
        False,
        "scores",
        "test accuracy",
    )


def test_what_cannot_be_verified_is_refused(
    trained: Run, looked_into: Run, tmp_path: Path, capsys: Capture
) -> None:
    for flag in (("--open",), ("--out", tmp_path / "page.html")):
        message, _ = refused(capsys, "report", looked_into.path, "--verify", *flag)
        assert message == "--verify writes no report"
    message, hint = refused(capsys, "report", looked_into.path, "--json")
    assert message == "--json goes with --verify"
    for path in looked_into.findings.iterdir():
        path.unlink()
    message, hint = refused(capsys, "report", looked_into.path, "--verify")
    assert message.endswith("there are no findings yet")
    assert hint == f"make them with: glassnet explain {looked_into.path}"
