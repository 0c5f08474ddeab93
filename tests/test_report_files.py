"""Figures that several processes draw are those that one draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassnet import findings
from glassnet.explain import report_files
from glassnet.runs.folder import Run


def drawn(run: Run, folder: Path) -> dict[str, bytes]:
    report_files.draw(list(findings.load_all(run.findings).values()), folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_processes_draw_what_one_draws(
    explained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", "1")
    alone = drawn(explained, tmp_path / "alone")
    assert len(alone) > 20
    monkeypatch.setenv("GLASSNET_THREADS", "2")
    assert drawn(explained, tmp_path / "two") == alone
