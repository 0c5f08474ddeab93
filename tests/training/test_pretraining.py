"""The pretraining of a text classifier in its run folder, stopped and resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import glassnet as gn
from glassnet.errors import Interrupted
from glassnet.runs.folder import Run, all_runs
from glassnet.training.hooks import StopOnInterrupt

SMALL: dict[str, Any] = {
    "preset": "pretrained",
    "embedding_dim": 8,
    "hidden_size": 8,
    "pretrain_epochs": 1,
    "epochs": 1,
    "batch_size": 600,
    "device": "cpu",
    "threads": 1,
    "evaluate": False,
}


def content(run: Run) -> dict[str, bytes]:
    files = (*run.path.glob("*.csv"), *run.path.rglob("*.safetensors"))
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in files
        if path.name != run.previous.name
    }


@pytest.mark.slow
def test_a_stop_within_the_pretraining(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gn.train("lstm", runs=tmp_path / "whole", data=str(reviews), **SMALL).run
    with monkeypatch.context() as patch:
        always = property(lambda self: True, lambda self, value: None)
        patch.setattr(StopOnInterrupt, "requested", always, raising=False)
        with pytest.raises(Interrupted):
            gn.train("lstm", runs=tmp_path / "stopped", data=str(reviews), **SMALL)
    (stopped,) = all_runs(tmp_path / "stopped")
    assert stopped.pretraining.info["status"] == "interrupted"
    resumed = gn.resume(stopped, evaluate=False).run
    assert resumed.pretraining.info["status"] == resumed.info["status"] == "trained"
    assert content(resumed) == content(whole)
    assert "pretraining/checkpoints/best.safetensors" in content(whole)
