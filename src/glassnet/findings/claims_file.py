"""claims.json: every number that the findings of a run state, as a flat list of records."""

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from glassnet import atomic
from glassnet.errors import RunError
from glassnet.findings.finding import Claim, Finding


def records(finding: Finding) -> Iterator[dict[str, Any]]:
    """Join each claim of a finding with its provenance.

    Yields:
        `finding`, `name`, `value`, `formatted`, `n`, `low` and `high` (the 95 % interval, or None),
        `layer`, `epoch`, `method` and `network` (None where they do not apply), `run`,
        `checkpoint`, `split`, `seed` and `command`. What a claim leaves open is taken from the
        finding's provenance.
    """
    provenance = dataclasses.asdict(finding.provenance)
    del provenance["n"]  # a claim has its own n
    for claim in finding.claims:
        own = dataclasses.asdict(claim)
        stated = {name: value for name, value in own.items() if value is not None}
        yield {"finding": finding.name} | own | provenance | stated


def from_json(claims: Iterable[dict[str, Any]]) -> tuple[Claim, ...]:
    """Make claims from the JSON that run.json stores beside its results.

    Raises:
        RunError: they are damaged.
    """
    import msgspec  # an exported network predicts without it

    try:
        return msgspec.convert(list(claims), tuple[Claim, ...])
    except msgspec.ValidationError as error:
        raise RunError(
            f"run.json: the claims of its results are damaged ({error})",
            "measure again with: glassnet evaluate RUN",
        ) from None


def text(findings: Iterable[Finding]) -> str:
    """Format the claims of findings as JSON, one line per claim."""
    lines = [
        json.dumps({name: record[name] for name in COLUMNS}, ensure_ascii=False, allow_nan=False)
        for finding in findings
        for record in records(finding)
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def write(findings: Iterable[Finding], path: Path) -> Path:
    """Write the claims of findings to a file, atomically."""
    return atomic.write(path, text(findings))


COLUMNS = (
    *("finding", "name", "value", "formatted", "n", "low", "high"),
    *("layer", "epoch", "method", "network"),
    *("run", "checkpoint", "split", "seed", "command"),
)
"""The names in a record, in the order in which they are written."""
