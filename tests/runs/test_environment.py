from __future__ import annotations

import json
import os
import platform

import pytest
import torch

from glassnet.runs import environment


def test_versions_name_what_the_numbers_depend_on() -> None:
    found = environment.versions()
    assert found["python"] == platform.python_version()
    assert found["torch"] == torch.__version__
    assert {"glassnet", "numpy", "scikit-learn", "openTSNE", "lightning-fabric"} <= set(found)


def test_the_hardware_is_plain_and_names_no_person() -> None:
    found = environment.hardware()
    assert 1 <= found["cores"] <= (os.cpu_count() or 1)
    assert found["memory_gib"] > 0.1
    words = json.dumps(found)
    assert platform.node() not in words.split()


def test_the_commit_is_twelve_digits_or_none() -> None:
    commit = environment.commit()
    assert commit is None or len(commit.removesuffix("+")) == 12


def test_restricted_instructions_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.RESTRICTIONS:
        monkeypatch.delenv(name, raising=False)
    assert environment.instructions() == torch.backends.cpu.get_cpu_capability()
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert environment.instructions().endswith(" ONEDNN_MAX_CPU_ISA=AVX2")
