"""What a command does not need, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.runs.folder import Run

pytestmark = pytest.mark.slow

HEAVY = ("torch", "lightning_fabric", "matplotlib", "sklearn", "openTSNE", "PIL", "scipy")

CODE = f"""\
import sys
from glassnet.cli import main

try:
    main(sys.argv[1:])
except SystemExit as end:
    heavy = [name for name in {HEAVY} if name in sys.modules]
    sys.stdout.flush()
    print("imported:", *heavy, file=sys.stderr)
    sys.exit(end.code)
"""


def imported(*words: str | Path) -> set[str]:
    """The heavy packages that a command imports; it must end well, and say something."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, words)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return set(done.stderr.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "--version",
        "train --help",
        "train cnn --help",
        "train vae --help",
        "explain --help",
        "predict --help",
        "evaluate --help",
        "generate --help",
        "data list",
    ],
)
def test_help_and_lists_import_nothing_heavy(line: str) -> None:
    assert imported(*line.split()) == set()


@pytest.mark.parametrize("command", ["explain", "predict"])
def test_help_of_a_command_without_a_configuration_needs_no_numpy(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "glassnet", command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in names
    assert "numpy" not in names


def test_looking_at_runs_imports_nothing_heavy(trained_folder: Path) -> None:
    assert imported("runs", "--runs", trained_folder.parent) == set()
    assert imported("show", trained_folder) == set()


def test_a_report_needs_no_torch(verifiable: Run) -> None:
    heavy = imported("report", verifiable.path)
    assert heavy & {"torch", "lightning_fabric", "sklearn", "openTSNE"} == set()
    assert verifiable.report.stat().st_size > 10_000


@pytest.mark.parametrize("words", [("cnn", "mnits"), ("vae", "./photo"), ("lstm", "reveiws.csv")])
def test_misspelt_data_are_refused_before_anything_heavy_is_imported(
    words: tuple[str, str],
) -> None:
    task, data = words
    done = subprocess.run(
        [sys.executable, "-c", CODE, "train", task, "--data", data],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    message, _, last = done.stderr.splitlines()
    assert repr(data) in message
    assert last == "imported:"


@pytest.mark.parametrize("folder", ["trained_folder", "text_folder"])
def test_a_network_is_opened_without_what_trains_fits_or_compiles(
    folder: str, request: pytest.FixtureRequest
) -> None:
    """So that the page answers the first request about a run soon."""
    path = request.getfixturevalue(folder)
    code = (
        "import sys; from pathlib import Path; from glassnet.web.networks import open_run; "
        "from glassnet.web.inspection import network_info; "
        f"network_info(open_run(Path({str(path)!r}))); "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.split())
    assert "torch" in modules
    unwanted = {"sklearn", "pandas", "scipy.stats", "lightning_fabric", "openTSNE", "matplotlib"}
    assert modules & (unwanted | {"torch._dynamo", "sympy"}) == set()
