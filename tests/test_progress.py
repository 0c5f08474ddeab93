from __future__ import annotations

import re
import time

import pytest
from notebooks import start_kernel

from glassnet import progress

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.1)


@pytest.mark.usefixtures("soon")
def test_without_a_terminal_there_are_lines(capsys: Capture) -> None:
    with progress.stage("decoding images", 1000, "images") as advance:
        advance(250)
        time.sleep(0.35)
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) <= 3
    pattern = r"decoding images: 250 of 1,000 images after \d+ s, 0:0\d left"
    assert all(re.fullmatch(pattern, line) for line in lines)


@pytest.mark.usefixtures("soon")
def test_a_stage_without_steps_is_not_silent_either(capsys: Capture) -> None:
    with progress.stage("linear model", 1):
        time.sleep(0.15)
    assert "linear model: 0 s" in capsys.readouterr().err


@pytest.mark.usefixtures("soon")
def test_the_innermost_stage_alone_writes(capsys: Capture) -> None:
    with progress.stage("outer", 2) as advance:
        with progress.stage("inner", 2):
            time.sleep(0.15)
        advance()
    assert "outer" not in capsys.readouterr().err


@pytest.mark.usefixtures("soon")
def test_silence_and_short_stages_write_nothing(capsys: Capture) -> None:
    with progress.silenced(), progress.stage("silent", 1):
        time.sleep(0.15)
    with progress.stage("short", 1):
        pass
    assert capsys.readouterr().err == ""


def test_a_line_comes_at_least_every_half_minute() -> None:
    assert progress.INTERVAL <= 30


def test_a_notebook_has_one_output_for_all_stages_of_a_cell(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    kernel = start_kernel(monkeypatch)
    monkeypatch.setattr(progress, "DELAY", 0.0)
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(progress.time, "perf_counter", lambda: float(next(clock)))
    for name in ("<decoding>", "t-SNE"):
        with progress.stage(name, 1000, "images") as advance:
            advance(250)
    kernel.execution_count += 1
    with progress.stage("next cell", 2):
        pass
    first, second = kernel.outputs
    assert "&lt;decoding&gt;: 250 of 1,000 images after 3 s" in first[0]["text/html"]
    assert re.fullmatch(r"<decoding>: \d+\.0 s.*\nt-SNE: \d+\.0 s.*", first[-1]["text/plain"])
    assert second[-1]["text/plain"].startswith("next cell: ")
    assert capsys.readouterr().err == ""


def test_a_short_stage_leaves_a_notebook_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = start_kernel(monkeypatch)
    with progress.stage("short", 2) as advance:
        advance()
    assert kernel.outputs == []
