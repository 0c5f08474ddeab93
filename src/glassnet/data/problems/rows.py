"""Problems of single rows: incomplete rows and unknown split names."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from glassnet.data.listing import SPLIT_NAMES, SPLITS
from glassnet.data.paths import printable
from glassnet.data.problems.problem import REFUSAL, WARNING, Problem, counted, first_few, ungrouped
from glassnet.data.split_names import is_like_split
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
    text = f"{Path(name).name}: {count} left out: {first_few(faults)}"
    return (Problem("incomplete-rows", WARNING, text, locations=ungrouped(faults)),)


def unknown_splits(
    name: str, locations: Sequence[str], splits: Sequence[str]
) -> tuple[Problem, ...]:
    """The problem of rows whose split is unknown, if there are any; empty ones are incomplete.

    It is a refusal if a name looks misspelt, or if at least half of the rows are in no split.

    Args:
        name: the table.
        locations: where each row is.
        splits: the split of each row, as the table calls it where it is unknown.
    """
    unknown = {
        location: split
        for location, split in zip(locations, splits, strict=True)
        if split and split not in SPLITS
    }
    if not unknown:
        return ()
    faults = [f"{printable(split)!r} in {location}" for location, split in unknown.items()]
    misspelt = [split for split in dict.fromkeys(unknown.values()) if is_like_split(split)]
    if misspelt or 2 * len(unknown) >= len(splits) or "train" not in splits:
        text = f"{name}: unknown split {first_few(faults)}"
        hint = suggest((misspelt or [""])[0].lower(), SPLIT_NAMES)
        return (Problem("unknown-split", REFUSAL, text, hint, ungrouped(faults)),)
    counts = Counter(map(printable, unknown.values()))
    listed = first_few([f"{split!r} {n:,}" for split, n in counts.most_common()])
    text = f"{Path(name).name}: {counted(len(unknown), 'rows')} in no split left out: {listed}"
    return (Problem("unknown-split", WARNING, text, locations=ungrouped(faults)),)
