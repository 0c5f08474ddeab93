"""Problems of single rows: incomplete rows and unknown split names."""

from collections.abc import Sequence

from glassnet.data.listing import SPLIT_NAMES, SPLITS
from glassnet.data.paths import printable
from glassnet.data.problems.problem import REFUSAL, WARNING, Problem, counted, first_few, ungrouped
from glassnet.errors import suggest


def incomplete_rows(
    name: str, faults: Sequence[str], n: int, noun: str, hint: str
) -> tuple[Problem, ...]:
    """The problem of rows that cannot be used, if there are any; a refusal if more than half.

    Args:
        name: the file or folder.
        faults: the cause and place of each, such as `no label in line 7`.
        n: number of all rows.
        noun: what the rows are called.
        hint: what to do about them.
    """
    if not faults:
        return ()
    count = f"{len(faults):,} of {counted(n, noun)}"
    if 2 * len(faults) > n:
        text = f"{name}: {count} cannot be used: {first_few(faults)}"
        return (Problem("incomplete-rows", REFUSAL, text, hint, ungrouped(faults)),)
    text = f"{count} left out: {first_few(faults)}"
    return (Problem("incomplete-rows", WARNING, text, locations=ungrouped(faults)),)


def unknown_splits(name: str, lines: Sequence[int], splits: Sequence[str]) -> tuple[Problem, ...]:
    """The refusal of rows whose split is unknown, if there are any; empty ones are incomplete.

    Args:
        name: the table.
        lines: the line of each row.
        splits: the split of each row, as the table calls it where it is unknown.
    """
    unknown = [
        (line, split)
        for line, split in zip(lines, splits, strict=True)
        if split and split not in SPLITS
    ]
    if not unknown:
        return ()
    faults = [f"{printable(split)!r} in line {line}" for line, split in unknown]
    text = f"{name}: unknown split {first_few(faults)}"
    hint = suggest(unknown[0][1].lower(), SPLIT_NAMES)
    return (Problem("unknown-split", REFUSAL, text, hint, ungrouped(faults)),)
