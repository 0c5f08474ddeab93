from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from glassnet.errors import RunError
from glassnet.runs import metrics_log

ROWS = [{"epoch": n, "step": 10 * n, "valid_loss": 1 / n} for n in (1, 2, 3)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.csv"
    for row in ROWS:
        metrics_log.append(path, row)
    return path


def test_rows_come_back_as_columns(path: Path) -> None:
    columns = metrics_log.read(path)
    assert list(columns) == ["epoch", "step", "valid_loss"]
    assert columns["epoch"].tolist() == [1, 2, 3]
    assert columns["epoch"].dtype == np.float64
    np.testing.assert_allclose(columns["valid_loss"], [1, 1 / 2, 1 / 3], rtol=1e-6)


def test_the_file_is_plain(path: Path) -> None:
    assert path.read_text() == ("epoch,step,valid_loss\n1,10,1\n2,20,0.5\n3,30,0.3333333\n")


def test_numbers_that_are_none_and_large_steps_survive(tmp_path: Path) -> None:
    metrics_log.append(tmp_path / "a.csv", {"step": 9_999_999, "loss": float("inf")})
    metrics_log.append(tmp_path / "a.csv", {"step": 2, "loss": float("nan")})
    columns = metrics_log.read(tmp_path / "a.csv")
    assert columns["step"].tolist() == [9_999_999, 2]
    assert np.isinf(columns["loss"][0])
    assert np.isnan(columns["loss"][1])


def test_a_step_of_eight_digits_is_exact(tmp_path: Path) -> None:
    metrics_log.append(tmp_path / "a.csv", {"step": 12_345_678})
    assert metrics_log.read(tmp_path / "a.csv")["step"].tolist() == [12_345_678]


def test_truncate_removes_later_rows(path: Path) -> None:
    metrics_log.truncate(path, 2)
    assert metrics_log.read(path)["epoch"].tolist() == [1, 2]
    metrics_log.append(path, ROWS[2])
    assert metrics_log.read(path)["epoch"].tolist() == [1, 2, 3]
    with pytest.raises(RunError, match="3 of 5 epochs"):
        metrics_log.truncate(path, 5)
    assert len(metrics_log.read(path)["epoch"]) == 3


def test_rows_that_have_changed_are_noticed(path: Path) -> None:
    """The rows that run.json counts are compared, a later one may be under way."""
    two = metrics_log.sha256(metrics_log.begin(path, 2))
    assert metrics_log.read(path, 2, two)["epoch"].tolist() == [1, 2]
    path.write_text(path.read_text().replace("2,20,0.5", "2,20,0.6"))
    for act in (
        lambda: metrics_log.read(path, 2, two),
        lambda: metrics_log.append(path, ROWS[2], 2, two),
        lambda: metrics_log.begin(path, 2, two),
    ):
        with pytest.raises(RunError, match=r"metrics\.csv: cannot be read .*changed"):
            act()


def test_truncate_creates_no_file(tmp_path: Path) -> None:
    metrics_log.truncate(tmp_path / "none.csv", 0)
    assert list(tmp_path.iterdir()) == []


def test_a_resumed_log_equals_an_uninterrupted_one(path: Path) -> None:
    whole = path.read_bytes()
    metrics_log.truncate(path, 1)
    for row in ROWS[1:]:
        metrics_log.append(path, row)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "text", ["", "epoch,loss\n", "epoch,loss\n1,one\n", "epoch,loss\n1\n", "\xff\xfe\x00"]
)
def test_a_damaged_log(tmp_path: Path, text: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=r"metrics\.csv: cannot be read"):
        metrics_log.read(path)


def test_a_missing_log(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be read"):
        metrics_log.read(tmp_path / "metrics.csv")


def test_a_damaged_log_cannot_be_truncated(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("")
    with pytest.raises(RunError):
        metrics_log.truncate(tmp_path / "metrics.csv", 1)


@settings(max_examples=30)
@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_seven_digits_are_written(value: float) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        metrics_log.append(path, {"loss": value})
        assert metrics_log.read(path)["loss"][0] == pytest.approx(value, rel=1e-6, abs=0)
