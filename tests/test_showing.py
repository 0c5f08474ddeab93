"""Figures that two processes share are those that one draws."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from glassnet import findings, progress, showing
from glassnet.runs.folder import Run


def drawn(run: Run, folder: Path, kept: Path | None) -> dict[str, bytes]:
    records = list(findings.load_all(run.findings).values())
    showing.draw(records, folder, kept)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_processes_draw_what_one_draws(
    explained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "quiet", True)
    monkeypatch.setattr(showing, "HELPED_FROM", 2)
    monkeypatch.setenv("GLASSNET_THREADS", "2")
    alone = drawn(explained, tmp_path / "alone", None)
    assert len(alone) > 20
    assert drawn(explained, tmp_path / "helped", explained.findings) == alone
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert drawn(explained, tmp_path / "failed", explained.findings) == alone
