"""Mutation score: the share of small faults in the code that the related tests notice.

    make mutation
    python benchmarks/mutation.py --out benchmarks/results/mutation.csv --sample 155 --seed 0

It works on a copy of the source, puts in one fault of `mutants.sample` at a time and runs the
doctests of the file and the tests that mutation_tests.toml names for it, until one fails. A process
that has imported torch and the other libraries is forked for each fault, which saves their import.
A run that was stopped continues where it was: faults in the results are not tried again, except
those that survived, which new tests may notice. Faults that change nothing, with the reason, are in
mutation_equivalent.csv.

Needs: pip install -e '.[mutation]', and `GLASSNET_MIRROR` or the data in the cache.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gc
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Iterator
from pathlib import Path

from mutants import Mutant, sample
from scipy.stats import binomtest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COLUMNS = ("file", "line", "operator", "before", "after", "outcome", "reason")

LIBRARIES = (
    *("numpy", "torch", "lightning_fabric", "scipy.stats", "scipy.linalg", "sklearn.ensemble"),
    *("sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection", "sklearn.pipeline"),
    *("sklearn.manifold", "sklearn.decomposition", "sklearn.neighbors", "sklearn.utils", "pandas"),
    *("openTSNE", "PIL.Image", "safetensors.torch", "tokenizers", "msgspec", "rich.console"),
    *("pytest", "_pytest.doctest", "click.testing", "joblib", "pooch", "polars"),
)
"""What tests import, except glassnet itself and what pytest rewrites."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="CSV file with one row per fault")
    parser.add_argument("--sample", type=int, default=155, help="number of faults")
    parser.add_argument("--seed", type=int, default=0, help="determines the sample")
    parser.add_argument("--only", nargs="*", default=[""], help="files that begin so, in order")
    parser.add_argument("--unchecked", action="store_true", help="do not run the tests unchanged")
    options = parser.parse_args()
    mutants = sample(ROOT / "src/glassnet", options.sample, options.seed)
    equivalent, outcomes = _equivalent(), _read(options.out)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), checked=not options.unchecked)
        wanted = [each for start in options.only for each in mutants if each.file.startswith(start)]
        for mutant in wanted:
            if outcomes.get(mutant.key, "survived") != "survived":
                continue
            outcomes[mutant.key] = (
                "equivalent" if mutant.key in equivalent else bench.outcome(mutant)
            )
            print(
                f"{outcomes[mutant.key]:<10} {mutant.file}:{mutant.line}  {mutant.after}",
                flush=True,
            )
            _write(options.out, mutants, outcomes, equivalent)
    _write(options.out, mutants, outcomes, equivalent)
    print(score(options.out))


def score(results: Path) -> str:
    """The share of the faults that were noticed, of those that change anything."""
    with results.open(encoding="utf-8", newline="") as file:
        outcomes = [row["outcome"] for row in csv.DictReader(file)]
    n_equivalent, n_survived = outcomes.count("equivalent"), outcomes.count("survived")
    n = len(outcomes) - n_equivalent
    sentence = (
        f"{len(outcomes)} faults, {n_equivalent} of them equivalent: the tests notice "
        f"{n - n_survived} of {n}"
    )
    if not n:
        return sentence
    noticed = binomtest(n - n_survived, n)
    low, high = noticed.proportion_ci(method="wilson")
    return (
        f"{sentence}, {100 * noticed.statistic:.1f} % "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %)"
    )


MAX_SECONDS = 600
"""Limit for tests that have not been run without a fault."""


class Bench:
    """A copy of the source in which faults are tried, and processes in which tests run.

    Args:
        folder: an empty folder for the copy.
        checked: whether tests are first run without a fault, which also gives the time limit.
    """

    def __init__(self, folder: Path, checked: bool) -> None:
        self.root, self.checked = folder, checked
        self.seconds: dict[tuple[str, ...], float] = {}
        for name in ("src", "tests"):
            ignored = shutil.ignore_patterns("*.egg-info", "__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)
        os.environ["PYTHONPATH"] = str(folder / "src")
        os.environ["OMP_NUM_THREADS"] = "1"
        os.environ["CI"] = "1"  # Hypothesis then draws the same examples every time
        self.tests: dict[str, list[str]] = tomllib.loads(
            (HERE / "mutation_tests.toml").read_text(encoding="utf-8")
        )
        for library in LIBRARIES:
            importlib.import_module(library)
        gc.freeze()

    def outcome(self, mutant: Mutant) -> str:
        """`killed`, `timeout` or `survived`."""
        prefix = max((name for name in self.tests if mutant.file.startswith(name)), key=len)
        tests = tuple(self.tests[prefix])
        if self.checked and tests not in self.seconds:
            began = time.monotonic()
            if self._run(tests, 1800, write=True):
                print((self.root / "log.txt").read_text(encoding="utf-8")[-2000:])
                raise SystemExit(f"these tests fail without a fault: {' '.join(tests)}")
            self.seconds[tests] = time.monotonic() - began
        with self._fault(mutant):
            tested = (f"src/glassnet/{mutant.file}", *tests)
            status = self._run(tested, 60 + 5 * self.seconds.get(tests, MAX_SECONDS / 5))
        return {0: "survived", -signal.SIGKILL: "timeout"}.get(status, "killed")

    @contextlib.contextmanager
    def _fault(self, mutant: Mutant) -> Iterator[None]:
        path = self.root / "src/glassnet" / mutant.file
        text = path.read_text(encoding="utf-8")
        path.write_text(mutant.code(self.root / "src/glassnet"), encoding="utf-8")
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def _run(self, tests: tuple[str, ...], limit: float, write: bool = False) -> int:
        """Run tests in a process of its own; returns its exit status."""
        child = os.fork()
        if not child:
            try:
                os._exit(self._pytest(tests, write))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _pytest(self, tests: tuple[str, ...], write: bool) -> int:
        import pytest

        os.setsid()
        log = os.open(self.root / "log.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(self.root)
        sys.path[:] = [str(self.root / "src"), *(p for p in sys.path if "glassnet" not in p)]
        sys.dont_write_bytecode = not write
        return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--tb=short", *tests]))


def _equivalent() -> dict[tuple[str, str, str], str]:
    """Fault -> why it changes nothing that a user or a caller could notice."""
    with (HERE / "mutation_equivalent.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {(row["file"], row["before"], row["after"]): row["reason"] for row in rows}


def _read(path: Path) -> dict[tuple[str, str, str], str]:
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {
            (row["file"], row["before"], row["after"]): row["outcome"]
            for row in rows
            if row["outcome"] != "equivalent"
        }


def _write(
    path: Path,
    mutants: list[Mutant],
    outcomes: dict[tuple[str, str, str], str],
    equivalent: dict[tuple[str, str, str], str],
) -> None:
    rows = [
        (
            *(mutant.file, mutant.line, mutant.operator, mutant.before, mutant.after),
            *(outcomes[mutant.key], equivalent.get(mutant.key, "")),
        )
        for mutant in mutants
        if mutant.key in outcomes
    ]
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    temporary.replace(path)


if __name__ == "__main__":
    main()
