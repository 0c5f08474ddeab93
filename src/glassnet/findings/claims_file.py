"""Receipts: every number that findings say, as a flat list that any program can read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from glassnet import atomic
from glassnet.errors import RunError
from glassnet.findings.finding import Claim, Finding


def records(finding: Finding) -> Iterator[dict[str, Any]]:
    """The numbers of a finding, each with everything that it rests on.

    Yields:
        `finding`, `what`, `value`, `words`, `n`, `low` and `high` (the 95 % interval, or None),
        `run`, `checkpoint`, `split`, `seed` and `command`. What a claim does not say of itself is
        its finding's receipt's.
    """
    provenance = dataclasses.asdict(finding.provenance)
    del provenance["n"]  # the receipt's is the finding's; a number has its own
    for claim in finding.claims:
        own = {
            name: value for name, value in dataclasses.asdict(claim).items() if value is not None
        }
        yield {"finding": finding.name, "low": None, "high": None, **provenance, **own}


def claims(kept: Iterable[dict[str, Any]]) -> tuple[Claim, ...]:
    """Claims from JSON, as run.json has them beside its results.

    Raises:
        RunError: they are damaged.
    """
    try:
        return tuple(Claim(**claim) for claim in kept)
    except TypeError as error:
        raise RunError(
            f"run.json: the records of its results are damaged ({error})",
            "measure again with: glassnet evaluate RUN",
        ) from None


def text(findings: Iterable[Finding]) -> str:
    """The records of some findings as JSON, a line each."""
    lines = [
        json.dumps({name: record[name] for name in COLUMNS}, ensure_ascii=False, allow_nan=False)
        for finding in findings
        for record in records(finding)
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def write(findings: Iterable[Finding], path: Path) -> Path:
    """Write the records of some findings to a file, whole or not at all."""
    return atomic.write(path, text(findings))


COLUMNS = (
    *("finding", "what", "value", "words", "n", "low", "high"),
    *("run", "checkpoint", "split", "seed", "command"),
)
"""The names in a record, in the order in which they are written."""
