"""Trainings killed at file operations; `benchmarks/kills.py` does it a thousand times."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import kills
import pytest

N_KILLS = 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks processes that have loaded torch")
@pytest.mark.parametrize("name", kills.NETWORKS)
def test_a_training_that_is_killed_loses_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kills.write_data()
    seed = random.SystemRandom().randrange(1 << 32)
    counted = kills.kill_often(name, N_KILLS, random.Random(seed))
    assert counted["kills"] >= N_KILLS
    harm = ("kills with a damaged file", "lost", "with other bytes", "temporary files in the end")
    assert {what: counted[what] for what in harm} == dict.fromkeys(harm, 0), seed
