"""Mutation testing finds the sources and the tests that its table names."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "insight/measures",
    "insight/views",
    "data",
    "findings",
    "tasks",
    "training",
    "estimators",
)


def test_every_source_and_every_test_of_the_table_exists() -> None:
    source = ROOT / "src/glassnet"
    files = [path.relative_to(source).as_posix() for path in source.rglob("*.py")]
    table = tomllib.loads((ROOT / "benchmarks/mutation_tests.toml").read_text(encoding="utf-8"))
    for name, tests in table.items():
        assert any(file.startswith(name) for file in files), name
        assert tests
        for test in tests:
            assert (ROOT / test).exists(), test
    for package in PACKAGES:
        assert any(f"{package}/".startswith(name) for name in table), package
