"""Groups of examples that stay in one split, such as the images of one patient, and their signs."""

import re
import shlex
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from glassnet.data.listing import Listing
from glassnet.data.options import ReadOptions
from glassnet.data.paths import printable
from glassnet.data.problems.problem import NOTE, Problem, first_few
from glassnet.data.tables import Table, normalized
from glassnet.errors import DataError, UsageError, flag

PATTERN_HINT = "give one with one group, such as --group-pattern '(patient[0-9]+)'"

POSSIBLE = "possible-groups"
"""The kind of the note on what looks like groups."""

MIN_GROUPS = 3
"""Number of groups from which something is taken for groups: one for each split."""

GROUP_COLUMN = re.compile(
    r"(id|anon|anonymous)?(patient|subject|participant|proband|donor|animal|case|study|scan|"
    r"specimen|slide|author|autor|auteur|writer|user|username|reviewer|critic|customer|client|"
    r"person|people|speaker|sprecher|actor|artist|film|movie|video|clip|scene|episode|show|album|"
    r"song|book|product|asin|group|gruppe|session|recording|conversation|dialog|dialogue|thread|"
    r"household|hospital|site|camera|usuario|utilisateur|benutzer|paciente|pazient)e?s?"
    r"(id|ids|no|nr|num|number|name|key|code|title|idx|index)?"
)
"""What a column of groups is called, normalized."""

FILE_PATTERNS = (
    r"(?:^|/)([^\W\d_]*[-_ ]?[0-9]+)[-_ ][^/]*$",
    r"(?:^|/)([^/]*[0-9][^/]*)/[^/]+$",
)
"""How files name their groups: `patient12_003.png`, and `patient12/003.png`."""


def numbers(groups: Sequence[str]) -> np.ndarray:
    """The number of the group of each example; an example in none is a group of its own.

    Example:
        >>> numbers(["b", "", "a", "b", ""]).tolist()
        [0, 1, 2, 0, 3]
    """
    known: dict[str | int, int] = {}
    return np.array(
        [known.setdefault(group or k, len(known)) for k, group in enumerate(groups)], np.int64
    )


def find(names: Sequence[str], pattern: str) -> list[str]:
    """The group of each file, which a regular expression finds in its path; empty in none.

    Args:
        names: the paths.
        pattern: with one group; without one, all that it matches is the name of the group.

    Raises:
        UsageError: it is no regular expression, or has several groups.
        DataError: it matches no path.

    Example:
        >>> find(["cat/ann_1.png", "dog/ann_2.png", "dog/bob_1.png", "x.png"], "([a-z]+)_")
        ['ann', 'ann', 'bob', '']
    """
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(
            f"--group-pattern {printable(pattern)}: not a regular expression ({error})",
            PATTERN_HINT,
        ) from None
    if compiled.groups > 1:
        raise UsageError(
            f"--group-pattern {printable(pattern)}: {compiled.groups} groups in parentheses",
            f"{PATTERN_HINT}; (?:...) is no group",
        )
    matches = [compiled.search(name) for name in names]
    groups = [match[compiled.groups] or "" if match else "" for match in matches]
    if names and not any(groups):
        raise DataError(
            f"--group-pattern {printable(pattern)} finds a group in none of {len(names):,} paths, "
            f"such as {names[0]}",
            PATTERN_HINT,
        )
    return groups


def grouped(listing: Listing, pattern: str | None) -> Listing:
    """The files of a listing with their groups; without a pattern, a note on what looks like some.

    Raises:
        UsageError, DataError: the pattern does not fit, see `find`.
    """
    names = [item.name for item in listing.items]
    if pattern is None:
        if any(problem.kind == POSSIBLE for problem in listing.problems):
            return listing
        notes = possible_in_files(names, [item.label for item in listing.items])
        return replace(listing, problems=(*listing.problems, *notes))
    groups = find(names, pattern)
    items = (replace(item, group=group) for item, group in zip(listing.items, groups, strict=True))
    return replace(listing, items=tuple(items))


def check_applies(path: Path, options: ReadOptions, *accepted: str) -> None:
    """Refuse options of groups that data of this form cannot have, and both of them together.

    Args:
        path: the data.
        options: how they are read.
        accepted: `group_column`, `group_pattern`, both or none.

    Raises:
        UsageError: an option does not apply.
    """
    chosen = [name for name in ("group_column", "group_pattern") if name in options.chosen]
    for name in chosen:
        if name not in accepted:
            what = "table" if name == "group_column" else "folder or table of files"
            instead = f"; {flag(accepted[0])} is for these data" if accepted else ""
            raise UsageError(
                f"{path}: not a {what}, to which alone {flag(name)} applies",
                f"leave out {flag(name)}{instead}",
            )
    if len(chosen) > 1:
        raise UsageError(
            f"{path}: groups from a column and from a pattern", f"leave out {flag(chosen[1])}"
        )


def possible_in_columns(table: Table, taken: Collection[int | None]) -> tuple[Problem, ...]:
    """The note on columns that are called like groups and whose values repeat.

    Args:
        table: the table.
        taken: the columns of texts, classes and so on.
    """
    found = {}
    for k, name in enumerate(table.header):
        if k not in taken and GROUP_COLUMN.fullmatch(normalized(name)):
            n = len(set(table.columns[k]) - {""})
            if MIN_GROUPS <= n <= len(table) // 2:
                found[name] = n
    if not found:
        return ()
    listed = first_few([f"{name!r} ({n:,} values)" for name, n in found.items()])
    text = (
        f"{table.path.name}: it looks as if {listed} were groups; --group-column "
        f"{shlex.quote(next(iter(found)))} keeps each in one split"
    )
    return (Problem(POSSIBLE, NOTE, text, locations=tuple((name,) for name in found)),)


def possible_in_files(names: Sequence[str], labels: Sequence[str]) -> tuple[Problem, ...]:
    """The note on paths that share a part with a number, such as `patient12`.

    Several files of a folder have to share it: numbers that begin anew in each folder are no signs.

    Args:
        names: the paths of the files.
        labels: their classes; parts that distinguish these alone are no groups.
    """
    for pattern in FILE_PATTERNS:
        matches = [match for name in names if (match := re.search(pattern, name))]
        counts = Counter(match[1] for match in matches)
        in_folder = Counter((match.string.rpartition("/")[0], match[1]) for match in matches)
        n_several = sum(n for n in in_folder.values() if n > 1)
        is_class = len(counts) <= len(set(labels)) or not counts.keys().isdisjoint(labels)
        if is_class or len(counts) < MIN_GROUPS or 2 * n_several < len(names):
            continue
        listed = first_few([f"{group} ({n:,} files)" for group, n in counts.most_common()])
        suggested = _shorter(pattern, names, counts)
        text = (
            f"it looks as if parts of the file names were groups: {listed}; --group-pattern "
            f"{shlex.quote(suggested)} keeps each in one split"
        )
        return (Problem(POSSIBLE, NOTE, text, locations=tuple((k,) for k in counts)),)
    return ()


def _shorter(pattern: str, names: Sequence[str], groups: Collection[str]) -> str:
    """A pattern such as `(patient[0-9]+)` where it finds the same, otherwise the given one."""
    prefixes = {re.sub(r"[0-9]+$", "", group) for group in groups}
    if len(prefixes) == 1 and (prefix := prefixes.pop()):
        shorter = f"({re.escape(prefix)}[0-9]+)".replace(r"\-", "-")
        if find(names, shorter) == find(names, pattern):
            return shorter
    return pattern
