"""The precision that `auto` means depends on what the processor computes fast."""

from __future__ import annotations

import pytest
import torch

from glassnet.config import TrainingConfig
from glassnet.training.setup import resolve_precision

AVX512, BFLOAT16 = {"avx512_f": True}, {"avx512_f": True, "avx512_bf16": True}
SIXTEEN_BITS = BFLOAT16 | {"avx512_fp16": True}


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        ({}, "32"),
        (AVX512, "32"),
        (BFLOAT16, "bf16"),
        (SIXTEEN_BITS | {"amx_bf16": True}, "bf16"),
        (SIXTEEN_BITS | {"amx_bf16": False}, "32"),
        (SIXTEEN_BITS, "32"),
    ],
    ids=["none", "AVX-512", "bfloat16", "matrix units", "matrix units hidden", "no matrix units"],
)
def test_auto_is_bfloat16_where_that_is_fast(
    monkeypatch: pytest.MonkeyPatch, processor: dict[str, bool], expected: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: processor)
    assert resolve_precision(TrainingConfig(device="cpu")) == expected


@pytest.mark.parametrize("precision", ["32", "bf16"])
def test_a_precision_that_is_given_is_used(monkeypatch: pytest.MonkeyPatch, precision: str) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    given = TrainingConfig(device="cpu", precision=precision)  # type: ignore[arg-type]
    assert resolve_precision(given) == precision
