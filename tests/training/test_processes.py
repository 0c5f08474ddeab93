from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from glassnet.runs import metrics_log
from glassnet.runs.folder import all_runs


def test_two_processes_train_one_network(
    launch: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    words = "train cnn --data digits --epochs 3 --batch-size 100 --channels 8,16,16 --runs runs"
    process = launch(*words.split(), "--device", "cpu", "--processes", "2", "--threads", "1")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert len(re.findall(r"^status +finished$", out, re.M)) == 1, "one process speaks"
    assert err.count("epoch 1/3") == 1
    (run,) = all_runs(tmp_path / "runs")
    assert run.info["config"]["processes"] == 2
    assert run.info["results"]["test"]["n"] == 300
    assert run.info["results"]["test"]["accuracy"] > 0.6
    rows = metrics_log.read(run.metrics)
    assert rows["epoch"].tolist() == [1, 2, 3]
    assert rows["step"].tolist() == [11, 22, 33], "both share each batch"
