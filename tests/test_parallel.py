"""How many threads share the work, and who says so."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from glassnet import parallel

pytestmark = pytest.mark.slow


def test_cores_are_those_that_this_process_may_use() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert parallel.n_cores() == parallel.n_threads() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_the_environment_sets_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", "3")
    assert parallel.n_threads() == 3
    for nothing in ("", "0", "two", "-1"):
        monkeypatch.setenv("GLASSNET_THREADS", nothing)
        assert parallel.n_threads() == parallel.n_cores()


@pytest.mark.parametrize("import_torch", ["parallel.limit_libraries()", "glassnet.CNNClassifier"])
def test_threads_that_wait_sleep_unless_the_user_says_otherwise(import_torch: str) -> None:
    script = f"import os, glassnet; from glassnet import parallel; {import_torch}; "
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")}
    for given, used in (({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")):
        done = subprocess.run(
            [sys.executable, "-c", script + "print(os.environ['OMP_WAIT_POLICY'])"],
            env=environment | given,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == used


def test_torch_uses_that_number_whatever_the_command() -> None:
    script = "from glassnet import parallel; parallel.limit_libraries(); import torch; "
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", script + "print(torch.get_num_threads())"],
        env=environment | {"GLASSNET_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == 1
