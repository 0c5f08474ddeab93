"""Figures drawn in several processes, and figures that cannot be drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import synthetic

from glassnet import findings, progress
from glassnet.errors import StorageError, UsageError
from glassnet.explain import report_files
from glassnet.runs import manifest
from glassnet.runs.folder import Run

pytestmark = pytest.mark.slow

RECORDS: list[findings.Record] = [
    *(replace(synthetic.table(), name=f"table-{number}") for number in range(6)),
    synthetic.curves(),
    synthetic.bars(),
    synthetic.scatter(200),
    synthetic.examples(20),
]


TABLES = [record for record in RECORDS if isinstance(record, findings.Table)]


def drawn(records: list[findings.Record], folder: Path) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    run = Run(folder, {})
    report_files.draw(records, run)
    assert set(manifest.read(folder)) == {f"figures/{path.name}" for path in run.figures.iterdir()}
    return {path.name: path.read_bytes() for path in run.figures.iterdir()}


@pytest.fixture(autouse=True)
def in_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests usually draw in one process; these are about several."""
    monkeypatch.setattr(report_files, "PARALLEL_FROM", 2)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged."""
    lines: list[str] = []
    monkeypatch.setattr(progress, "log", lines.append)
    return lines


def broken(name: str) -> findings.Table:
    """A table whose cell its format does not suit."""
    table = synthetic.table()
    return replace(table, name=name, formats=("", "no format", *table.formats[2:]))


def test_two_processes_draw_what_one_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", "1")
    alone = drawn(RECORDS, tmp_path / "alone")
    assert len(alone) == 3 * (len(RECORDS) - 1) + len(TABLES)
    monkeypatch.setenv("GLASSNET_THREADS", "2")
    assert drawn(RECORDS, tmp_path / "two") == alone


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_figure_that_cannot_be_drawn_is_logged_and_the_others_are_drawn(
    threads: str, tmp_path: Path, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", threads)
    names = drawn([broken("broken-b"), *RECORDS, broken("broken-a")], tmp_path)
    assert len(names) == 3 * (len(RECORDS) - 1) + len(TABLES)
    assert not any(name.startswith("broken") for name in names)
    problems = [line for line in logged if not line.startswith("figures: ")]  # the time it took
    assert [line.partition(": ")[0] for line in problems] == [
        "the figure broken-a could not be drawn",
        "the figure broken-b could not be drawn",
        f"All other figures are in {tmp_path / 'figures'}; the report is not affected.",
    ]
    assert "ValueError" in problems[0]


def test_a_folder_that_cannot_be_written_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "figures").write_text("not a folder")
    with pytest.raises(StorageError):
        report_files.draw(RECORDS[:1], Run(tmp_path, {}))


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("twin-examples", "run has no figure 'twin-examples': it contains the examples", "curves"),
        ("curvse", "run has no figure 'curvse'", "did you mean curves?"),
        ("xyzzy", "run has no figure 'xyzzy'", "known: curves"),
    ],
)
def test_a_figure_that_does_not_exist(name: str, message: str, hint: str, tmp_path: Path) -> None:
    run = Run(tmp_path / "run", {})
    findings.save(replace(synthetic.curves(), name="curves"), run.findings)
    findings.save(replace(synthetic.examples(20), name="twin-examples"), run.findings)
    with pytest.raises(UsageError) as caught:
        report_files.figure(run, name)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
