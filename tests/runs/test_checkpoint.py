from __future__ import annotations

import hashlib
import math
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import Tensor, nn

from glassnet.errors import RunError
from glassnet.runs import checkpoint


def same(one: Any, other: Any) -> bool:
    """Equal in structure, types and bits; NaN equals NaN."""
    if isinstance(one, Tensor):
        return one.dtype == other.dtype and one.shape == other.shape and torch.equal(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (one != one and other != other)


def there_and_back(path: Path, state: Any) -> Any:
    checkpoint.save(path, state)
    return checkpoint.load(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "last.safetensors"


@pytest.fixture
def state() -> dict[str, Any]:
    """Everything that an optimizer, a schedule and random states hold."""
    torch.manual_seed(0)
    return {
        "network": {"conv.weight": torch.randn(3, 2, 5, 5), "steps": torch.tensor(7)},
        "optimizer": {"state": {0: {"step": torch.tensor(3.0)}, 1: {}}, "groups": [[0, 1], []]},
        "none": None,
        "flags": [True, False],
        "numbers": {"int": 2**63 - 1, "nan": math.nan, "inf": -math.inf, "float": 0.1},
        "text": 'ümlaut "quoted" $tensor',
        "empty": {},
        "bytes": torch.arange(256, dtype=torch.uint8),
        "half": torch.ones(2, dtype=torch.bfloat16),
        "nothing": torch.zeros(0, 3),
    }


def test_a_nested_state_comes_back_as_it_was(path: Path, state: dict[str, Any]) -> None:
    assert same(there_and_back(path, state), state)


def test_equal_states_give_equal_bytes(tmp_path: Path, state: dict[str, Any]) -> None:
    checkpoint.save(tmp_path / "one", state)
    checkpoint.save(tmp_path / "two", checkpoint.load(tmp_path / "one"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.slow
def test_equal_states_give_equal_bytes_in_another_process(tmp_path: Path) -> None:
    """Hashes of text differ from process to process; the bytes must not."""
    code = (
        "import sys, torch; from pathlib import Path; from glassnet.runs import checkpoint\n"
        "torch.manual_seed(0)\n"
        "net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))\n"
        "checkpoint.save(Path(sys.argv[1]), {'network': net.state_dict(), 'epoch': 1})\n"
    )
    for name, seed in (("one", "1"), ("two", "2")):
        words = [sys.executable, "-c", code, str(tmp_path / name)]
        subprocess.run(words, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_tensors_may_share_memory_and_lie_crosswise(path: Path) -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    state = {"whole": whole, "same": whole, "row": whole[1], "turned": whole.T}
    back = there_and_back(path, state)
    assert same(back, state)
    back["whole"].zero_()
    assert back["row"].tolist() == [4, 5, 6, 7]


def test_tensors_with_gradients_and_channels_last(path: Path) -> None:
    weight = nn.Parameter(torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last))
    back = there_and_back(path, {"weight": weight})["weight"]
    assert torch.equal(back, weight)
    assert not back.requires_grad


@pytest.mark.parametrize(
    "state",
    [
        {"a": {"b": torch.zeros(1)}, "a.b": torch.ones(1)},
        {"a.b": {"c": torch.zeros(1)}, "a": {"b.c": torch.ones(1)}},
        {1: torch.zeros(1), "1": torch.ones(1)},
    ],
    ids=["dotted", "dotted twice", "number and text"],
)
def test_two_tensors_are_not_taken_for_one(path: Path, state: dict[Any, Any]) -> None:
    assert same(there_and_back(path, state), state)


@pytest.mark.parametrize("key", ["$tensor", "$items"])
def test_keys_that_look_like_our_own_marks(path: Path, key: str) -> None:
    assert same(there_and_back(path, {"outer": {key: "x"}}), {"outer": {key: "x"}})


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc.", max_size=3), inner, max_size=3)
        | st.dictionaries(st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), PLAIN, max_size=3))
def test_any_plain_state_comes_back(state: dict[str, Any]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        assert same(there_and_back(Path(folder) / "a", state), state)


def test_the_digest_is_of_the_bytes_that_were_read(path: Path, state: dict[str, Any]) -> None:
    checkpoint.save(path, state | {"epoch": 12})
    digest, loaded = checkpoint.load_with_digest(path)
    assert (digest, loaded["epoch"]) == (checkpoint.digest(path), 12)


def test_nothing_on_disk_is_pickled(path: Path, state: dict[str, Any]) -> None:
    checkpoint.save(path, state)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert content[8:9] == b"{"
    assert content[8 : 8 + length].isascii() or content[8 : 8 + length].decode()
    assert len(content) == 8 + length + sum(
        tensor.nbytes
        for tensor in (
            *state["network"].values(),
            state["optimizer"]["state"][0]["step"],
            state["bytes"],
            state["half"],
        )
    )


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_file(path: Path, state: dict[str, Any], share: float) -> None:
    checkpoint.save(path, state)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RunError, match=r"last\.safetensors: damaged") as caught:
        checkpoint.load(path)
    assert len(str(caught.value).splitlines()) == 2


def test_no_flipped_bit_is_missed(path: Path, state: dict[str, Any]) -> None:
    """In the length, the header, the checksum itself and the tensors."""
    checkpoint.save(path, state)
    content = path.read_bytes()
    draw = random.Random(0)
    for place in [*range(8), *draw.sample(range(len(content)), 400)]:
        damaged = bytearray(content)
        damaged[place] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(RunError, match=r"last\.safetensors: damaged"):
            checkpoint.load(path)


@pytest.mark.parametrize("place", [0, 7, 8, 20, 200])
def test_a_file_with_an_altered_header(path: Path, state: dict[str, Any], place: int) -> None:
    checkpoint.save(path, state)
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        checkpoint.load(path)


def test_a_file_with_altered_weights(path: Path, state: dict[str, Any]) -> None:
    """One flipped bit in a weight is silent damage, unless it is looked for."""
    checkpoint.save(path, state)
    content = bytearray(path.read_bytes())
    content[-300] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        checkpoint.load(path)


def test_files_of_another_kind(path: Path) -> None:
    path.write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(RunError, match="damaged"):
        checkpoint.load(path)
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(RunError):
        checkpoint.load(path)


def test_a_missing_file(path: Path) -> None:
    with pytest.raises(RunError):
        checkpoint.load(path)


def test_the_digest_is_the_contents(path: Path) -> None:
    checkpoint.save(path, {"epoch": 1})
    assert checkpoint.digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@pytest.mark.slow
def test_a_full_disk_leaves_the_previous_checkpoint(path: Path) -> None:
    checkpoint.save(path, {"epoch": 1})
    before = path.read_bytes()
    code = (
        "import resource, signal, sys, torch; from pathlib import Path\n"
        "from glassnet.errors import StorageError; from glassnet.runs import checkpoint\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: checkpoint.save(Path(sys.argv[1]), {'a': torch.zeros(100_000)})\n"
        "except StorageError as error: print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.stdout.startswith(f"{path}: cannot be written"), done.stderr
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64])
@pytest.mark.parametrize("n_used", [0, 700, 30_000])
def test_of_large_tables_only_the_rows_that_are_not_zero_are_stored(
    dtype: torch.dtype, n_used: int, path: Path
) -> None:
    table = torch.zeros(40_000, 4, dtype=dtype)
    table[torch.randperm(40_000)[:n_used], 2] = torch.arange(1, n_used + 1).to(dtype)
    assert same(there_and_back(path, {"a": table})["a"], table)
    size = n_used * (4 * dtype.itemsize + 4) if 2 * n_used < 40_000 else 160_000 * dtype.itemsize
    assert path.stat().st_size == pytest.approx(size, abs=1000)


def test_rows_outside_of_their_table_are_a_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = torch.zeros(40_000, 4)
    table[39_999] = 1
    checkpoint.save(path, {"a": table})
    monkeypatch.setattr(checkpoint, "MAX_VALUES", 100_000)
    with pytest.raises(RunError, match="damaged"):
        checkpoint.load(path)


def test_the_expected_size_counts_tables_that_will_fill_up() -> None:
    counted = torch.zeros(1 << 17, 1)
    counted[:100] = 1
    weights = {"ratios": counted, "scores": torch.zeros(1 << 17, 1), "dense": torch.ones(10, 5)}
    assert checkpoint.expected_bytes(weights) == 2 * 100 * 8 + 200


def test_half_precision_takes_half_and_loses_a_two_thousandth(path: Path) -> None:
    weights = {"a": torch.randn(300, 300), "steps": torch.tensor(7), "large": torch.full((4,), 1e6)}
    checkpoint.save(path, weights)
    size = path.stat().st_size
    checkpoint.save(path, checkpoint.in_half_precision(weights))
    assert path.stat().st_size == pytest.approx(size / 2, rel=0.01)
    found = checkpoint.load(path)
    torch.testing.assert_close(found["a"].float(), weights["a"], rtol=2**-11, atol=1e-7)
    assert torch.equal(found["steps"], weights["steps"])
    assert torch.equal(found["large"], weights["large"])
