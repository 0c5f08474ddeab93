"""Freed memory stays with the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from glassnet import allocator

pytestmark = pytest.mark.slow

SCRIPT = """
import resource, sys
import torch
from glassnet.allocator import reuse_freed_blocks
from glassnet.tasks.cnn.paper import PaperCNN

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(3):
        network(torch.zeros(256, 1, 28, 28)).sum().backward()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if "keep" in sys.argv:
    assert reuse_freed_blocks()
network = PaperCNN((1, 28, 28), 10)
print(sum([faults() for _ in range(10)][4:]))  # the memory comes from the system in the first ones
"""


def _faults(*arguments: str) -> int:
    command = [sys.executable, "-c", SCRIPT, *arguments]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not allocator.reuse_freed_blocks(), reason="the C library is not glibc")
def test_blocks_that_are_taken_again_cost_no_page_faults() -> None:
    assert 4 * _faults("keep") < _faults()


def test_other_systems_have_no_such_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not allocator.reuse_freed_blocks()
