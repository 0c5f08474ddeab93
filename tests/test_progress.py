from __future__ import annotations

import re
import time

import pytest

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
    with progress.stage("searching for near duplicates", 1):
        time.sleep(0.15)
    assert "searching for near duplicates: 0 of 1 after 0 s" in capsys.readouterr().err


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
